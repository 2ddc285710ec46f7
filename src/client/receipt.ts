// What a sender gets back: a value, never an exception, for every expected outcome.

import type { StateValue } from 'xstate';
import type { Position } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { AskReceipt } from '../step/ask.ts';
import { enabledEvents } from '../step/xstate.ts';

export interface AcceptedReceipt extends AskReceipt {
  readonly status: 'accepted';
  readonly position: Position;
}

/** The same key was processed before: nothing happened now; `first` is what it got then. */
export interface DuplicateReceipt {
  readonly status: 'duplicate';
  readonly first: AcceptedReceipt;
}

/** No transition handles this event in this state (or a guard refused it): nothing changed. */
export interface RejectedReceipt {
  readonly status: 'rejected';
  readonly value: StateValue;
  /** Event types that the current state has transitions for; guards not consulted. */
  readonly enabled: readonly string[];
}

export type Receipt = AcceptedReceipt | DuplicateReceipt | RejectedReceipt;

/** The receipt of a message that is at `position` in the journal and has led to this state. */
export function acceptedReceipt(state: ActorState, position: Position): AcceptedReceipt {
  const { revision, stored } = state;
  return { status: 'accepted', revision, position, value: stored.value ?? {} };
}

/** The receipt of a message that means nothing in this state; an ended actor takes no events at all. */
export function rejectedReceipt({ logic, snapshot, status, stored }: ActorState): RejectedReceipt {
  const enabled = status === 'active' ? enabledEvents(logic, snapshot) : [];
  return { status: 'rejected', value: stored.value ?? {}, enabled };
}
