// The reading half of the SQLite store, for those who look at a database: beside the running engine, on a
// copy, on a backup. Its connection cannot write; no transaction outlives a call. It takes no lock.

import { statSync } from 'node:fs';
import { EngineError } from '../src/errors.ts';
import type { ActorId, Position } from '../src/ids.ts';
import type * as port from '../src/store.ts';
import type {
  GroupCount,
  LeafStay,
  LeafStayQuery,
  ReplyCount,
  StateStay,
  StoreExamination,
  StoreOverview,
  StoreReader,
} from '../src/store-reader.ts';
import { whileBusy } from './busy.ts';
import { failureOf } from './failures.ts';
import { MIGRATIONS } from './migrations.ts';
import { type Connection, type Driver, loadDriver } from './sqlite-driver.ts';
import { SqliteLeafStays } from './sqlite-leaf-stays.ts';
import { Lister } from './sqlite-list.ts';
import { lookAtLock } from './sqlite-lock.ts';
import { openReadOnly } from './sqlite-open.ts';
import {
  checkPath,
  type SqliteSettings,
  type SqliteStoreOptions,
  sqliteSettings,
} from './sqlite-options.ts';
import { resolvePaths, type StorePaths } from './sqlite-paths.ts';
import { SqliteReads } from './sqlite-reads.ts';
import { SqliteStatistics } from './sqlite-statistics.ts';

export type SqliteReaderOptions = Pick<SqliteStoreOptions, 'busyTimeoutMs' | 'busyWaitMs' | 'wait'>;

const MINUTE_MS = 60_000;
/** Damages named by one examination. */
const MAX_DAMAGES = 20;

class SqliteReader implements StoreReader {
  readonly #driver: Driver;
  readonly #paths: StorePaths;
  readonly #settings: SqliteSettings;
  readonly #db: Connection;
  readonly #reads: SqliteReads;
  readonly #lister: Lister;
  readonly #statistics: SqliteStatistics;
  readonly #leafStays: SqliteLeafStays;
  #isClosed = false;

  constructor(driver: Driver, paths: StorePaths, settings: SqliteSettings, db: Connection) {
    this.#driver = driver;
    this.#paths = paths;
    this.#settings = settings;
    this.#db = db;
    this.#reads = new SqliteReads(db);
    this.#lister = new Lister(db);
    this.#statistics = new SqliteStatistics(db);
    this.#leafStays = new SqliteLeafStays(db);
  }

  load(ids: readonly ActorId[]): Promise<readonly port.ActorRecord[]> {
    return this.#read(() => this.#reads.load(ids));
  }

  due(query: Parameters<port.Store['due']>[0]): Promise<readonly port.Wake[]> {
    return this.#read(() => this.#reads.due(query));
  }

  running(query: Parameters<port.Store['running']>[0]): Promise<readonly ActorId[]> {
    return this.#read(() => this.#reads.running(query));
  }

  journal(query: port.JournalQuery): Promise<readonly port.JournalEntry[]> {
    return this.#read(() => this.#reads.journal(query));
  }

  list(query: port.ListQuery): Promise<readonly port.ActorRecord[]> {
    return this.#read(() => this.#lister.list(query));
  }

  groups(): Promise<readonly port.ActorGroup[]> {
    return this.#read(() => this.#lister.groups());
  }

  groupCounts(): Promise<readonly GroupCount[]> {
    return this.#read(() => this.#lister.groupCounts());
  }

  inbox(query: Parameters<port.Store['inbox']>[0]): Promise<readonly port.StoredInboxMessage[]> {
    return this.#read(() => this.#reads.inbox(query));
  }

  deadLetters(query: port.DeadLetterQuery): Promise<readonly port.DeadLetterRecord[]> {
    return this.#read(() => this.#reads.deadLetters(query));
  }

  deadLetter(id: number): Promise<port.DeadLetterRecord | undefined> {
    return this.#read(() => this.#reads.deadLetter(id));
  }

  systemIds(root: ActorId): Promise<readonly port.SystemIdRecord[]> {
    return this.#read(() => this.#reads.systemIds(root));
  }

  machines(): Promise<readonly port.MachineRecord[]> {
    return this.#read(() => this.#reads.machines());
  }

  checkpoint(projection: string): Promise<Position | undefined> {
    return this.#read(() => this.#reads.checkpoint(projection));
  }

  stays(sample: number): Promise<readonly StateStay[]> {
    return this.#read(() => this.#statistics.stays(sample));
  }

  leafStays(query: LeafStayQuery): Promise<readonly LeafStay[]> {
    return this.#read(() => this.#leafStays.leafStays(query));
  }

  replies(query: LeafStayQuery): Promise<readonly ReplyCount[]> {
    return this.#read(() => this.#leafStays.replies(query));
  }

  positionBefore(at: number): Promise<Position | null> {
    return this.#read(() => this.#statistics.positionBefore(at));
  }

  overview(now: number): Promise<StoreOverview> {
    return this.#read(() => {
      const statistics = this.#statistics;
      const oldest = statistics.oldest();
      const newest = statistics.newest();
      const writtenSince = (at: number): number =>
        (newest ?? 0) - (statistics.positionBefore(at) ?? (oldest ?? 1) - 1);
      return {
        ...this.#sizes(),
        journal: oldest === null || newest === null ? null : { oldest, newest },
        entriesLastMinute: writtenSince(now - MINUTE_MS),
        entriesLastHour: writtenSince(now - 60 * MINUTE_MS),
        running: statistics.running(),
        waking: statistics.waking(Number.MAX_SAFE_INTEGER),
        due: statistics.waking(now),
        oldestWakeAt: this.#lister.oldestWakeAt(),
        inbox: this.#lister.inboxCount(),
        deadLetters: this.#lister.deadLetterReasons(),
      };
    });
  }

  examine(isChecked: boolean): Promise<StoreExamination> {
    return this.#read(() => ({
      path: this.#paths.database,
      sqlite: String(this.#db.prepare('SELECT sqlite_version()').pluck().get()),
      schemaVersion: MIGRATIONS.length,
      journalMode: String(this.#db.pragma('journal_mode', { simple: true })),
      freeBytes: this.#pragma('freelist_count') * this.#pragma('page_size'),
      ...this.#sizes(),
      damages: isChecked ? this.#quickCheck() : null,
      lock: lookAtLock(this.#driver, this.#paths),
    }));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#db.close();
    return Promise.resolve();
  }

  #sizes(): { readonly databaseBytes: number; readonly walBytes: number } {
    return {
      databaseBytes: this.#pragma('page_count') * this.#pragma('page_size'),
      // Only asks the directory: see sqlite-lock.ts for why nothing here is opened by `fs`.
      walBytes: statSync(this.#paths.wal, { throwIfNoEntry: false })?.size ?? 0,
    };
  }

  #pragma(name: string): number {
    return Number(this.#db.pragma(name, { simple: true }));
  }

  /** https://sqlite.org/pragma.html#pragma_quick_check */
  #quickCheck(): string[] {
    const found = this.#db.prepare(`PRAGMA quick_check(${MAX_DAMAGES})`).pluck().all().map(String);
    return found.length === 1 && found[0] === 'ok' ? [] : found;
  }

  #read<T>(query: () => T): Promise<T> {
    return whileBusy(this.#settings, () => {
      const { database } = this.#paths;
      if (this.#isClosed) {
        const message = `Expected the reader of ${database} to be open, but it has been closed.`;
        throw new EngineError('STORE_FAILED', message, { details: { path: database } });
      }
      try {
        return query();
      } catch (error) {
        throw failureOf(error, 'read', database);
      }
    });
  }
}

/**
 * Opens a SQLite store for reading alone, whether an engine runs on it or not. The file must be there and
 * of this release's schema; nothing is created or brought up to date. In a directory that cannot be
 * written, SQLite reads it only while `-wal` and `-shm` are there: copy the database elsewhere.
 * @throws EngineError `BAD_OPTION`, `NODE_UNSUPPORTED`, `STORE_UNREADABLE`, `STORE_TOO_NEW`,
 * `STORE_CORRUPT`, `STORE_BUSY`
 */
export async function sqliteReader(
  path: string,
  options: SqliteReaderOptions = {},
): Promise<StoreReader> {
  const settings = sqliteSettings(options);
  const paths = resolvePaths(checkPath(path));
  const driver = await loadDriver();
  return whileBusy(settings, () => {
    const db = openReadOnly(driver, paths.database, settings.busyTimeoutMs);
    try {
      return new SqliteReader(driver, paths, settings, db);
    } catch (error) {
      db.close();
      throw failureOf(error, 'open', paths.database);
    }
  });
}
