// What a unit of work reads: actors and system ids as they stand, in memory. Reading what is not in
// memory throws `Missing`; the turn then loads it and runs the unit again, which is safe because steps
// are pure and a unit writes only to itself.

import { EngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { ActorRecord } from '../store.ts';
import { describeError } from './message.ts';

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
  return known.status === 'parked';
}

/** Whether it is an actor that can be worked with. */
export function isThere(known: Known): known is ActorState {
  return known !== null && !isParked(known);
}

export function notFound(id: ActorId): EngineError {
  return new EngineError(
    'ACTOR_NOT_FOUND',
    `Expected an actor with id "${id}", found none. Start it first, or check the id.`,
    { details: { actor: id } },
  );
}

export function parkedError({ id, reason }: ParkedActor): EngineError {
  return new EngineError(
    'ACTOR_PARKED',
    `Expected "${id}" to be readable, but it is parked: ${reason}`,
    { details: { actor: id } },
  );
}

export function stepFailed(id: ActorId, cause: unknown): EngineError {
  const { message } = describeError(cause);
  return new EngineError(
    'STEP_FAILED',
    `The step of "${id}" threw: ${message.replace(/\.$/, '')}. Nothing changed; correct the event or the machine.`,
    { cause, details: { actor: id } },
  );
}

/**
 * Whether the actor is as its sender has seen it; one that is not there has revision 0.
 * @throws EngineError `REVISION_CONFLICT`
 */
export function checkRevision(known: Known, id: ActorId, expected: number | undefined): void {
  if (expected === undefined || (known !== null && isParked(known))) return;
  const actual = known?.revision ?? 0;
  if (actual !== expected) throw revisionConflict(id, expected, actual);
}

export function revisionConflict(actor: string, expected: number, actual: number): EngineError {
  return new EngineError(
    'REVISION_CONFLICT',
    `Expected "${actor}" at revision ${expected}, got ${actual}: it has changed since it was read. Read it again and decide anew.`,
    { details: { actor, expected, actual } },
  );
}

/** The system ids of a tree after changes, in which null frees one. */
export function withChanges(
  before: ReadonlyMap<string, ActorId>,
  changes: ReadonlyMap<string, ActorId | null> | undefined,
): ReadonlyMap<string, ActorId> {
  if (changes === undefined) return before;
  const after = new Map(before);
  for (const [systemId, actor] of changes) {
    if (actor === null) after.delete(systemId);
    else after.set(systemId, actor);
  }
  return after;
}
