// A saga's definition as an XState machine, state by state: nothing is left to the engine. A sequence
// becomes states one after the other, a graph of steps parallel regions; turning back is one chart for
// both. What the states mean for the saga is written into their `meta`, where the checker reads it.

import { type AnyStateMachine, and, setup } from 'xstate';
import { keyed } from '../effects/effect.ts';
import { type SagaArgs, sagaActions, sagaGuards } from './saga-behaviour.ts';
import {
  createContext,
  currentKey,
  currentUndoKey,
  finishSaga,
  nestedInput,
  nestedUndoInput,
  type SagaOutput,
  undoInput,
} from './saga-context.ts';
import {
  findStep,
  isSequence,
  type SagaDefinition,
  type StepDefinition,
} from './saga-definition.ts';
import { sagaMeta } from './saga-meta.ts';

/** Charts are assembled from parts here; XState checks them when it makes the machine. */
type Part = Readonly<Record<string, unknown>>;

/** Configurations of machines made here: `provide` keeps them, so what it gives is known too. */
const built: WeakSet<object> = new WeakSet();

function isBuilt(run: object): boolean {
  return 'config' in run && typeof run.config === 'object' && run.config !== null
    ? built.has(run.config)
    : false;
}

/** The machine of a saga. */
export function chartOf(saga: SagaDefinition): AnyStateMachine {
  const parts = new ChartParts(saga);
  const machine = setup({
    actors: parts.actors(),
    actions: sagaActions(saga) as never,
    guards: sagaGuards(saga) as never,
    delays: {
      deadline: saga.deadlineMs ?? 0,
      stopWait: saga.stopWaitMs,
      settleWait: saga.settleWaitMs,
    },
  });
  const made = machine.createMachine(parts.config() as never) as unknown as AnyStateMachine;
  built.add(made.config);
  return made;
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
    const { id, version, deadlineMs, onFailure, steps } = this.#saga;
    // States that nothing could lead to are left out, so that the chart shows what can happen.
    const mayHold = onFailure === 'hold' && steps.some(({ isCritical }) => isCritical);
    const mayFail = steps.some(mayTurnSaga);
    // People have settled what a saga below could not undo: then this one is not rolled back whole.
    const resolvedBelow = (guards: readonly string[]): readonly Part[] =>
      steps.some(({ kind, undo }) => kind === 'saga' || undo?.kind === 'saga')
        ? [{ guard: and([...guards, 'isResolved']), target: 'resolved' }]
        : [];
    const mayStick = steps.some(({ isPivot, undo }) => isPivot || undo !== null);
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
        ...(mayFail && {
          deciding: {
            always: [
              ...(mayStick ? [{ guard: 'mustGoForward', target: 'needsAttention' }] : []),
              // Who has cancelled it, or let its time pass, is not asked again.
              ...(mayHold ? [{ guard: 'hasFailedStep', target: 'held' }] : []),
              { target: 'stopping' },
            ],
          },
        }),
        ...(mayHold && { held: this.#held() }),
        stopping: {
          entry: 'disarmDeadline',
          always: { guard: 'isSettled', target: 'compensating' },
          after: { stopWait: 'compensating' },
        },
        compensating: this.#compensating(),
        ...(mayStick && this.#attention()),
        settling: {
          always: [...resolvedBelow(['isSettled']), { guard: 'isSettled', target: 'compensated' }],
          after: { settleWait: [...resolvedBelow([]), { target: 'compensated' }] },
          on: { 'effect.late': this.#lateReopening() },
        },
        completed: { type: 'final', meta: sagaMeta({ end: 'completed' }) },
        compensated: { type: 'final', meta: sagaMeta({ end: 'compensated' }) },
      },
      output: ({ context }: SagaArgs): SagaOutput => finishSaga(context),
    };
  }

  /** What only people can lead out of, and how it ends by their word. */
  #attention(): Part {
    return {
      needsAttention: {
        on: {
          RETRY: [
            ...this.#retries('mayRetryForward', (step) => this.#mayFailBehind(step)),
            { guard: 'mayRetryUndo', target: 'compensating', actions: 'retryUndos' },
          ],
          RESOLVE: { guard: 'isSigned', target: 'resolved', actions: 'noteResolution' },
          'effect.late': this.#lateReopening(),
        },
      },
      resolved: { type: 'final', meta: sagaMeta({ end: 'resolved' }) },
    };
  }

  #held(): Part {
    return {
      on: {
        RETRY: this.#retries('mayRetry', ({ after }) => !this.#hasPivot(after)),
        COMPENSATE: 'stopping',
        CANCEL: { target: 'stopping', actions: 'noteCancel' },
        'saga.deadline': { target: 'stopping', actions: 'noteDeadline' },
      },
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
      const maySkip = this.#maySkip(step);
      return [
        name,
        {
          initial: 'waiting',
          states: {
            waiting: {
              always: [
                { guard: { type: 'isOver', params: { step: name } }, target: done },
                ...(maySkip ? [{ guard: 'isFailing', target: 'skipped' }] : []),
                { guard: { type: 'isReady', params: { step: name } }, target: runState(step) },
              ],
            },
            [runState(step)]: this.#running(step, done, 'failed', done),
            [done]: { type: 'final' },
            ...(mayTurnSaga(step) && { failed: { type: 'final' } }),
            ...(maySkip && { skipped: { type: 'final' } }),
          },
        },
      ] as const;
    });
    return {
      type: 'parallel',
      on: this.#turning(),
      states: Object.fromEntries(regions),
      onDone: [
        ...(this.#saga.steps.some(mayTurnSaga)
          ? [{ guard: 'isFailing', target: this.#absolute('deciding') }]
          : []),
        { target: this.#absolute('completed') },
      ],
    };
  }

  /** Whether another step can fail while this one waits. */
  #maySkip({ name, after }: StepDefinition): boolean {
    return this.#saga.steps.some((other) => {
      if (other.name === name || other.after.includes(name) || !mayTurnSaga(other)) return false;
      return after.some((waited) => waited === other.name || !other.after.includes(waited));
    });
  }

  /** The state in which a step's call is made. */
  #running(step: StepDefinition, done: string, failed: string, ignored: string): Part {
    const { name, src, kind, isCritical, isPivot, undo, after } = step;
    const params = { step: name };
    const role = isPivot ? 'pivot' : 'run';
    const isSaga = kind === 'saga';
    const needsNoUndo = undo === null && !isPivot;
    return {
      meta: sagaMeta({
        step: name,
        role,
        isCritical,
        after,
        ...(needsNoUndo && { compensation: 'none' }),
      }),
      entry: { type: 'beginStep', params },
      invoke: {
        id: name,
        src,
        input: ({ context }: SagaArgs) => {
          const input = context.inputs[name];
          if (kind === 'effect') return keyed(currentKey(context, name), input);
          return isBuilt(step.run) ? nestedInput(context, name) : input;
        },
        onDone: [
          ...(isSaga ? this.#nestedEnds(step, failed, ignored) : []),
          { target: done, actions: { type: 'endStep', params } },
        ],
        onError: isCritical
          ? { target: failed, actions: { type: 'failStep', params } }
          : [
              ...(isSaga
                ? [{ guard: 'isFailing', target: failed, actions: { type: 'ignoreStep', params } }]
                : []),
              { target: ignored, actions: { type: 'ignoreStep', params } },
            ],
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

  /** A saga below has turned back, or has come to its end although this one is to turn back. */
  #nestedEnds({ name, isCritical }: StepDefinition, failed: string, ignored: string): Part[] {
    const params = { step: name };
    const noted = { type: isCritical ? 'failNested' : 'ignoreNested', params };
    const turnedBack = isCritical
      ? [{ guard: 'hasTurnedBack', target: failed, actions: noted }]
      : [
          { guard: and(['isFailing', 'hasTurnedBack']), target: failed, actions: noted },
          { guard: 'hasTurnedBack', target: ignored, actions: noted },
        ];
    const ended = { type: 'endStep', params };
    return [...turnedBack, { guard: 'isFailing', target: failed, actions: ended }];
  }

  /** What ends the way forward from outside, as long as there is a way back. */
  #turning(): Part {
    const target = this.#absolute('stopping');
    return {
      CANCEL: { guard: 'mayTurnBack', target, actions: 'stopByCancel' },
      'saga.deadline': { guard: 'mayTurnBack', target, actions: 'stopByDeadline' },
    };
  }

  /** Where a RETRY of the failed step leads, of those that can fail here. */
  #retries(guard: string, mayFail: (step: StepDefinition) => boolean): readonly Part[] {
    const failing = this.#saga.steps.filter((step) => step.isCritical && mayFail(step));
    return failing.map((step) => ({
      guard: { type: guard, params: { step: step.name } },
      actions: 'retryStep',
      target: isSequence(this.#saga)
        ? this.#absolute(`fulfilling.${runState(step)}`)
        : this.#absolute('fulfilling'),
    }));
  }

  #hasPivot(names: readonly string[]): boolean {
    return this.#saga.steps.some(({ name, isPivot }) => isPivot && names.includes(name));
  }

  /** Whether a step can fail when a pivot is done or in doubt: one that each waits for has ended by then. */
  #mayFailBehind({ name }: StepDefinition): boolean {
    return this.#saga.steps.some(({ isPivot, after }) => isPivot && !after.includes(name));
  }

  /** There may be something to undo again; past the pivot there is not, only something to note. */
  #lateReopening(): Part {
    const target = this.#absolute('compensating');
    return { guard: and(['isOwnLate', 'mayTurnBack']), target, actions: 'hearLate' };
  }

  #compensating(): Part {
    const undone = this.#saga.steps.flatMap((step) =>
      step.undo === null ? [] : [{ ...step, undo: step.undo }],
    );
    const states = undone.map(({ name, after, undo }) => {
      const params = { step: name };
      const isBeforeLast = undone.some(
        (other) => other.undo.isLast && other.name !== name && !after.includes(other.name),
      );
      return [
        name,
        {
          meta: sagaMeta({
            step: name,
            role: 'compensate',
            isOrderFree: this.#saga.undoOrder !== null || isBeforeLast,
          }),
          entry: { type: 'beginUndo', params },
          invoke: {
            id: `${name}.compensate`,
            src: undo.src,
            input: ({ context }: SagaArgs) => {
              const input = undoInput(context, findStep(this.#saga, name));
              if (undo.kind === 'effect') return keyed(currentUndoKey(context, name), input);
              return isBuilt(undo.run) ? nestedUndoInput(context, name, input) : input;
            },
            onDone: [
              ...(undo.kind === 'saga'
                ? [
                    {
                      guard: 'hasUndoFailed',
                      target: 'choosing',
                      actions: { type: 'failNestedUndo', params },
                    },
                  ]
                : []),
              {
                target: 'choosing',
                actions: { type: undo.kind === 'saga' ? 'endNestedUndo' : 'endUndo', params },
              },
            ],
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
            ...(undone.length > 0
              ? [{ guard: 'hasStuckUndo', target: this.#absolute('needsAttention') }]
              : []),
            { target: this.#absolute('settling') },
          ],
        },
        ...Object.fromEntries(states),
      },
    };
  }

  #absolute(state: string): string {
    return `#${this.#saga.id}.${state}`;
  }
}

/** Whether the saga can turn back because of the step; a saga below is told when this one is to. */
function mayTurnSaga({ isCritical, kind }: StepDefinition): boolean {
  return isCritical || kind === 'saga';
}

function runState({ name, states }: StepDefinition): string {
  return states[0] ?? name;
}
