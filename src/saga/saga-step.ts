// What a saga remembers of one step: how the call forward went, and how its undoing went. Pure values
// and the rules on them: the epoch rises only when nothing can be held under the last key, `unknown`
// counts as may have happened, a late success is undone once more. Never talks to anybody.

import type { EffectError } from '../effects/effect.ts';

/** What a compensation is told of the call that it undoes. */
export interface Undoes<Input = unknown, Output = unknown> {
  /** The full key that the call ran under: a gateway needs it to refuse one still on its way. */
  readonly key: string;
  readonly input: Input;
  /** Absent when the call is not known to have been done. */
  readonly output?: Output;
  readonly outcome: 'done' | 'unknown';
}

/** How the call forward stands; `unknown`: it may have happened. */
export type StepOutcome = 'idle' | 'running' | 'done' | 'rejected' | 'unknown';

/** `again`: to be tried under the key it had, because what became of it is not known. */
export type UndoStatus = 'idle' | 'running' | 'done' | 'failed' | 'again';

export interface SagaStep<Output> {
  /** Part of the forward key; 0 before the first run. */
  readonly epoch: number;
  /** The full forward key of the last run. */
  readonly key: string;
  readonly outcome: StepOutcome;
  readonly output: Output | null;
  /** Why it is `rejected` or `unknown`. */
  readonly error: EffectError | null;
  /** False while a stopped call may still be heard of. */
  readonly isSettled: boolean;
  readonly undo: SagaUndo;
}

export interface SagaUndo {
  readonly status: UndoStatus;
  /** Part of the undo key, with the epoch; counts the undo calls of that epoch. */
  readonly count: number;
  /** The full undo key of the last try. */
  readonly key: string;
  readonly error: EffectError | null;
  /** The call succeeded after an undo of it had begun, which may have found nothing to undo. */
  readonly isOvertaken: boolean;
}

const NO_UNDO: SagaUndo = {
  status: 'idle',
  count: 0,
  key: '',
  error: null,
  isOvertaken: false,
};

/** The outcome of a call that its saga no longer waited for, as the engine reports it. */
export interface LateOutcome<Source extends string, Output> {
  readonly type: 'effect.late';
  readonly id: string;
  readonly src: Source;
  readonly key: string;
  readonly outcome: 'done' | 'rejected' | 'unknown';
  readonly output?: Output;
  readonly error?: EffectError;
}

/** A step that has not been run. */
export const IDLE_STEP: SagaStep<never> = {
  epoch: 0,
  key: '',
  outcome: 'idle',
  output: null,
  error: null,
  isSettled: true,
  undo: NO_UNDO,
};

/** The epoch of the next run: the same one as long as the last run may hold something. */
export function computeEpoch({ epoch, outcome, undo }: SagaStep<unknown>): number {
  const holdsNothing = outcome === 'rejected' || undo.status === 'done';
  return epoch === 0 || holdsNothing ? epoch + 1 : epoch;
}

/** The call is about to be made: noted before it is. */
export function startStep<Output>(
  step: SagaStep<Output>,
  epoch: number,
  key: string,
): SagaStep<Output> {
  const isNew = epoch !== step.epoch;
  const kept = isNew ? { output: null, undo: NO_UNDO } : { output: step.output, undo: step.undo };
  return { ...kept, epoch, key, outcome: 'running', error: null, isSettled: true };
}

export function finishStep<Output>(step: SagaStep<Output>, output: Output): SagaStep<Output> {
  return { ...step, outcome: 'done', output };
}

export function failStep<Output>(step: SagaStep<Output>, error: EffectError): SagaStep<Output> {
  return { ...step, outcome: error.outcome, error };
}

/** A call that is running is left alone from here on: it may happen, or have happened. */
export function stopStep<Output>(step: SagaStep<Output>): SagaStep<Output> {
  return step.outcome === 'running' ? { ...step, outcome: 'unknown', isSettled: false } : step;
}

function mayHold(step: SagaStep<unknown>): boolean {
  return step.outcome === 'running' || step.outcome === 'done' || step.outcome === 'unknown';
}

/** Whether there is an undo call to make now. */
export function needsUndo(step: SagaStep<unknown>): boolean {
  const { status, isOvertaken } = step.undo;
  if (!mayHold(step)) return false;
  return status === 'idle' || status === 'again' || (status !== 'running' && isOvertaken);
}

/** Whether the undo was given up and the step may still hold something. */
export function isStuck(step: SagaStep<unknown>): boolean {
  return mayHold(step) && step.undo.status === 'failed' && !step.undo.isOvertaken;
}

/** The counter of the next undo call. */
export function computeUndoCount({ undo }: SagaStep<unknown>): number {
  return undo.status === 'again' && !undo.isOvertaken ? undo.count : undo.count + 1;
}

export function startUndo<Output>(
  step: SagaStep<Output>,
  count: number,
  key: string,
): SagaStep<Output> {
  return { ...step, undo: { status: 'running', count, key, error: null, isOvertaken: false } };
}

export function finishUndo<Output>(step: SagaStep<Output>): SagaStep<Output> {
  return { ...step, undo: { ...step.undo, status: 'done', error: null } };
}

export function failUndo<Output>(step: SagaStep<Output>, error: EffectError): SagaStep<Output> {
  return { ...step, undo: { ...step.undo, status: 'failed', error } };
}

/**
 * A failed undo is to be tried again: under the key it had if it may have happened, under a new one
 * if it was refused, because that key would only repeat the refusal.
 */
export function retryUndo<Output>(step: SagaStep<Output>): SagaStep<Output> {
  if (step.undo.status !== 'failed') return step;
  const isRefused = step.undo.error?.outcome === 'rejected';
  return { ...step, undo: { ...step.undo, status: isRefused ? 'idle' : 'again' } };
}

/** Hears of a stopped call after all. A success may have come after the undo, so it is undone again. */
export function noteLateStep<Output>(
  step: SagaStep<Output>,
  { outcome, output, error }: Pick<LateOutcome<string, Output>, 'outcome' | 'output' | 'error'>,
): SagaStep<Output> {
  const settled = { ...step, isSettled: true };
  switch (outcome) {
    case 'unknown':
      return settled;
    case 'rejected':
      // Another call under this key may have been done since.
      if (step.outcome !== 'unknown') return settled;
      return { ...settled, outcome, error: error ?? step.error };
    case 'done': {
      const isOvertaken = step.undo.status !== 'idle';
      const undo = { ...step.undo, isOvertaken };
      return { ...settled, outcome, output: output ?? null, error: null, undo };
    }
  }
}

/** Hears of an undo call that was given up: if it was done after all, nothing is left to undo. */
export function noteLateUndo<Output>(
  step: SagaStep<Output>,
  { outcome }: Pick<LateOutcome<string, unknown>, 'outcome'>,
): SagaStep<Output> {
  const wasGivenUp = step.undo.status === 'failed' || step.undo.status === 'again';
  return wasGivenUp && outcome === 'done' ? finishUndo(step) : step;
}

/** What an undo call is told. */
export function describeStep<Input, Output>(
  { key, outcome, output }: SagaStep<Output>,
  input: Input,
): Undoes<Input, Output> {
  const known = { key, input, outcome: outcome === 'done' ? 'done' : 'unknown' } as const;
  return outcome === 'done' && output !== null ? { ...known, output } : known;
}
