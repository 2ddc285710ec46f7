// How a machine refuses to be started with what it could not run with: an error that names the field,
// what was expected of it and what came. Never decides what a field must be.

import { inWords } from './identifiers.ts';

/** What stands in front of a machine's check of its input: `payment: expected ...`. */
export type FieldCheck = (holds: boolean, field: string, expected: string, got: unknown) => void;

/**
 * The check of one machine's fields.
 * @param what the machine, as the error calls it
 * @returns a function that throws TypeError for a field that does not hold
 */
export function createFieldCheck(what: string): FieldCheck {
  return (holds, field, expected, got) => {
    if (holds) return;
    throw new TypeError(`${what}: expected ${field} to be ${expected}, got ${inWords(got)}.`);
  };
}
