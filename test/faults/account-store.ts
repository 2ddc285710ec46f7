// Databases of accounts outside of any process: one prepared, copied, and opened again to see what a
// fault has left in it. Nobody else has the file open meanwhile.

import { copyFileSync, existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { openEngine, type Receipt } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { readStore } from '../crash/store-reading.ts';
import { type AccountEvent, account } from './account.ts';

/** Sends messages of one account in an engine of this process, and closes it again. */
export async function sendTo(
  db: string,
  id: string,
  messages: readonly (readonly [key: string, event: AccountEvent])[],
): Promise<readonly Receipt[]> {
  await using engine = await openEngine({ store: sqliteStore(db), machines: [account] });
  const actor = await engine.start(account, { id, ifExists: 'attach' });
  return Promise.all(messages.map(([key, event]) => actor.send(event, { key })));
}

/** A database as a kill leaves it: its files, the WAL's included. */
export function copyDatabase(from: string, to: string): void {
  for (const suffix of ['', '-wal', '-journal']) {
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
  }
}

/** Journal of an account as `type key` lines, after its revisions were found to have no gap. */
export async function readJournal(db: string, id: string): Promise<readonly string[]> {
  const { journal, actors } = await readStore(db);
  const entries = journal.get(id) ?? [];
  const revisions = entries.map(({ revision }) => revision);
  if (revisions.some((revision, index) => revision !== index + 1)) {
    throw new Error(`Expected revisions of ${id} without gaps, got ${revisions.join(' ')}.`);
  }
  if ((actors.get(id)?.revision ?? 0) !== entries.length) {
    throw new Error(`Expected the row of ${id} to be at the end of its journal.`);
  }
  return entries.map(({ type, key }) => (key === null ? type : `${type} ${key}`));
}

/** What SQLite itself finds wrong with a file; `ok` if nothing. */
export function checkIntegrity(db: string): unknown {
  const connection = new Database(db);
  try {
    return connection.pragma('integrity_check', { simple: true });
  } finally {
    connection.close();
  }
}
