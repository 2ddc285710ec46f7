// Plans of random machines, as plain data that shrinks and can be printed, and the machines that they
// describe. Whatever loops does so within one step, where `maxIterations` ends it: sends carry how often
// they may be answered, and children are started and mourned a bounded number of times.

import fc from 'fast-check';
import {
  type AnyEventObject,
  type AnyStateMachine,
  assign,
  cancel,
  emit,
  enqueueActions,
  type MachineContext,
  raise,
  sendParent,
  setup,
  stateIn,
} from 'xstate';
import { task } from './calls.ts';

type ActionPlan =
  | { readonly do: 'count' | 'note' | 'emit' | 'spawn' | 'stop' | 'break' }
  | { readonly do: 'raise' | 'later' | 'self' | 'child' | 'spawned' | 'up'; readonly event: string };

type GuardPlan =
  | { readonly if: 'always' | 'answering' }
  | { readonly if: 'count'; readonly modulo: number }
  | { readonly if: 'in'; readonly state: number };

interface TransitionPlan {
  readonly on: string;
  readonly guard: GuardPlan;
  /** Counts through all states; null: no target. */
  readonly target: number | null;
  readonly reenter: boolean;
  readonly actions: readonly ActionPlan[];
}

interface StatePlan {
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final';
  readonly entry: readonly ActionPlan[];
  readonly exit: readonly ActionPlan[];
  readonly on: readonly TransitionPlan[];
  readonly always: readonly TransitionPlan[];
  readonly after: readonly (TransitionPlan & { readonly delayMs: number })[];
  readonly invoke: 'finisher' | 'talker' | 'task' | null;
  readonly history: 'shallow' | 'deep' | null;
  readonly states: readonly StatePlan[];
}

export interface MachinePlan {
  readonly root: StatePlan;
  /** A child that may end, and says nothing to its parent before. */
  readonly finisher: StatePlan;
  /** A child that talks to its parent, and never ends by itself. */
  readonly talker: StatePlan;
}

export const EVENTS: readonly string[] = ['e.a', 'e.b', 'f.a', 'g'];
const DESCRIPTORS = ['e.a', 'e.b', 'f.a', 'g', 'e.*', '*'];
/** No sum of a few is a sum of others: two actors are never due at one moment. */
const DELAYS = [1_010, 2_110, 3_070, 5_030];
const SPAWNED = 3;
const MOURNED = 4;
const LOG_LENGTH = 6;

/** What a machine of its kind may hold. */
interface Kind {
  readonly children: readonly ('finisher' | 'talker' | 'task')[];
  readonly ends: boolean;
  readonly talks: boolean;
  readonly depth: number;
}

function actionPlans({ children, talks }: Kind): fc.Arbitrary<readonly ActionPlan[]> {
  const event = fc.constantFrom(...EVENTS);
  const plain = fc.constantFrom('count' as const, 'note' as const, 'emit' as const);
  const sending = fc.constantFrom('raise' as const, 'later' as const, 'self' as const);
  const family = fc.constantFrom('spawn' as const, 'stop' as const);
  const toChild = fc.constantFrom('child' as const, 'spawned' as const);
  const action = fc.oneof(
    { weight: 6, arbitrary: plain.map((each): ActionPlan => ({ do: each })) },
    { weight: 3, arbitrary: fc.record({ do: sending, event }) },
    ...(children.length > 0
      ? [
          { weight: 2, arbitrary: family.map((each): ActionPlan => ({ do: each })) },
          { weight: 3, arbitrary: fc.record({ do: toChild, event }) },
        ]
      : []),
    ...(talks
      ? [{ weight: 3, arbitrary: event.map((each): ActionPlan => ({ do: 'up', event: each })) }]
      : []),
    { weight: 1, arbitrary: fc.constant<ActionPlan>({ do: 'break' }) },
  );
  return fc.array(action, { maxLength: 3 });
}

const guardPlan: fc.Arbitrary<GuardPlan> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<GuardPlan>({ if: 'always' }) },
  { weight: 1, arbitrary: fc.constant<GuardPlan>({ if: 'answering' }) },
  {
    weight: 3,
    arbitrary: fc
      .integer({ min: 2, max: 4 })
      .map((modulo): GuardPlan => ({ if: 'count', modulo })),
  },
  { weight: 1, arbitrary: fc.nat({ max: 20 }).map((state): GuardPlan => ({ if: 'in', state })) },
);

function statePlans(kind: Kind): fc.Arbitrary<StatePlan> {
  const actions = actionPlans(kind);
  const transition = fc.record({
    on: fc.constantFrom(...DESCRIPTORS),
    guard: guardPlan,
    target: fc.option(fc.nat({ max: 20 }), { freq: 3 }),
    reenter: fc.boolean(),
    actions,
  });
  const counted = transition.map((each) => ({ ...each, guard: { if: 'count', modulo: 3 } as const }));
  const delayed = fc
    .tuple(transition, fc.constantFrom(...DELAYS))
    .map(([each, delayMs]) => ({ ...each, delayMs }));
  const some = <Value>(value: fc.Arbitrary<Value>, maxLength: number): fc.Arbitrary<Value[]> =>
    fc.array(value, { maxLength });
  const state = (depth: number): fc.Arbitrary<StatePlan> =>
    fc
      .record({
        kind: fc.constantFrom<StatePlan['kind']>(
          ...(depth < kind.depth ? (['compound', 'parallel', 'compound'] as const) : []),
          ...(depth > 0 ? (['atomic', 'atomic'] as const) : []),
          ...(depth > 1 || (depth === 1 && kind.ends) ? (['final'] as const) : []),
        ),
        entry: some(actions, 1).map((lists) => lists.flat()),
        exit: some(actions, 1).map((lists) => lists.flat()),
        on: some(transition, 4),
        always: some(counted, 1),
        after: some(delayed, 1),
        invoke: kind.children.length > 0 ? fc.option(fc.constantFrom(...kind.children), { freq: 2 }) : fc.constant(null),
        history: fc.option(fc.constantFrom('shallow' as const, 'deep' as const), { freq: 1 }),
      })
      .chain((plan) =>
        plan.kind === 'compound' || plan.kind === 'parallel'
          ? fc
              .array(state(depth + 1), { minLength: 1, maxLength: 3 })
              .map((states) => ({ ...plan, states }))
          : fc.constant({ ...plan, states: [] }),
      );
  return state(0);
}

export const machinePlans: fc.Arbitrary<MachinePlan> = fc.record({
  root: statePlans({ children: ['finisher', 'talker', 'task'], ends: true, talks: false, depth: 3 }),
  finisher: statePlans({ children: [], ends: true, talks: false, depth: 2 }),
  talker: statePlans({ children: ['finisher', 'task'], ends: false, talks: true, depth: 2 }),
});

interface Args {
  readonly context: MachineContext;
  readonly event: AnyEventObject;
}

/** How often an event may be answered by another one. */
function answersLeft({ type, left }: AnyEventObject): number {
  return typeof left === 'number' ? left : type.startsWith('xstate.after.') ? 1 : 0;
}

/** One machine of a plan. */
class Builder {
  readonly ids: string[] = [];
  readonly #plan: StatePlan;
  #labels = 0;

  constructor(plan: StatePlan) {
    this.#plan = plan;
    this.#collect(plan, 's');
  }

  get config(): object {
    return {
      ...this.#state(this.#plan, 's'),
      context: ({ input }: { readonly input?: { readonly offset: number } }) => ({
        n: 0,
        log: [],
        spawned: 0,
        started: 0,
        mourned: 0,
        offset: input?.offset ?? 0,
      }),
      options: { maxIterations: 40 },
      output: ({ context, event }: Args) => ({ n: context['n'], by: event.type }),
    };
  }

  #collect({ states, history, kind }: StatePlan, id: string): void {
    if (id !== 's') this.ids.push(id);
    if (history !== null && (kind === 'compound' || kind === 'parallel')) this.ids.push(`${id}h`);
    states.forEach((state, index) => this.#collect(state, `${id}${index}`));
  }

  #state(plan: StatePlan, id: string): object {
    const { kind, states, history, invoke } = plan;
    if (kind === 'final') return { id, type: 'final', entry: this.#actions(plan.entry, null) };
    const nested = states.map((state, index) => [`${id}${index}`, this.#state(state, `${id}${index}`)]);
    const historyNode =
      history !== null && states.length > 0 ? [[`${id}h`, { id: `${id}h`, type: 'history', history }]] : [];
    const child = invoke === null ? null : `k${id}`;
    return {
      id,
      ...(kind === 'parallel' && { type: 'parallel' }),
      ...(kind === 'compound' && { initial: `${id}0` }),
      ...(states.length > 0 && { states: Object.fromEntries([...nested, ...historyNode]) }),
      entry: [
        ...(child === null ? [] : [assign({ started: ({ context }: Args) => context['started'] + 1 })]),
        ...this.#actions(plan.entry, null),
      ],
      exit: this.#actions(plan.exit, child),
      on: this.#on(plan.on, child),
      always: plan.always.map((each) => this.#transition(each, null)),
      after: Object.fromEntries(
        plan.after.map((each) => [`by${each.delayMs}`, this.#transition(each, child)]),
      ),
      ...(kind !== 'atomic' && { onDone: { actions: this.#note(`${id} done`) } }),
      ...(child !== null && { invoke: this.#invoke(child, invoke) }),
    };
  }

  #invoke(id: string, src: StatePlan['invoke']): object {
    const mourn = (what: string): object => ({
      guard: ({ context }: Args) => context['mourned'] < MOURNED,
      actions: [
        assign({ mourned: ({ context }: Args) => context['mourned'] + 1 }),
        this.#note(`${id} ${what}`),
      ],
    });
    return {
      id,
      src,
      input: ({ context }: Args) => ({ offset: context['offset'] * 10 + context['started'] }),
      onDone: mourn('done'),
      onError: mourn('broke'),
    };
  }

  #on(plans: readonly TransitionPlan[], child: string | null): object {
    const descriptors = [...new Set(plans.map(({ on }) => on))];
    return Object.fromEntries(
      descriptors.map((descriptor) => [
        descriptor,
        plans.filter(({ on }) => on === descriptor).map((each) => this.#transition(each, child)),
      ]),
    );
  }

  #transition({ guard, target, reenter, actions }: TransitionPlan, child: string | null): object {
    const to = target === null ? undefined : this.ids[target % Math.max(this.ids.length, 1)];
    return {
      guard: this.#guard(guard),
      ...(to !== undefined && { target: `#${to}`, reenter }),
      actions: this.#actions(actions, to === undefined ? child : null),
    };
  }

  #guard(plan: GuardPlan): unknown {
    switch (plan.if) {
      case 'always':
        // XState's own events are for those who name them.
        return ({ event }: Args) =>
          !event.type.startsWith('xstate.') || event.type.startsWith('xstate.after.');
      case 'answering':
        return ({ event }: Args) => answersLeft(event) > 0;
      case 'count':
        return ({ context, event }: Args) =>
          !/^xstate\.(done|error)/.test(event.type) && context['n'] % plan.modulo === 1;
      case 'in':
        return stateIn(`#${this.ids[plan.state % Math.max(this.ids.length, 1)] ?? 's'}`);
    }
  }

  #note(what: string): unknown {
    return assign({ log: ({ context }: Args) => [...context['log'], what].slice(-LOG_LENGTH) });
  }

  #actions(plans: readonly ActionPlan[], child: string | null): unknown[] {
    return plans.flatMap((plan) => this.#action(plan, `a${this.#labels++}`, child));
  }

  #action(plan: ActionPlan, label: string, child: string | null): unknown[] {
    switch (plan.do) {
      case 'count':
        return [assign({ n: ({ context }: Args) => context['n'] + 1 })];
      case 'note':
        return [this.#note(label)];
      case 'emit':
        return [emit(({ context }: Args) => ({ type: 'seen', at: label, n: context['n'] }))];
      case 'break':
        return [
          assign(({ context }: Args) => {
            if (context['n'] % 5 === 4) throw new Error(`${label} broke`);
            return {};
          }),
        ];
      case 'later':
        return [
          cancel(label),
          raise({ type: plan.event, left: 1 } as never, {
            id: label,
            delay: ({ context }: Args) => 730 + context['offset'],
          } as never),
        ];
      case 'spawn':
      case 'stop':
      case 'spawned':
        return [this.#family(plan)];
      default:
        return [this.#answer(plan.do, plan.event, child)];
    }
  }

  /** The spawned children are a stack: one is put on it, taken off, or spoken to. */
  #family(plan: ActionPlan): unknown {
    return enqueueActions(({ context, event, enqueue }) => {
      const spawned: number = context['spawned'];
      const top = `p${spawned}`;
      const left = answersLeft(event);
      if (plan.do === 'spawn' && spawned < SPAWNED && context['started'] < 20) {
        const started = context['started'] + 1;
        enqueue.assign({ spawned: spawned + 1, started });
        enqueue.spawnChild('finisher' as never, {
          id: `p${spawned + 1}`,
          input: { offset: context['offset'] * 10 + started },
        } as never);
      }
      if (plan.do === 'stop' && spawned > 0) {
        enqueue.stopChild(top);
        enqueue.assign({ spawned: spawned - 1 });
      }
      if (plan.do === 'spawned' && spawned > 0 && left > 0)
        enqueue.sendTo(top, { type: plan.event, left: left - 1 });
    });
  }

  #answer(how: 'raise' | 'self' | 'child' | 'up', type: string, child: string | null): unknown {
    return enqueueActions(({ event, enqueue, self }) => {
      const left = answersLeft(event);
      if (left < 1) return;
      const answer = { type, left: left - 1 };
      if (how === 'raise') enqueue.raise(answer as never);
      if (how === 'self') enqueue.sendTo(self, answer);
      if (how === 'child' && child !== null) enqueue.sendTo(child, answer);
      if (how === 'up') enqueue(sendParent(answer) as never);
    });
  }
}

/** The machine of a plan, with its children. */
export function createRandomMachine({ root, finisher, talker }: MachinePlan): AnyStateMachine {
  const delays = Object.fromEntries(
    DELAYS.map((delayMs) => [`by${delayMs}`, ({ context }: Args) => delayMs + context['offset']]),
  );
  const machineOf = (
    id: string,
    plan: StatePlan,
    actors: Readonly<Record<string, unknown>>,
  ): AnyStateMachine => {
    const { config } = new Builder(plan);
    const { createMachine: create } = setup({ actors, delays } as never);
    return create({ ...config, id: 's', description: id } as never) as unknown as AnyStateMachine;
  };
  const ending = machineOf('finisher', finisher, {});
  const talking = machineOf('talker', talker, { finisher: ending, task });
  return machineOf('root', root, { finisher: ending, talker: talking, task });
}
