// Many requests, one fsync: work that comes in within about 2 ms shares one transaction, each piece
// in its own savepoint, and its promise settles only after the commit. While a commit blocks the
// loop the next requests queue up, so batches grow with the load, and a lone request waits for
// nobody. Never retries and never swallows a failed commit.

import type Database from 'better-sqlite3';
import { LedgerError } from './schema.ts';

interface GroupCommit {
  /** Resolves after the commit that holds the work; rejects when the work threw and left no trace. */
  run<T>(work: () => T): Promise<T>;
  /** Commits everything that waits, now. */
  flush(): void;
  /** How many transactions were committed since the start. */
  commits(): number;
}

interface Entry {
  /** Does the work in a savepoint and remembers how to settle. Throws when the transaction is lost. */
  attempt(): void;
  settle(): void;
  reject(error: unknown): void;
}

// Bounds how long one batch keeps the event loop. A reservation of 700 items takes 7 ms.
const maxBatchMs = 20;
const maxWaitMs = 2;

export function createGroupCommit(db: Database.Database): GroupCommit {
  const queue: Entry[] = [];
  let scheduled = false;
  let commits = 0;
  let broken: LedgerError | undefined;

  const savepoint = db.transaction((work: () => void) => work());
  const transaction = db.transaction((batch: Entry[]) => {
    const endsAt = performance.now() + maxBatchMs;
    for (const entry of queue) {
      batch.push(entry);
      entry.attempt();
      if (performance.now() > endsAt) break;
    }
  });

  const commitBatch = (): void => {
    const batch: Entry[] = [];
    try {
      if (broken !== undefined) throw broken;
      transaction.immediate(batch);
    } catch (error) {
      // Full and busy are clean rollbacks. After any other failure nobody knows what is on disk.
      if (!isCleanRollback(error)) broken ??= createBroken(error);
      for (const entry of queue.splice(0)) entry.reject(error);
      return;
    }
    commits += 1;
    queue.splice(0, batch.length);
    for (const entry of batch) entry.settle();
  };

  // Waits for one turn of the loop that brings nothing new. New connections are accepted one a
  // turn: committing after each turn gave a thousand of them a thousand fsyncs.
  const schedule = (): void => {
    if (scheduled || queue.length === 0) return;
    scheduled = true;
    const endsAt = performance.now() + maxWaitMs;
    let seen = 0;
    const look = (): void => {
      if (queue.length > seen && performance.now() < endsAt) {
        seen = queue.length;
        setImmediate(look);
        return;
      }
      scheduled = false;
      if (queue.length > 0) commitBatch();
      schedule();
    };
    setImmediate(look);
  };

  return {
    run: (work) =>
      new Promise((resolve, reject) => {
        queue.push(createEntry(db, savepoint, work, resolve, reject));
        schedule();
      }),
    flush: () => {
      while (queue.length > 0) commitBatch();
    },
    commits: () => commits,
  };
}

function createEntry<T>(
  db: Database.Database,
  savepoint: (work: () => void) => void,
  work: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Entry {
  let settle = (): void => reject(new LedgerError('LEDGER_INVARIANT', 'settled before it ran'));
  return {
    attempt: () => {
      try {
        savepoint(() => {
          const value = work();
          settle = () => resolve(value);
        });
      } catch (error) {
        // Some errors (disk full, I/O) roll the whole transaction back: nobody's work is left.
        if (!db.inTransaction) throw error;
        settle = () => reject(error);
      }
    },
    settle: () => settle(),
    reject,
  };
}

function isCleanRollback(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'SQLITE_FULL' || code === 'SQLITE_BUSY';
}

function createBroken(cause: unknown): LedgerError {
  return new LedgerError(
    'LEDGER_BROKEN',
    'a commit failed and its result is not known; start the gateway again to read the truth',
    { cause },
  );
}
