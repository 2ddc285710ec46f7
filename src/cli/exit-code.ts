// How the command line ends: one number for each kind of end, the same in every command. Held to the
// table in docs/cli.md by a test.

import { type ErrorCode, isEngineError } from '../errors.ts';

export const EXIT_CODES = {
  /** Done; nothing wrong was found. */
  ok: 0,
  /** `check`, `verify`, `doctor`, `migrate` have found something that needs people. */
  findings: 1,
  /** The call is wrong: an unknown option, a file without machines. */
  usage: 2,
  /** There is no such actor, dead letter or database. */
  notFound: 3,
  /** The actor refused the message, or is not at the expected revision. Nothing has changed. */
  refused: 4,
  /** A running engine holds the database: writing has to go through it. */
  locked: 5,
  /** The database cannot be used: damaged, too new, no database of ours, no space. */
  store: 6,
  /** Anything else: a bug, of ours or of a machine. */
  failed: 7,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** Wrong use of the command line; said on standard error with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for is not there; exit code 3. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

const BY_ERROR: Partial<Record<ErrorCode, ExitCode>> = {
  ACTOR_NOT_FOUND: EXIT_CODES.notFound,
  DEAD_LETTER_NOT_FOUND: EXIT_CODES.notFound,
  REVISION_CONFLICT: EXIT_CODES.refused,
  KEY_REUSED: EXIT_CODES.refused,
  DEAD_LETTER_LOOP: EXIT_CODES.refused,
  ACTOR_FAILED: EXIT_CODES.refused,
  ACTOR_PARKED: EXIT_CODES.refused,
  STORE_LOCKED: EXIT_CODES.locked,
  STORE_BUSY: EXIT_CODES.store,
  STORE_CORRUPT: EXIT_CODES.store,
  STORE_FAILED: EXIT_CODES.store,
  STORE_FULL: EXIT_CODES.store,
  STORE_TOO_NEW: EXIT_CODES.store,
  STORE_UNREADABLE: EXIT_CODES.store,
  BACKUP_FAILED: EXIT_CODES.store,
  NODE_UNSUPPORTED: EXIT_CODES.store,
  BAD_ID: EXIT_CODES.usage,
  BAD_OPTION: EXIT_CODES.usage,
  BAD_EVENT: EXIT_CODES.usage,
  BAD_VALUE: EXIT_CODES.usage,
  BAD_KEY: EXIT_CODES.usage,
  VALUE_TOO_LARGE: EXIT_CODES.usage,
  MACHINE_UNKNOWN: EXIT_CODES.usage,
  MACHINE_UNSUPPORTED: EXIT_CODES.usage,
  MACHINE_DRIFT: EXIT_CODES.findings,
};

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT_CODES.usage;
  if (error instanceof NotFoundError) return EXIT_CODES.notFound;
  if (isEngineError(error)) return BY_ERROR[error.code] ?? EXIT_CODES.failed;
  return EXIT_CODES.failed;
}
