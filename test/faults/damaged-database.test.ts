// Pages and rows of a real database changed behind the engine's back: a damaged page stops the engine, a
// damaged row parks its actor alone. Nothing is repaired unasked, and nothing is dropped.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Engine, type EngineError, openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { codeOf, collect, errorOf } from '../support/collected.ts';
import { account } from './account.ts';
import { readJournal, sendTo } from './account-store.ts';
import { createFolder } from './means.ts';

const folder = createFolder('damaged');
const PAGE_BYTES = 4_096;
const add = { type: 'ADD', amount: 2 } as const;
let count = 0;

/** A database with two accounts, closed in order. */
async function createAccounts(): Promise<string> {
  count += 1;
  const db = join(folder, `accounts-${count}.db`);
  for (const id of ['a', 'b']) await sendTo(db, id, [['one', add]]);
  return db;
}

function open(
  db: string,
  machines: readonly AnyStateMachine[] = [account],
  failures: EngineError[] = [],
): Promise<Engine> {
  const onFailure = (error: EngineError): number => failures.push(error);
  return openEngine({ store: sqliteStore(db), machines, onFailure });
}

/** Spoils the pages of a table or an index, as a bad sector would. Nobody has the file open. */
function damagePages(db: string, table: string): number {
  const connection = new Database(db);
  const pages = connection
    .prepare('SELECT pageno FROM dbstat WHERE name = ?')
    .pluck()
    .all(table)
    .map(Number);
  connection.close();
  const bytes = readFileSync(db);
  for (const page of pages) {
    const start = (page - 1) * PAGE_BYTES;
    bytes.fill(0x5a, start, start + 64);
  }
  writeFileSync(db, bytes);
  return pages.length;
}

function update(db: string, sql: string, ...values: readonly string[]): void {
  const connection = new Database(db);
  const { changes } = connection.prepare(sql).run(...values);
  connection.close();
  expect(changes).toBe(1);
}

function readSnapshot(db: string, id: string): string {
  const connection = new Database(db, { readonly: true });
  const snapshot = connection.prepare('SELECT snapshot FROM actors WHERE id = ?').pluck().get(id);
  connection.close();
  return String(snapshot);
}

describe('a damaged page (F15)', () => {
  it('of a table stops the engine when it is met, says so, and is left as it is', async () => {
    const db = await createAccounts();
    expect(damagePages(db, 'journal')).toBeGreaterThan(0);
    const before = readFileSync(db);
    const failures: EngineError[] = [];
    const engine = await open(db, [account], failures);
    const error = await errorOf(engine.actor(account, 'a').send(add));
    expect(error.code).toBe('ENGINE_FAILED');
    expect(error.message).toContain('STORE_CORRUPT');
    expect(failures.map(({ code }) => code)).toEqual(['STORE_CORRUPT']);
    expect(await engine.health()).toMatchObject({ level: 'red', status: 'failed' });
    expect(await codeOf(engine.actor(account, 'b').send(add))).toBe('ENGINE_FAILED');
    await engine.stop();
    expect(readFileSync(db).equals(before)).toBe(true);
  });

  it.each(['actors', 'machines', 'inbox', 'sqlite_schema'])(
    'of %s keeps the engine from opening or stops it, and is left as it is',
    async (table) => {
      const db = await createAccounts();
      expect(damagePages(db, table)).toBeGreaterThan(0);
      const before = readFileSync(db);
      const failures: EngineError[] = [];
      const opened = await open(db, [account], failures).catch((error: unknown) => error);
      const codes: string[] = [];
      if (opened instanceof Error) {
        codes.push(opened instanceof Error && 'code' in opened ? String(opened.code) : '');
      } else {
        const engine = opened as Engine;
        codes.push(await codeOf(engine.actor(account, 'a').send(add)));
        codes.push(...failures.map(({ code }) => code));
        await engine.stop();
      }
      // The first page holds the schema: without it the file is no database at all.
      expect(codes.at(-1)).toMatch(/^STORE_(CORRUPT|UNREADABLE)$/);
      expect(readFileSync(db).equals(before)).toBe(true);
      // The lock was given back: it is the file that is refused, not the second attempt.
      const again = await open(db).catch((error: unknown) => error);
      expect(again).not.toMatchObject({ code: 'STORE_LOCKED' });
      if (!(again instanceof Error)) await (again as Engine).stop();
    },
  );
});

describe('a damaged row (F16)', () => {
  it.each([
    ['half of its JSON', '{"status":"active","value":"op'],
    ['no snapshot', '[]'],
    ['a state that is none', '{"status":"active","value":"nowhere","context":{},"inputHash":"x"}'],
  ])(
    'parks its actor alone: %s; the row stays, and the journal gives it back',
    async (_what, text) => {
      const db = await createAccounts();
      const good = readSnapshot(db, 'a');
      update(db, "UPDATE actors SET snapshot = ? WHERE id = 'a'", text);
      const engine = await open(db);
      const actor = engine.actor(account, 'a');
      expect(await codeOf(actor.send(add))).toBe('ACTOR_PARKED');
      expect(await engine.actor(account, 'b').send(add)).toMatchObject({ status: 'accepted' });
      expect(await collect(engine.list({ status: 'parked' }))).toMatchObject([{ id: 'a' }]);
      expect((await engine.health()).problems).toEqual(['1 actor is parked.']);
      const told = (await collect(actor.history())).map(({ type }) => type);
      expect(told).toEqual(['xstate.init', 'ADD']);
      expect(readSnapshot(db, 'a')).toBe(text);

      await engine.rebuild('a');
      expect((await actor.snapshot()).context).toMatchObject({ total: 2 });
      expect(JSON.parse(readSnapshot(db, 'a'))).toEqual(JSON.parse(good));
      expect(await actor.send(add)).toMatchObject({ status: 'accepted' });
      await engine.stop();
    },
  );
});

describe('a row of a machine or a version that nobody knows (F17)', () => {
  it.each([
    ['machine', 'account', 'unheard-of'],
    ['machine_version', '1', '99'],
  ])(
    'is parked with all that it holds, and goes on when its %s is known again',
    async (column, known, strange) => {
      const db = await createAccounts();
      const engine = await open(db);
      // Armed by an engine that has stopped before it is due.
      const sent = engine.actor(account, 'a').send({ type: 'ARM', delayMs: 1 });
      await engine.stop();
      expect(await sent).toMatchObject({ status: 'accepted' });
      update(db, `UPDATE actors SET ${column} = ? WHERE id = 'a'`, strange);

      const second = await open(db);
      const error = await errorOf(second.actor(account, 'a').send(add));
      expect(error.code).toBe('ACTOR_PARKED');
      expect(error.message).toContain(strange);
      expect(await second.actor(account, 'b').send(add)).toMatchObject({ status: 'accepted' });
      expect(await collect(second.list({ status: 'parked' }))).toMatchObject([{ id: 'a' }]);
      await second.stop();
      expect(await readJournal(db, 'a')).toEqual(['xstate.init', 'ADD one', 'ARM']);

      update(db, `UPDATE actors SET ${column} = ? WHERE id = 'a'`, known);
      const third = await open(db);
      const actor = third.actor(account, 'a');
      await actor.waitFor(({ context }) => context.rings === 1, { timeout: '20s' });
      expect((await actor.snapshot()).context).toMatchObject({ total: 2, rings: 1 });
      await third.stop();
      expect(await readJournal(db, 'a')).toEqual(['xstate.init', 'ADD one', 'ARM', 'RING']);
    },
  );
});
