// The journal and the list of actors as async iterables: page by page, holding nothing open in between.

import { decode } from '../codec.ts';
import { effectCause } from '../effects/effect-task.ts';
import { type ActorId, actorAddress, type Position } from '../ids.ts';
import { checkChoice, checkMembers, checkText, type Members, refuseOption } from '../options.ts';
import { type PageQuery, readPages } from '../pages.ts';
import type {
  ActorRecord,
  ActorStatus,
  JournalEntry,
  JournalKind,
  JournalQuery,
  Store,
} from '../store.ts';

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
  /** What caused it: `actor@revision`, `sent:actor@revision`, `effect:<key>`, `timer:<id>@<generation>`. */
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

const LIST_OPTIONS: Members<ListOptions> = {
  machine: true,
  status: true,
  state: true,
  limit: true,
  after: true,
};
const STATUSES: readonly ActorStatus[] = ['active', 'done', 'error', 'stopped', 'parked'];

/** @throws EngineError `BAD_OPTION` */
function checkListOptions(options: ListOptions): void {
  checkMembers(options, 'the options of list', LIST_OPTIONS);
  checkText(options.machine, 'machine');
  checkText(options.state, 'state');
  checkChoice(options.status, 'status', STATUSES);
  const { limit = 0 } = options;
  if (typeof limit !== 'number' || !(limit >= 0)) refuseOption('limit', 'a count', limit);
}

export async function* readHistory(store: Store, actor: ActorId): AsyncIterable<HistoryEntry> {
  for await (const page of pagesOf(store, { actor })) yield* page.map(toHistory);
}

/** The journal of one actor. */
function pagesOf(
  store: Store,
  query: Required<Pick<JournalQuery, 'actor'>> & Pick<JournalQuery, 'kinds'>,
): AsyncIterable<readonly JournalEntry[]> {
  return readPages(
    ({ after: afterRevision = 0, limit }: PageQuery<number>) =>
      store.journal({ ...query, afterRevision, limit }),
    ({ revision }) => revision,
  );
}

/** The output recorded for an effect's own key: two effects under one key run once. */
export async function findDone(
  store: Store,
  actor: ActorId,
  key: string,
): Promise<{ readonly output: unknown } | null> {
  for await (const page of pagesOf(store, { actor, kinds: ['received'] })) {
    for (const { causation, type, data } of page) {
      if (causation !== effectCause(key) || !type.startsWith('xstate.done.actor.')) continue;
      const event: { readonly output?: unknown } = JSON.parse(data);
      return { output: event.output ?? null };
    }
  }
  return null;
}

/** Entries of all actors after a position, in commit order, up to now. */
export async function* readEvents(
  store: Store,
  after: Position | undefined,
): AsyncIterable<HistoryEntry> {
  const start = after === undefined ? {} : { after };
  const pages = readPages(
    (page: PageQuery<Position>) => store.journal({ ...start, ...page }),
    ({ position }) => position,
  );
  for await (const page of pages) yield* page.map(toHistory);
}

export async function* readList(store: Store, options: ListOptions): AsyncIterable<ActorSummary> {
  checkListOptions(options);
  const { limit = Number.POSITIVE_INFINITY, after, ...filter } = options;
  const start = after === undefined ? {} : { after: actorAddress(after) };
  let left = limit;
  const readPage = async (page: PageQuery<ActorId>): Promise<readonly ActorRecord[]> =>
    left > 0 ? store.list({ ...filter, ...start, ...page, limit: Math.min(page.limit, left) }) : [];
  for await (const page of readPages(readPage, ({ id }) => id)) {
    yield* page.map(toSummary);
    left -= page.length;
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
