// The saga builder: steps with their compensations become an XState machine whose states are all there
// to see. Types follow along: a step's input is made from results that are there by then.

import type { AnyActorLogic, InputFrom, OutputFrom } from 'xstate';
import { type Duration, durationMs } from '../duration.ts';
import { effectOf } from '../effects/effect.ts';
import { checkChoice, checkMembers, type Members, refuseOption } from '../options.ts';
import { isMachine } from '../step/classify.ts';
import { chartOf } from './saga-chart.ts';
import { readMarks } from './saga-check-marks.ts';
import type { SagaDefinition, SagaFailure, StepDefinition } from './saga-definition.ts';
import type { SagaMachine } from './saga-machine.ts';
import type { Undoes } from './saga-step.ts';
import type { StandardSchema } from './standard-schema.ts';

export interface SagaOptions<Input> {
  /** Default '1'. */
  readonly version?: string;
  /** Checks the saga's input at its start: any library that speaks Standard Schema. */
  readonly input?: StandardSchema<Input>;
  /** After this time the saga turns back, unless it is past its pivot. Default: none. */
  readonly deadline?: Duration;
  /** `hold`: a failed saga waits for RETRY, COMPENSATE or CANCEL. Default `compensate`. */
  readonly onFailure?: 'compensate' | 'hold';
  /** `halt`: a failed undo keeps those behind it from being made. Default `continue`. */
  readonly onCompensationFailure?: 'continue' | 'halt';
  /** Steps in the order in which they are undone. Default: the last one done first. */
  readonly undoOrder?: readonly string[];
  /** How long a stopped call is waited for before it is undone unheard. Default 15 s. */
  readonly stopWait?: Duration;
  /** How long a saga, all undone, stays open for a stopped call that was not heard of. Default 30 s. */
  readonly settleWait?: Duration;
}

const SAGA_OPTIONS: Members<SagaOptions<unknown>> = {
  version: true,
  input: true,
  deadline: true,
  onFailure: true,
  onCompensationFailure: true,
  undoOrder: true,
  stopWait: true,
  settleWait: true,
};

type Results = Readonly<Record<string, unknown>>;
type NoResults = Readonly<Record<never, never>>;

/** What the results of these steps look like to a step that waits for them. */
type Seen<All extends Results, After> = After extends readonly (keyof All)[]
  ? Pick<All, After[number]>
  : All;

export interface StepOptions<
  Input,
  All extends Results,
  Run extends AnyActorLogic,
  Undo extends AnyActorLogic,
  After extends readonly (keyof All & string)[] | undefined,
> {
  /** The call forward: an effect, an `ask`, other promise logic, or a saga. */
  readonly run: Run;
  /** The call's input, from the saga's and from the results of the steps before it. Pure. */
  readonly input: (args: {
    readonly input: Input;
    readonly results: Seen<All, After>;
  }) => InputFrom<Run>;
  /** Undoes the call, if it was or may have been done. A saga needs none: it is undone by itself. */
  readonly compensate?: Undo;
  /**
   * The undo's input. Default `{ undoes }`. Results of later steps may be missing. `failure` says why the
   * saga turned back; null: a saga above undoes it as a whole. Pure.
   */
  readonly compensateInput?: (args: {
    readonly input: Input;
    readonly results: Partial<All>;
    readonly undoes: Undoes<InputFrom<Run>, OutputFrom<Run>>;
    readonly failure: SagaFailure | null;
  }) => InputFrom<Undo>;
  /**
   * True: its undo says that everything is undone. It is made after all others, and not as long as one of
   * them waits for people. Default false.
   */
  readonly undoneLast?: boolean;
  /** Steps that end before it starts. Default: all that were declared before; `[]`: none. */
  readonly after?: After;
  /** False: its failure is noted, and the saga goes on. Default true. */
  readonly critical?: boolean;
  /** Names of the state in which it runs and of the one in which it has been done. */
  readonly states?: readonly [running: string, done?: string];
}

const STEP_OPTIONS: Members<StepOptions<never, NoResults, never, never, undefined>> = {
  run: true,
  input: true,
  compensate: true,
  compensateInput: true,
  undoneLast: true,
  after: true,
  critical: true,
  states: true,
};

/** Hears the steps of a saga, in order; {@link SagaBuilder.build} makes the machine. */
export class SagaBuilder<Input, All extends Results> {
  readonly #saga: SagaDefinition;

  constructor(definition: SagaDefinition) {
    this.#saga = definition;
  }

  /** A step that can be undone, or need not be. @throws EngineError `BAD_OPTION` */
  step<
    const Name extends string,
    Run extends AnyActorLogic,
    Undo extends AnyActorLogic,
    const After extends readonly (keyof All & string)[] | undefined = undefined,
    const Critical extends boolean = true,
  >(
    name: Name,
    options: StepOptions<Input, All, Run, Undo, After> & { readonly critical?: Critical },
  ): SagaBuilder<
    Input,
    All &
      Readonly<Record<Name, Critical extends false ? OutputFrom<Run> | undefined : OutputFrom<Run>>>
  > {
    return this.#with(name, options as never, false);
  }

  /**
   * The step of no return: refused, the saga turns back; done or in doubt, it only goes forward.
   * @throws EngineError `BAD_OPTION`
   */
  pivot<
    const Name extends string,
    Run extends AnyActorLogic,
    const After extends readonly (keyof All & string)[] | undefined = undefined,
  >(
    name: Name,
    options: Omit<
      StepOptions<Input, All, Run, never, After>,
      'compensate' | 'compensateInput' | 'undoneLast' | 'critical'
    >,
  ): SagaBuilder<Input, All & Readonly<Record<Name, OutputFrom<Run>>>> {
    return this.#with(name, options as never, true);
  }

  /**
   * The saga as an XState machine. Send it CANCEL `{ reason? }`, RETRY `{ input? }`, COMPENSATE, and
   * RESOLVE `{ by, why }`; its output is a `SagaResult`.
   * @throws EngineError `BAD_OPTION` for a saga without steps
   */
  build(): SagaMachine<Input, All> {
    const { steps, undoOrder } = this.#saga;
    if (steps.length === 0) refuseOption('a saga', 'one step or more', steps);
    checkUndoOrder(undoOrder, steps);
    checkSources(steps);
    return chartOf(this.#saga) as unknown as SagaMachine<Input, All>;
  }

  #with(name: string, options: AnyStepOptions, isPivot: boolean): SagaBuilder<Input, never> {
    const step = createStep(name, options, isPivot, this.#saga.steps);
    return new SagaBuilder<Input, never>({ ...this.#saga, steps: [...this.#saga.steps, step] });
  }
}

type AnyStepOptions = StepOptions<unknown, Results, AnyActorLogic, AnyActorLogic, undefined>;

/**
 * Begins a saga. Its steps run one after the other, or, with `after`, as parallel as that allows; if one
 * fails, whatever was or may have been done is undone.
 * @param id the machine's id
 * @throws EngineError `BAD_OPTION`, `BAD_DURATION`
 */
export function saga<Input>(
  id: string,
  options: SagaOptions<Input> = {},
): SagaBuilder<Input, NoResults> {
  if (typeof id !== 'string' || !/^[\w-]+$/.test(id)) {
    refuseOption('the id of a saga', 'letters, digits, _ and -', id);
  }
  checkMembers(options, 'the options of saga', SAGA_OPTIONS);
  checkChoice(options.onFailure, 'onFailure', ['compensate', 'hold']);
  checkChoice(options.onCompensationFailure, 'onCompensationFailure', ['continue', 'halt']);
  const { deadline } = options;
  return new SagaBuilder({
    id,
    version: options.version ?? '1',
    schema: options.input ?? null,
    deadlineMs: deadline === undefined ? null : durationMs(deadline, 'deadline'),
    onFailure: options.onFailure ?? 'compensate',
    onCompensationFailure: options.onCompensationFailure ?? 'continue',
    undoOrder: options.undoOrder ?? null,
    stopWaitMs: durationMs(options.stopWait ?? '15s', 'stopWait'),
    settleWaitMs: durationMs(options.settleWait ?? '30s', 'settleWait'),
    steps: [],
  });
}

function createStep(
  name: string,
  options: AnyStepOptions,
  isPivot: boolean,
  before: readonly StepDefinition[],
): StepDefinition {
  const what = `the step "${name}"`;
  if (typeof name !== 'string' || !/^[\w-]+$/.test(name) || Object.hasOwn(RESERVED, name)) {
    refuseOption(
      'the name of a step',
      `letters, digits, _ and -, and none of ${Object.keys(RESERVED).join(', ')}`,
      name,
    );
  }
  if (before.some((step) => step.name === name || step.states.includes(name))) {
    refuseOption('the name of a step', 'one that no other step or state has', name);
  }
  checkMembers(options, what, STEP_OPTIONS);
  const { run, input, compensate, critical = true, states = [] } = options;
  const after = afterOf(options.after, before, what);
  const pivot = before.find((step) => step.isPivot && after.includes(step.name));
  checkWayBack(options, isPivot, pivot, what);
  if (typeof input !== 'function') refuseOption(`the input of ${what}`, 'a function', input);
  const kind = kindOf(run, `run of ${what}`);
  return {
    name,
    src: nameOf(run) ?? name,
    run,
    kind,
    isPivot,
    isCritical: critical,
    after,
    input: input as StepDefinition['input'],
    undo:
      isPivot || pivot !== undefined
        ? null
        : undoOf(name, kind === 'saga' ? (compensate ?? run) : compensate, options, what),
    states: checkStates(
      [...states].filter((state) => state !== undefined),
      before,
      what,
    ),
  };
}

/** Names that the chart has for itself, by the side of its steps. */
const RESERVED: Readonly<Record<string, true>> = {
  choosing: true,
  cancel: true,
  deadline: true,
  waiting: true,
  done: true,
  failed: true,
  skipped: true,
};

/** What could never be undone is refused here, not found out when it must be. */
function checkWayBack(
  { run, compensate }: AnyStepOptions,
  isPivot: boolean,
  pivot: StepDefinition | undefined,
  what: string,
): void {
  if (compensate !== undefined && pivot !== undefined) {
    const expected = `left out behind the pivot "${pivot.name}", as nothing is undone there`;
    refuseOption(`compensate of ${what}`, expected, compensate);
  }
  if (isPivot || pivot !== undefined || !hasPivot(run)) return;
  const expected = 'a saga without a pivot, or a pivot itself: past its own it cannot be undone';
  refuseOption(`run of ${what}`, expected, run);
}

function hasPivot(run: AnyActorLogic): boolean {
  return isMachine(run) && readMarks(run).steps.some((step) => step.isPivot);
}

function kindOf(run: AnyActorLogic, what: string): StepDefinition['kind'] {
  if (typeof run !== 'object' || run === null || !('transition' in run)) {
    return refuseOption(what, 'actor logic, such as an effect', run);
  }
  if ('__xstatenode' in run) return 'saga';
  return effectOf(run) === null ? 'other' : 'effect';
}

function nameOf(run: AnyActorLogic): string | null {
  return effectOf(run)?.policy.name ?? null;
}

function undoOf(
  name: string,
  run: AnyActorLogic | undefined,
  { compensateInput, undoneLast = false }: AnyStepOptions,
  what: string,
): StepDefinition['undo'] {
  if (run === undefined) return null;
  const kind = kindOf(run, `compensate of ${what}`);
  const standard: NonNullable<StepDefinition['undo']>['input'] =
    kind === 'saga'
      ? ({ undoes }) => ({ '~undoes': recordOf(undoes.output) })
      : ({ undoes }) => ({ undoes });
  const own = compensateInput as NonNullable<StepDefinition['undo']>['input'] | undefined;
  const src = nameOf(run) ?? `${name}.compensate`;
  return { src, run, kind, isLast: undoneLast, input: own ?? standard };
}

/** What a saga below has left for its undoing; null: nothing is known of it, and people must look. */
function recordOf(output: unknown): unknown {
  return typeof output === 'object' && output !== null && 'record' in output ? output.record : null;
}

/** All steps that end before this one starts. */
function afterOf(
  after: readonly string[] | undefined,
  before: readonly StepDefinition[],
  what: string,
): readonly string[] {
  if (after === undefined) return before.map(({ name }) => name);
  const all = new Set<string>();
  for (const name of after) {
    const step = before.find((other) => other.name === name);
    if (step === undefined) {
      return refuseOption(`after of ${what}`, 'names of steps declared before it', name);
    }
    for (const earlier of [...step.after, name]) all.add(earlier);
  }
  return before.map(({ name }) => name).filter((name) => all.has(name));
}

function checkStates(
  states: readonly string[],
  before: readonly StepDefinition[],
  what: string,
): readonly string[] {
  const taken = new Set(before.flatMap(({ name, states: others }) => [name, ...others]));
  for (const state of states) {
    const isText = typeof state === 'string' && /^[\w-]+$/.test(state);
    if (isText && !taken.has(state) && !Object.hasOwn(RESERVED, state)) {
      taken.add(state);
      continue;
    }
    refuseOption(`states of ${what}`, 'names of letters, digits, _ and -, used once', state);
  }
  return states;
}

function checkUndoOrder(order: readonly string[] | null, steps: readonly StepDefinition[]): void {
  if (order === null) return;
  const undone = steps.filter(({ undo }) => undo !== null).map(({ name }) => name);
  const listed = new Set(order);
  if (listed.size === order.length && undone.every((name) => listed.has(name))) return;
  refuseOption('undoOrder', `each step that has a compensation, once: ${undone.join(', ')}`, order);
}

/** One name, one call: a handler is found by it, and another call would take its place unseen. */
function checkSources(steps: readonly StepDefinition[]): void {
  const known = new Map<string, AnyActorLogic>();
  const calls = steps.flatMap((step) => (step.undo === null ? [step] : [step, step.undo]));
  for (const { src, run } of calls) {
    if ((known.get(src) ?? run) !== run) {
      refuseOption('the calls of a saga', 'no two under one name: give an effect a `name`', src);
    }
    known.set(src, run);
  }
}
