// A saga's definition as an XState machine, state by state: nothing is left to the engine. A sequence
// becomes states one after the other, a graph of steps parallel regions; turning back is one chart for
// both. What the states mean for the saga is written into their `meta`, where the checker reads it.

import { type AnyStateMachine, assign, cancel, raise, sendTo, setup } from 'xstate';
import { keyed } from './effect.ts';
import {
  beginStep,
  beginUndo,
  createContext,
  currentKey,
  currentUndoKey,
  endStep,
  endUndo,
  failCritical,
  failIgnored,
  failUndoing,
  finishSaga,
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
  undoInput,
} from './saga-context.ts';
import { isSequence, type SagaDefinition, type StepDefinition } from './saga-definition.ts';
import { sagaMeta } from './saga-meta.ts';

/** Charts are assembled from parts here; XState checks them when it makes the machine. */
type Part = Readonly<Record<string, unknown>>;
type Event = { readonly type: string; readonly [member: string]: unknown };
interface Args {
  readonly context: SagaContext;
  readonly event: Event;
  readonly self: Parameters<typeof beginStep>[2];
}

/** The machine of a saga. */
export function chartOf(saga: SagaDefinition): AnyStateMachine {
  const parts = new ChartParts(saga);
  const machine = setup({
    actors: parts.actors(),
    actions: parts.actions() as never,
    guards: parts.guards() as never,
    delays: {
      deadline: saga.deadlineMs ?? 0,
      stopWait: saga.stopWaitMs,
      settleWait: saga.settleWaitMs,
    },
  });
  return machine.createMachine(parts.config() as never) as unknown as AnyStateMachine;
}

class ChartParts {
  readonly #saga: SagaDefinition;

  constructor(saga: SagaDefinition) {
    this.#saga = saga;
  }

  actors(): Record<string, StepDefinition['run']> {
    const actors: Record<string, StepDefinition['run']> = {};
    for (const { src, run, undo } of this.#saga.steps) {
      actors[src] = run;
      if (undo !== null) actors[undo.src] = undo.run;
    }
    return actors;
  }

  config(): Part {
    const { id, version, deadlineMs } = this.#saga;
    return {
      id,
      version,
      context: ({ input }: { readonly input: unknown }) => createContext(this.#saga, input),
      ...(deadlineMs !== null && { entry: 'armDeadline' }),
      initial: 'starting',
      on: { 'effect.late': { guard: 'isOwnLate', actions: 'hearLate' } },
      states: {
        starting: {
          always: [{ guard: 'isUndo', target: 'compensating' }, { target: 'fulfilling' }],
        },
        fulfilling: isSequence(this.#saga) ? this.#sequence() : this.#regions(),
        deciding: {
          always: [
            { guard: 'mustGoForward', target: 'needsAttention' },
            { guard: 'mayHold', target: 'held' },
            { target: 'stopping' },
          ],
        },
        held: {
          on: {
            RETRY: this.#retries(),
            COMPENSATE: 'stopping',
            CANCEL: { target: 'stopping', actions: 'noteCancel' },
            'saga.deadline': { target: 'stopping', actions: 'noteDeadline' },
          },
        },
        stopping: {
          entry: 'disarmDeadline',
          always: { guard: 'isSettled', target: 'compensating' },
          after: { stopWait: 'compensating' },
        },
        compensating: this.#compensating(),
        needsAttention: {
          on: {
            RETRY: [
              ...this.#retries({ guard: 'mayRetryForward' }),
              { guard: 'mayRetryUndo', target: 'compensating', actions: 'retryUndos' },
            ],
            RESOLVE: { guard: 'isSigned', target: 'resolved', actions: 'noteResolution' },
            'effect.late': this.#lateReopening(),
          },
        },
        settling: {
          always: { guard: 'isSettled', target: 'compensated' },
          after: { settleWait: 'compensated' },
          on: { 'effect.late': this.#lateReopening() },
        },
        completed: { type: 'final', meta: sagaMeta({ end: 'completed' }) },
        compensated: { type: 'final', meta: sagaMeta({ end: 'compensated' }) },
        resolved: { type: 'final', meta: sagaMeta({ end: 'resolved' }) },
      },
      output: ({ context }: Args): SagaOutput => finishSaga(context),
    };
  }

  /** Steps one after the other. */
  #sequence(): Part {
    const { steps } = this.#saga;
    const states: Record<string, Part> = {};
    steps.forEach((step, index) => {
      const following = steps[index + 1];
      const next = following === undefined ? this.#absolute('completed') : runState(following);
      const done = step.states[1];
      states[runState(step)] = this.#running(step, done ?? next, this.#absolute('deciding'), next);
      if (done !== undefined) states[done] = { always: next };
    });
    const [first] = steps;
    return { initial: first === undefined ? '' : runState(first), on: this.#turning(), states };
  }

  /** Steps side by side, each in a region that waits for those before it. */
  #regions(): Part {
    const regions = this.#saga.steps.map((step) => {
      const { name, states } = step;
      const done = states[1] ?? 'done';
      return [
        name,
        {
          initial: 'waiting',
          states: {
            waiting: {
              always: [
                { guard: { type: 'isOver', params: { step: name } }, target: done },
                { guard: 'isFailing', target: 'skipped' },
                { guard: { type: 'isReady', params: { step: name } }, target: runState(step) },
              ],
            },
            [runState(step)]: this.#running(step, done, 'failed', done),
            [done]: { type: 'final' },
            failed: { type: 'final' },
            skipped: { type: 'final' },
          },
        },
      ] as const;
    });
    return {
      type: 'parallel',
      on: this.#turning(),
      states: Object.fromEntries(regions),
      onDone: [
        { guard: 'isFailing', target: this.#absolute('deciding') },
        { target: this.#absolute('completed') },
      ],
    };
  }

  /** The state in which a step's call is made. */
  #running(step: StepDefinition, done: string, failed: string, ignored: string): Part {
    const { name, src, kind, isCritical, isPivot } = step;
    const params = { step: name };
    const role = isPivot ? 'pivot' : 'run';
    const isSaga = kind === 'saga';
    return {
      meta: sagaMeta({ step: name, role, isCritical }),
      entry: { type: 'beginStep', params },
      invoke: {
        id: name,
        src,
        input: ({ context }: Args) => {
          const input = context.inputs[name];
          return kind === 'effect' ? keyed(currentKey(context, name), input) : input;
        },
        onDone: [
          ...(isSaga
            ? [{ guard: 'hasTurnedBack', target: failed, actions: { type: 'failNested', params } }]
            : []),
          ...(isSaga
            ? [{ guard: 'isFailing', target: failed, actions: { type: 'endStep', params } }]
            : []),
          { target: done, actions: { type: 'endStep', params } },
        ],
        onError: isCritical
          ? { target: failed, actions: { type: 'failStep', params } }
          : { target: ignored, actions: { type: 'ignoreStep', params } },
      },
      // A saga below is not cut off but told: it turns back by itself, or is past its own pivot.
      ...(isSaga && {
        on: {
          CANCEL: {
            guard: 'mayTurnBack',
            actions: ['noteCancel', { type: 'cancelNested', params }],
          },
          'saga.deadline': {
            guard: 'mayTurnBack',
            actions: ['noteDeadline', { type: 'cancelNested', params }],
          },
        },
      }),
    };
  }

  /** What ends the way forward from outside, as long as there is a way back. */
  #turning(): Part {
    const target = this.#absolute('stopping');
    return {
      CANCEL: { guard: 'mayTurnBack', target, actions: 'stopByCancel' },
      'saga.deadline': { guard: 'mayTurnBack', target, actions: 'stopByDeadline' },
    };
  }

  /** Where a RETRY of the failed step leads. */
  #retries(extra: Part = {}): readonly Part[] {
    const guardOf = (name: string): Part => ({
      guard: { type: extra['guard'] ?? 'mayRetry', params: { step: name } },
      actions: 'retryStep',
    });
    return this.#saga.steps.map((step) => ({
      ...guardOf(step.name),
      target: isSequence(this.#saga)
        ? this.#absolute(`fulfilling.${runState(step)}`)
        : this.#absolute('fulfilling'),
    }));
  }

  #lateReopening(): Part {
    return { guard: 'isOwnLate', target: this.#absolute('compensating'), actions: 'hearLate' };
  }

  #compensating(): Part {
    const undone = this.#saga.steps.flatMap((step) =>
      step.undo === null ? [] : [{ ...step, undo: step.undo }],
    );
    const states = undone.map(({ name, undo }) => {
      const params = { step: name };
      return [
        name,
        {
          meta: sagaMeta({ step: name, role: 'compensate' }),
          entry: { type: 'beginUndo', params },
          invoke: {
            id: `${name}.compensate`,
            src: undo.src,
            input: ({ context }: Args) => {
              const input = undoInput(context, this.#step(name));
              return undo.kind === 'effect' ? keyed(currentUndoKey(context, name), input) : input;
            },
            onDone: { target: 'choosing', actions: { type: 'endUndo', params } },
            onError: { target: 'choosing', actions: { type: 'failUndo', params } },
          },
        },
      ] as const;
    });
    return {
      initial: 'choosing',
      states: {
        choosing: {
          always: [
            ...undone.map(({ name }) => ({
              guard: { type: 'isNextUndo', params: { step: name } },
              target: name,
            })),
            { guard: 'hasStuckUndo', target: this.#absolute('needsAttention') },
            { target: this.#absolute('settling') },
          ],
        },
        ...Object.fromEntries(states),
      },
    };
  }

  guards(): Part {
    const saga = this.#saga;
    type Params = { readonly step: string };
    const of =
      (guard: (context: SagaContext) => boolean) =>
      ({ context }: Args) =>
        guard(context);
    return {
      isUndo: of(({ isUndo }) => isUndo),
      mayHold: of(() => saga.onFailure === 'hold'),
      mayTurnBack: of((context) => mayTurnBack(context, saga)),
      mustGoForward: of((context) => !mayTurnBack(context, saga)),
      isSettled: of(isSettled),
      isFailing: of(({ failure }) => failure !== null),
      hasStuckUndo: of((context) => hasStuckUndo(context, saga)),
      mayRetryUndo: of((context) => hasStuckUndo(context, saga)),
      isOver: ({ context }: Args, { step }: Params) => isOver(context, this.#step(step)),
      isReady: ({ context }: Args, { step }: Params) =>
        this.#step(step).after.every((name) => isOver(context, this.#step(name))),
      isNextUndo: ({ context }: Args, { step }: Params) => nextUndo(context, saga) === step,
      mayRetry: ({ context, event }: Args, { step }: Params) =>
        context.failure?.step === step && mayRetry(context, event as never),
      mayRetryForward: ({ context, event }: Args, { step }: Params) =>
        !mayTurnBack(context, saga) &&
        context.failure?.step === step &&
        mayRetry(context, event as never),
      isOwnLate: ({ context, event }: Args) => isOwnLate(context, event as never),
      isSigned: ({ event }: Args) => isText(event['by']) && isText(event['why']),
      hasTurnedBack: ({ event }: Args) =>
        (event['output'] as SagaOutput | undefined)?.status !== 'completed',
    };
  }

  actions(): Part {
    type Params = { readonly step: string };
    const change = (update: (args: Args, params: Params) => Partial<SagaContext>): unknown =>
      assign((args: unknown, params: unknown) => update(args as Args, params as Params));
    const cancelled = ({ event }: Args): SagaContext['failure'] & object => ({
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
        beginStep(context, this.#step(step), self),
      ),
      endStep: change(({ context, event }, { step }) => endStep(context, step, event['output'])),
      failStep: change(({ context, event }, { step }) =>
        failCritical(context, step, event['error']),
      ),
      ignoreStep: change(({ context, event }, { step }) =>
        failIgnored(context, step, event['error']),
      ),
      failNested: change(({ context, event }, { step }) =>
        failCritical(context, step, nestedError(event['output'] as SagaOutput)),
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
      failUndo: change(({ context, event }, { step }) =>
        failUndoing(context, step, event['error']),
      ),
      hearLate: change(({ context, event }) => hearLate(context, event as never)),
      noteResolution: change(({ event }) => ({
        resolution: { by: String(event['by']), why: String(event['why']) },
      })),
    };
  }

  #step(name: string): StepDefinition {
    const step = this.#saga.steps.find((other) => other.name === name);
    if (step === undefined) throw new Error(`There is no step "${name}" in ${this.#saga.id}.`);
    return step;
  }

  #absolute(state: string): string {
    return `#${this.#saga.id}.${state}`;
  }
}

/** A saga below has undone itself: for the one above, its step definitely did nothing. */
function nestedError(output: SagaOutput): object {
  const { code, message } = output.failure ?? {
    code: 'COMPENSATED',
    message: 'It has turned back.',
  };
  return { name: 'Rejected', code, message, outcome: 'rejected' };
}

function runState({ name, states }: StepDefinition): string {
  return states[0] ?? name;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
