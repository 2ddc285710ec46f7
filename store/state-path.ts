// How a state path of a query meets the `state` column, in JavaScript and as SQL: one rule, so that
// the stores cannot differ. Knows nothing of machines: a state is text.

/**
 * Whether an actor whose active leaf states are `stored` (`pay.card`, or `pay.a ship.b` with parallel
 * regions) is in the state `wanted` or in one below it.
 */
export function isInState(stored: string, wanted: string): boolean {
  const padded = ` ${stored} `;
  return padded.includes(` ${wanted} `) || padded.includes(` ${wanted}.`);
}

/** The same over the column `state`; binds the wanted path twice. */
export const IN_STATE_SQL: string =
  "(instr(' ' || state || ' ', ' ' || ? || ' ') > 0 OR instr(' ' || state || ' ', ' ' || ? || '.') > 0)";
