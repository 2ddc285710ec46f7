// What a unit of work reads: actors and system ids as they stand, in memory. Reading what is not in
// memory throws `Missing`; the turn then loads it and runs the unit again, which is safe because steps
// are pure and a unit writes only to itself.

import type { ActorState } from './actor-state.ts';
import type { ActorId } from './ids.ts';
import type { ActorRecord } from './store.ts';

/** An actor whose row cannot be understood by the machines registered here. Kept as it is. */
export interface ParkedActor {
  readonly status: 'parked';
  readonly id: ActorId;
  readonly record: ActorRecord;
  readonly reason: string;
}

/** Null: there is no such actor. */
export type Known = ActorState | ParkedActor | null;

export interface View {
  /** @throws Missing */
  actor(id: ActorId): Known;
  /** The actor in each system id of a tree. @throws Missing */
  systemIds(root: ActorId): ReadonlyMap<string, ActorId>;
}

/** Thrown through a step to say what must be loaded before it can be run again. */
export class Missing extends Error {
  readonly actor: ActorId | null;
  readonly root: ActorId | null;

  constructor(what: { readonly actor?: ActorId; readonly root?: ActorId }) {
    super('This step reads what is not in memory; it will be run again.');
    this.actor = what.actor ?? null;
    this.root = what.root ?? null;
  }
}

export function isParked(known: ActorState | ParkedActor): known is ParkedActor {
  return 'record' in known;
}
