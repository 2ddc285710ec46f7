// The machine under check, one situation at a time: what can happen next, and what the machine makes of
// it. The machine itself takes every step, through the engine's own adapter; its calls are never made,
// they only end in each way that the engine knows. Keeps nothing of what it has explored.

import { type AnyStateMachine, type EventObject, fromPromise } from 'xstate';
import { defaultKey, effectKey } from '../address.ts';
import { effectOf, KeyedInput } from '../effects/effect.ts';
import { rootActorId } from '../ids.ts';
import { askOf } from '../step/ask.ts';
import { type ChartNode, isDelayId } from '../step/chart.ts';
import { inlineLogic, isMachine, MAX_MICROSTEPS } from '../step/classify.ts';
import { ActorHandle, StepSystem } from '../step/handle.ts';
import type { HostedLogic } from '../step/logic.ts';
import {
  activeNodes,
  type ConstructedChild,
  handlesLate,
  type LiveSnapshot,
  type Macrostep,
  type RecordedAction,
  runInitial,
  runTransition,
  SPAWNED,
  type StepAnswers,
} from '../step/xstate.ts';
import { chartNodes, markOf, type StepMark } from './saga-check-marks.ts';

/** A call that is under way. */
export interface Call {
  readonly id: string;
  readonly src: string;
  /** The full key that it runs under. */
  readonly key: string;
  readonly kind: 'effect' | 'ask' | 'machine';
  readonly input: unknown;
  /** The state that made it; null for a child that was spawned by an action. */
  readonly node: ChartNode | null;
  readonly mark: StepMark | null;
  readonly ref: object;
}

/** A call that its saga waits for no more, and may still hear of. */
export interface LateCall {
  readonly call: Call;
  /** False: it has ended as unknown, so that only a success of it is news. */
  readonly wasStopped: boolean;
  /** The context has held its key since it was left. */
  readonly isKept: boolean;
}

/** All that decides what can happen next. */
export interface Situation {
  readonly snapshot: LiveSnapshot;
  readonly calls: readonly Call[];
  readonly timers: ReadonlyMap<string, EventObject>;
  readonly late: readonly LateCall[];
  /** Events up to here: part of keys that an effect without one gets. */
  readonly depth: number;
}

/** What the machine made of one event. */
export interface Taken {
  readonly situation: Situation;
  /** Whether any transition was taken. */
  readonly handled: boolean;
  /** States that were passed, also those left at once. */
  readonly visited: ReadonlySet<ChartNode>;
  readonly started: readonly Call[];
  readonly active: readonly ChartNode[];
}

const inert = fromPromise<never>(() => new Promise<never>(() => undefined));

/** Notes the states between the start of a step and its end, which the recorder does not tell. */
class WatchedSystem extends StepSystem {
  visited: Set<ChartNode> = new Set();

  override _sendInspectionEvent(
    event: Parameters<StepSystem['_sendInspectionEvent']>[0] & {
      readonly snapshot?: { readonly _nodes?: readonly ChartNode[] };
    },
  ): void {
    super._sendInspectionEvent(event);
    if (event.type !== '@xstate.microstep') return;
    for (const node of event.snapshot?._nodes ?? []) this.visited.add(node);
    for (const transition of event._transitions ?? []) {
      // The first state of all is left before anything is told of it.
      const { source } = transition as { readonly source?: ChartNode };
      for (let node = source; node !== undefined; node = node.parent) this.visited.add(node);
    }
  }
}

export class SagaWorld {
  readonly machine: AnyStateMachine;
  /** Types of events that the machine sends itself by timers: nobody sends them from outside. */
  readonly ownTypes: Set<string> = new Set();
  readonly #logic: HostedLogic;
  readonly #system: WatchedSystem = new WatchedSystem();
  readonly #self: ActorHandle;
  readonly #hearsLate: boolean;

  constructor(machine: AnyStateMachine) {
    this.machine = machine;
    const nodes = [...chartNodes(machine)];
    const invoked = nodes.flatMap(({ invoke }) => invoke.map(({ src }) => String(src)));
    const names = new Set([...Object.keys(machine.implementations.actors), ...invoked]);
    const stubbed = machine.provide({
      actors: Object.fromEntries([...names].map((name) => [name, inert])),
    });
    stubbed.options.maxIterations = MAX_MICROSTEPS;
    this.#logic = {
      kind: 'machine',
      name: machine.id,
      version: machine.version ?? '1',
      sources: new Map(),
      machine: stubbed,
    };
    const address = rootActorId('saga');
    this.#self = new ActorHandle({ id: address, address, system: this.#system });
    this.#hearsLate = nodes.some(
      ({ transitions }) => transitions.has('effect.late') || transitions.has('effect.*'),
    );
  }

  /** @throws what the machine throws at this input */
  start(input: unknown): Taken {
    this.#system.visited = new Set();
    const before: Before = { calls: [], timers: new Map(), late: [], depth: 0 };
    return this.#after(runInitial(this.#logic, this.#self, input, ANSWERS), before);
  }

  /** @throws what the machine throws at this event */
  take(situation: Situation, event: EventObject, settled: Partial<Before> = {}): Taken {
    this.#system.visited = new Set();
    const { snapshot, calls, timers, late, depth } = situation;
    const before = { calls, timers, late, depth: depth + 1, ...settled };
    const macrostep = runTransition(this.#logic, this.#self, snapshot, event, ANSWERS);
    return this.#after(macrostep, before);
  }

  active({ snapshot }: Situation): readonly ChartNode[] {
    return activeNodes(this.#logic, snapshot);
  }

  /** Whether a late outcome would mean anything here. */
  hearsLate({ snapshot }: Situation): boolean {
    return handlesLate(this.#logic, snapshot);
  }

  #after({ snapshot, actions, handled }: Macrostep, before: Before): Taken {
    if (snapshot.status === 'error') throw snapshot.error;
    const active = activeNodes(this.#logic, snapshot);
    for (const node of active) this.#system.visited.add(node);
    const stopped = new Set(
      actions.filter(({ type }) => type === 'xstate.stopChild').map(({ params }) => params),
    );
    const ended = snapshot.status !== 'active';
    const started = ended ? [] : this.#started(actions, stopped, active, before.depth);
    const left = before.calls.filter(({ ref }) => ended || stopped.has(ref));
    const kept = before.calls.filter(({ ref }) => !ended && !stopped.has(ref));
    const situation: Situation = {
      snapshot,
      calls: [...kept, ...started],
      timers: ended ? new Map() : this.#timers(actions, before.timers),
      late: ended ? [] : this.withLate(before.late, left, true),
      depth: before.depth,
    };
    const taken = { situation, handled, visited: this.#system.visited, started, active };
    return this.#withOwnMessages(taken, actions);
  }

  /** What the machine sends to itself comes before anything else. */
  #withOwnMessages(taken: Taken, actions: readonly RecordedAction[]): Taken {
    return actions.reduce<Taken>((last, { type, params }) => {
      const { to, event, delay } = paramsOf(params);
      if (type !== 'xstate.sendTo' || to !== this.#self || delay !== undefined) return last;
      if (last.situation.snapshot.status !== 'active' || event === undefined) return last;
      const visited = last.visited;
      const next = this.take(last.situation, event);
      return {
        ...next,
        handled: last.handled || next.handled,
        visited: new Set([...visited, ...next.visited]),
        started: [...last.started, ...next.started],
      };
    }, taken);
  }

  #started(
    actions: readonly RecordedAction[],
    stopped: ReadonlySet<unknown>,
    active: readonly ChartNode[],
    depth: number,
  ): readonly Call[] {
    return actions.flatMap(({ type, params }) => {
      if (type !== 'xstate.spawnChild' && type !== SPAWNED) return [];
      const { actorRef } = paramsOf(params);
      if (actorRef === undefined || stopped.has(actorRef)) return [];
      return [this.#call(actorRef, active, depth)];
    });
  }

  #call(ref: ConstructedChild, active: readonly ChartNode[], depth: number): Call {
    const { id } = ref;
    const src = String(ref.src);
    const place = placeOf(active, id);
    const node = place?.node ?? null;
    const given = ref.options.input;
    const input = given instanceof KeyedInput ? given.input : given;
    const inline = place === null ? undefined : inlineLogic(place.node, place.index);
    const logic: unknown = inline ?? this.machine.implementations.actors[src];
    const known = typeof logic === 'object' && logic !== null ? logic : {};
    const own = given instanceof KeyedInput ? given.key : keyOf(known, input);
    const kind = isMachine(known) ? 'machine' : askOf(known) === null ? 'effect' : 'ask';
    const address = this.#self.address;
    // An actor below keeps its address, and with it all its keys, however often it is started.
    const unnamed =
      kind === 'machine' ? effectKey(address, id) : defaultKey(address, depth + 1, id);
    const key = own === null ? unnamed : effectKey(address, own);
    return { id, src, key, kind, input, node, mark: node === null ? null : markOf(node), ref };
  }

  /** Calls that may be heard of late: those of effects, if the machine listens at all. */
  withLate(
    late: readonly LateCall[],
    calls: readonly Call[],
    wasStopped: boolean,
  ): readonly LateCall[] {
    if (!this.#hearsLate) return [];
    const fresh = calls.filter(({ kind }) => kind === 'effect');
    // One key, one call: what is known of it last replaces what was known before.
    const keys = new Set(fresh.map(({ key }) => key));
    const others = late.filter(({ call }) => !keys.has(call.key));
    return [...others, ...fresh.map((call) => ({ call, wasStopped, isKept: false }))];
  }

  #timers(
    actions: readonly RecordedAction[],
    before: ReadonlyMap<string, EventObject>,
  ): ReadonlyMap<string, EventObject> {
    const timers = new Map(before);
    for (const { type, params } of actions) {
      const { id, to, event, delay, sendId } = paramsOf(params);
      if (type === 'xstate.cancel') timers.delete(String(sendId));
      const isOwn = type === 'xstate.raise' || (type === 'xstate.sendTo' && to === this.#self);
      if (!isOwn || delay === undefined || event === undefined) continue;
      timers.set(id ?? event.type, event);
      if (!isDelayId(event.type)) this.ownTypes.add(event.type);
    }
    return timers;
  }
}

type Before = Omit<Situation, 'snapshot'>;

interface ActionParams {
  readonly actorRef?: ConstructedChild;
  readonly to?: unknown;
  readonly event?: EventObject;
  readonly delay?: number;
  readonly id?: string;
  readonly sendId?: string;
}

/** The parameters of XState's own actions, as its recorder gives them. */
function paramsOf(params: unknown): ActionParams {
  return (params ?? {}) as ActionParams;
}

/** The state that invokes this child, and which of its invokes it is. */
function placeOf(
  active: readonly ChartNode[],
  id: string,
): { readonly node: ChartNode; readonly index: number } | null {
  for (const node of active) {
    const index = node.invoke.findIndex((invoke) => invoke.id === id);
    if (index >= 0) return { node, index };
  }
  return null;
}

function keyOf(logic: object, input: unknown): string | null {
  const key = effectOf(logic)?.policy.key ?? null;
  return key === null ? null : key({ input: input as never });
}

const ANSWERS: StepAnswers = {
  sessionPrefix: 'x:0',
  findSystemId: () => undefined,
  claimSystemId: () => undefined,
  releaseSystemIds: () => undefined,
  readSnapshot: () => {
    throw new Error('Expected a saga to decide by its own context, got a look at another actor.');
  },
};
