// The options of a SQLite store: their meaning, bounds and defaults. Touches no file.

import { setTimeout as pause } from 'node:timers/promises';
import { EngineError } from '../src/errors.ts';

export interface SqliteStoreOptions {
  /**
   * `full` (default): a commit is on disk when its promise resolves. `relaxed`: a crash of the
   * process loses nothing, but a power cut may lose the last commits, all of whose acks were
   * given. Shown in `health()` and announced by `onNotice`.
   */
  readonly durability?: 'full' | 'relaxed';
  /** How long one attempt may block the event loop for another program's lock. Default 50. */
  readonly busyTimeoutMs?: number;
  /** How long to wait for it in all, off the loop, before `STORE_BUSY`. Default 5,000. */
  readonly busyWaitMs?: number;
  /** Size at which `maintain()` insists on emptying the WAL. Default 64 MiB, least 1 MiB. */
  readonly walLimitBytes?: number;
  /** Size of the database at which commits fail with `STORE_FULL`. Default: the disk's. */
  readonly maxBytes?: number;
  /** Hears what an operator should know. Default: a process warning. */
  readonly onNotice?: (notice: string) => void;
  /** The timer of the wait between attempts. Default: the platform's. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

export type SqliteSettings = Required<Omit<SqliteStoreOptions, 'maxBytes'>> & {
  readonly maxBytes: number | undefined;
};

export const PAGE_BYTES = 4096;
const MEBIBYTE = 1024 * 1024;

function bounded(name: string, value: number | undefined, fallback: number, least: number): number {
  const chosen = value ?? fallback;
  // PRAGMA busy_timeout takes 32 bits; none of the others needs more than 2^53.
  const most = name.endsWith('Ms') ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
  if (!Number.isSafeInteger(chosen) || chosen < least || chosen > most) {
    throw new EngineError(
      'BAD_OPTION',
      `Expected ${name} to be an integer of ${least} to ${most}, got ${String(chosen)}.`,
      { details: { option: name } },
    );
  }
  return chosen;
}

function warn(notice: string): void {
  process.emitWarning(notice, 'SagawrightWarning');
}

/** @throws EngineError `BAD_OPTION` */
export function sqliteSettings(options: SqliteStoreOptions): SqliteSettings {
  const durability = options.durability ?? 'full';
  if (durability !== 'full' && durability !== 'relaxed') {
    throw new EngineError(
      'BAD_OPTION',
      `Expected durability 'full' or 'relaxed', got ${JSON.stringify(durability)}.`,
      { details: { option: 'durability' } },
    );
  }
  return {
    durability,
    busyTimeoutMs: bounded('busyTimeoutMs', options.busyTimeoutMs, 50, 0),
    busyWaitMs: bounded('busyWaitMs', options.busyWaitMs, 5_000, 0),
    walLimitBytes: bounded('walLimitBytes', options.walLimitBytes, 64 * MEBIBYTE, MEBIBYTE),
    maxBytes:
      options.maxBytes === undefined
        ? undefined
        : bounded('maxBytes', options.maxBytes, 0, PAGE_BYTES),
    onNotice: options.onNotice ?? warn,
    wait: options.wait ?? ((ms) => pause(ms)),
  };
}

/**
 * Refuses the paths that SQLite or its driver would take for something else than a file.
 * @throws EngineError `BAD_OPTION`
 */
export function checkPath(path: unknown): string {
  if (path === ':memory:' || path === '') {
    throw new EngineError(
      'BAD_OPTION',
      `Expected the path of a database file, got ${JSON.stringify(path)}. For a store that keeps nothing use memoryStore().`,
    );
  }
  // The driver trims white space, so the lock would guard another file; a NUL would cut the name.
  if (
    typeof path !== 'string' ||
    path.trim() !== path ||
    path.includes('\0') ||
    path.startsWith('file:')
  ) {
    const got = typeof path === 'string' ? JSON.stringify(path) : typeof path;
    throw new EngineError(
      'BAD_OPTION',
      `Expected the path of a database file without white space around it (no file: address), got ${got}.`,
    );
  }
  return path;
}
