// What a sender gets back: a value, never an exception, for every expected outcome.

import type { StateValue } from 'xstate';
import type { Position } from './ids.ts';

export interface AcceptedReceipt {
  readonly status: 'accepted';
  /** The actor's revision of the message's own journal entry. */
  readonly revision: number;
  readonly position: Position;
  /** The state value right after the message. */
  readonly value: StateValue;
}

/**
 * The receipt that an `ask` ends with. It has no position: question and answer are written by one
 * commit, which has not happened when the asking machine sees it.
 */
export type AskReceipt = Pick<AcceptedReceipt, 'revision' | 'value'>;

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
