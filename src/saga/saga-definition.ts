// A saga as its builder has heard it: steps in the order in which they were declared, each with what it
// waits for. Plain values; saga-chart.ts makes a statechart of it.

import type { AnyActorLogic } from 'xstate';
import { invariant } from '../errors.ts';
import type { Undoes } from './saga-step.ts';
import type { StandardSchema } from './standard-schema.ts';

type Values = Readonly<Record<string, unknown>>;

/** Why a saga turned back, or stands still. */
export interface SagaFailure {
  /** The step that failed, or `cancel`, or `deadline`. */
  readonly step: string;
  readonly code: string;
  readonly message: string;
}

export interface StepDefinition {
  readonly name: string;
  /** The name of its handler in the engine, and of its logic in the machine. */
  readonly src: string;
  readonly run: AnyActorLogic;
  /** `saga`: a child actor that undoes itself. */
  readonly kind: 'effect' | 'other' | 'saga';
  readonly isPivot: boolean;
  readonly isCritical: boolean;
  /** All steps that end before it starts: those it names, and those that they wait for. */
  readonly after: readonly string[];
  readonly input: (args: { readonly input: unknown; readonly results: Values }) => unknown;
  readonly undo: UndoDefinition | null;
  /** Names of the states in which it runs and in which it has been done. */
  readonly states: readonly string[];
}

export interface UndoDefinition {
  readonly src: string;
  readonly run: AnyActorLogic;
  readonly kind: StepDefinition['kind'];
  /** Made after all others, and not as long as one of them is stuck. */
  readonly isLast: boolean;
  readonly input: (args: {
    readonly input: unknown;
    readonly results: Values;
    readonly undoes: Undoes<unknown, unknown>;
    readonly failure: SagaFailure | null;
  }) => unknown;
}

export interface SagaDefinition {
  readonly id: string;
  readonly version: string;
  readonly schema: StandardSchema<unknown> | null;
  readonly deadlineMs: number | null;
  readonly onFailure: 'compensate' | 'hold';
  readonly onCompensationFailure: 'continue' | 'halt';
  /** Steps in the order in which they are undone; null: the last one done first. */
  readonly undoOrder: readonly string[] | null;
  /** How long a stopped call is waited for before it is undone unheard. */
  readonly stopWaitMs: number;
  /** How long a saga stays open, everything undone, for a stopped call of which nothing was heard. */
  readonly settleWaitMs: number;
  readonly steps: readonly StepDefinition[];
}

/** Whether each step waits for all before it: then the chart is a sequence, else it has regions. */
export function isSequence({ steps }: SagaDefinition): boolean {
  return steps.every(({ after }, index) => after.length === index);
}

/** The step of that name; asking for one that was never declared is a mistake of ours. */
export function findStep({ id, steps }: SagaDefinition, name: string): StepDefinition {
  const step = steps.find((other) => other.name === name);
  invariant(step !== undefined, 'a saga has no step of that name', { saga: id, name });
  return step;
}
