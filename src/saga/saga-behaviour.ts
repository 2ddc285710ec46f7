// What the names in a saga's chart stand for: guards and actions on its memory. The chart itself, state by
// state, is saga-chart.ts; what the memory becomes is saga-context.ts.

import { assign, cancel, raise, sendTo } from 'xstate';
import {
  beginStep,
  beginUndo,
  endStep,
  endUndo,
  failCritical,
  failIgnored,
  failUndoing,
  hasStuckUndo,
  hearLate,
  isOver,
  isOwnLate,
  isSettled,
  mayRetry,
  mayTurnBack,
  nextUndo,
  retryStep,
  retryUndos,
  type SagaContext,
  type SagaOutput,
  stopSteps,
} from './saga-context.ts';
import { findStep, type SagaDefinition } from './saga-definition.ts';

type Part = Readonly<Record<string, unknown>>;
type Event = { readonly type: string; readonly [member: string]: unknown };
/** What XState hands to guards and actions, as far as sagas read it. */
export interface SagaArgs {
  readonly context: SagaContext;
  readonly event: Event;
  readonly self: Parameters<typeof beginStep>[2];
}

/** The conditions of a saga's chart, by name. */
export function sagaGuards(saga: SagaDefinition): Part {
  type Params = { readonly step: string };
  const of =
    (guard: (context: SagaContext) => boolean) =>
    ({ context }: SagaArgs) =>
      guard(context);
  return {
    isUndo: of(({ isUndo }) => isUndo),
    mayTurnBack: of((context) => mayTurnBack(context, saga)),
    mustGoForward: of((context) => !mayTurnBack(context, saga)),
    isSettled: of(isSettled),
    isResolved: of(({ resolution }) => resolution !== null),
    isFailing: of(({ failure }) => failure !== null),
    hasFailedStep: of(({ failure, steps }) => failure !== null && failure.step in steps),
    hasStuckUndo: of((context) => hasStuckUndo(context, saga)),
    mayRetryUndo: of((context) => hasStuckUndo(context, saga)),
    isOver: ({ context }: SagaArgs, { step }: Params) => isOver(context, findStep(saga, step)),
    isReady: ({ context }: SagaArgs, { step }: Params) =>
      findStep(saga, step).after.every((name) => isOver(context, findStep(saga, name))),
    isNextUndo: ({ context }: SagaArgs, { step }: Params) => nextUndo(context, saga) === step,
    mayRetry: ({ context, event }: SagaArgs, { step }: Params) =>
      context.failure?.step === step && mayRetry(context, event as never),
    mayRetryForward: ({ context, event }: SagaArgs, { step }: Params) =>
      !mayTurnBack(context, saga) &&
      context.failure?.step === step &&
      mayRetry(context, event as never),
    isOwnLate: ({ context, event }: SagaArgs) => isOwnLate(context, event as never),
    isSigned: ({ event }: SagaArgs) => isText(event['by']) && isText(event['why']),
    hasTurnedBack: ({ event }: SagaArgs) =>
      (event['output'] as SagaOutput | undefined)?.status !== 'completed',
    // A run that was started to undo another ends as compensated without a failure.
    hasUndoFailed: ({ event }: SagaArgs) => {
      const output = event['output'] as SagaOutput | undefined;
      return output?.status === 'compensated' && output.failure !== null;
    },
  };
}

/** What a saga's chart does to its memory, by name. */
export function sagaActions(saga: SagaDefinition): Part {
  type Params = { readonly step: string };
  const change = (update: (args: SagaArgs, params: Params) => Partial<SagaContext>): unknown =>
    assign((args: unknown, params: unknown) => update(args as SagaArgs, params as Params));
  const cancelled = ({ event }: SagaArgs): SagaContext['failure'] & object => ({
    step: 'cancel',
    code: 'CANCELLED',
    message: isText(event['reason']) ? event['reason'] : 'The saga was cancelled.',
  });
  const overdue = { step: 'deadline', code: 'DEADLINE', message: 'The deadline has passed.' };
  return {
    armDeadline: raise({ type: 'saga.deadline' } as never, {
      id: 'saga.deadline',
      delay: 'deadline' as never,
    }),
    disarmDeadline: cancel('saga.deadline'),
    beginStep: change(({ context, self }, { step }) =>
      beginStep(context, findStep(saga, step), self),
    ),
    endStep: change(({ context, event }, { step }) => endStep(context, step, event['output'])),
    failStep: change(({ context, event }, { step }) => failCritical(context, step, event['error'])),
    ignoreStep: change(({ context, event }, { step }) =>
      failIgnored(context, step, event['error']),
    ),
    failNested: change(({ context, event }, { step }) => ({
      ...failCritical(context, step, nestedError(event['output'] as SagaOutput)),
      ...resolutionOf(event),
    })),
    ignoreNested: change(({ context, event }, { step }) =>
      failIgnored(context, step, nestedError(event['output'] as SagaOutput)),
    ),
    failNestedUndo: change(({ context, event }, { step }) =>
      failUndoing(context, step, nestedError(event['output'] as SagaOutput)),
    ),
    cancelNested: sendTo((_: unknown, { step }: Params) => step, { type: 'CANCEL' }),
    stopByCancel: change((args) => stopSteps(args.context, cancelled(args))),
    stopByDeadline: change(({ context }) => stopSteps(context, overdue)),
    noteCancel: change((args) => ({ failure: cancelled(args) })),
    noteDeadline: change(() => ({ failure: overdue })),
    retryStep: change(({ context, event }) => retryStep(context, event as never)),
    retryUndos: change(({ context }) => retryUndos(context)),
    beginUndo: change(({ context, self }, { step }) => beginUndo(context, step, self)),
    endUndo: change(({ context }, { step }) => endUndo(context, step)),
    endNestedUndo: change(({ context, event }, { step }) => ({
      ...endUndo(context, step),
      ...resolutionOf(event),
    })),
    failUndo: change(({ context, event }, { step }) => failUndoing(context, step, event['error'])),
    hearLate: change(({ context, event }) => hearLate(context, event as never)),
    noteResolution: change(({ event }) => ({
      resolution: { by: String(event['by']), why: String(event['why']) },
    })),
  };
}

/** What people have said of a saga below goes for the one above as well. */
function resolutionOf({ output }: Event): Partial<SagaContext> {
  const { resolution } = output as SagaOutput;
  return resolution === null ? {} : { resolution };
}

/** A saga below has undone itself: for the one above, its step definitely did nothing. */
function nestedError(output: SagaOutput): object {
  const { code, message } = output.failure ?? {
    code: 'COMPENSATED',
    message: 'It has turned back.',
  };
  return { name: 'Rejected', code, message, outcome: 'rejected' };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
