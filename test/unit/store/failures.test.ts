// Result codes: what is a clean rollback, what stops the engine.

import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../src/errors.ts';
import { type Doing, failureOf, isBusy } from '../../../store/failures.ts';

const sqliteError = (code: string): Error => Object.assign(new Error('from SQLite'), { code });

describe('failures of SQLite', () => {
  const cases: readonly (readonly [code: string, doing: Doing, expected: string])[] = [
    ['SQLITE_BUSY', 'write', 'STORE_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 'read', 'STORE_BUSY'],
    ['SQLITE_LOCKED', 'commit', 'STORE_BUSY'],
    ['SQLITE_FULL', 'write', 'STORE_FULL'],
    ['SQLITE_FULL', 'commit', 'STORE_FULL'],
    ['SQLITE_FULL', 'checkpoint', 'STORE_FULL'],
    ['SQLITE_IOERR_FSYNC', 'commit', 'STORE_FAILED'],
    ['SQLITE_IOERR_WRITE', 'write', 'STORE_FAILED'],
    ['SQLITE_IOERR_READ', 'read', 'STORE_FAILED'],
    ['SQLITE_IOERR_FSYNC', 'checkpoint', 'STORE_FAILED'],
    ['SQLITE_READONLY', 'write', 'STORE_FAILED'],
    ['SQLITE_READONLY_DBMOVED', 'commit', 'STORE_FAILED'],
    ['SQLITE_CANTOPEN', 'commit', 'STORE_FAILED'],
    ['SQLITE_CANTOPEN', 'open', 'STORE_UNREADABLE'],
    ['SQLITE_READONLY', 'open', 'STORE_UNREADABLE'],
    ['SQLITE_NOTADB', 'open', 'STORE_UNREADABLE'],
    ['SQLITE_NOTADB', 'read', 'STORE_CORRUPT'],
    ['SQLITE_CORRUPT_VTAB', 'write', 'STORE_CORRUPT'],
    ['SQLITE_CORRUPT', 'open', 'STORE_CORRUPT'],
    ['SQLITE_NOMEM', 'write', 'STORE_FAILED'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'write', 'STORE_REFUSED'],
    ['SQLITE_CONSTRAINT_FOREIGNKEY', 'commit', 'STORE_REFUSED'],
    ['SQLITE_TOOBIG', 'write', 'STORE_REFUSED'],
    ['SQLITE_MISMATCH', 'write', 'STORE_REFUSED'],
    ['SQLITE_ERROR', 'write', 'STORE_REFUSED'],
    ['SQLITE_ERROR', 'commit', 'STORE_FAILED'],
    ['SQLITE_ERROR', 'read', 'STORE_FAILED'],
    ['SQLITE_ERROR', 'open', 'STORE_CORRUPT'],
  ];

  it.each(cases)('%s while doing %s is %s', (code, doing, expected) => {
    const failure = failureOf(sqliteError(code), doing, '/x.db');
    expect(failure).toMatchObject({ code: expected, details: { path: '/x.db', sqliteCode: code } });
    expect(failure.cause).toBeInstanceOf(Error);
    expect(isBusy(sqliteError(code))).toBe(expected === 'STORE_BUSY');
  });

  it('takes an error of the driver for a refusal before the COMMIT, and for a failure in it', () => {
    expect(failureOf(new TypeError('cannot bind'), 'write', 'x').code).toBe('STORE_REFUSED');
    expect(failureOf(new TypeError('odd'), 'commit', 'x').code).toBe('STORE_FAILED');
    expect(failureOf('thrown text', 'read', 'x').code).toBe('STORE_FAILED');
    expect(failureOf(sqliteError('EACCES'), 'open', 'x').code).toBe('STORE_UNREADABLE');
  });

  it('passes its own errors through', () => {
    const own = new EngineError('STORE_REFUSED', 'no');
    expect(failureOf(own, 'commit', 'x')).toBe(own);
  });
});
