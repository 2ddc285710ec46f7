// A store for a paused engine that looks at a database beside a running one: reads go through a
// connection that cannot write, and whatever would write is refused. It takes no lock.

import { sqliteReader } from '../../store/sqlite-reader.ts';
import { invariant } from '../errors.ts';
import type { Store } from '../store.ts';
import type { StoreReader } from '../store-reader.ts';
import { pausedError } from '../versions/paused-store.ts';

/** @param path the SQLite file; `open` rejects as `sqliteReader` does */
export function readingStore(path: string): Store {
  let opened: StoreReader | null = null;
  const reader = (): StoreReader => {
    invariant(opened !== null, 'a store is read before it is open');
    return opened;
  };
  const refuse = (): Promise<never> => Promise.reject(pausedError());
  return {
    open: async () => {
      opened = await sqliteReader(path);
    },
    load: (ids) => reader().load(ids),
    due: (query) => reader().due(query),
    running: (query) => reader().running(query),
    journal: (query) => reader().journal(query),
    list: (query) => reader().list(query),
    groups: () => reader().groups(),
    inbox: (query) => reader().inbox(query),
    deadLetters: (query) => reader().deadLetters(query),
    deadLetter: (id) => reader().deadLetter(id),
    systemIds: (root) => reader().systemIds(root),
    machines: () => reader().machines(),
    checkpoint: (projection) => reader().checkpoint(projection),
    // Only what is to be written asks for these.
    findKeys: refuse,
    findTransactionResults: refuse,
    findTombstones: refuse,
    commit: refuse,
    health: refuse,
    backup: refuse,
    maintain: () => Promise.resolve(),
    close: async () => {
      await opened?.close();
    },
  };
}
