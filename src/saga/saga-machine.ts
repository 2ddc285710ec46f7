// The type of a built saga, written down: an ordinary XState machine with the saga's own input, output
// and events. Types only.

import type {
  AnyActorRef,
  EventObject,
  MetaObject,
  ParameterizedObject,
  ProvidedActor,
  StateMachine,
  StateSchema,
  StateValue,
} from 'xstate';
import type { RetryEvent, SagaContext, SagaOutput } from './saga-context.ts';

/** What a saga takes from outside. */
export type SagaEvent =
  /** Turns the saga back, unless it is past its pivot. */
  | { readonly type: 'CANCEL'; readonly reason?: string }
  /** Tries again what has failed: the step of a held saga, or the undos that were given up. */
  | RetryEvent
  /** Turns a held saga back. */
  | { readonly type: 'COMPENSATE' }
  /** Ends a saga in `needsAttention`: who says so, and why. Both are journaled. */
  | { readonly type: 'RESOLVE'; readonly by: string; readonly why: string };

export interface SagaResult<Results> extends SagaOutput {
  /** Outputs by step, of those that are done and not undone. */
  readonly results: Readonly<Partial<Results>> & SagaOutput['results'];
}

export type SagaMachine<Input, Results> = StateMachine<
  SagaContext,
  SagaEvent,
  Record<string, AnyActorRef | undefined>,
  ProvidedActor,
  ParameterizedObject,
  ParameterizedObject,
  string,
  StateValue,
  string,
  Input,
  SagaResult<Results>,
  EventObject,
  MetaObject,
  StateSchema
>;
