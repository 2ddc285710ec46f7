// Addresses and effect keys as a machine can know them: pure functions of XState's own references, so
// that a statechart that names its keys runs the same in a plain createActor and under the engine.

import type { ActorId } from './ids.ts';
import { actorAddress } from './ids.ts';

/** The parts of an XState actor reference that its address is made of. */
export interface Addressable {
  readonly id: string;
  readonly _parent?: Addressable | undefined;
}

/** The address of an actor from its reference: `order-123/payment`. */
export function addressOf(ref: Addressable): ActorId {
  const id = ref._parent === undefined ? ref.id : `${addressOf(ref._parent)}/${ref.id}`;
  return actorAddress(id);
}

/** The key of an effect that names none: by what started it. */
export function defaultKey(actor: ActorId, revision: number, id: string): string {
  return `${actor}@${revision}:${id}`;
}

/**
 * The full key of an effect with a `key` of its own: what its handler gets. A compensation hands the
 * forward key to the service with it, so that a late success can be refused or undone.
 */
export function effectKey(actor: Addressable | ActorId, key: string): string {
  return `${typeof actor === 'string' ? actor : addressOf(actor)}:${key}`;
}
