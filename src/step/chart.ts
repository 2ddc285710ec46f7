// What a statechart can hold, read off its definition: delayed transitions, invokes, histories. By it an
// actor is told to fit a chart or not. Nothing of a machine runs here.

import type { AnyStateMachine } from 'xstate';
import type { HostedLogic } from './logic.ts';
import { activeNodes, type LiveSnapshot } from './xstate.ts';

export type ChartNode = AnyStateMachine['root'];

/** What the active states themselves bring with them. */
export interface Holdings {
  /** Ids of the timers of `after`. */
  readonly delays: ReadonlySet<string>;
  /** Names of logic by the ids of invokes. */
  readonly invokes: ReadonlyMap<string, string>;
}

/** Timers of `after` are named by it, with the delay and the state's id. */
const DELAY_PREFIX = 'xstate.after.';

export function isDelayId(id: string): boolean {
  return id.startsWith(DELAY_PREFIX);
}

export function holdingsOf(logic: HostedLogic, snapshot: LiveSnapshot): Holdings {
  return holdings(activeNodes(logic, snapshot));
}

function holdings(nodes: readonly ChartNode[]): Holdings {
  return {
    delays: new Set(nodes.flatMap(({ after }) => after.map(({ eventType }) => eventType))),
    invokes: new Map(
      nodes.flatMap(({ invoke }) => invoke.map(({ id, src }) => [id, String(src)] as const)),
    ),
  };
}

function* nodesOf(logic: HostedLogic): Generator<ChartNode> {
  if (logic.kind === 'machine') yield* below(logic.machine.root);
}

function* below(node: ChartNode): Generator<ChartNode> {
  yield node;
  for (const child of Object.values<ChartNode>(node.states)) yield* below(child);
}

/** Ids of all invokes of a chart, in whatever state. */
export function invokeIds(logic: HostedLogic): ReadonlySet<string> {
  return new Set(holdings([...nodesOf(logic)]).invokes.keys());
}

/** The same of a definition as the store keeps it, when its machine is not registered any more. */
export function storedInvokeIds(definition: unknown): ReadonlySet<string> {
  const ids = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { invoke = [], states = {} } = node as StoredNode;
    for (const { id } of invoke) ids.add(id);
    for (const child of Object.values(states)) visit(child);
  };
  visit(definition);
  return ids;
}

interface StoredNode {
  readonly invoke?: readonly { readonly id: string }[];
  readonly states?: Readonly<Record<string, unknown>>;
}

/** Whether being in these states means that the actor is done. */
export function isEnd(logic: HostedLogic, snapshot: LiveSnapshot): boolean {
  const nodes = activeNodes(logic, snapshot);
  return nodes.some(({ type, parent }) => type === 'final' && parent?.parent === undefined);
}

/** Remembered states that the chart does not have: XState would forget them without a word. */
export function lostHistory(
  logic: HostedLogic,
  history: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const byId = new Map([...nodesOf(logic)].map((node) => [node.id, node] as const));
  return Object.entries(history).flatMap(([id, states]) => {
    if (byId.get(id)?.type !== 'history') return [`history "${id}"`];
    return states
      .filter((state) => !byId.has(state))
      .map((state) => `"${state}" in history "${id}"`);
  });
}
