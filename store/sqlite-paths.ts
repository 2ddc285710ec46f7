// The files of one SQLite store, all beside the database, found through symbolic links so that
// every spelling of a path meets the same lock. Looks names up; opens none of the files (see
// sqlite-lock.ts for why that would be harmful).

import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EngineError } from '../src/errors.ts';

export interface StorePaths {
  readonly database: string;
  readonly wal: string;
  readonly lock: string;
  readonly pid: string;
  /** Where a new database is built before it gets its name. */
  readonly draft: string;
}

/** @throws EngineError `STORE_UNREADABLE` when the directory is missing or a link leads nowhere */
export function resolvePaths(path: string): StorePaths {
  const database = realName(resolve(path));
  return {
    database,
    wal: `${database}-wal`,
    lock: `${database}.lock`,
    pid: `${database}.pid`,
    draft: `${database}.new`,
  };
}

function realName(path: string): string {
  try {
    // A link is followed to its end; a file that does not exist yet is found by its directory.
    return lstatSync(path, { throwIfNoEntry: false }) === undefined
      ? join(realpathSync.native(dirname(path)), basename(path))
      : realpathSync.native(path);
  } catch (error) {
    throw new EngineError(
      'STORE_UNREADABLE',
      `Expected ${path} to be a file or a new name in an existing directory, got ${describe(error)}. Create the directory, or mend the link.`,
      { details: { path }, cause: error },
    );
  }
}

/** Why the path leads nowhere, without the system's own words: those are the cause. */
function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'no such directory';
    case 'ENOTDIR':
      return 'a file in the place of a directory';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to look';
    case 'ELOOP':
      return 'links that lead in a circle';
    default:
      return `the error ${String(code)}`;
  }
}
