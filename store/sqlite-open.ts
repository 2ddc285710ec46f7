// Opens a database file: looks first, without writing; then settings, each read back; then
// migrations. A file of another program, a newer or a damaged one is left as it was.

import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from '../src/errors.ts';
import { failureOf } from './failures.ts';
import { APPLICATION_ID, appliedMigrations, MIGRATIONS, migrate } from './migrations.ts';
import type { Connection, Driver } from './sqlite-driver.ts';
import { PAGE_BYTES, type SqliteSettings } from './sqlite-options.ts';
import type { StorePaths } from './sqlite-paths.ts';

/** Pages kept in memory; an upper bound, filled as needed. */
const CACHE_KIBIBYTES = 32 * 1024;
const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

/**
 * The caller holds the lock.
 * @throws EngineError `STORE_UNREADABLE`, `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_BUSY`, `STORE_FULL`
 */
export function openDatabase(
  driver: Driver,
  paths: StorePaths,
  settings: SqliteSettings,
): Connection {
  try {
    if (exists(paths.database)) {
      if (!wasEmpty(paths.database)) inspect(driver, paths.database, settings);
    } else {
      createDatabase(driver, paths, settings);
    }
    return connect(driver, paths.database, settings);
  } catch (error) {
    throw failureOf(error, 'open', paths.database);
  }
}

/** Asks the directory; the file itself is opened by SQLite alone. */
function exists(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) {
    throw new EngineError(
      'STORE_UNREADABLE',
      `Expected ${path} to be a file or a new name, got a directory or device. Name a file in it.`,
      { details: { path } },
    );
  }
  return found !== undefined;
}

/**
 * Builds a new database under another name and renames it when it is complete, so that a crash
 * never leaves half a database, nor one that only its own hot journal can explain. An empty file
 * that is there already is filled where it is: somebody may have it open.
 */
function createDatabase(driver: Driver, paths: StorePaths, settings: SqliteSettings): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) {
    rmSync(`${paths.draft}${suffix}`, { force: true });
  }
  // Closing the last connection moves everything into the file, with an fsync.
  connect(driver, paths.draft, settings).close();
  renameSync(paths.draft, paths.database);
  if (process.platform !== 'win32') {
    const directory = openSync(dirname(paths.database), 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  }
}

/**
 * Whether all that is there is the page of a first transaction that did not end (it makes the file one
 * with a WAL): its rollback journal says that there were no pages before. Only a writing connection can
 * roll it back; to the read-only one it is an error. A larger file beside such a journal is somebody's
 * restored database, which a rollback would empty.
 * The header: https://sqlite.org/fileformat2.html#rollbackjournal
 */
function wasEmpty(path: string): boolean {
  if (statSync(path).size > PAGE_BYTES) return false;
  const header = Buffer.alloc(20);
  try {
    const journal = openSync(`${path}-journal`, 'r');
    try {
      readSync(journal, header);
    } finally {
      closeSync(journal);
    }
  } catch {
    return false;
  }
  return header.subarray(0, 8).equals(JOURNAL_MAGIC) && header.readUInt32BE(16) === 0;
}

/** Reads through a read-only connection: a writing one would run the WAL of a foreign database. */
function inspect(driver: Driver, path: string, settings: SqliteSettings): void {
  const db = new driver(path, {
    readonly: true,
    fileMustExist: true,
    timeout: settings.busyTimeoutMs,
  });
  try {
    checkOwner(db, path);
  } finally {
    db.close();
  }
}

/**
 * How many migrations a database of ours has; null for an empty one.
 * @throws EngineError `STORE_UNREADABLE` for one of another program, `STORE_TOO_NEW`
 */
function checkOwner(db: Connection, path: string): number | null {
  // Also reads the whole schema, and compares the file's length with its header.
  const objects = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  const applicationId = db.pragma('application_id', { simple: true });
  const userVersion = db.pragma('user_version', { simple: true });
  if (applicationId === APPLICATION_ID) return appliedMigrations(db, path);
  if (applicationId === 0 && userVersion === 0 && objects === 0) return null;
  throw new EngineError(
    'STORE_UNREADABLE',
    `Expected ${path} to be a database of this package or an empty one, got one of another program. Nothing was written; give the store a file of its own.`,
    { details: { path, applicationId } },
  );
}

/**
 * A connection that only reads, beside an engine or alone. Takes no lock of ours; SQLite's own index of the
 * WAL (`-shm`) is made if it is missing, which needs a directory that can be written.
 * @throws EngineError `STORE_UNREADABLE`, `STORE_CORRUPT`, `STORE_TOO_NEW`, `STORE_BUSY`
 */
export function openReadOnly(driver: Driver, path: string, busyTimeoutMs: number): Connection {
  let db: Connection | undefined;
  try {
    db = new driver(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
    db.pragma('query_only = 1');
    db.pragma('trusted_schema = 0');
    db.pragma('temp_store = 2');
    const applied = checkOwner(db, path);
    if (applied === MIGRATIONS.length) return db;
    const message =
      applied === null
        ? `Expected ${path} to be a database that an engine has opened, got an empty one.`
        : `Expected schema ${MIGRATIONS.length} in ${path}, got ${applied}. Open it with an engine of this release once: that brings it up to date.`;
    throw new EngineError('STORE_UNREADABLE', message, { details: { path } });
  } catch (error) {
    db?.close();
    throw failureOf(error, 'open', path);
  }
}

function connect(driver: Driver, path: string, settings: SqliteSettings): Connection {
  const db = new driver(path, { timeout: settings.busyTimeoutMs });
  try {
    applySettings(db, path, settings);
    migrate(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Settings belong to the connection and are lost with it, so this runs at every open. */
function applySettings(db: Connection, path: string, settings: SqliteSettings): void {
  const wanted: readonly (readonly [pragma: string, value: string | number])[] = [
    ['journal_mode', 'wal'],
    // After journal_mode: better-sqlite3 builds SQLite so that opening a WAL database sets NORMAL
    // (SQLITE_DEFAULT_WAL_SYNCHRONOUS=1), unless it was set by hand. 2 is FULL, 1 NORMAL.
    ['synchronous', settings.durability === 'full' ? 2 : 1],
    ['foreign_keys', 1],
    ['trusted_schema', 0],
    ['cell_size_check', 1],
    // Checkpoints are ours (sqlite-wal.ts): not in the middle of a commit.
    ['wal_autocheckpoint', 0],
    ['journal_size_limit', settings.walLimitBytes],
    ['busy_timeout', settings.busyTimeoutMs],
    ['cache_size', -CACHE_KIBIBYTES],
    ['temp_store', 2],
    // No mmap: a read error of a mapped file is a signal that ends the process, not a result code.
    ['mmap_size', 0],
  ];
  // Not among them: SQLite keeps the present size of a database that is larger already.
  if (settings.maxBytes !== undefined) {
    db.pragma(`max_page_count = ${Math.floor(settings.maxBytes / PAGE_BYTES)}`);
  }
  for (const [pragma, value] of wanted) {
    db.pragma(`${pragma} = ${value}`);
  }
  // The first read opens the WAL, which is when settings get lost.
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
  for (const [pragma, value] of wanted) {
    const got = db.pragma(pragma, { simple: true });
    if (got !== value) {
      throw new EngineError(
        'STORE_UNREADABLE',
        `Expected the setting ${pragma} of ${path} to be ${value}, got ${String(got)}. ${pragma === 'journal_mode' ? 'A WAL needs a local disk: network file systems cannot share its memory.' : 'Report this with the version of better-sqlite3.'}`,
        { details: { path, pragma, expected: value, got: String(got) } },
      );
    }
  }
}
