// The Store over one SQLite file: its life from open to close, and what every call has in common:
// waiting for another program's lock off the loop, typed errors, and refusing all work once a result
// is unknown. Queries and writes themselves are in the files beside.

import { EngineError } from '../src/errors.ts';
import type { ActorId, IdempotencyKey, Position } from '../src/ids.ts';
import type * as port from '../src/store.ts';
import { whileBusy } from './busy.ts';
import { type Doing, failureOf } from './failures.ts';
import { settled } from './settled.ts';
import { copyDatabase } from './sqlite-backup.ts';
import { CommitWriter } from './sqlite-commit.ts';
import { type Connection, loadDriver } from './sqlite-driver.ts';
import { Lister } from './sqlite-list.ts';
import { type Lock, takeLock } from './sqlite-lock.ts';
import { openDatabase } from './sqlite-open.ts';
import {
  checkPath,
  type SqliteSettings,
  type SqliteStoreOptions,
  sqliteSettings,
} from './sqlite-options.ts';
import { resolvePaths, type StorePaths } from './sqlite-paths.ts';
import { SqliteReads } from './sqlite-reads.ts';
import { WalKeeper } from './sqlite-wal.ts';

/** All that exists only while the store is open. */
interface Session {
  readonly db: Connection;
  readonly paths: StorePaths;
  readonly lock: Lock;
  readonly writer: CommitWriter;
  readonly reads: SqliteReads;
  readonly lister: Lister;
  readonly wal: WalKeeper;
}

class SqliteStore implements port.Store {
  readonly #path: string;
  readonly #settings: SqliteSettings;
  #session: Session | undefined;
  #opening = false;
  #copying = false;
  #closed = false;
  /** Set once by an error after which nothing more may be read or written here. */
  #failure: EngineError | undefined;
  /** Commits keep their order, also when one of them waits for a lock. */
  #lastCommit: Promise<unknown> = Promise.resolve();

  constructor(path: string, settings: SqliteSettings) {
    this.#path = path;
    this.#settings = settings;
  }

  async open(): Promise<void> {
    if (this.#opening || this.#closed || this.#session !== undefined) {
      const state = this.#closed ? 'closed' : 'open or opening';
      throw this.#unusable(`a store is opened once, this one is ${state}`);
    }
    this.#opening = true;
    try {
      const driver = await loadDriver();
      const paths = resolvePaths(this.#path);
      const lock = takeLock(driver, paths);
      try {
        // The session is kept in the same tick: a close() that comes later finds it.
        await whileBusy(this.#settings, () => {
          this.#checkNotClosed();
          const db = openDatabase(driver, paths, this.#settings);
          this.#session = this.#startSession(db, paths, lock);
        });
      } catch (error) {
        lock.release();
        throw error;
      }
    } finally {
      this.#opening = false;
    }
    if (this.#settings.durability === 'relaxed') {
      this.#settings.onNotice(
        `Durability of ${this.#path} is relaxed: a power cut may lose commits that were acknowledged.`,
      );
    }
  }

  #startSession(db: Connection, paths: StorePaths, lock: Lock): Session {
    try {
      return {
        db,
        paths,
        lock,
        writer: new CommitWriter(db, this.#path),
        reads: new SqliteReads(db),
        lister: new Lister(db),
        wal: new WalKeeper(db, this.#settings.walLimitBytes, this.#settings.onNotice),
      };
    } catch (error) {
      db.close();
      throw failureOf(error, 'open', this.#path);
    }
  }

  commit(commit: port.Commit): Promise<port.CommitResult> {
    const result = this.#lastCommit.then(() =>
      this.#run('write', ({ writer }) => writer.write(commit)),
    );
    this.#lastCommit = result.catch(() => undefined);
    return result;
  }

  load(ids: readonly ActorId[]): Promise<readonly port.ActorRecord[]> {
    return this.#read(({ reads }) => reads.load(ids));
  }

  findKeys(
    wanted: readonly { readonly actor: ActorId; readonly key: IdempotencyKey }[],
  ): Promise<readonly port.KeyedEntry[]> {
    return this.#read(({ reads }) => reads.findKeys(wanted));
  }

  findTransactionResults(
    keys: readonly IdempotencyKey[],
  ): Promise<readonly port.TransactionResult[]> {
    return this.#read(({ reads }) => reads.findTransactionResults(keys));
  }

  findTombstones(ids: readonly ActorId[]): Promise<readonly port.Tombstone[]> {
    return this.#read(({ reads }) => reads.findTombstones(ids));
  }

  due(query: Parameters<port.Store['due']>[0]): Promise<readonly port.Wake[]> {
    return this.#read(({ reads }) => reads.due(query));
  }

  running(query: Parameters<port.Store['running']>[0]): Promise<readonly ActorId[]> {
    return this.#read(({ reads }) => reads.running(query));
  }

  journal(query: port.JournalQuery): Promise<readonly port.JournalEntry[]> {
    return this.#read(({ reads }) => reads.journal(query));
  }

  list(query: port.ListQuery): Promise<readonly port.ActorRecord[]> {
    return this.#read(({ lister }) => lister.list(query));
  }

  groups(): Promise<readonly port.ActorGroup[]> {
    return this.#read(({ lister }) => lister.groups());
  }

  inbox(query: Parameters<port.Store['inbox']>[0]): Promise<readonly port.StoredInboxMessage[]> {
    return this.#read(({ reads }) => reads.inbox(query));
  }

  deadLetters(query: port.DeadLetterQuery): Promise<readonly port.DeadLetterRecord[]> {
    return this.#read(({ reads }) => reads.deadLetters(query));
  }

  deadLetter(id: number): Promise<port.DeadLetterRecord | undefined> {
    return this.#read(({ reads }) => reads.deadLetter(id));
  }

  systemIds(root: ActorId): Promise<readonly port.SystemIdRecord[]> {
    return this.#read(({ reads }) => reads.systemIds(root));
  }

  machines(): Promise<readonly port.MachineRecord[]> {
    return this.#read(({ reads }) => reads.machines());
  }

  checkpoint(projection: string): Promise<Position | undefined> {
    return this.#read(({ reads }) => reads.checkpoint(projection));
  }

  health(): Promise<port.StoreHealth> {
    return this.#read(({ db, lister, wal }) => ({
      // Read from the connection, not from the options: what counts is what SQLite does.
      durability: db.pragma('synchronous', { simple: true }) === 2 ? 'full' : 'relaxed',
      walBytes: wal.bytes(),
      ...lister.counts(),
      deadLetters: lister.deadLetterReasons(),
      inbox: lister.inboxCount(),
      oldestWakeAt: lister.oldestWakeAt(),
    }));
  }

  maintain(): Promise<void> {
    return settled(() => {
      const session = this.#ready();
      try {
        session.wal.maintain((work) => this.#withoutBlocking(session, work));
      } catch (error) {
        // Another program's checkpoint is no error, and a disk without room has lost nothing: what was
        // committed is in the WAL. This one's comes next time.
        const failure = failureOf(error, 'checkpoint', this.#path);
        if (failure.code !== 'STORE_BUSY' && failure.code !== 'STORE_FULL') {
          throw this.#remember(failure);
        }
      }
    });
  }

  async backup(
    path: string,
    onProgress: (progress: port.BackupProgress) => void = () => undefined,
  ): Promise<port.Backup> {
    const { db, paths } = this.#ready();
    if (this.#copying) {
      throw new EngineError(
        'BAD_OPTION',
        'Expected one copy at a time, but another one is being made. Wait for it.',
      );
    }
    this.#copying = true;
    try {
      return await copyDatabase(db, paths, path, onProgress);
    } finally {
      this.#copying = false;
    }
  }

  close(): Promise<void> {
    return settled(() => {
      this.#closed = true;
      const session = this.#session;
      this.#session = undefined;
      try {
        session?.db.close();
      } finally {
        session?.lock.release();
      }
    });
  }

  #read<T>(query: (session: Session) => T): Promise<T> {
    return this.#run('read', query);
  }

  /** The first attempt may block for the short busy timeout; the ones after it do not block. */
  #run<T>(doing: Doing, work: (session: Session) => T): Promise<T> {
    return whileBusy(this.#settings, (repeated) => {
      const session = this.#ready();
      try {
        return repeated ? this.#withoutBlocking(session, () => work(session)) : work(session);
      } catch (error) {
        const failure = failureOf(error, doing, this.#path);
        if (failure.code === 'STORE_FULL') {
          session.wal.noteFullDisk();
        }
        throw this.#remember(failure);
      }
    });
  }

  #withoutBlocking<T>(session: Session, work: () => T): T {
    session.db.pragma('busy_timeout = 0');
    try {
      return work();
    } finally {
      session.db.pragma(`busy_timeout = ${this.#settings.busyTimeoutMs}`);
    }
  }

  #ready(): Session {
    if (this.#failure !== undefined) {
      const { code, message } = this.#failure;
      throw new EngineError(code, `The store has stopped after an earlier error: ${message}`, {
        details: this.#failure.details,
        cause: this.#failure,
      });
    }
    this.#checkNotClosed();
    if (this.#session === undefined) {
      throw this.#unusable('it has not been opened');
    }
    return this.#session;
  }

  #checkNotClosed(): void {
    if (this.#closed) {
      throw this.#unusable('it has been closed');
    }
  }

  #unusable(why: string): EngineError {
    return new EngineError(
      'STORE_FAILED',
      `Expected the store of ${this.#path} to be open, but ${why}. Make and open a new one.`,
      { details: { path: this.#path } },
    );
  }

  /**
   * An unknown result and a damaged file stop the store. A single row that cannot be right, which
   * names its table, does not: its actor can be parked while others go on.
   */
  #remember(failure: EngineError): EngineError {
    const damaged = failure.code === 'STORE_CORRUPT' && !('table' in failure.details);
    if (failure.code === 'STORE_FAILED' || damaged) {
      this.#failure ??= failure;
    }
    return failure;
  }
}

/**
 * A store in one SQLite file (WAL), with `.lock` and `.pid` files beside it. Nothing is touched
 * before `open()`, which rejects with `STORE_LOCKED` while another engine has the file,
 * `STORE_UNREADABLE` for the file of another program, `STORE_TOO_NEW` and `STORE_CORRUPT`; all of
 * them leave the file as it was. `open()` may be tried again after that.
 * Keep the file on a local disk, and never open it with `fs` in the same process.
 * @throws EngineError `BAD_OPTION`
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): port.Store {
  return new SqliteStore(checkPath(path), sqliteSettings(options));
}
