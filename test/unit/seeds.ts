// Properties with a seed that is told when they fail, and the command that repeats the run. Never
// decides what is checked.

import fc from 'fast-check';

/** Set by the command that repeats a failed run. */
const SEED = process.env['SAGAWRIGHT_SEED'];

/**
 * Checks a property with random values.
 * @throws Error with the seed, the shrunk counterexample and how to repeat the run
 */
export function checkProperty<Values>(property: fc.IProperty<Values>, runs = 60): void {
  const seed = SEED === undefined ? (fc.sample(fc.integer(), 1)[0] ?? 0) : Number(SEED);
  const details = fc.check(property, { seed, numRuns: runs });
  if (!details.failed) return;
  const counterexample = fc.stringify(details.counterexample);
  const cause = details.errorInstance;
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new Error(
    `Seed ${seed}: run ${details.numRuns} failed on ${counterexample}\n${why}\nRepeat it: SAGAWRIGHT_SEED=${seed} npx vitest run <this file>`,
    { cause },
  );
}
