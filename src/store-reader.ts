// The port of those who only look: the reading half of a store, and what it can tell of all its actors
// by its indexes. Works beside a running engine; takes no lock and writes nothing.

import type { Position } from './ids.ts';
import type { ActorGroup, Store } from './store.ts';

/** Actors of one combination of machine, version, state and status. */
export interface GroupCount extends ActorGroup {
  readonly count: number;
}

/** How long actors of a machine stayed in one state, in milliseconds. */
export interface StateStay {
  readonly machine: string;
  /** JSON of the state value. */
  readonly state: string;
  /** Stays that began and ended within the sample. */
  readonly stays: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly longestMs: number;
}

/** Which actors' stays {@link StoreReader.leafStays} tells. */
export interface LeafStayQuery {
  readonly machine: string;
  readonly machineVersion: string;
  /** Most actors that are looked at, spread over all there are: 1 to 100,000. */
  readonly sample: number;
}

/** How long actors stay in one state, whatever the other regions do meanwhile; in milliseconds. */
export interface LeafStay {
  /** As `ActorRecord.state` has it: `pay.a`. */
  readonly state: string;
  /** Stays that have begun and ended. */
  readonly stays: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** How often an entry of this type tells how a call or a child has ended. */
export interface ReplyCount {
  /** `xstate.done.actor.<id>` or `xstate.error.actor.<id>`. */
  readonly type: string;
  readonly count: number;
}

/** What a store holds, in numbers that its indexes give. */
export interface StoreOverview {
  readonly databaseBytes: number;
  readonly walBytes: number;
  /** Positions of the oldest and the newest entry; null when the journal is empty. */
  readonly journal: { readonly oldest: Position; readonly newest: Position } | null;
  /** Entries written in the last minute and hour, by the clock that wrote them. */
  readonly entriesLastMinute: number;
  readonly entriesLastHour: number;
  /** Actors with a call in flight. */
  readonly running: number;
  /** Actors that wait for a timer or the next attempt of a call, and those for whom it is due. */
  readonly waking: number;
  readonly due: number;
  readonly oldestWakeAt: number | null;
  readonly inbox: number;
  readonly deadLetters: Readonly<Record<string, number>>;
}

/** What a file is like, apart from its actors. */
export interface StoreExamination {
  readonly path: string;
  readonly sqlite: string;
  readonly schemaVersion: number;
  /** `wal`, as long as nobody has changed it. */
  readonly journalMode: string;
  readonly databaseBytes: number;
  /** Bytes of pages that hold nothing any more. */
  readonly freeBytes: number;
  readonly walBytes: number;
  /** What SQLite's quick check has found wrong; null when it was not asked. */
  readonly damages: readonly string[] | null;
  /** Whether an engine has the file open, and its process if that is known. */
  readonly lock: { readonly isHeld: boolean; readonly pid: number | null };
}

/**
 * Reads a store beside its engine: each call is one short read of what is committed at that moment, and
 * nothing is held in between. All promises reject as those of `Store`.
 */
export interface StoreReader
  extends Pick<
    Store,
    | 'load'
    | 'due'
    | 'running'
    | 'journal'
    | 'list'
    | 'groups'
    | 'inbox'
    | 'deadLetters'
    | 'deadLetter'
    | 'systemIds'
    | 'machines'
    | 'checkpoint'
    | 'close'
  > {
  /** The combinations of `groups()`, counted by their index. */
  groupCounts(): Promise<readonly GroupCount[]>;
  /**
   * How long actors stay in each state, from the newest entries of the journal.
   * @param sample entries looked at, 1 to 1,000,000
   */
  stays(sample: number): Promise<readonly StateStay[]>;
  /** The same for one machine's states, region by region, from the newest entries of some of its actors. */
  leafStays(query: LeafStayQuery): Promise<readonly LeafStay[]>;
  /** How the calls of the same actors ended. */
  replies(query: LeafStayQuery): Promise<readonly ReplyCount[]>;
  /** The newest entry written before a moment; null when there is none. By bisection: the clock went forward. */
  positionBefore(at: number): Promise<Position | null>;
  overview(now: number): Promise<StoreOverview>;
  /** @param isChecked whether SQLite looks at every page: seconds for gigabytes */
  examine(isChecked: boolean): Promise<StoreExamination>;
}
