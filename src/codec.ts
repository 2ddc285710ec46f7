// The boundary between living values and JSON text. What JSON would silently change is refused with
// the path of the value; what is kept in memory is exactly what a reload would give. Pure.

import { EngineError } from './errors.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [member: string]: Json };

export interface CodecLimits {
  /** Nesting of arrays and objects. */
  readonly depth: number;
  /** Length of the JSON text in UTF-16 code units. */
  readonly length: number;
}

/** Stands in for a reference to an actor wherever JSON is stored. */
export const REFERENCE_MARKER = 'xstate$$type';

/** Turns a class instance that the boundary knows (an actor reference) into what is stored for it. */
export type ReplaceInstance = (instance: object) => object | undefined;

/**
 * What cannot be stored. Its path is put together on the way out, member by member: nothing is spent on
 * the paths of values that are fine.
 */
class Unstorable extends Error {
  readonly expected: string;
  readonly got: string;
  path = '';

  constructor(expected: string, got: string) {
    super(`Expected ${expected}, got ${got}.`);
    this.expected = expected;
    this.got = got;
  }
}

function refuse(expected: string, got: string): never {
  throw new Unstorable(expected, got);
}

/** Runs a check of the value at `path`; what it refuses becomes the error that callers see. */
function located<Result>(path: string, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Unstorable)) throw error;
    const at = `${path}${error.path}`;
    throw new EngineError('BAD_VALUE', `Expected ${error.expected} at ${at}, got ${error.got}.`, {
      details: { path: at },
    });
  }
}

/** The error on its way out of a member of an object or an element of an array. */
function from(member: string | number, error: unknown): unknown {
  if (error instanceof Unstorable) {
    const step = typeof member === 'number' ? `[${member}]` : `.${member}`;
    error.path = `${step}${error.path}`;
  }
  return error;
}

/**
 * A value as JSON would give it back: members that are `undefined` dropped, -0 made 0, instances
 * replaced. Parts that need no change are returned as they are, so unchanged state stays shared.
 * @throws EngineError `BAD_VALUE` naming the path of what cannot be stored
 */
export function toPlain(
  value: unknown,
  path: string,
  limits: CodecLimits,
  replace: ReplaceInstance = () => undefined,
): unknown {
  return located(path, () => plain(value, limits.depth, replace));
}

function plain(value: unknown, depth: number, replace: ReplaceInstance): unknown {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : refuse('a well-formed string', 'a lone surrogate');
    case 'boolean':
      return value;
    case 'number':
      return plainNumber(value);
    case 'object':
      if (value === null) return null;
      if (depth === 0) return refuse('less nesting (or no cycle)', 'a value nested too deep');
      return Array.isArray(value)
        ? plainArray(value, depth - 1, replace)
        : plainObject(value, depth - 1, replace);
    case 'undefined':
      return undefined;
    default:
      return refuse('a JSON value', `a ${typeof value}`);
  }
}

function plainNumber(value: number): number {
  if (!Number.isFinite(value)) return refuse('a finite number', String(value));
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return refuse('an integer within 2^53 (or a string)', String(value));
  }
  return value === 0 ? 0 : value;
}

function plainArray(
  array: readonly unknown[],
  depth: number,
  replace: ReplaceInstance,
): readonly unknown[] {
  let copy: unknown[] | undefined;
  let index = 0;
  try {
    for (; index < array.length; index++) {
      const element = array[index];
      const converted = plain(element, depth, replace);
      if (converted === undefined) {
        return refuse('null or a value', 'undefined, which JSON turns into null');
      }
      if (converted === element && !Object.is(element, -0)) continue;
      copy ??= array.slice();
      copy[index] = converted;
    }
  } catch (error) {
    throw from(index, error);
  }
  return copy ?? array;
}

function plainObject(object: object, depth: number, replace: ReplaceInstance): object {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    return replace(object) ?? refuse('a plain object', describeInstance(object));
  }
  const members = object as Record<string, unknown>;
  // JSON gives objects back with the usual prototype, so that is what is kept in memory too.
  let copy: Record<string, unknown> | undefined = prototype === null ? { ...members } : undefined;
  let at = '';
  try {
    for (const name of Object.keys(members)) {
      at = name;
      if (name === '__proto__') return refuse('an ordinary member name', name);
      const member = members[name];
      const converted = plain(member, depth, replace);
      if (converted === member && !Object.is(member, -0) && member !== undefined) continue;
      copy ??= { ...members };
      if (converted === undefined) delete copy[name];
      else copy[name] = converted;
    }
  } catch (error) {
    throw from(at, error);
  }
  return copy ?? object;
}

function describeInstance(object: object): string {
  const name = object.constructor?.name ?? 'object';
  const advice: Readonly<Record<string, string>> = {
    Date: ' (store toISOString() or a number of milliseconds)',
    Map: ' (store an object or an array of pairs)',
    Set: ' (store an array)',
    Error: ' (store its name and message)',
  };
  return `an instance of ${name}${advice[name] ?? ''}`;
}

/**
 * JSON text of a value that {@link toPlain} has passed.
 * @throws EngineError `VALUE_TOO_LARGE`
 */
export function encode(value: unknown, path: string, limits: CodecLimits): string {
  const text = JSON.stringify(value) ?? 'null';
  if (text.length > limits.length) {
    throw new EngineError(
      'VALUE_TOO_LARGE',
      `Expected at most ${limits.length} characters of JSON for ${path}, got ${text.length}. Store large data elsewhere and keep its key here.`,
      { details: { path, length: text.length, limit: limits.length } },
    );
  }
  return text;
}

/**
 * Refuses text-borne reference markers, so that nobody outside can forge a reference to an actor.
 * @throws EngineError `BAD_VALUE`
 */
export function refuseMarkers(value: unknown, path: string): void {
  located(path, () => checkMarkers(value));
}

function checkMarkers(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (REFERENCE_MARKER in value) {
    throw from(REFERENCE_MARKER, new Unstorable('data', 'a marker of an actor reference'));
  }
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) checkMember(index, element);
    return;
  }
  const members = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(members)) checkMember(name, members[name]);
}

function checkMember(name: string | number, member: unknown): void {
  if (typeof member !== 'object' || member === null) return;
  try {
    checkMarkers(member);
  } catch (error) {
    throw from(name, error);
  }
}

/**
 * Reads JSON that the engine wrote.
 * @throws EngineError `STORE_CORRUPT`
 */
export function decode(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `Expected JSON in ${what}, got ${JSON.stringify(text.slice(0, 60))}. The row was changed by something else, or is damaged.`;
    throw new EngineError('STORE_CORRUPT', message, { cause });
  }
}

/** A deep copy of a JSON value: several times faster than structuredClone on small ones. */
export function copyJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson);
  const copy: Record<string, unknown> = {};
  const members = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(members)) copy[name] = copyJson(members[name]);
  return copy;
}

/** One text for equal values, whatever the order of their members: for comparing bodies. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    const sorted = Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted);
  });
}
