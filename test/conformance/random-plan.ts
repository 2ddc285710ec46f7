// Plans of random machines, as plain data that shrinks and can be printed. What is left out is what
// differs on purpose: see deviations.ts.

import fc from 'fast-check';

export type ActionPlan =
  | { readonly do: 'count' | 'note' | 'emit' | 'spawn' | 'stop' | 'break' }
  | {
      readonly do: 'raise' | 'later' | 'self' | 'child' | 'spawned' | 'up';
      readonly event: string;
    };

export type GuardPlan =
  | { readonly if: 'always' | 'answering' }
  | { readonly if: 'count'; readonly modulo: number }
  | { readonly if: 'in'; readonly state: number };

export interface TransitionPlan {
  readonly on: string;
  readonly guard: GuardPlan;
  /** Counts through all states; null: no target. */
  readonly target: number | null;
  readonly reenter: boolean;
  readonly actions: readonly ActionPlan[];
}

export interface StatePlan {
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
/** With an offset for each actor: timers of two actors are seldom due at one moment. */
export const DELAYS: readonly number[] = [310, 710, 1_070, 2_030];

/** What a machine of its kind may hold. */
interface Kind {
  readonly children: readonly ('finisher' | 'talker' | 'task')[];
  readonly ends: boolean;
  readonly talks: boolean;
  readonly always: boolean;
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
    arbitrary: fc.integer({ min: 2, max: 4 }).map((modulo): GuardPlan => ({ if: 'count', modulo })),
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
  const counted = transition.map((each) => ({
    ...each,
    guard: { if: 'count', modulo: 3 } as const,
  }));
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
        always: kind.always ? some(counted, 1) : fc.constant([]),
        after: some(delayed, 1),
        invoke:
          kind.children.length > 0
            ? fc.option(fc.constantFrom(...kind.children), { freq: 2 })
            : fc.constant(null),
        history: fc.option(fc.constantFrom('shallow' as const, 'deep' as const), { freq: 1 }),
      })
      .chain((plan) =>
        plan.kind === 'compound' || plan.kind === 'parallel'
          ? fc
              .array(state(depth + 1), { minLength: 1, maxLength: 3 })
              .map((states): StatePlan => ({ ...plan, states }))
          : fc.constant<StatePlan>({ ...plan, states: [] }),
      );
  return state(0);
}

export const machinePlans: fc.Arbitrary<MachinePlan> = fc.record({
  root: statePlans({
    children: ['finisher', 'talker', 'task'],
    ends: true,
    talks: false,
    always: true,
    depth: 3,
  }),
  finisher: statePlans({ children: [], ends: true, talks: false, always: false, depth: 2 }),
  talker: statePlans({
    children: ['finisher', 'task'],
    ends: false,
    talks: true,
    always: true,
    depth: 2,
  }),
});
