// A chart as the store remembers it: XState's own definition, with what that leaves out although a chart
// is not whole without it: transitions taken by themselves, and where a history leads at first. Pure.

import type { AnyStateMachine } from 'xstate';
import type { ChartNode } from './chart.ts';

/**
 * The definition as plain JSON. What is a function without a name is not in it: guards, params, delays
 * and inline logic that only running the machine would tell.
 */
export function definitionOf(machine: AnyStateMachine): unknown {
  return plain(machine.root);
}

function plain(node: ChartNode): object {
  const { definition, always = [], config } = node;
  const target = 'target' in config ? config.target : undefined;
  const own: object = JSON.parse(JSON.stringify({ ...definition, states: undefined }));
  const states = Object.values<ChartNode>(node.states).map((child) => [child.key, plain(child)]);
  return {
    ...own,
    ...(always.length > 0 && { always: JSON.parse(JSON.stringify(always)) }),
    ...(node.type === 'history' && target !== undefined && { target }),
    states: Object.fromEntries(states),
  };
}
