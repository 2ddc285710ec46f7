// The only file that knows XState's actor internals. It runs one macrostep of a machine with a scope
// of its own, which records actions instead of doing them; it keeps nothing between calls and never
// starts anything. Held to XState itself by test/unit/xstate.test.ts.

import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  matchesState,
  type StateValue,
} from 'xstate';
import { EngineError } from '../errors.ts';
import { isReservedType } from '../turn/message.ts';
import type { ActorHandle, StepScope } from './handle.ts';
import type { HostedLogic } from './logic.ts';

/** An action as XState recorded it, or a child that `spawn` in an assign has started. */
export interface RecordedAction {
  readonly type: string;
  readonly params: unknown;
  readonly info: unknown;
  readonly exec: unknown;
}

/** A child reference made by XState during a step, before the engine replaces it by a handle. */
export interface ConstructedChild {
  readonly id: string;
  readonly src: unknown;
  readonly systemId?: string | undefined;
  readonly _syncSnapshot?: boolean | undefined;
  readonly options: { readonly input?: unknown };
}

/** The living snapshot of a machine or of transition logic, as XState made it. */
export interface LiveSnapshot {
  status: 'active' | 'done' | 'error' | 'stopped';
  output?: unknown;
  error?: unknown;
  context: unknown;
  value?: StateValue;
  children?: Record<string, object | undefined>;
  historyValue?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  /** The active states in the order in which XState has entered them. */
  _nodes?: readonly NodeOrder[];
}

/** A state node by its place in the machine's text. */
interface NodeOrder {
  readonly order: number;
}

export interface Macrostep {
  readonly snapshot: LiveSnapshot;
  readonly actions: readonly RecordedAction[];
  /** Whether any transition was taken or forbidden: the event means something in this state. */
  readonly handled: boolean;
  /** XState's own objects for the transitions that were taken, in order; {@link transitionNames}. */
  readonly taken: readonly unknown[];
}

/** Recorded in the place where `spawn` inside an assign would have started its child. */
export const SPAWNED = 'sagawright.spawned';

/** What the step answers to XState while it runs; see {@link StepScope}. */
export type StepAnswers = Pick<StepScope, 'findSystemId' | 'claimSystemId' | 'readSnapshot'> & {
  /** Prefix of generated child ids, unique for the actor and the step. */
  readonly sessionPrefix: string;
  readonly releaseSystemIds: (ref: object) => void;
};

export function runInitial(
  logic: HostedLogic,
  self: ActorHandle,
  input: unknown,
  answers: StepAnswers,
): Macrostep {
  return record(self, answers, (scope) =>
    logic.kind === 'machine'
      ? logic.machine.getInitialSnapshot(scope, input)
      : live(logic.transition.getInitialSnapshot(scope, input)),
  );
}

export function runTransition(
  logic: HostedLogic,
  self: ActorHandle,
  snapshot: LiveSnapshot,
  event: EventObject,
  answers: StepAnswers,
): Macrostep {
  if (logic.kind === 'transition') {
    const step = record(self, answers, (scope) =>
      live(logic.transition.transition(snapshot, event, scope)),
    );
    return { ...step, handled: true };
  }
  return record(self, answers, (scope) =>
    logic.machine.transition(snapshot as AnyMachineSnapshot, event, scope),
  );
}

/** Transition logic gives plain objects of this shape (XState's fromTransition). */
function live(snapshot: object): LiveSnapshot {
  return snapshot as LiveSnapshot;
}

/** Runs one call into XState with a scope that records; the scope is gone when it returns. */
function record(
  self: ActorHandle,
  answers: StepAnswers,
  run: (scope: AnyActorScope) => LiveSnapshot,
): Macrostep {
  const actions: RecordedAction[] = [];
  let newest: object | undefined;
  const taken: unknown[] = [];
  let sessions = 0;
  const stepScope: StepScope = {
    ...answers,
    nextSessionId: () => `${answers.sessionPrefix}.${sessions++}`,
    constructed: (ref) => {
      newest = ref;
    },
    microstep: (transitions) => {
      taken.push(...transitions);
    },
  };
  const scope = {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: () => undefined,
    emit: (event: unknown) =>
      actions.push({ type: 'xstate.emit', params: { event }, info: {}, exec: null }),
    stopChild: () => undefined,
    // Only `spawn` inside an assign defers while nothing is executed: it would start its child now.
    defer: () =>
      actions.push({
        type: SPAWNED,
        params: { actorRef: newest },
        info: {},
        exec: null,
      }),
    actionExecutor: (action: RecordedAction) => {
      if (
        action.type === 'xstate.stopChild' &&
        typeof action.params === 'object' &&
        action.params
      ) {
        answers.releaseSystemIds(action.params);
      }
      actions.push(action);
    },
  };
  const outer = self.system.scope;
  self.system.scope = stepScope;
  try {
    const snapshot = run(scope as unknown as AnyActorScope);
    return { snapshot, actions, handled: taken.length > 0, taken };
  } finally {
    self.system.scope = outer;
  }
}

/** The parts of a snapshot that are stored: children and timers are kept by the engine itself. */
export interface StoredSnapshot {
  readonly value?: StateValue | undefined;
  readonly context: unknown;
  readonly history?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * The active states by their place in the machine's text, if they are not in that order: regions take
   * their transitions in the order in which they were last entered.
   */
  readonly nodes?: readonly number[] | undefined;
  readonly output?: unknown;
}

export function storedSnapshot(snapshot: LiveSnapshot): StoredSnapshot {
  const history = Object.entries(snapshot.historyValue ?? {}).map(
    ([id, nodes]) => [id, nodes.map((node) => node.id)] as const,
  );
  const nodes = (snapshot._nodes ?? []).map(({ order }) => order);
  const isInOrder = nodes.every((order, index) => order > (nodes[index - 1] ?? -2));
  return {
    value: snapshot.value,
    context: snapshot.context,
    ...(history.length > 0 && { history: Object.fromEntries(history) }),
    ...(!isInOrder && { nodes }),
    ...(snapshot.output !== undefined && { output: snapshot.output }),
  };
}

/**
 * The living snapshot of what was stored. No entry action runs, no `always` is taken again.
 * @throws EngineError `STORE_CORRUPT` when the machine has no such state (any more)
 */
export function restoreSnapshot(
  logic: HostedLogic,
  self: ActorHandle,
  stored: StoredSnapshot,
  status: LiveSnapshot['status'],
  children: Record<string, object>,
): LiveSnapshot {
  const { output, context } = stored;
  if (logic.kind === 'transition') return { status, output, error: undefined, context };
  const historyValue = Object.fromEntries(
    Object.entries(stored.history ?? {}).map(([id, nodes]) => [
      id,
      nodes.map((node) => ({ id: node })),
    ]),
  );
  const persisted = {
    status,
    output,
    error: undefined,
    value: stored.value,
    context,
    historyValue,
  };
  try {
    const scope = { self } as unknown as AnyActorScope;
    const snapshot = logic.machine.restoreSnapshot({ ...persisted, children: {} } as never, scope);
    return Object.assign(snapshot, { children, _nodes: nodesInOrder(snapshot, stored.nodes) });
  } catch (cause) {
    throw new EngineError(
      'STORE_CORRUPT',
      `Expected a state of machine "${logic.name}" version ${logic.version}, got ${JSON.stringify(stored.value)}. Register the version that this actor was written by, or migrate it.`,
      { cause, details: { machine: logic.name, version: logic.version } },
    );
  }
}

type Node = AnyStateMachine['root'];

/** The states that an actor is in, those above them included; none for transition logic. */
export function activeNodes(logic: HostedLogic, snapshot: LiveSnapshot): readonly Node[] {
  return logic.kind === 'machine' ? (snapshot as AnyMachineSnapshot)._nodes : [];
}

/** A state value with its initial states filled in. @throws when the machine has no such state */
export function completeValue(logic: HostedLogic, value: unknown): StateValue | undefined {
  if (logic.kind === 'transition') return undefined;
  return logic.machine.resolveState({ value: value as StateValue, context: {} }).value;
}

/** XState's own restore puts the active states in an order of its own. */
function nodesInOrder<Node extends NodeOrder>(
  { _nodes: nodes }: { readonly _nodes: readonly Node[] },
  stored: readonly number[] | undefined,
): readonly Node[] {
  const place = new Map(stored?.map((order, index) => [order, index]));
  // Written by another version of the machine: any order will do.
  const isKnown = nodes.length === place.size && nodes.every(({ order }) => place.has(order));
  const placeOf = ({ order }: Node): number => (isKnown ? (place.get(order) ?? 0) : order);
  return [...nodes].sort((a, b) => placeOf(a) - placeOf(b));
}

/** A transition by its place: the how many-th of a state for one type of event. */
export interface TransitionName {
  readonly source: string;
  /** As XState has it; empty for one that is taken by itself. */
  readonly eventType: string;
  readonly index: number;
}

type TakenTransition = NonNullable<Node['always']>[number];

/** Names of transitions that a macrostep has taken; the entry into the first states has none. */
export function transitionNames(taken: readonly unknown[]): readonly TransitionName[] {
  return (taken as readonly TakenTransition[]).flatMap((transition) => {
    const { source, eventType } = transition;
    const always = source.always ?? [];
    if (always.includes(transition)) {
      return [{ source: source.id, eventType: '', index: always.indexOf(transition) }];
    }
    const index = source.transitions.get(eventType)?.indexOf(transition) ?? -1;
    return index < 0 ? [] : [{ source: source.id, eventType, index }];
  });
}

/** Event types that the current state has transitions for, descriptors with wildcards included. */
export function enabledEvents(logic: HostedLogic, snapshot: LiveSnapshot): readonly string[] {
  if (logic.kind === 'transition' || snapshot.status !== 'active') return [];
  const nodes = (snapshot as AnyMachineSnapshot)._nodes;
  const types = new Set(nodes.flatMap((node) => [...node.transitions.keys()].map(String)));
  return [...types].filter((type) => !isReservedType(type)).sort();
}

/**
 * Whether the current state says what a late outcome means. A plain `*` does not: it was written for
 * other events, and would swallow a success that somebody must undo.
 */
export function handlesLate(logic: HostedLogic, snapshot: LiveSnapshot): boolean {
  if (logic.kind === 'transition' || snapshot.status !== 'active') return false;
  const nodes = (snapshot as AnyMachineSnapshot)._nodes;
  return nodes.some(
    ({ transitions }) => transitions.has('effect.late') || transitions.has('effect.*'),
  );
}

/** Whether a stored value is the one wanted, or below it: `matches` for an actor without its chart. */
export function isWithin(value: StateValue | undefined, wanted: StateValue): boolean {
  return value !== undefined && matchesState(wanted, value);
}

/** Paths of the active leaf states, sorted: how actors are listed by state. */
export function statePaths(value: StateValue | undefined): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  return Object.entries(value)
    .flatMap(([key, below]) => {
      const paths = statePaths(below);
      return paths.length === 0 ? [key] : paths.map((path) => `${key}.${path}`);
    })
    .sort();
}
