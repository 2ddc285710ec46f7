// One engine per database: an exclusive transaction on a file of its own, held from open to close.
// It is a lock of the kernel, so it dies with the process however that ends, and nobody has to guess
// whether a lock left behind is stale. Never opens the lock file or the database with `fs`.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EngineError } from '../src/errors.ts';
import { failureOf, isBusy } from './failures.ts';
import type { Driver } from './sqlite-driver.ts';
import type { StorePaths } from './sqlite-paths.ts';

export interface Lock {
  /** Lets the next engine in. */
  release(): void;
}

/** Who wrote the pid file; null between taking the lock and writing it, or without rights. */
function readHolder(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function locked(paths: StorePaths): EngineError {
  const pid = readHolder(paths.pid);
  const who = pid === null ? 'another process' : pid === process.pid ? 'this process' : 'a process';
  const which = pid === null ? '' : ` with pid ${pid}`;
  return new EngineError(
    'STORE_LOCKED',
    `Expected to be the only engine on ${paths.database}, but ${who}${which} has it open. Stop that one first, or give this one another file.`,
    { details: { pid, path: paths.database } },
  );
}

/**
 * POSIX drops all locks of a process on a file when it closes any descriptor of that file: one
 * `readFile` of the lock file in the holder, and the next engine walks in
 * (https://sqlite.org/howtocorrupt.html, 2.2). SQLite's own connections share descriptors and are
 * safe; the pid is therefore kept in another file. The lock file is never removed: an engine that has
 * it open already would then lock a ghost.
 * @throws EngineError `STORE_LOCKED` with the holder's pid; `STORE_UNREADABLE`
 */
export function takeLock(driver: Driver, paths: StorePaths): Lock {
  let connection: InstanceType<Driver> | undefined;
  try {
    connection = new driver(paths.lock, { timeout: 0 });
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection?.close();
    throw isBusy(error) ? locked(paths) : failureOf(error, 'open', paths.lock);
  }
  const held = connection;
  try {
    writeFileSync(paths.pid, `${process.pid}\n`);
  } catch {
    // The pid is told to people; the lock holds without it, on a full disk for example.
  }
  return {
    release(): void {
      try {
        rmSync(paths.pid, { force: true });
      } finally {
        held.close();
      }
    },
  };
}

/**
 * Whether an engine has the database, for those who only look. The lock file is asked only when there is a
 * pid file, so that nobody who is just opening is disturbed: a question is a shared lock for an instant.
 */
export function lookAtLock(
  driver: Driver,
  paths: StorePaths,
): { readonly isHeld: boolean; readonly pid: number | null } {
  const pid = readHolder(paths.pid);
  if (pid === null) return { isHeld: false, pid };
  let connection: InstanceType<Driver> | undefined;
  try {
    connection = new driver(paths.lock, { readonly: true, fileMustExist: true, timeout: 0 });
    connection.prepare('SELECT count(*) FROM sqlite_schema').get();
    return { isHeld: false, pid: null };
  } catch (error) {
    return isBusy(error) ? { isHeld: true, pid } : { isHeld: false, pid: null };
  } finally {
    connection?.close();
  }
}
