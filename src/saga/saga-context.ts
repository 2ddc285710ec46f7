// What a built saga remembers, and what its events make of that: pure functions of the context, named
// for the chart. Keys and the rules on epochs, undo counters and doubt are saga-step.ts's.

import type { EventObject } from 'xstate';
import { type Addressable, effectKey } from '../address.ts';
import { type EffectError, effectError } from '../effects/effect.ts';
import type { SagaDefinition, SagaFailure, StepDefinition } from './saga-definition.ts';
import {
  computeEpoch,
  computeUndoCount,
  describeStep,
  failStep,
  failUndo,
  finishStep,
  finishUndo,
  IDLE_STEP,
  isStuck,
  needsUndo,
  noteLateStep,
  noteLateUndo,
  retryUndo,
  type SagaStep,
  startStep,
  startUndo,
  stopStep,
} from './saga-step.ts';
import { parseBy } from './standard-schema.ts';

/** Who says, and why, that what could not be undone is settled. */
export interface SagaResolution {
  readonly by: string;
  readonly why: string;
}

/** All that another run needs to undo this one: part of a completed saga's output. */
export interface SagaRecord {
  readonly input: unknown;
  readonly steps: Readonly<Record<string, SagaStep<unknown>>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly order: readonly string[];
}

export interface SagaContext extends SagaRecord {
  readonly failure: SagaFailure | null;
  /** Failures of steps that are not critical. */
  readonly ignored: readonly SagaFailure[];
  readonly resolution: SagaResolution | null;
  /** Inputs given by RETRY in place of those that the definition computes. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Started only to undo a completed saga. */
  readonly isUndo: boolean;
  /** Part of every key: tells this run from others under one address; empty for the first. */
  readonly run: string;
}

export interface SagaOutput {
  readonly status: 'completed' | 'compensated' | 'resolved';
  /** Outputs by step, of those that are done and not undone. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly failure: SagaFailure | null;
  readonly ignored: readonly SagaFailure[];
  readonly resolution: SagaResolution | null;
  readonly record: SagaRecord;
}

export type LateEvent = EventObject & {
  readonly id: string;
  readonly key: string;
  readonly outcome: 'done' | 'rejected' | 'unknown';
  readonly output?: unknown;
  readonly error?: EffectError;
};

/** Tries the failed step again; with an `input`, under a new key. */
export interface RetryEvent {
  readonly type: 'RETRY';
  readonly input?: unknown;
}

/** The input of a run that undoes a completed one. */
export interface UndoRun {
  /** Null: nothing is known of the run to undo. */
  readonly '~undoes': SagaRecord | null;
  readonly '~run'?: string;
}

/** The input of a saga that the one above runs again: its keys must not be those of the run before. */
export interface Rerun {
  readonly '~run': string;
  readonly '~input': unknown;
}

const stepOf = ({ steps }: SagaRecord, name: string): SagaStep<unknown> => steps[name] ?? IDLE_STEP;

const withStep = (
  { steps }: SagaRecord,
  name: string,
  step: SagaStep<unknown>,
): Pick<SagaRecord, 'steps'> => ({ steps: { ...steps, [name]: step } });

export function createContext({ schema }: SagaDefinition, given: unknown): SagaContext {
  const fresh = { failure: null, ignored: [], resolution: null, overrides: {} };
  if (isUndoRun(given)) {
    const { '~undoes': record } = given;
    if (record === null) throw new Error('It is not known how far the saga to undo has come.');
    const { input, steps, inputs, order } = record;
    const { '~run': run = '' } = given;
    return { ...fresh, input, steps, inputs, order, isUndo: true, run };
  }
  const { '~run': run, '~input': own } = isRerun(given) ? given : { '~run': '', '~input': given };
  const input = schema === null ? own : parseBy(schema, own);
  return { ...fresh, input, steps: {}, inputs: {}, order: [], isUndo: false, run };
}

function isRerun(given: unknown): given is Rerun {
  return typeof given === 'object' && given !== null && '~run' in given && '~input' in given;
}

/** What the run of a saga below starts from. A second one under its address gets keys of its own. */
export function nestedInput(context: SagaContext, name: string): unknown {
  const input = context.inputs[name];
  const { epoch } = stepOf(context, name);
  return epoch === 1 ? input : { '~run': String(epoch), '~input': input };
}

/** The same for the run that undoes a saga below. */
export function nestedUndoInput(context: SagaContext, name: string, input: unknown): unknown {
  const { epoch, undo } = stepOf(context, name);
  return isUndoRun(input) ? { ...input, '~run': `${epoch}.${undo.count}` } : input;
}

function isUndoRun(given: unknown): given is UndoRun {
  return typeof given === 'object' && given !== null && '~undoes' in given;
}

/** Outputs by step: what later steps are given. */
function resultsOf({ steps }: SagaRecord): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(steps)
      .filter(([, { outcome, undo }]) => outcome === 'done' && undo.status !== 'done')
      .map(([name, { output }]) => [name, output]),
  );
}

/** A step's call is about to be made: its key and its input are fixed now. */
export function beginStep(
  context: SagaContext,
  { name, input }: StepDefinition,
  self: Addressable,
): Partial<SagaContext> {
  const step = stepOf(context, name);
  const epoch = computeEpoch(step);
  const started = startStep(step, epoch, effectKey(self, stepKey(context, name, epoch)));
  // The same key means the same input: a retry of what may have happened must not ask for something else.
  const repeats = epoch === step.epoch && name in context.inputs;
  const inputs = repeats
    ? context.inputs
    : { ...context.inputs, [name]: nextInput(context, name, input) };
  const order = context.order.filter((other) => other !== name);
  return { ...withStep(context, name, started), inputs, order };
}

function nextInput(context: SagaContext, name: string, compute: StepDefinition['input']): unknown {
  if (name in context.overrides) return context.overrides[name];
  return compute({ input: context.input, results: resultsOf(context) });
}

function stepKey({ run }: SagaContext, name: string, epoch: number): string {
  return `${run === '' ? '' : `${run}/`}${name}/${epoch}`;
}

function undoKey(context: SagaContext, name: string, { epoch, undo }: SagaStep<unknown>): string {
  return `${stepKey(context, name, epoch)}/undo/${undo.count}`;
}

/** The key of a step's call that is being made, without the actor's address. */
export function currentKey(context: SagaContext, name: string): string {
  return stepKey(context, name, stepOf(context, name).epoch);
}

export function currentUndoKey(context: SagaContext, name: string): string {
  return undoKey(context, name, stepOf(context, name));
}

export function endStep(context: SagaContext, name: string, output: unknown): Partial<SagaContext> {
  const done = finishStep(stepOf(context, name), output ?? null);
  return { ...withStep(context, name, done), order: [...context.order, name] };
}

export function failCritical(
  context: SagaContext,
  name: string,
  thrown: unknown,
): Partial<SagaContext> {
  const error = effectError(thrown);
  // The first one is why the saga turns back; what fails beside it, or is told to, follows from it.
  const failure = context.failure ?? describe(name, error);
  return { ...failed(context, name, error), failure };
}

/** A step that is not critical has failed: noted, and the saga goes on. */
export function failIgnored(
  context: SagaContext,
  name: string,
  thrown: unknown,
): Partial<SagaContext> {
  const error = effectError(thrown);
  return {
    ...failed(context, name, error),
    ignored: [...context.ignored, describe(name, error)],
  };
}

function failed(context: SagaContext, name: string, error: EffectError): Partial<SagaContext> {
  const step = failStep(stepOf(context, name), error);
  return { ...withStep(context, name, step), order: [...context.order, name] };
}

function describe(step: string, { code, message }: EffectError): SagaFailure {
  return { step, code, message };
}

/** Calls that are under way are left alone: from here on they may have happened, or still happen. */
export function stopSteps(context: SagaContext, failure: SagaFailure): Partial<SagaContext> {
  const running = Object.keys(context.steps).filter(
    (name) => stepOf(context, name).outcome === 'running',
  );
  const stopped = running.map((name) => [name, stopStep(stepOf(context, name))] as const);
  return {
    steps: { ...context.steps, ...Object.fromEntries(stopped) },
    order: [...context.order, ...running],
    failure,
  };
}

/** The step to undo next: the last one done of those that may hold something; null for none. */
export function nextUndo(context: SagaContext, saga: SagaDefinition): string | null {
  const isStuckSomewhere = hasStuckUndo(context, saga);
  if (saga.onCompensationFailure === 'halt' && isStuckSomewhere) return null;
  const order = saga.undoOrder ?? context.order.toReversed();
  const nextOf = (isLast: boolean): string | null => {
    const wanted = saga.steps.filter(
      ({ name, undo }) => undo?.isLast === isLast && needsUndo(stepOf(context, name)),
    );
    return order.find((name) => wanted.some((step) => step.name === name)) ?? null;
  };
  // The last ones say that all is undone, which is not so as long as another waits for people.
  return nextOf(false) ?? (isStuckSomewhere ? null : nextOf(true));
}

export function hasStuckUndo(context: SagaContext, { steps }: SagaDefinition): boolean {
  return steps.some(({ name, undo }) => undo !== null && isStuck(stepOf(context, name)));
}

export function beginUndo(
  context: SagaContext,
  name: string,
  self: Addressable,
): Partial<SagaContext> {
  const step = stepOf(context, name);
  const count = computeUndoCount(step);
  const key = effectKey(self, undoKey(context, name, { ...step, undo: { ...step.undo, count } }));
  return withStep(context, name, startUndo(step, count, key));
}

export function undoInput(context: SagaContext, { name, undo }: StepDefinition): unknown {
  const undoes = describeStep(stepOf(context, name), context.inputs[name]);
  const { input, failure } = context;
  return undo?.input({ input, results: resultsOf(context), undoes, failure });
}

export function endUndo(context: SagaContext, name: string): Partial<SagaContext> {
  return withStep(context, name, finishUndo(stepOf(context, name)));
}

export function failUndoing(
  context: SagaContext,
  name: string,
  thrown: unknown,
): Partial<SagaContext> {
  return withStep(context, name, failUndo(stepOf(context, name), effectError(thrown)));
}

/** Makes every undo that was given up one to be made again. */
export function retryUndos({ steps }: SagaContext): Partial<SagaContext> {
  const retried = Object.entries(steps).map(([name, step]) => [name, retryUndo(step)] as const);
  return { steps: Object.fromEntries(retried) };
}

/** Whether every call that was stopped has been heard of. */
export function isSettled({ steps }: SagaContext): boolean {
  return Object.values(steps).every((step) => step.isSettled);
}

/** Whether the saga may still turn back: no pivot is done, under way or in doubt, or all is to be undone. */
export function mayTurnBack(context: SagaContext, { steps }: SagaDefinition): boolean {
  if (context.isUndo) return true;
  return steps.every(({ name, isPivot }) => {
    const { outcome } = stepOf(context, name);
    return !isPivot || outcome === 'idle' || outcome === 'rejected';
  });
}

/** Whether a step has ended so that those behind it may start. */
export function isOver(context: SagaContext, { name, isCritical }: StepDefinition): boolean {
  const { outcome, undo } = stepOf(context, name);
  if (outcome === 'done') return undo.status !== 'done';
  return !isCritical && (outcome === 'rejected' || outcome === 'unknown');
}

/** Whether a late outcome is of a call that this saga still knows: of a step's last run, or last undo. */
export function isOwnLate({ steps }: SagaContext, { key }: LateEvent): boolean {
  return Object.values(steps).some((step) => step.key === key || step.undo.key === key);
}

export function hearLate(context: SagaContext, late: LateEvent): Partial<SagaContext> {
  const heard = Object.entries(context.steps).map(([name, step]) => {
    if (step.key === late.key) return [name, noteLateStep(step, late)] as const;
    return [name, step.undo.key === late.key ? noteLateUndo(step, late) : step] as const;
  });
  return { steps: Object.fromEntries(heard) };
}

/**
 * Whether the failed step may be tried again with this input. Another one needs another key, and so
 * that its old key holds nothing.
 */
export function mayRetry({ failure, steps }: SagaContext, event: RetryEvent): boolean {
  if (failure === null || !(failure.step in steps)) return false;
  return event.input === undefined || steps[failure.step]?.outcome === 'rejected';
}

export function retryStep(context: SagaContext, { input }: RetryEvent): Partial<SagaContext> {
  const { failure, overrides } = context;
  if (failure === null || input === undefined) return { failure: null };
  return { failure: null, overrides: { ...overrides, [failure.step]: input } };
}

export function finishSaga(context: SagaContext): SagaOutput {
  const { failure, ignored, resolution, input, steps, inputs, order, isUndo } = context;
  const turnedBack = failure !== null || isUndo;
  const undone = resolution === null ? 'compensated' : 'resolved';
  return {
    status: turnedBack ? undone : 'completed',
    results: resultsOf(context),
    failure,
    ignored,
    resolution,
    record: { input, steps, inputs, order },
  };
}
