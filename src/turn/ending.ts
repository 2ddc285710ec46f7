// How an actor ends: stopped with everything below it, failed until somebody resumes it, or done. Its
// parent hears of it. Part of a unit of work: nothing is written here.

import { type ActorId, childAddress } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import {
  type ChildNews,
  childMessage,
  describeError,
  type Message,
  type Origin,
} from './message.ts';
import { asFailed, asStopped } from './settling.ts';
import type { UnitScope } from './unit-scope.ts';
import { isThere } from './view.ts';

/** Stops an actor and everything below it: their timers and effects are gone, their names are free. */
export function stopActor(
  unit: UnitScope,
  id: ActorId,
  generation: number | null,
  origin: Origin,
): void {
  const state = unit.actor(id);
  if (!isThere(state) || state.status === 'done' || state.status === 'stopped') return;
  if (generation !== null && state.generation !== generation) return;
  stopChildren(unit, state, origin);
  stopEffects(unit, state);
  const noted = unit.output.noted(asStopped(state), 'actor.stopped', null, origin);
  unit.output.facts.push({ type: 'ended', state: noted });
}

function stopChildren(unit: UnitScope, state: ActorState, origin: Origin): void {
  for (const { id, kind, generation } of Object.values(state.children)) {
    if (kind === 'actor') stopActor(unit, childAddress(state.id, id), generation, origin);
  }
}

function stopEffects(unit: UnitScope, state: ActorState): void {
  for (const { id, generation } of Object.values(state.effects)) {
    unit.output.effectsStopped.push({ actor: state.id, id, generation });
  }
}

/**
 * A step threw on a message that cannot be refused: the actor stays in its last good state. A root keeps
 * its timers and effects for when it is resumed; a child loses them, and everything below it stops.
 */
export function failActor(
  unit: UnitScope,
  state: ActorState,
  message: Message,
  cause: unknown,
): void {
  const error = describeError(cause);
  unit.output.addDeadLetter(state, message, 'STEP_FAILED', error);
  stopEffects(unit, state);
  const isRoot = state.parent === null;
  const noted = unit.output.noted(asFailed(state, error), 'actor.failed', error, message);
  unit.output.facts.push({ type: 'ended', state: noted });
  if (!isRoot) stopChildren(unit, noted, message);
  endActor(unit, noted, message);
}

/** After the last step of an actor: its system id is free, and its parent hears how it ended. */
export function endActor(unit: UnitScope, state: ActorState, origin: Origin): void {
  const { parent, generation } = state;
  if (parent === null || generation === null) return;
  const childId = state.self.id;
  const known = unit.actor(parent);
  const entry = isThere(known) ? known.children[childId] : undefined;
  if (entry?.systemId !== undefined && entry.generation === generation) {
    unit.output.setSystemId(state.root, entry.systemId, null);
  }
  const news: ChildNews =
    state.status === 'done'
      ? { type: 'done', output: state.stored.output }
      : { type: 'error', error: state.error };
  const causation = `${state.id}@${state.revision}`;
  const { correlation } = origin;
  unit.deliver(childMessage(parent, { childId, generation }, news, { correlation, causation }));
}
