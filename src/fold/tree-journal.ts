// The journal of a tree of actors in order of position, read from the journals of its actors page by
// page: a store has no index for a tree, and keeps none for this. Holds nothing open between pages.

import type { ActorId } from '../ids.ts';
import type { JournalEntry, Store } from '../store.ts';

/** Entries in memory at one time, over all actors of the tree; each gets at least a few. */
const ENTRIES_AT_ONCE = 4_000;
const LEAST_PAGE = 10;
const MOST_PAGE = 500;

interface Source {
  readonly actor: ActorId;
  entries: readonly JournalEntry[];
  afterRevision: number;
  exhausted: boolean;
}

/** What a fold reads of a store. */
export type TreeStore = Pick<Store, 'load' | 'list' | 'journal'>;

/** Batches of entries, in order; ends where the journal ended when it was read. */
export async function* readTreeJournal(
  store: TreeStore,
  actors: readonly ActorId[],
): AsyncGenerator<readonly JournalEntry[]> {
  const page = Math.floor(ENTRIES_AT_ONCE / Math.max(1, actors.length));
  const limit = Math.min(MOST_PAGE, Math.max(LEAST_PAGE, page));
  const sources = actors.map(
    (actor): Source => ({ actor, entries: [], afterRevision: 0, exhausted: false }),
  );
  for (;;) {
    for (const source of sources) await fill(store, source, limit);
    const batch = takeReady(sources);
    if (batch.length === 0) return;
    yield batch;
  }
}

async function fill(store: TreeStore, source: Source, limit: number): Promise<void> {
  if (source.exhausted || source.entries.length > 0) return;
  const { actor, afterRevision } = source;
  source.entries = await store.journal({ actor, afterRevision, limit });
  source.exhausted = source.entries.length < limit;
  source.afterRevision = source.entries.at(-1)?.revision ?? afterRevision;
}

/** All entries before which no page that is still to be read can hold another one. */
function takeReady(sources: readonly Source[]): readonly JournalEntry[] {
  const lasts = sources.flatMap(({ exhausted, entries }) =>
    exhausted ? [] : (entries.at(-1)?.position ?? []),
  );
  const bound = lasts.reduce<number>((least, last) => Math.min(least, last), Infinity);
  const batch: JournalEntry[] = [];
  for (const source of sources) {
    const ready = source.entries.findIndex(({ position }) => position > bound);
    const count = ready < 0 ? source.entries.length : ready;
    batch.push(...source.entries.slice(0, count));
    source.entries = source.entries.slice(count);
  }
  return batch.sort((a, b) => a.position - b.position);
}
