// One way to run a chart, and what can be seen of it after each command: the same words for the engine
// and for XState's live actors.

import type { AnyStateMachine } from 'xstate';
import type { Ending } from '../unit/charts/chart.ts';
import { task } from './calls.ts';

export type Command =
  /** `to`: path below the root, empty for the root itself. */
  | { readonly type: 'send'; readonly to: string; readonly event: { readonly type: string } }
  | { readonly type: 'advance'; readonly ms: number }
  /** `call` counts through the calls that are open, in order of name. */
  | { readonly type: 'end'; readonly call: number; readonly ending: Ending };

/** One actor that has not ended. */
export interface ActorSeen {
  readonly status: string;
  readonly value: unknown;
  readonly context: unknown;
  readonly output: unknown;
  readonly tags: readonly string[];
}

export interface Seen {
  /** Why the root has failed; nothing else is compared then. */
  readonly failed: string | null;
  /** The root, and whoever is active below it, by path. */
  readonly actors: Readonly<Record<string, ActorSeen>>;
  /** Calls to the outside that have not ended. */
  readonly calls: readonly string[];
  /** What was received by whom since the last command, in the order in which it was worked on. */
  readonly messages: readonly string[];
  readonly emitted: readonly string[];
  readonly logs: readonly string[];
  /** Custom actions, as they were called. */
  readonly actions: readonly string[];
}

export interface Host {
  start(): Promise<Seen>;
  execute(command: Command): Promise<Seen>;
  close(): Promise<void>;
}

export function failed(error: unknown): Seen {
  const message =
    typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : String(error);
  return {
    failed: message,
    actors: {},
    calls: [],
    messages: [],
    emitted: [],
    logs: [],
    actions: [],
  };
}

/** What a host shows after its start and after each command, up to its failure. */
export async function watch(host: Host, commands: readonly Command[]): Promise<readonly Seen[]> {
  try {
    const seen = [await host.start()];
    for (const command of commands) {
      if (seen.at(-1)?.failed !== null) break;
      seen.push(await host.execute(command));
    }
    return seen;
  } finally {
    await host.close();
  }
}

type Node = AnyStateMachine['root'];

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const child of Object.values<Node>(node.states)) yield* nodesOf(child);
}

/** A machine and all machines that it may start. */
function* machinesOf(
  machine: AnyStateMachine,
  known: Set<unknown> = new Set(),
): Generator<AnyStateMachine> {
  if (known.has(machine)) return;
  known.add(machine);
  yield machine;
  const inline = [...nodesOf(machine.root)].flatMap(inlineSources).map(([, logic]) => logic);
  for (const logic of [...Object.values(machine.implementations.actors), ...inline])
    if (isMachine(logic)) yield* machinesOf(logic, known);
}

function isMachine(logic: unknown): logic is AnyStateMachine {
  return typeof logic === 'object' && logic !== null && '__xstatenode' in logic;
}

function inlineSources(node: Node): readonly (readonly [string, unknown])[] {
  const config: unknown = node.config.invoke ?? [];
  const invokes: readonly unknown[] = Array.isArray(config) ? config : [config];
  return invokes.flatMap((invoke, index) => {
    const src = typeof invoke === 'object' && invoke !== null && 'src' in invoke ? invoke.src : '';
    return typeof src === 'object' ? [[String(node.invoke[index]?.src), src] as const] : [];
  });
}

/** Names under which a tree of machines makes calls whose end the test decides. */
export function callNames(machine: AnyStateMachine): ReadonlySet<string> {
  const names = new Set<string>();
  for (const each of machinesOf(machine)) {
    const inline = [...nodesOf(each.root)].flatMap(inlineSources);
    for (const [name, logic] of [...Object.entries(each.implementations.actors), ...inline])
      if (logic === task) names.add(name);
  }
  return names;
}

export function tagsOf(machine: AnyStateMachine): readonly string[] {
  const nodes = [...machinesOf(machine)].flatMap((each) => [...nodesOf(each.root)]);
  return [...new Set(nodes.flatMap(({ tags }) => tags))].sort();
}

/** A custom action as it was called. */
export type OnAction = (self: object, name: string, params: unknown) => void;

/** The machine with its custom actions, and those of its named child machines, told to a recorder. */
export function instrument(machine: AnyStateMachine, onAction: OnAction): AnyStateMachine {
  const { actions, actors } = machine.implementations;
  // XState's own actions are functions that carry how they are resolved.
  const custom = Object.entries(actions).filter(
    ([, action]) => typeof action === 'function' && !('resolve' in action),
  );
  const children = Object.entries(actors).filter(
    ([, logic]) => isMachine(logic) && logic !== machine,
  );
  return machine.provide({
    actions: Object.fromEntries(
      custom.map(([name]) => [
        name,
        ({ self }: { self: object }, params: unknown) => onAction(self, name, params),
      ]),
    ),
    actors: Object.fromEntries(
      children.map(([name, logic]) => [name, instrument(logic as AnyStateMachine, onAction)]),
    ),
  });
}
