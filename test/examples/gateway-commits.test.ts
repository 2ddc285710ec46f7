// Group commit: pieces of work share one transaction, fail alone, and are answered only when the
// disk has them. A second connection to the same file is the witness.

import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { createGroupCommit } from '../../examples/gateway/group-commit.ts';
import { openDatabase } from '../../examples/gateway/schema.ts';
import { createLedgerPath } from './gateway-client.ts';

interface Subject {
  readonly commit: ReturnType<typeof createGroupCommit>;
  readonly db: Database.Database;
  /** Names an order, which is the smallest change there is. */
  readonly name: (orderId: string) => number;
  /** What another connection sees of the file. */
  readonly see: () => unknown[];
  readonly witness: Database.Database;
}

function openSubject(): Subject {
  const path = createLedgerPath();
  const db = openDatabase(path);
  const witness = new Database(path);
  onTestFinished(() => {
    witness.close();
    db.close();
  });
  const insert = db.prepare<[string]>('INSERT INTO orders (order_id) VALUES (?)');
  const list = witness.prepare('SELECT order_id FROM orders ORDER BY order_id').pluck();
  return {
    commit: createGroupCommit(db),
    db,
    witness,
    name: (orderId) => insert.run(orderId).changes,
    see: () => list.all(),
  };
}

it('opens the file so that a commit survives a power cut', () => {
  const { db } = openSubject();
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(db.pragma('synchronous', { simple: true })).toBe(2);
});

it('puts work that came in together into one commit, and answers only after it', async () => {
  const { commit, name, see } = openSubject();
  const seen = ['a', 'b', 'c'].map((orderId) => commit.run(() => name(orderId)).then(see));
  expect(see()).toEqual([]);
  expect(await Promise.all(seen)).toEqual(Array(3).fill(['a', 'b', 'c']));
  expect(commit.commits()).toBe(1);
});

it('undoes a piece of work that throws, and commits the others', async () => {
  const { commit, name, see } = openSubject();
  const results = await Promise.allSettled([
    commit.run(() => name('a')),
    commit.run(() => {
      name('b');
      throw new Error('half way');
    }),
    commit.run(() => name('a')),
    commit.run(() => name('c')),
  ]);
  expect(results.map((result) => result.status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ]);
  expect(see()).toEqual(['a', 'c']);
});

it('answers nobody when the file is locked by another, and goes on when it is free', async () => {
  const { commit, db, name, see, witness } = openSubject();
  db.pragma('busy_timeout = 0');
  witness.exec('BEGIN IMMEDIATE');
  const refused = await Promise.allSettled([
    commit.run(() => name('a')),
    commit.run(() => name('b')),
  ]);
  expect(refused.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  witness.exec('ROLLBACK');
  await commit.run(() => name('a'));
  expect(see()).toEqual(['a']);
});

it('stops for good when a commit fails in a way that leaves its result unknown', async () => {
  const { commit, db, name, see } = openSubject();
  // A broken reference that SQLite is told to look at last makes COMMIT itself fail.
  const insert = db.prepare('INSERT INTO releases (key, reservation_key) VALUES (?, ?)');
  const failing = commit.run(() => {
    db.pragma('defer_foreign_keys = ON');
    insert.run('release', 'nowhere');
  });
  const besides = commit.run(() => name('a'));
  await expect(failing).rejects.toThrow('FOREIGN KEY');
  await expect(besides).rejects.toThrow('FOREIGN KEY');
  await expect(commit.run(() => name('b'))).rejects.toThrow('LEDGER_BROKEN');
  expect(see()).toEqual([]);
});

it('commits what waits when it is asked to', async () => {
  const { commit, name, see } = openSubject();
  const waiting = commit.run(() => name('a'));
  commit.flush();
  expect(see()).toEqual(['a']);
  expect(await waiting).toBe(1);
});
