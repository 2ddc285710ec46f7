// The machines that random plans describe. Whatever loops does so within one step, where `maxIterations`
// ends it: sends carry how often they may be answered, and actors answer a bounded number of times.

import {
  type AnyEventObject,
  type AnyStateMachine,
  and,
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
import {
  type ActionPlan,
  DELAYS,
  type GuardPlan,
  type MachinePlan,
  type StatePlan,
  type TransitionPlan,
} from './random-plan.ts';

const SPAWNED = 3;
const LOG_LENGTH = 6;
/** Answers that one actor gives in its life. */
const ANSWERS = 30;

interface Args {
  readonly context: MachineContext;
  readonly event: AnyEventObject;
}

/** How often an event may be answered by another one. */
function answersLeft({ type, left }: AnyEventObject): number {
  return typeof left === 'number' ? left : type.startsWith('xstate.after.') ? 1 : 0;
}

function isNews({ type }: AnyEventObject): boolean {
  return /^xstate\.(done|error)/.test(type);
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
        answers: 0,
        offset: input?.offset ?? 0,
      }),
      options: { maxIterations: 12 },
      output: ({ context, event }: Args) => ({ n: context['n'], by: event.type }),
    };
  }

  #collect({ states, history, kind }: StatePlan, id: string): void {
    if (id !== 's') this.ids.push(id);
    if (history !== null && (kind === 'compound' || kind === 'parallel')) this.ids.push(`${id}h`);
    for (const [index, state] of states.entries()) this.#collect(state, `${id}${index}`);
  }

  #state(plan: StatePlan, id: string): object {
    const { kind, states, history, invoke } = plan;
    if (kind === 'final') return { id, type: 'final', entry: this.#actions(plan.entry, null) };
    const nested = states.map((state, index) => [
      `${id}${index}`,
      // A child never ends at its first step, which XState takes at another moment.
      this.#state(
        state.kind === 'final' && (index === 0 || kind === 'parallel')
          ? { ...state, kind: 'atomic' }
          : state,
        `${id}${index}`,
      ),
    ]);
    const historyNode =
      history !== null && states.length > 0
        ? [[`${id}h`, { id: `${id}h`, type: 'history', history }]]
        : [];
    const child = invoke === null ? null : `k${id}`;
    return {
      id,
      ...(kind === 'parallel' && { type: 'parallel' }),
      ...(kind === 'compound' && { initial: `${id}0` }),
      ...(states.length > 0 && { states: Object.fromEntries([...nested, ...historyNode]) }),
      entry: [
        ...(child === null
          ? []
          : [assign({ started: ({ context }: Args) => context['started'] + 1 })]),
        ...this.#actions(plan.entry, null),
      ],
      exit: this.#actions(plan.exit, child),
      // News of a child let go differs on purpose, so none of it changes anything.
      on: { ...this.#on(plan.on, child), ...(id === 's' && { 'xstate.*': {} }) },
      always: plan.always.map((each) => this.#transition(each, null)),
      after: Object.fromEntries(
        plan.after.map((each) => [`by${each.delayMs}`, this.#transition(each, child)]),
      ),
      ...(kind !== 'atomic' && { onDone: { actions: this.#note(`${id} done`) } }),
      ...(child !== null && { invoke: this.#invoke(child, invoke) }),
    };
  }

  #invoke(id: string, src: StatePlan['invoke']): object {
    return {
      id,
      src,
      input: ({ context }: Args) => ({ offset: context['offset'] * 100 + context['started'] }),
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
        return ({ event }: Args) => !isNews(event);
      case 'answering':
        return ({ event }: Args) => answersLeft(event) > 0;
      case 'count':
        return ({ context, event }: Args) => !isNews(event) && context['n'] % plan.modulo === 1;
      case 'in':
        return and([
          stateIn(`#${this.ids[plan.state % Math.max(this.ids.length, 1)] ?? 's'}`),
          ({ event }: Args) => !isNews(event),
        ]);
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
          raise(
            { type: plan.event, left: 1, isTimed: true } as never,
            {
              id: label,
              delay: ({ context }: Args) => 730 + context['offset'],
            } as never,
          ),
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
        enqueue.spawnChild(
          'finisher' as never,
          {
            id: `p${spawned + 1}`,
            input: { offset: context['offset'] * 100 + 50 + started },
          } as never,
        );
      }
      if (plan.do === 'stop' && spawned > 0) {
        enqueue.stopChild(top);
        enqueue.assign({ spawned: spawned - 1 });
      }
      if (plan.do === 'spawned' && spawned > 0 && left > 0)
        enqueue.sendTo(top, {
          type: plan.event,
          left: left - 1,
          isTimed: (event as AnyEventObject)['isTimed'] === true,
        });
    });
  }

  #answer(how: 'raise' | 'self' | 'child' | 'up', type: string, child: string | null): unknown {
    return enqueueActions(({ context, event, enqueue, self }) => {
      const left = answersLeft(event);
      if (left < 1 || context['answers'] >= ANSWERS) return;
      enqueue.assign({ answers: context['answers'] + 1 });
      // A child that speaks by itself could be stopped in the middle of its step: a deviation.
      const isTimed =
        (event as AnyEventObject)['isTimed'] === true || event.type.startsWith('xstate.');
      const answer = { type, left: left - 1, isTimed };
      if (how === 'raise') enqueue.raise(answer as never);
      if (how === 'self') enqueue.sendTo(self, answer);
      if (how === 'child' && child !== null) enqueue.sendTo(child, answer);
      if (how === 'up' && !isTimed) enqueue(sendParent(answer) as never);
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
