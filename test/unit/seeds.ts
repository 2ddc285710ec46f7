// Properties with a seed that is told when they fail, and the command that repeats the run. Never
// decides what is checked.

import fc from 'fast-check';

/** Runs of a property that does not say how many. */
const RUNS = 60;

/**
 * Checks a property with random values.
 * @throws Error with the seed, the shrunk counterexample and how to repeat the run
 */
export function checkProperty<Values>(property: fc.IProperty<Values>, runs: number = RUNS): void {
  const seed = chooseSeed();
  report(seed, fc.check(property, { seed, numRuns: runs }));
}

/** The same for a property that takes time; shrinking ends with the time limit, if there is one. */
export async function checkAsyncProperty<Values>(
  property: fc.IAsyncProperty<Values>,
  runs: number = RUNS,
  timeLimitMs: number | null = null,
): Promise<void> {
  const seed = chooseSeed();
  const limit = timeLimitMs === null ? {} : { interruptAfterTimeLimit: timeLimitMs };
  report(seed, await fc.check(property, { seed, numRuns: runs, ...limit }));
}

/** The environment's seed repeats a failed run. */
function chooseSeed(): number {
  const given = process.env['SAGAWRIGHT_SEED'];
  return given === undefined ? (fc.sample(fc.integer(), 1)[0] ?? 0) : Number(given);
}

function report<Values>(seed: number, details: fc.RunDetails<Values>): void {
  if (!details.failed) return;
  const counterexample = fc.stringify(details.counterexample);
  const cause = details.errorInstance;
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new Error(
    `Seed ${seed}: run ${details.numRuns} failed on ${counterexample}\n${why}\nRepeat it: SAGAWRIGHT_SEED=${seed} npx vitest run <this file>`,
    { cause },
  );
}
