// The shape of a chart as one short text: what decides whether an actor in flight still fits. Names of
// guards and actions are part of it, the code behind them is not. Pure.

import { hashJson } from '../hash.ts';
import type { ChartNode } from './chart.ts';
import type { HostedLogic } from './logic.ts';

/** Fingerprints of another scheme say nothing about each other. */
const SCHEME = '1:';

export function fingerprintOf(logic: HostedLogic): string {
  return `${SCHEME}${hashJson(shapeOf(logic))}`;
}

/** Whether a stored fingerprint says that the chart is another one now. */
export function isChanged(stored: string, current: string): boolean {
  return stored !== current && stored.startsWith(SCHEME);
}

function shapeOf(logic: HostedLogic): unknown {
  if (logic.kind === 'transition') return { kind: 'transition' };
  return nodeShape(logic.machine.root, logic);
}

function nodeShape(node: ChartNode, logic: HostedLogic): unknown {
  const { type, history, initial, transitions, always = [], invoke, entry, exit, states } = node;
  return {
    id: node.id,
    type,
    history,
    initial: initial?.target.map((target) => target.id) ?? [],
    on: [...transitions].map(([event, list]) => [event, list.map(transitionShape)]),
    always: always.map(transitionShape),
    invoke: invoke.map(({ id, src }) => ({
      id,
      src: String(src),
      kind: logic.sources.get(String(src))?.kind ?? null,
    })),
    entry: entry.map(nameOf),
    exit: exit.map(nameOf),
    states: Object.values<ChartNode>(states).map((child) => nodeShape(child, logic)),
  };
}

type Transition = NonNullable<ChartNode['always']>[number];

function transitionShape({ target, guard, actions, reenter }: Transition): unknown {
  return {
    target: target?.map(({ id }) => id) ?? null,
    guard: guard === undefined ? null : nameOf(guard),
    actions: actions.map(nameOf),
    reenter,
  };
}

/** The name of a guard or an action; for `and`, `or`, `not` with what they join. */
function nameOf(named: unknown): unknown {
  if (typeof named === 'string') return named;
  if ((typeof named !== 'object' && typeof named !== 'function') || named === null) return null;
  const name = 'type' in named ? String(named.type) : 'inline';
  if (!('guards' in named) || !Array.isArray(named.guards)) return name;
  const how = 'check' in named && typeof named.check === 'function' ? named.check.name : name;
  return [how, named.guards.map(nameOf)];
}
