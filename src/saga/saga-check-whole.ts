// What only the whole graph of a saga can tell: situations that nothing leads out of, that no end can be
// reached from, states that are never entered. Pure.

import type { AnyStateMachine } from 'xstate';
import type { GraphNode, SagaFinding, SagaGraph } from './saga-check-graph.ts';
import { pathTo } from './saga-check-graph.ts';
import { chartNodes, stateName } from './saga-check-marks.ts';

export function findingsOfWhole(
  graph: SagaGraph,
  machine: AnyStateMachine,
): readonly SagaFinding[] {
  // Of a graph that was cut off, the rest could hold the way out.
  if (!graph.isWhole) return [];
  const never = graph.isBrokenOff ? [] : unreachable(graph, machine);
  return [...withoutExit(graph), ...withoutEnd(graph), ...never];
}

/** Nothing runs, no timer is armed, and nobody could say anything: a late outcome may never come. */
function withoutExit({ nodes }: SagaGraph): readonly SagaFinding[] {
  return nodes.filter(isStuck).map((node) => ({
    code: 'NO_EXIT',
    state: node.state,
    step: null,
    message: `It waits in "${node.state}" for ever: no call runs, no timer is armed, and no event from outside is taken. Give it one of them.`,
    path: pathTo(node),
  }));
}

function isStuck({ isEnd, canMove }: GraphNode): boolean {
  return !isEnd && !canMove;
}

/** Told once of each group of situations, of the one found first. */
function withoutEnd({ nodes }: SagaGraph): readonly SagaFinding[] {
  const ending = reaching(nodes);
  const told = new Set<GraphNode>();
  return nodes.flatMap((node): readonly SagaFinding[] => {
    if (ending.has(node) || told.has(node)) return [];
    spread([node], ({ next }) => next, told);
    const message = `From "${node.state}" no end can be reached, whatever happens. Give what it goes round in a way out.`;
    return [{ code: 'NO_END', state: node.state, step: null, message, path: pathTo(node) }];
  });
}

/** Nodes from which something is reached that ends, or that has a finding of its own. */
function reaching(nodes: readonly GraphNode[]): ReadonlySet<GraphNode> {
  const before = new Map<GraphNode, GraphNode[]>();
  for (const node of nodes) {
    for (const next of node.next) {
      const list = before.get(next);
      if (list === undefined) before.set(next, [node]);
      else list.push(node);
    }
  }
  const targets = nodes.filter((node) => node.isEnd || node.isBroken || isStuck(node));
  return spread(targets, (node) => before.get(node) ?? [], new Set());
}

function spread(
  from: readonly GraphNode[],
  next: (node: GraphNode) => readonly GraphNode[],
  reached: Set<GraphNode>,
): ReadonlySet<GraphNode> {
  const open = [...from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    open.push(...next(node));
  }
  return reached;
}

/** Each state that is never entered; of a group, the outermost. */
function unreachable({ visited }: SagaGraph, machine: AnyStateMachine): readonly SagaFinding[] {
  return [...chartNodes(machine)]
    .filter(({ id, type }) => type !== 'history' && !visited.has(id))
    .filter(({ parent }) => parent === undefined || visited.has(parent.id))
    .map((node) => {
      const state = stateName(node);
      const message = `No path enters "${state}". Is a guard or a sample (inputs, outputs, events) missing, or is it left over?`;
      return { code: 'UNREACHABLE_STATE', state, step: null, message, path: [] };
    });
}
