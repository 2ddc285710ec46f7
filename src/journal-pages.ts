// The journal and the list of actors as async iterables: page by page, holding nothing open in between.

import { decode } from './codec.ts';
import { type ActorId, actorAddress, type Position } from './ids.ts';
import type {
  ActorRecord,
  ActorStatus,
  JournalEntry,
  JournalKind,
  ListQuery,
  Store,
} from './store.ts';

/** One entry of the journal, as people read it. */
export interface HistoryEntry {
  readonly position: Position;
  readonly actor: ActorId;
  readonly revision: number;
  readonly kind: JournalKind;
  readonly type: string;
  /** The event, the input, or the fact. */
  readonly data: unknown;
  /** The state value after it; null for entries without a transition. */
  readonly value: unknown;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly key: string | null;
  readonly correlation: string | null;
  /** What caused it: `actor@revision`, `effect:<key>`, `timer:<id>@<generation>`. */
  readonly causation: string | null;
}

/** One actor in a list. */
export interface ActorSummary {
  readonly id: ActorId;
  readonly parent: ActorId | null;
  readonly machine: string;
  readonly machineVersion: string;
  readonly status: ActorStatus;
  /** Paths of the active leaf states, a space between. */
  readonly state: string;
  readonly revision: number;
  readonly updatedAt: number;
}

export interface ListOptions {
  readonly machine?: string;
  readonly status?: ActorStatus;
  /** A state's path: actors in it or in a state below it. */
  readonly state?: string;
  /** At most this many. Default: all. */
  readonly limit?: number;
  /** Only ids after this one. */
  readonly after?: string;
}

const PAGE = 500;

export async function* readHistory(store: Store, actor: ActorId): AsyncIterable<HistoryEntry> {
  let afterRevision = 0;
  for (;;) {
    const entries = await store.journal({ actor, afterRevision, limit: PAGE });
    for (const entry of entries) yield toHistory(entry);
    const last = entries.at(-1);
    if (last === undefined || entries.length < PAGE) return;
    afterRevision = last.revision;
  }
}

/** Entries of all actors after a position, in commit order, up to now. */
export async function* readEvents(
  store: Store,
  after: Position | undefined,
): AsyncIterable<HistoryEntry> {
  let cursor = after;
  for (;;) {
    const entries = await store.journal({
      ...(cursor !== undefined && { after: cursor }),
      limit: PAGE,
    });
    for (const entry of entries) yield toHistory(entry);
    const last = entries.at(-1);
    if (last === undefined || entries.length < PAGE) return;
    cursor = last.position;
  }
}

export async function* readList(store: Store, options: ListOptions): AsyncIterable<ActorSummary> {
  const { limit = Number.POSITIVE_INFINITY, after, ...filter } = options;
  let left = limit;
  let cursor: ListQuery['after'] = after === undefined ? undefined : actorAddress(after);
  while (left > 0) {
    const page = Math.min(PAGE, left);
    const records = await store.list({
      ...filter,
      ...(cursor !== undefined && { after: cursor }),
      limit: page,
    });
    for (const record of records) yield toSummary(record);
    left -= records.length;
    cursor = records.at(-1)?.id;
    if (records.length < page) return;
  }
}

function toHistory({ data, state, ...entry }: JournalEntry): HistoryEntry {
  const what = `journal entry ${entry.position}`;
  return { ...entry, data: decode(data, what), value: state === null ? null : decode(state, what) };
}

function toSummary(record: ActorRecord): ActorSummary {
  const { id, parent, machine, machineVersion, status, state, revision, updatedAt } = record;
  return { id, parent, machine, machineVersion, status, state, revision, updatedAt };
}
