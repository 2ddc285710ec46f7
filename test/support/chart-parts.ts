// The states and transitions of a statechart, by names that people can read and that stay the same
// from run to run. Says what there is; never what can happen.

import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';

type Node = AnyStateMachine['root'];

export interface ChartParts {
  /** `fulfilling.held`: states by their path; neither the root nor history states, which none is in. */
  readonly states: ReadonlySet<string>;
  /** `PENDING --order.cancel[1]--> CANCELLED`; `[1]` only where there are alternatives. */
  readonly transitions: ReadonlySet<string>;
  /** XState keeps one object for each definition. */
  readonly names: ReadonlyMap<AnyTransitionDefinition, string>;
}

export function chartParts(machine: AnyStateMachine): ChartParts {
  const states = new Set<string>();
  const names = new Map<AnyTransitionDefinition, string>();
  const visit = (node: Node): void => {
    if (node !== machine.root && node.type !== 'history') states.add(nameOf(node));
    const always: readonly AnyTransitionDefinition[] = node.always ?? [];
    for (const [event, alternatives] of [...node.transitions, ['always', always] as const]) {
      for (const [index, definition] of alternatives.entries()) {
        const choice = alternatives.length > 1 ? `[${index}]` : '';
        const targets = definition.target?.map(nameOf).join(', ') ?? '(stays)';
        names.set(definition, `${nameOf(node)} --${event}${choice}--> ${targets}`);
      }
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  return { states, transitions: new Set(names.values()), names };
}

function nameOf({ path, key }: Pick<Node, 'path' | 'key'>): string {
  return path.length === 0 ? key : path.join('.');
}
