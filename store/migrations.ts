// Brings a database to the newest schema, at open, in one transaction: numbered, forward only. What
// ran is kept with its hash, so a database that went another way is refused instead of patched.

import { createHash } from 'node:crypto';
import { EngineError } from '../src/errors.ts';
import { SCHEMA_1 } from './schema.ts';
import type { Connection } from './sqlite-driver.ts';

/** `SagW`: marks a file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x53616757;

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In order; the first has number 1. Only ever appended to. */
export const MIGRATIONS: readonly Migration[] = [{ name: 'first schema', sql: SCHEMA_1 }];

export function migrationHash(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}

const CREATE_LEDGER = `
CREATE TABLE IF NOT EXISTS migrations (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT`;

/** How many of the known migrations a database of ours has; throws for any that is not known. */
export function appliedMigrations(
  db: Connection,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): number {
  const hashes = db.prepare('SELECT hash FROM migrations ORDER BY number').pluck().all();
  if (hashes.length > migrations.length) {
    throw new EngineError(
      'STORE_TOO_NEW',
      `Expected a schema of at most version ${migrations.length} in ${path}, got ${hashes.length}. Nothing was written; run the newer release that made it.`,
      { details: { path, known: migrations.length, found: hashes.length } },
    );
  }
  for (const [index, hash] of hashes.entries()) {
    const known = migrations[index];
    if (known === undefined || migrationHash(known) !== hash) {
      throw new EngineError(
        'STORE_UNREADABLE',
        `Expected migration ${index + 1} ("${known?.name}") of ${path} to be the released one, got another hash. Nothing was written; use the release that made this database.`,
        { details: { path, migration: index + 1, hash } },
      );
    }
  }
  return hashes.length;
}

/**
 * Runs what is missing. Takes the write lock in any case, so that a database that cannot be
 * written is found at open and not by the first commit.
 */
export function migrate(
  db: Connection,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(CREATE_LEDGER);
    }
    const applied = appliedMigrations(db, path, migrations);
    const record = db.prepare('INSERT INTO migrations (number, name, hash) VALUES (?, ?, ?)');
    for (const [index, migration] of migrations.slice(applied).entries()) {
      db.exec(migration.sql);
      record.run(applied + index + 1, migration.name, migrationHash(migration));
    }
    // For `file` and for people; the ledger is what counts.
    if (applied < migrations.length) {
      db.exec(`PRAGMA user_version = ${migrations.length}`);
    }
    db.exec('COMMIT');
  } finally {
    if (db.inTransaction) {
      db.exec('ROLLBACK');
    }
  }
}
