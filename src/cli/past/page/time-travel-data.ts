// What a time-travel page is given, as JSON in the page itself. Types only: the command line writes it,
// the page's own program reads it.

import type { ValueChange } from '../../text/value-changes.ts';

export interface PageData {
  readonly actor: string;
  readonly machine: string;
  readonly version: string;
  /** Where the page begins, an index of `revisions`. */
  readonly first: number;
  /** Ids of states that were entered in revisions that are not in the page, and the root's. */
  readonly visitedBefore: readonly string[];
  /** How transitions are called and where they start, by id. */
  readonly transitions: Readonly<
    Record<string, { readonly name: string; readonly source: string }>
  >;
  /** Oldest first. */
  readonly revisions: readonly PageRevision[];
}

export interface PageRevision {
  readonly revision: number;
  readonly position: number;
  readonly kind: string;
  readonly type: string;
  readonly data: unknown;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly key: string | null;
  readonly correlation: string | null;
  readonly causation: string | null;
  /** Paths of the active leaf states. */
  readonly state: string;
  /** Ids of active states, without the root. */
  readonly active: readonly string[];
  /** Ids of states that were entered. */
  readonly entered: readonly string[];
  /** Ids, in order. */
  readonly taken: readonly string[];
  /** Null: what the journal alone does not tell is not known, and `problem` may say why. */
  readonly known: PageState | null;
  readonly problem: string | null;
}

export interface PageState {
  readonly status: string;
  /** The whole context; absent where `changes` lead to it from the revision before. */
  readonly context?: unknown;
  readonly changes: readonly ValueChange[];
  readonly output: unknown;
  readonly timers: readonly {
    readonly id: string;
    readonly event: string;
    readonly dueAt: number;
  }[];
  readonly effects: readonly { readonly id: string; readonly name: string; readonly key: string }[];
}
