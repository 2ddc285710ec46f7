// The identities that cross every boundary of the engine, each branded and minted by one validator.
// Pure: no lookup, no clock.

import { EngineError } from './errors.ts';
import { inWords } from './options.ts';

declare const brand: unique symbol;
type Brand<Name extends string> = { readonly [brand]: Name };

/** The address of an actor: `order-123`; a child's is its parent's, a slash and its own id. */
export type ActorId = string & Brand<'ActorId'>;
/** Where an entry stands in the journal: opaque, growing in commit order, with gaps. */
export type Position = number & Brand<'Position'>;
/** What makes a message or an effect happen once. */
export type IdempotencyKey = string & Brand<'IdempotencyKey'>;

/** Longest id or key, in UTF-16 code units. */
export const MAX_ID_LENGTH = 512;

function wellFormedText(value: unknown, code: 'BAD_ID' | 'BAD_KEY', what: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_ID_LENGTH) {
    const [got, advice] =
      typeof value === 'string'
        ? [`one of ${value.length} characters`, 'Give it a short name.']
        : [inWords(value), 'Give a text.'];
    throw new EngineError(
      code,
      `Expected ${what} of 1 to ${MAX_ID_LENGTH} characters, got ${got}. ${advice}`,
    );
  }
  // Control characters break logs and HTTP headers; a lone surrogate does not survive UTF-8.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused here
  if (!value.isWellFormed() || /[\u0000-\u001f\u007f]/.test(value)) {
    throw new EngineError(
      code,
      `Expected ${what} of well-formed Unicode without control characters, got ${JSON.stringify(value)}.`,
    );
  }
  return value;
}

/**
 * The id of an actor that code outside the engine names. Slashes belong to children.
 * @throws EngineError `BAD_ID`
 */
export function rootActorId(value: unknown): ActorId {
  const id = wellFormedText(value, 'BAD_ID', 'an actor id');
  if (id.includes('/')) {
    throw new EngineError(
      'BAD_ID',
      `Expected an actor id without "/" (slashes address children), got "${id}".`,
    );
  }
  // What the journal names as the cause of an entry must never read as something else.
  if (/^(effect|sent|timer):/.test(id)) {
    throw new EngineError(
      'BAD_ID',
      `Expected an actor id that does not start with "effect:", "sent:" or "timer:", got "${id}". Choose another prefix.`,
    );
  }
  return id as ActorId;
}

/**
 * The address of any actor, children included.
 * @throws EngineError `BAD_ID`
 */
export function actorAddress(value: unknown): ActorId {
  return wellFormedText(value, 'BAD_ID', 'an actor address') as ActorId;
}

/**
 * The address of the child `childId` of `parent`.
 * @throws EngineError `BAD_ID` for a child id with a slash or an address that grows too long
 */
export function childAddress(parent: ActorId, childId: string): ActorId {
  if (childId.includes('/')) {
    throw new EngineError(
      'BAD_ID',
      `Expected a child id without "/", got "${childId}" in ${parent}. Rename the invoke or spawn id.`,
    );
  }
  return wellFormedText(`${parent}/${childId}`, 'BAD_ID', 'a child address') as ActorId;
}

/** The address of the actor above; null for a root. */
export function parentOf(id: ActorId): ActorId | null {
  const slash = id.lastIndexOf('/');
  return slash < 0 ? null : (id.slice(0, slash) as ActorId);
}

/** The id that a child has in its parent; a root's is its address. */
export function ownIdOf(id: ActorId): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/**
 * A key that a caller gives to a message.
 * @throws EngineError `BAD_KEY`
 */
export function idempotencyKey(value: unknown): IdempotencyKey {
  return wellFormedText(value, 'BAD_KEY', 'an idempotency key') as IdempotencyKey;
}

/** Marks a number that a store has read from its own journal as a position. */
export function position(value: number): Position {
  return value as Position;
}
