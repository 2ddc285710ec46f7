// How much of a statechart its walk has seen: every state and every transition, each alternative of a
// guard for itself. The walk goes breadth first over the events that the caller names and observes what
// XState says it has taken; it never works out from the chart what an event would do, runs no action
// and starts no child.

import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventFrom,
  type EventObject,
  getInitialMicrosteps,
  type InputFrom,
  type InspectionEvent,
  type SnapshotFrom,
} from 'xstate';
import { type ChartParts, chartParts } from './chart-parts.ts';

const DEFAULT_LIMIT = 20_000;

export interface ChartCoverage {
  readonly states: { readonly reached: number; readonly all: number };
  readonly transitions: { readonly taken: number; readonly all: number };
  /** What was never reached or taken: `PENDING --order.cancel[1]--> CANCELLED`. */
  readonly missing: readonly string[];
  /** One aligned line for people: `order  states 14/14  transitions 41/41 (100 %)  paths 312`. */
  readonly line: string;
  /** Shortest paths walked: one to each different snapshot. */
  readonly paths: number;
}

export interface CoverOptions<M extends AnyStateMachine> {
  /** A walk begins with each of them. */
  readonly inputs: readonly InputFrom<M>[];
  /**
   * Events tried in a state: any that could come, refused ones too; timers as
   * `xstate.after.<delay>.<state id>`, ends of calls as `xstate.done.actor.<id>`.
   */
  readonly events: (
    snapshot: SnapshotFrom<M>,
  ) => readonly (EventFrom<M> | { readonly type: `xstate.${string}` })[];
  /** What makes two snapshots the same; default: value, context and ids of children as JSON. */
  readonly serialize?: (snapshot: SnapshotFrom<M>) => string;
  /** Bound of different snapshots walked; default 20,000; passing it is an error. */
  readonly limit?: number;
  /**
   * Transitions that cannot be taken, as `missing` names them, each with the reason; states that only
   * they lead to. They are not counted, and taking or reaching one is an error.
   */
  readonly unreachable?: Readonly<Record<string, string>>;
}

/**
 * Walks a statechart from each input and tells what it has seen. A machine that gives its children
 * system ids cannot be walked: all paths share one system.
 * @throws Error when the limit is passed, when a machine cannot start with an input, and when
 * `unreachable` names what was taken or what the chart does not have
 */
export function coverChart<M extends AnyStateMachine>(
  machine: M,
  options: CoverOptions<M>,
): ChartCoverage {
  const parts = chartParts(machine);
  const seen = new Set<string>();
  const limit = options.limit ?? DEFAULT_LIMIT;
  let paths = 0;
  for (const input of options.inputs)
    paths += walk(machine, options, input, limit - paths, parts, seen);

  const unreachable = options.unreachable ?? {};
  for (const [name, why] of Object.entries(unreachable)) {
    if (!parts.states.has(name) && !parts.transitions.has(name)) {
      throw new Error(
        `Expected unreachable parts of "${machine.id}", got ${name}: it has none such.`,
      );
    }
    if (seen.has(name)) throw new Error(`${name} was seen, though it is unreachable: ${why}`);
  }
  return report(machine.id, parts, seen, new Set(Object.keys(unreachable)), paths);
}

function walk<M extends AnyStateMachine>(
  machine: M,
  { events, serialize = serializeWhole, limit = DEFAULT_LIMIT }: CoverOptions<M>,
  input: InputFrom<M>,
  left: number,
  parts: ChartParts,
  seen: Set<string>,
): number {
  const stepper = new Stepper(machine, input, parts, seen);
  const known = new Set<string>();
  const waiting: SnapshotFrom<M>[] = [];
  const arrive = (snapshot: SnapshotFrom<M>): void => {
    const id = serialize(snapshot);
    if (known.has(id)) return;
    known.add(id);
    if (known.size > left) {
      throw new Error(
        `"${machine.id}" has more than ${limit} snapshots: bound its events or its context.`,
      );
    }
    if ((snapshot as AnyMachineSnapshot).status === 'active') waiting.push(snapshot);
  };
  arrive(stepper.initial as SnapshotFrom<M>);
  // A list that grows while it is read: breadth first, so that paths are shortest ones.
  for (const snapshot of waiting) {
    for (const event of events(snapshot)) {
      arrive(stepper.step(snapshot as AnyMachineSnapshot, event) as SnapshotFrom<M>);
    }
  }
  return known.size;
}

/** Takes steps and notes every state that they pass through and every transition that they take. */
class Stepper {
  readonly initial: AnyMachineSnapshot;
  readonly #machine: AnyStateMachine;
  readonly #parts: ChartParts;
  readonly #seen: Set<string>;
  readonly #scope: AnyActorScope;

  constructor(machine: AnyStateMachine, input: unknown, parts: ChartParts, seen: Set<string>) {
    this.#machine = machine;
    this.#parts = parts;
    this.#seen = seen;
    const actor = createActor(machine, {
      id: machine.id,
      input,
      inspect: (inspected) => this.#note(inspected),
    });
    this.initial = actor.getSnapshot();
    if (this.initial.status === 'error') throw this.initial.error;
    // XState tells of no microstep for the states that it enters first.
    for (const [snapshot] of getInitialMicrosteps(machine, input)) this.#noteStates(snapshot);
    this.#scope = {
      self: actor,
      id: actor.id,
      sessionId: actor.sessionId,
      system: actor.system,
      logger: () => undefined,
      defer: () => undefined,
      emit: () => undefined,
      stopChild: () => undefined,
      actionExecutor: () => undefined,
    };
  }

  step(snapshot: AnyMachineSnapshot, event: EventObject): AnyMachineSnapshot {
    return this.#machine.transition(snapshot, event, this.#scope);
  }

  #note(inspected: InspectionEvent): void {
    if (inspected.type !== '@xstate.microstep') return;
    // Charts of children are not this chart; they are told apart by their definitions.
    const taken = inspected._transitions.map((definition) => this.#parts.names.get(definition));
    for (const name of taken) if (name !== undefined) this.#seen.add(name);
    this.#noteStates(inspected.snapshot as AnyMachineSnapshot);
  }

  #noteStates({ machine, _nodes: nodes }: AnyMachineSnapshot): void {
    if (machine !== this.#machine) return;
    for (const node of nodes) this.#seen.add(node.path.join('.'));
  }
}

function serializeWhole(snapshot: AnyMachineSnapshot): string {
  return JSON.stringify([snapshot.value, snapshot.context, Object.keys(snapshot.children)]);
}

function report(
  id: string,
  parts: ChartParts,
  seen: ReadonlySet<string>,
  unreachable: ReadonlySet<string>,
  paths: number,
): ChartCoverage {
  const states = [...parts.states].filter((name) => !unreachable.has(name));
  const transitions = [...parts.transitions].filter((name) => !unreachable.has(name));
  const missing = [...states, ...transitions].filter((name) => !seen.has(name));
  const reached = states.filter((name) => seen.has(name)).length;
  const taken = transitions.filter((name) => seen.has(name)).length;
  const percent = transitions.length === 0 ? 100 : Math.floor((taken * 100) / transitions.length);
  const columns = [
    id.padEnd(20),
    `states ${`${reached}/${states.length}`.padStart(7)}`,
    `transitions ${`${taken}/${transitions.length}`.padStart(7)} (${percent} %)`,
    `paths ${String(paths).padStart(6)}`,
    ...(unreachable.size > 0 ? [`unreachable ${unreachable.size}`] : []),
  ];
  return {
    states: { reached, all: states.length },
    transitions: { taken, all: transitions.length },
    missing,
    line: columns.join('  '),
    paths,
  };
}
