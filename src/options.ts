// Options as callers hand them over, checked by shape: plain JavaScript is refused what TypeScript would
// not compile, and a misspelt name never passes for a default. Pure; bounds stay where they are read.

import { EngineError } from './errors.ts';

/** The members that an options object may have; as a record, so that the compiler misses none. */
export type Members<Options> = Readonly<Record<keyof Options, true>>;

/** A value in the words of a message: `the number 5`, `"x"`, `an array`. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return `the ${typeof value} ${String(value)}`;
}

/** @throws EngineError `BAD_OPTION` */
export function refuseOption(option: string, expected: string, got: unknown): never {
  const message = `Expected ${option} to be ${expected}, got ${inWords(got)}.`;
  throw new EngineError('BAD_OPTION', message, { details: { option } });
}

/**
 * Refuses what is no object, and members of other names than these.
 * @throws EngineError `BAD_OPTION`
 */
export function checkMembers(value: unknown, option: string, members: Members<object>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuseOption(option, 'an object', value);
  }
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(members, name)) continue;
    const known = Object.keys(members).join(', ');
    const message = `Expected ${option} to have no other members than ${known}; got "${name}". Is it misspelt?`;
    throw new EngineError('BAD_OPTION', message, { details: { option, name } });
  }
}

/** An option that may be left out, and is a text otherwise. @throws EngineError `BAD_OPTION` */
export function checkText(value: unknown, option: string): void {
  if (value !== undefined && typeof value !== 'string') refuseOption(option, 'a text', value);
}

/** An option that may be left out, and is one of these otherwise. @throws EngineError `BAD_OPTION` */
export function checkChoice(value: unknown, option: string, choices: readonly unknown[]): void {
  if (value === undefined || choices.includes(value)) return;
  refuseOption(option, choices.map((choice) => JSON.stringify(choice)).join(' or '), value);
}
