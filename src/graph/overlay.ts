// What is laid over a chart's picture: where an actor is, where it has been, and short texts such as
// counts or durations. Says nothing about the chart itself; renderers add it to what they draw.

import type { Chart } from './chart.ts';

/** A state as XState gives it: `'PENDING'` or `{ fulfilling: 'charging' }`. */
export type OverlayValue = string | { readonly [key: string]: OverlayValue | undefined };

/** A short text beside a state or a transition. */
export interface Annotation {
  /** Such as `1,204×` or `p99 40 ms`; more than about 24 characters make the picture wide. */
  readonly text: string;
  /** Its colour. Default `plain`. */
  readonly tone?: 'plain' | 'good' | 'warning' | 'bad';
}

export interface Overlay {
  /** Where the actor is: a state value, or ids of states. */
  readonly active?: OverlayValue | readonly string[];
  /** Ids of states that the actor has been in. When given, all the others step back. */
  readonly visited?: readonly string[];
  /** Ids of transitions that were taken: drawn stronger. */
  readonly taken?: readonly string[];
  /** By id of the state. */
  readonly states?: Readonly<Record<string, Annotation>>;
  /** By id of the transition. */
  readonly transitions?: Readonly<Record<string, Annotation>>;
}

/** Ids of all states that are active in a state value, the root first. Unknown keys are passed over. */
export function activeStates(chart: Chart, value: OverlayValue): readonly string[] {
  const byParent = new Map<string, Map<string, string>>();
  for (const { id, key, parent } of chart.states) {
    if (parent === null) continue;
    const siblings = byParent.get(parent) ?? new Map<string, string>();
    byParent.set(parent, siblings.set(key, id));
  }
  const below = (parent: string, part: OverlayValue | undefined): readonly string[] => {
    if (part === undefined) return [];
    const entries = typeof part === 'string' ? [[part, undefined] as const] : Object.entries(part);
    return entries.flatMap(([key, inner]) => {
      const id = byParent.get(parent)?.get(key);
      return id === undefined ? [] : [id, ...below(id, inner)];
    });
  };
  const root = chart.states[0]?.id ?? chart.id;
  return [root, ...below(root, value)];
}

/** The active states of an overlay, by id. */
export function activeIds(chart: Chart, { active }: Overlay): ReadonlySet<string> {
  if (active === undefined) return new Set();
  return new Set(isList(active) ? active : activeStates(chart, active));
}

function isList(active: OverlayValue | readonly string[]): active is readonly string[] {
  return Array.isArray(active);
}
