// Files and processes for tests of the SQLite store: a directory for each test file, the driver as
// "another program", and stores in child processes that can be killed.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterAll } from 'vitest';
import type { Store } from '../../../src/store.ts';
import { type SqliteStoreOptions, sqliteStore } from '../../../store/index.ts';

/** A new path at each call, in a directory that goes with the test file. */
export function databasePaths(name: string): () => string {
  const directory = mkdtempSync(join(tmpdir(), `sagawright-${name}-`));
  let count = 0;
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return () => {
    count += 1;
    return join(directory, `db-${count}.db`);
  };
}

export async function opened(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const store = sqliteStore(path, { onNotice: () => undefined, ...options });
  await store.open();
  return store;
}

/** Another program on the same file. Never `fs`: see sqlite-lock.ts. */
export function raw(path: string, options: Database.Options = {}): Database.Database {
  return new Database(path, { timeout: 0, ...options });
}

/** Only for files that no connection of this process has open. */
export function fileHash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

export interface StoreProcess {
  readonly pid: number;
  /** The next line that it prints. */
  line(): Promise<string>;
  kill(): Promise<void>;
}

/** Starts a command such that its writes beyond so many blocks of 1,024 bytes of a file fail. */
export function withFileLimit(blocks: number): readonly string[] {
  return ['bash', '-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, 'bash'];
}

/** Starts a command with a disk of its own at a directory, of so many MiB; it goes with the command. */
export function withDisk(directory: string, mebibytes: number): readonly string[] {
  const mount = 'mount -t tmpfs -o size="$1"m tmpfs "$0" && shift && exec "$@"';
  return ['unshare', '-rm', 'sh', '-c', mount, directory, String(mebibytes)];
}

/** Starts store-process.ts, by another command if one is given. */
export function startStoreProcess(
  action: string,
  path: string,
  by: readonly string[] = [],
): StoreProcess {
  const script = join(import.meta.dirname, 'store-process.ts');
  const command = [...by, process.execPath, script, action, path];
  const [program = '', ...args] = command;
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdout, pid } = child;
  if (stdout === null || pid === undefined) {
    throw new Error(`Expected ${command.join(' ')} to start.`);
  }
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    pid,
    line: async () => {
      const { value, done } = await lines.next();
      if (done) {
        throw new Error(`The process for "${action}" ended before it said anything.`);
      }
      return String(value);
    },
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}
