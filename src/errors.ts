// The one error class of the package. A throw means a mistake of the caller, of the environment or
// of ours; expected outcomes (a refused message, a duplicate) are values and never come from here.
// Every code is explained in docs/errors.md, held to this list by a test.

/** Codes of the errors that the engine and its stores throw; each is explained in docs/errors.md. */
export const ERROR_CODES = [
  'ACTOR_EXISTS',
  'ACTOR_FAILED',
  'ACTOR_NOT_FOUND',
  'ACTOR_PARKED',
  'ACTOR_STOPPED',
  'BACKUP_FAILED',
  'BAD_DURATION',
  'BAD_EVENT',
  'BAD_ID',
  'BAD_KEY',
  'BAD_OPTION',
  'BAD_VALUE',
  'DEAD_LETTER_LOOP',
  'DEAD_LETTER_NOT_FOUND',
  'ENGINE_FAILED',
  'ENGINE_PAUSED',
  'ENGINE_STOPPED',
  'INVARIANT',
  'JOURNAL_NOT_FOLDABLE',
  'KEY_REUSED',
  'MACHINE_DRIFT',
  'MACHINE_UNKNOWN',
  'MACHINE_UNSUPPORTED',
  'MAILBOX_FULL',
  'MIGRATION_FAILED',
  'NODE_UNSUPPORTED',
  'REVISION_CONFLICT',
  'SEND_IN_STEP',
  'SNAPSHOT_OUT_OF_TREE',
  'STEP_FAILED',
  'STORE_BUSY',
  'STORE_CORRUPT',
  'STORE_FAILED',
  'STORE_FULL',
  'STORE_LOCKED',
  'STORE_REFUSED',
  'STORE_TOO_NEW',
  'STORE_UNREADABLE',
  'TRANSACTION_TOO_LARGE',
  'VALUE_TOO_LARGE',
  'WAIT_TIMEOUT',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorOptions {
  /** Facts for programs: ids, limits, paths. JSON values only. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * What the engine and its stores throw. `code` is stable across releases and is what programs
 * should branch on; `message` says what was expected, what came and what to do.
 */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Narrows any thrown value to an {@link EngineError}, with one code if given. */
export function isEngineError(error: unknown, code?: ErrorCode): error is EngineError {
  return error instanceof EngineError && (code === undefined || error.code === code);
}

/** What has ended the engine, as one of its own errors. */
export function asEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  return new EngineError('ENGINE_FAILED', `The engine failed: ${String(error)}`, { cause: error });
}

/**
 * States what must hold at this point; kept in production, before writing and after reading.
 * @throws EngineError `INVARIANT`: the bug is in this package, nothing was written by this call.
 */
export function invariant(
  condition: unknown,
  message: string,
  details?: Record<string, unknown>,
): asserts condition {
  if (!condition) {
    throw new EngineError('INVARIANT', `Invariant broken: ${message}.`, details ? { details } : {});
  }
}

/** Ends a switch over a closed union: a new member without its case does not compile. */
export function assertNever(value: never): never {
  throw new EngineError('INVARIANT', `Unexpected member of a closed union: ${String(value)}.`);
}
