// What a journaled message had settled before its step: read from its entry, which says what brought
// it. The other side of receiving.ts, where the message itself is at hand. Pure.

import type { EventObject } from 'xstate';
import type { EffectError } from '../effects/effect.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { JournalEntry } from '../store.ts';
import { type Outcome, SENT } from '../turn/message.ts';
import { afterNews, afterOutcome, afterTimer } from '../turn/settling.ts';

const TIMER = /^timer:(.*)@\d+$/s;
const EFFECT = 'effect:';
const NEWS = /^xstate\.(done|error)\.actor\.(.*)$/s;

/** The actor that the step of a `received` entry was applied to. */
export function settledBy(
  state: ActorState,
  { causation }: JournalEntry,
  event: EventObject,
): ActorState {
  const cause = causation ?? '';
  const timerId = TIMER.exec(cause)?.[1];
  if (timerId !== undefined) return afterTimer(state, timerId);
  const [, kind, childId = ''] = NEWS.exec(event.type) ?? [];
  if (kind === undefined || cause.startsWith(SENT)) return state;
  const { output, error } = event as { readonly output?: unknown; readonly error?: unknown };
  if (cause.startsWith(EFFECT)) {
    const effect = state.effects[childId];
    if (effect === undefined) return state;
    return afterOutcome(state, effect, kind === 'done' ? { type: kind, output } : ended(error));
  }
  const entry = state.children[childId];
  if (entry === undefined) return state;
  return afterNews(
    state,
    entry,
    kind === 'done' ? { type: kind, output } : { type: 'error', error },
  );
}

function ended(error: unknown): Outcome {
  const told = error as EffectError;
  return { type: told.outcome === 'rejected' ? 'rejected' : 'unknown', error: told };
}
