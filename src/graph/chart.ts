// The one model of a statechart that all renderers read: plain JSON, closed, in a fixed order. It says
// what a chart is, never how it looks. describe-chart.ts makes it of a machine.

import type { SagaMeta } from '../saga/saga-meta.ts';

export type StateKind = 'atomic' | 'compound' | 'parallel' | 'final' | 'history';

/** What makes a transition happen, as people name it. */
export type TransitionLabel =
  /** `name` is the event's type; `*` is any event that nothing else takes. */
  | { readonly kind: 'event'; readonly name: string }
  /** `delay` as people write it: `15s`, or the name of the delay, with its value where it is fixed. */
  | { readonly kind: 'after'; readonly delay: string; readonly delayMs: number | null }
  | { readonly kind: 'always' }
  /** Of the state itself when `of` is null, else of the invoke with that id. */
  | { readonly kind: 'done'; readonly of: string | null }
  | { readonly kind: 'error'; readonly of: string }
  /** The invoked actor has a new snapshot. */
  | { readonly kind: 'snapshot'; readonly of: string }
  /** Where a history state leads as long as nothing is remembered. */
  | { readonly kind: 'default' };

export interface ChartTransition {
  /**
   * `<source>|<event type of XState>|<index>`, where the index counts through the transitions of one
   * state for one event type. The inspector's transitions lead to it: see `transitionId`.
   */
  readonly id: string;
  readonly source: string;
  /** Ids of states; none: it stays where it is. Several: into regions of a parallel state. */
  readonly targets: readonly string[];
  readonly label: TransitionLabel;
  /** Readable: `isSigned`, `hasFailed(step: payment)`, `a and not b`; null: always taken. */
  readonly guard: string | null;
  readonly actions: readonly string[];
  /** `none`: no target. `internal`: the source is not left. `reenter`: left and entered again. */
  readonly scope: 'none' | 'internal' | 'external' | 'reenter';
  readonly description: string | null;
}

export interface ChartInvoke {
  readonly id: string;
  readonly src: string;
  /** `unknown`: the machine names logic that is provided elsewhere, as by the engine's handlers. */
  readonly kind: 'effect' | 'ask' | 'machine' | 'logic' | 'unknown';
}

export interface ChartState {
  /** XState's id of the state: unique in the chart. */
  readonly id: string;
  readonly key: string;
  readonly kind: StateKind;
  readonly parent: string | null;
  /** Ids, in the order in which they are written. */
  readonly children: readonly string[];
  /** Id of the state that is entered first; null for all kinds but `compound`. */
  readonly initial: string | null;
  /** `null` for all kinds but `history`. */
  readonly history: 'shallow' | 'deep' | null;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly tags: readonly string[];
  readonly description: string | null;
  readonly invokes: readonly ChartInvoke[];
  readonly saga: SagaMeta | null;
  /**
   * Whether the saga is turning back here: the state undoes a step, or leads to undoing without another
   * word from outside. Never true where no state is marked by `sagaMeta`.
   */
  readonly isUndoing: boolean;
}

/** A statechart, described. */
export interface Chart {
  readonly id: string;
  readonly version: string | null;
  readonly description: string | null;
  /** The root first, then depth first as written. */
  readonly states: readonly ChartState[];
  /** By source in the order of `states`, then as written. */
  readonly transitions: readonly ChartTransition[];
}

/** The id of a transition as XState's inspector reports it (`@xstate.microstep`), for overlays. */
export function transitionId(source: string, eventType: string, index: number): string {
  return `${source}|${eventType}|${index}`;
}
