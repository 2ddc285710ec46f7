// Copies of the database while it is in use, complete and synced before they have their name. Through the
// connection that writes, SQLite brings what is written meanwhile up to date in the copy. From another
// connection that way starts over with each commit: beside 300 commits a second it gave up after 516 starts
// in 10 s, where VACUUM INTO, which reads one moment, took 1.9 s for 205 MB.
// https://sqlite.org/backup.html, "Database modified during backup"; https://sqlite.org/lang_vacuum.html

import { closeSync, fsyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from '../src/errors.ts';
import type { Backup, BackupProgress } from '../src/store.ts';
import { failureOf } from './failures.ts';
import { type Connection, loadDriver } from './sqlite-driver.ts';
import { openReadOnly } from './sqlite-open.ts';
import { checkPath, PAGE_BYTES, sqliteSettings } from './sqlite-options.ts';
import { resolvePaths, type StorePaths } from './sqlite-paths.ts';

/**
 * Pages of one step, between which the event loop turns: 1 MiB takes about 1 ms. A database that grows
 * faster than it is copied gets larger steps.
 */
const STEP_PAGES = 256;
const MOST_STEP_PAGES = 4_096;

/** Files that belong to a database, by what comes after its name. */
const COMPANIONS = ['', '-journal', '-wal', '-shm', '.lock', '.pid', '.new', '.partial'];

/** @throws EngineError `BAD_OPTION`, `BACKUP_FAILED` */
export async function copyDatabase(
  db: Connection,
  source: StorePaths,
  path: unknown,
  onProgress: (progress: BackupProgress) => void,
): Promise<Backup> {
  return complete(source, path, async (partial) => {
    await db.backup(partial, { progress: stepping(onProgress) });
  });
}

/**
 * Copies a database beside the engine that runs on it, or without one: all that is committed when the copy
 * begins. Takes no lock of ours and keeps nobody waiting but its caller's process; the WAL grows meanwhile.
 * @param path the database, checked as `sqliteReader` does
 * @throws EngineError `BAD_OPTION`, `BACKUP_FAILED`, `NODE_UNSUPPORTED`, `STORE_UNREADABLE`,
 * `STORE_TOO_NEW`, `STORE_CORRUPT`, `STORE_BUSY`
 */
export async function sqliteBackup(path: string, target: string): Promise<Backup> {
  const { busyTimeoutMs } = sqliteSettings({});
  const source = resolvePaths(checkPath(path));
  const db = openReadOnly(await loadDriver(), source.database, busyTimeoutMs);
  try {
    return await complete(source, target, (partial) => {
      // The copy counts as a write; the database itself stays open for reading alone.
      db.pragma('query_only = 0');
      db.prepare('VACUUM INTO ?').run(partial);
    });
  } finally {
    db.close();
  }
}

/** @throws EngineError `BAD_OPTION`, `BACKUP_FAILED` */
async function complete(
  source: StorePaths,
  path: unknown,
  write: (partial: string) => Promise<void> | void,
): Promise<Backup> {
  const target = checkTarget(source, checkPath(path));
  const partial = `${target}.partial`;
  try {
    await write(partial);
    sync(partial);
    const { size: bytes } = statSync(partial);
    // Unlike a rename, it refuses a name that has been taken in the meantime.
    linkSync(partial, target);
    sync(dirname(target));
    return { path: target, pages: bytes / PAGE_BYTES, bytes };
  } catch (error) {
    throw failed(error, target);
  } finally {
    for (const suffix of ['', '-journal']) rmSync(`${partial}${suffix}`, { force: true });
  }
}

/** Tells of each step, and answers with how many pages the next one takes. */
function stepping(
  onProgress: (progress: BackupProgress) => void,
): (progress: { readonly totalPages: number; readonly remainingPages: number }) => number {
  let stepPages = STEP_PAGES;
  let least = Number.POSITIVE_INFINITY;
  return ({ totalPages: pages, remainingPages }) => {
    if (remainingPages >= least) stepPages = Math.min(2 * stepPages, MOST_STEP_PAGES);
    least = Math.min(least, remainingPages);
    onProgress({ pages, remainingPages });
    return stepPages;
  };
}

function checkTarget(source: StorePaths, path: string): string {
  const target = targetName(path);
  if (COMPANIONS.some((suffix) => target === `${source.database}${suffix}`)) {
    refuse(target, 'a file of the database that is copied');
  }
  // A log that lies there already would be taken for one of the copy, and applied to it.
  for (const suffix of COMPANIONS) {
    const found = statSync(`${target}${suffix}`, { throwIfNoEntry: false });
    if (found !== undefined) refuse(target, `"${target}${suffix}", which exists`);
  }
  return target;
}

function targetName(path: string): string {
  try {
    return resolvePaths(path).database;
  } catch (cause) {
    return refuse(path, `"${path}", which leads nowhere`, cause);
  }
}

function refuse(path: string, got: string, cause?: unknown): never {
  throw new EngineError(
    'BAD_OPTION',
    `Expected a new name in an existing directory for the copy, got ${got}. Nothing is overwritten: choose another name, or remove what is left of an earlier copy.`,
    { details: { path }, cause },
  );
}

function sync(path: string): void {
  const isDirectory = statSync(path).isDirectory();
  if (isDirectory && process.platform === 'win32') return;
  const descriptor = openSync(path, isDirectory ? 'r' : 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Whatever went wrong, the database itself goes on: it has only been read. */
function failed(cause: unknown, path: string): EngineError {
  const { details } = failureOf(cause, 'read', path);
  const got = cause instanceof Error ? cause.message : String(cause);
  return new EngineError(
    'BACKUP_FAILED',
    `Expected to copy the database to ${path}, got: ${got}. No copy was left; the engine goes on. Mend the cause and copy again.`,
    { details, cause },
  );
}
