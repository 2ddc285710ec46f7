// Migrations: all of them or none, each once, and only those that are known.

import { describe, expect, it } from 'vitest';
import {
  appliedMigrations,
  MIGRATIONS,
  migrate,
  migrationHash,
} from '../../../store/migrations.ts';
import { databasePaths, raw } from './store-files.ts';

const nextPath = databasePaths('migrations');
const NEXT = { name: 'next', sql: 'CREATE TABLE next (a INTEGER) STRICT' };
const BROKEN = { name: 'broken', sql: 'CREATE TABLE half (a INTEGER) STRICT; SELECT nonsense()' };

describe('migrations', () => {
  it('run once, in order, and are recorded with their hash', () => {
    const path = nextPath();
    const db = raw(path);
    migrate(db, path, MIGRATIONS);
    expect(appliedMigrations(db, path, MIGRATIONS)).toBe(1);
    migrate(db, path, [...MIGRATIONS, NEXT]);
    migrate(db, path, [...MIGRATIONS, NEXT]);
    expect(db.prepare('SELECT name, hash FROM migrations ORDER BY number').all()).toEqual(
      [...MIGRATIONS, NEXT].map((each) => ({ name: each.name, hash: migrationHash(each) })),
    );
    expect(db.pragma('user_version', { simple: true })).toBe(2);
    db.close();
  });

  it('leave nothing when one of them fails', () => {
    const path = nextPath();
    const db = raw(path);
    expect(() => migrate(db, path, [...MIGRATIONS, BROKEN])).toThrow();
    expect(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()).toBe(0);
    expect(db.pragma('application_id', { simple: true })).toBe(0);
    migrate(db, path, MIGRATIONS);
    expect(() => migrate(db, path, [...MIGRATIONS, BROKEN])).toThrow();
    expect(appliedMigrations(db, path, MIGRATIONS)).toBe(1);
    expect(db.inTransaction).toBe(false);
    db.close();
  });

  it('that have been released are never edited', () => {
    // A change of the first schema needs a second migration; this hash stays as it is.
    expect(MIGRATIONS.map((each) => migrationHash(each))).toEqual([
      '426d86ec5e00b8e161a599bcb18a74e8fa13a79aa25cb82d639b4b5066412316',
    ]);
  });
});
