// The flow of one operation: count its arrival, answer from what is stored under its key, or carry
// it out and store the answer, all in one savepoint of a group commit. The promise resolves after
// that commit, so no answer exists that the disk does not know. Never talks HTTP.

import type Database from 'better-sqlite3';
import { createCharges } from './charges.ts';
import { createGroupCommit } from './group-commit.ts';
import { createReports, type Reports } from './ledger-reports.ts';
import type { Outcome } from './outcome.ts';
import type { Operation } from './requests.ts';
import { openDatabase } from './schema.ts';
import { createStock } from './stock.ts';
import { createTombstones } from './tombstones.ts';

/** What the ledger asks of the outside: who is declined, and how much there is of a stock code. */
interface Rules {
  declines(orderId: string): boolean;
  initialStock(sku: string): number;
}

/** What goes back over the wire, byte for byte the same at every replay. */
export interface Answer {
  readonly status: number;
  readonly json: string;
  readonly replayed: boolean;
}

/** An arrival, and the fault that hits it: `before` counts it and does nothing else. */
interface Submission {
  readonly operation: Operation;
  readonly fault: 'none' | 'before' | 'after';
}

export interface Ledger {
  readonly reports: Reports;
  /** Announces an arrival; call once before each `submit`. @returns 1 for the key's first one. */
  arrive(key: string): number;
  /** Resolves after the commit; `undefined` when the fault kept the operation from being applied. */
  submit(submission: Submission): Promise<Answer | undefined>;
  commits(): number;
  /** Commits what waits and closes the file. */
  close(): void;
}

interface StoredOperation {
  readonly path: string;
  readonly sha256: string;
  readonly status: number;
  readonly reply: string;
}

/** @throws LedgerError when the file is no ledger, or would not survive a power cut. */
export function openLedger(path: string, rules: Rules): Ledger {
  const db = openDatabase(path);
  const commit = createGroupCommit(db);
  const arrivals = createArrivals(db);
  const answer = createAnswers(db, rules);

  return {
    reports: createReports(db),
    arrive: (key) => arrivals.announce(key),
    submit: (submission) =>
      commit
        .run(() => {
          arrivals.record(submission);
          return submission.fault === 'before' ? undefined : answer(submission.operation);
        })
        .finally(() => arrivals.settle(submission.operation.key)),
    commits: () => commit.commits(),
    close: () => {
      commit.flush();
      db.close();
    },
  };
}

interface Arrivals {
  announce(key: string): number;
  record(submission: Submission): void;
  settle(key: string): void;
}

/** Counts arrivals on disk; those announced but not yet committed are counted in memory. */
function createArrivals(db: Database.Database): Arrivals {
  const pending = new Map<string, number>();
  const find = db.prepare<[string], number>('SELECT arrivals FROM keys WHERE key = ?').pluck();
  const countKey = db.prepare<[key: string, faults: number]>(
    `INSERT INTO keys (key, arrivals, faults) VALUES (?, 1, ?)
     ON CONFLICT (key) DO UPDATE SET arrivals = arrivals + 1, faults = faults + excluded.faults`,
  );
  const countBody = db.prepare<[key: string, path: string, sha256: string]>(
    `INSERT INTO bodies (key, path, sha256, arrivals) VALUES (?, ?, ?, 1)
     ON CONFLICT (key, path, sha256) DO UPDATE SET arrivals = arrivals + 1`,
  );
  return {
    announce: (key) => {
      const waiting = (pending.get(key) ?? 0) + 1;
      pending.set(key, waiting);
      return (find.get(key) ?? 0) + waiting;
    },
    record: ({ operation, fault }) => {
      countKey.run(operation.key, fault === 'none' ? 0 : 1);
      countBody.run(operation.key, operation.path, operation.sha256);
    },
    settle: (key) => {
      const waiting = (pending.get(key) ?? 0) - 1;
      if (waiting > 0) pending.set(key, waiting);
      else pending.delete(key);
    },
  };
}

/** Idempotency: the stored answer, a conflict, or the operation carried out for the first time. */
function createAnswers(db: Database.Database, rules: Rules): (operation: Operation) => Answer {
  const carryOut = createCarryOut(db, rules);
  const find = db.prepare<[string], StoredOperation>(
    'SELECT path, sha256, status, reply FROM operations WHERE key = ?',
  );
  const store = db.prepare<[string, string, string, Outcome['state'], number, string]>(
    `INSERT INTO operations (key, path, sha256, state, status, reply) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const countReplay = db.prepare<[string]>('UPDATE keys SET replays = replays + 1 WHERE key = ?');
  const countConflict = db.prepare<[string]>(
    'UPDATE keys SET conflicts = conflicts + 1 WHERE key = ?',
  );
  const countApplied = db.prepare<[string, string]>(
    'INSERT INTO applied (key, path) VALUES (?, ?)',
  );

  return (operation) => {
    const { key, path, sha256 } = operation;
    const stored = find.get(key);
    if (stored !== undefined && stored.path === path && stored.sha256 === sha256) {
      countReplay.run(key);
      return { status: stored.status, json: stored.reply, replayed: true };
    }
    if (stored !== undefined) {
      countConflict.run(key);
      return createConflict(key, path, stored.path);
    }
    const { state, status, reply } = carryOut(operation);
    const json = JSON.stringify(reply);
    store.run(key, path, sha256, state, status, json);
    if (state === 'done') countApplied.run(key, path);
    return { status, json, replayed: false };
  };
}

function createCarryOut(db: Database.Database, rules: Rules): (operation: Operation) => Outcome {
  const tombstones = createTombstones(db);
  const charges = createCharges(db, tombstones, rules.declines);
  const stock = createStock(db, tombstones, rules.initialStock);
  return (operation) => {
    switch (operation.path) {
      case '/charges':
        return charges.charge(operation.key, operation.body);
      case '/voids':
        return charges.void(operation.key, operation.body);
      case '/refunds':
        return charges.refund(operation.key, operation.body);
      case '/reservations':
        return stock.reserve(operation.key, operation.body);
      case '/releases':
        return stock.release(operation.key, operation.body);
    }
  };
}

function createConflict(key: string, path: string, firstPath: string): Answer {
  const message =
    `expected the request first made under the key ${key}, POST ${firstPath}, ` +
    `got POST ${path} with ${path === firstPath ? 'another body' : 'its body'}; use a new key`;
  const json = JSON.stringify({ error: { code: 'KEY_REUSED', message } });
  return { status: 409, json, replayed: false };
}
