// SQLite's result codes as EngineErrors. The one question that matters is whether the result of a
// write is known: a clean rollback may be retried, an unknown result stops the engine. Result codes:
// https://sqlite.org/rescode.html; which of them roll back by themselves:
// https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction

import { EngineError, type ErrorCode } from '../src/errors.ts';

/** What was being done. `commit` is the COMMIT itself, `write` all before it in the transaction. */
export type Doing = 'open' | 'read' | 'write' | 'commit' | 'checkpoint';

/** The extended result code of a thrown SQLite error: `SQLITE_BUSY_SNAPSHOT`. */
function resultCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined;
  }
  return error.code.startsWith('SQLITE_') ? error.code : undefined;
}

/** `SQLITE_IOERR_FSYNC` is an `IOERR`. */
function primaryCode(code: string | undefined): string {
  return code?.split('_')[1] ?? '';
}

/** Another connection holds a lock; nothing was done, the same may be tried again. */
export function isBusy(error: unknown): boolean {
  const primary = primaryCode(resultCode(error));
  return primary === 'BUSY' || primary === 'LOCKED';
}

function classify(primary: string, doing: Doing): ErrorCode {
  switch (primary) {
    case 'BUSY':
    case 'LOCKED':
      return 'STORE_BUSY';
    case 'FULL':
      // ENOSPC from a write, or max_page_count. In WAL mode a transaction becomes real with its last
      // frame, so a write that found no room cannot have committed (with powersafe overwrite, the
      // default, nothing is written after that frame). An fsync that fails for lack of room is an
      // IOERR instead. A checkpoint without room leaves the WAL as it was.
      return doing === 'read' ? 'STORE_FAILED' : 'STORE_FULL';
    case 'CORRUPT':
      return 'STORE_CORRUPT';
    case 'NOTADB':
      // Not a database when first looked at: someone else's file. Later: ours, overwritten.
      return doing === 'open' ? 'STORE_UNREADABLE' : 'STORE_CORRUPT';
    case 'CANTOPEN':
    case 'READONLY':
    case 'PERM':
    case 'AUTH':
      return doing === 'open' ? 'STORE_UNREADABLE' : 'STORE_FAILED';
    case 'IOERR':
      // After a failed fsync the kernel may have dropped the pages or kept them, and the commit frame
      // may or may not be found by a recovery: nobody knows. https://sqlite.org/atomiccommit.html
      // An I/O error before the COMMIT stops the store as well: the device is failing.
      return 'STORE_FAILED';
    case 'NOMEM':
    case 'PROTOCOL':
    case 'INTERNAL':
    case 'INTERRUPT':
    case 'NOLFS':
    case 'MISUSE':
      return 'STORE_FAILED';
    case 'CONSTRAINT':
      // Deferred constraints are checked by COMMIT, before it writes anything.
      return doing === 'write' || doing === 'commit' ? 'STORE_REFUSED' : 'STORE_FAILED';
    case 'ERROR':
    case 'SCHEMA':
      // Statements are prepared at open: a table or column that is missing is not our database as
      // this package made it.
      return doing === 'open' ? 'STORE_CORRUPT' : refusedOrFailed(doing);
    default:
      // TOOBIG, MISMATCH, RANGE, and values that the driver cannot bind: the statement is at fault.
      // At open, an error that is not SQLite's comes from the file system.
      return doing === 'open' && primary === '' ? 'STORE_UNREADABLE' : refusedOrFailed(doing);
  }
}

function refusedOrFailed(doing: Doing): ErrorCode {
  return doing === 'write' ? 'STORE_REFUSED' : 'STORE_FAILED';
}

const ADVICE: Partial<Record<ErrorCode, string>> = {
  STORE_BUSY: 'Another program holds the database; nothing was written. Try again when it is done.',
  STORE_FULL: 'Nothing was written. Make room; the store goes on by itself.',
  STORE_REFUSED: 'Nothing of this commit was written.',
  STORE_FAILED: 'The result may be unknown: stop, and open again to read what is there.',
  STORE_CORRUPT: 'Nothing was repaired. Restore a backup, or look with `PRAGMA integrity_check`.',
  STORE_UNREADABLE: 'Nothing was written. Check the path, its permissions and what the file is.',
};

const WORK: Readonly<Record<Doing, string>> = {
  open: 'open the database',
  read: 'read',
  write: 'write a commit',
  commit: 'make a commit durable',
  checkpoint: 'checkpoint the WAL',
};

/** The typed error for whatever was thrown; an EngineError passes through. */
export function failureOf(error: unknown, doing: Doing, path: string): EngineError {
  if (error instanceof EngineError) {
    return error;
  }
  const sqliteCode = resultCode(error);
  const code = classify(primaryCode(sqliteCode), doing);
  const got = error instanceof Error ? error.message : String(error);
  return new EngineError(
    code,
    `Expected to ${WORK[doing]} in ${path}, got ${sqliteCode ?? 'an error'}: ${got}. ${ADVICE[code] ?? ''}`.trim(),
    { details: { path, doing, ...(sqliteCode === undefined ? {} : { sqliteCode }) }, cause: error },
  );
}
