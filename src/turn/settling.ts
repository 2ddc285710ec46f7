// What becomes of an actor's own state apart from its steps: a timer has fired, a child has news, an
// effect has its outcome; it stops, fails or is resumed. Pure. Used by the units that commit and by the
// fold of the journal, so that both do the same.

import {
  type ActorState,
  type ChildEntry,
  FIRST_ATTEMPT,
  type PendingEffect,
  withDoubt,
  without,
  withoutKey,
} from '../state/actor-state.ts';
import type { ChildNews, Outcome } from './message.ts';

/** A timer fires once. */
export function afterTimer(state: ActorState, timerId: string): ActorState {
  return { ...state, timers: without(state.timers, timerId) };
}

/** The parent's own entry of a child or an ask, once that has told how it ended. */
export function afterNews(state: ActorState, entry: ChildEntry, news: ChildNews): ActorState {
  return { ...state, children: { ...state.children, [entry.id]: settled(entry, news) } };
}

/** An effect that has its outcome is no longer pending; what is not known stays in doubt. */
export function afterOutcome(
  state: ActorState,
  effect: PendingEffect,
  outcome: Outcome,
): ActorState {
  const entry = state.children[effect.id];
  const news: ChildNews =
    outcome.type === 'done' ? outcome : { type: 'error', error: outcome.error };
  const after = entry === undefined ? state : afterNews(state, entry, news);
  const effects = without(state.effects, effect.id);
  const doubts =
    outcome.type === 'unknown' ? withDoubt(state, effect) : withoutKey(state.doubts, effect.key);
  return { ...after, effects, doubts };
}

function settled(entry: ChildEntry, news: ChildNews): ChildEntry {
  if (news.type === 'done') return { ...entry, status: 'done', output: news.output ?? null };
  if (news.type === 'error') return { ...entry, status: 'error', error: news.error };
  return entry;
}

/** A stopped actor waits for nothing. */
export function asStopped(state: ActorState): ActorState {
  return { ...idle(state), status: 'stopped' };
}

/** A root keeps its timers and effects for when it is resumed; a child loses them. */
export function asFailed(state: ActorState, error: NonNullable<ActorState['error']>): ActorState {
  return { ...(state.parent === null ? state : idle(state)), status: 'error', error };
}

/** Nobody waits for its calls, but they may have happened: the next one at its address is in doubt. */
function idle(state: ActorState): ActorState {
  let { doubts } = state;
  for (const effect of Object.values(state.effects)) {
    doubts = withDoubt({ id: state.id, doubts }, effect);
  }
  return { ...state, timers: {}, effects: {}, doubts };
}

/** A failed actor goes on: its effects run again under their old keys. */
export function asResumed(state: ActorState): ActorState {
  return { ...state, status: 'active', error: null, effects: runAgain(state.effects) };
}

/** Effects that start from their first attempt, but may have happened: a rejection is then no proof. */
export function runAgain(effects: ActorState['effects']): ActorState['effects'] {
  const again = { ...FIRST_ATTEMPT, maybeRan: true };
  return Object.fromEntries(
    Object.values(effects).map((effect) => [effect.id, { ...effect, ...again }]),
  );
}
