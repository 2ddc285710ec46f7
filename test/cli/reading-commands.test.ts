// The reading commands on the database of a small shop: what people read, what programs read, and what
// is said when there is nothing to read.

import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSample } from '../../scripts/cli-docs/sample.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { columnsOf } from '../../src/cli/text/text-columns.ts';
import { type Ran, runCommand } from './recorded-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'sagawright-reading-'));
const shop = join(folder, 'shop.db');
const machines = join(import.meta.dirname, '../../scripts/cli-docs/shop.ts');
let now = 0;

beforeAll(async () => {
  now = await writeSample(shop);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command on the shop's database. */
function look(line: string, terminal: Partial<Terminal> = {}, db = shop): Promise<Ran> {
  return runCommand([...line.split(' '), '--db', db], { now: () => now, ...terminal });
}

async function lookJson(line: string, db = shop): Promise<Readonly<Record<string, unknown>>> {
  const { printed, exit } = await look(`${line} --json`, {}, db);
  expect(exit).toBe(0);
  return JSON.parse(printed) as Readonly<Record<string, unknown>>;
}

/** A copy of the shop's database after some SQL: what an engine would not write, or not so fast. */
function altered(name: string, sql: string): string {
  const path = join(folder, `${name}.db`);
  copyFileSync(shop, path);
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return path;
}

describe('list', () => {
  it('shows a page, and how the next one is asked for', async () => {
    const first = await look('list --limit 4');
    expect(first.printed.split('\n').map((row) => row.split(' ')[0])).toEqual([
      'actor',
      'checkout-1001',
      'checkout-1002',
      'checkout-1003',
      'checkout-1004',
    ]);
    expect(first.complained).toBe('More: add --after checkout-1004');
    const second = await look('list --limit 4 --after checkout-1004');
    expect(second.printed.split('\n')).toHaveLength(4);
    expect(second.complained).toBe('');
  });

  it('says that there is no more after a page that is just full', async () => {
    expect(await lookJson('list --limit 7')).toMatchObject({ next: null });
    expect(await lookJson('list --limit 6')).toMatchObject({ next: 'subscription-7' });
  });

  it.each([
    ['--machine checkout --status done', ['checkout-1001', 'checkout-1002', 'checkout-1003']],
    ['--state fulfilling', ['checkout-1005']],
    ['--machine checkout --machine-version 1', []],
    ['--parent subscription-7', ['subscription-7/invoice']],
    ['--root subscription-7', ['subscription-7', 'subscription-7/invoice']],
  ])('finds by %s', async (filter, ids) => {
    const { actors } = await lookJson(`list ${filter}`);
    expect((actors as readonly { readonly id: string }[]).map(({ id }) => id)).toEqual(ids);
  });

  it('gives programs times in UTC, and nothing of what is in an actor', async () => {
    const { actors } = await lookJson('list --machine subscription');
    expect(actors).toEqual([
      {
        id: 'subscription-7',
        root: 'subscription-7',
        parent: null,
        machine: 'subscription',
        machineVersion: '1',
        revision: 2,
        incarnation: 1,
        status: 'active',
        state: 'PAYING',
        running: false,
        wakeAt: null,
        createdAt: '2026-01-01T12:00:00.000Z',
        updatedAt: '2026-01-15T12:00:00.000Z',
      },
    ]);
  });

  it('fits a narrow terminal, and cuts nothing in a pipe', async () => {
    const narrow = await look('list', { width: 60 });
    expect(Math.max(...narrow.printed.split('\n').map(columnsOf))).toBe(60);
    const id = `checkout-${'9'.repeat(300)}`;
    const db = altered(
      'long',
      `UPDATE actors SET id = '${id}', root = '${id}' WHERE id = 'checkout-1001'`,
    );
    expect((await look('list', {}, db)).printed).toContain(id);
  });

  it('colours a status only on a terminal that has colours and where they are wanted', async () => {
    const green = '\u001b[32mdone\u001b[0m';
    expect((await look('list', { hasColor: true })).printed).toContain(green);
    expect((await look('list --no-color', { hasColor: true })).printed).not.toContain('\u001b');
    expect((await look('list')).printed).not.toContain('\u001b');
  });
});

describe('show', () => {
  it('shows state, waiting calls and journal of an actor', async () => {
    const { printed } = await look('show checkout-1005 --context-lines 3');
    expect(printed).toContain('state     fulfilling.shipment, since ');
    expect(printed).toContain('(45s ago)');
    expect(printed).toMatch(/… \d+ more lines: --context-lines \d+/);
    expect(printed).toMatch(
      /shipment {2}ship {8}2 {2}due .* \(in 15s\) {2}checkout-1005:shipment\/1/,
    );
    expect(printed).toContain('xstate.done.actor.inventory');
  });

  it('gives programs all of it', async () => {
    expect(await lookJson('show checkout-1004 --entries 1')).toMatchObject({
      id: 'checkout-1004',
      since: expect.stringMatching(/^2026-01-15T12:3\d:00.000Z$/),
      isSinceExact: true,
      value: 'needsAttention',
      context: { failure: { step: 'shipment', code: 'TOO_LARGE' } },
      entries: [{ revision: 6, type: 'xstate.error.actor.payment.compensate' }],
      deadLetters: [{ reason: 'EFFECT_EXHAUSTED', type: 'refund' }],
    });
  });

  it('shows timers and children', async () => {
    expect((await look('show subscription-7')).printed).toMatch(
      /Children\n.*\nsubscription-7\/invoice {2}subscription\/invoice@1 {2}active {2}OPEN +1/,
    );
    expect((await look('show subscription-7/invoice')).printed).toMatch(/Timers\n.*\n.*in 29d/);
  });

  it('shows a row that cannot be read, and what is damaged', async () => {
    const db = altered('damaged', `UPDATE actors SET snapshot = '{' WHERE id = 'checkout-1001'`);
    const { printed, exit } = await look('show checkout-1001', {}, db);
    expect(printed).toMatch(/damage {4}.*snapshot of checkout-1001/);
    expect(printed).toContain('Journal');
    expect(exit).toBe(0);
  });

  it('says at least since when its newest entries all have the same state', async () => {
    const db = altered(
      'steady',
      `WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
       INSERT INTO journal (actor, revision, kind, type, data, state, at)
       SELECT 'checkout-1005', i, 'received', 'x', '{}', '{"fulfilling":"shipment"}', ${now - 1_000_000} + i FROM n;
       UPDATE actors SET revision = 900 WHERE id = 'checkout-1005'`,
    );
    expect(await lookJson('show checkout-1005', db)).toMatchObject({ isSinceExact: false });
    expect((await look('show checkout-1005', {}, db)).printed).toContain(', at least since ');
  });

  it.each(['show', 'history', 'tail'])(
    '%s exits with 3 for an actor that is not there',
    async (name) => {
      expect(await look(`${name} nobody`)).toMatchObject({
        exit: 3,
        printed: '',
        complained: 'error: Expected an actor nobody, found none. `sagawright list` names them.',
      });
    },
  );
});

describe('history', () => {
  it('pages by revision, with causes', async () => {
    const { printed, complained } = await look('history checkout-1003 --after 1 --limit 1');
    expect(printed.split('\n')[1]).toMatch(
      /^ +2 {2}\S+ {2}received {2}xstate.done.actor.payment {2}fulfilling.inventory {2}effect:checkout-1003:payment\/1$/,
    );
    expect(complained).toBe('More: add --after 2');
    expect(await lookJson('history checkout-1003 --limit 2')).toMatchObject({
      entries: [{ revision: 1, data: { sku: 'lamp', pence: 3900 } }, { revision: 2 }],
      next: 2,
    });
  });

  it('shows events on demand', async () => {
    const { printed } = await look('history checkout-1003 --data --limit 1');
    expect(printed).toContain('\n    {"sku":"lamp","pence":3900}');
  });

  it('says that there is nothing after the last revision', async () => {
    expect((await look('history checkout-1003 --after 99')).printed).toBe(
      'No entries after that revision.',
    );
  });
});

describe('stats', () => {
  it('counts by the index, and measures stays in the journal', async () => {
    expect(await lookJson('stats')).toMatchObject({
      actors: expect.arrayContaining([
        { machine: 'checkout', machineVersion: '2', state: 'completed', status: 'done', count: 2 },
      ]),
      stays: expect.arrayContaining([
        {
          machine: 'subscription',
          state: 'TRIAL',
          stays: 1,
          p50Ms: 14 * 86_400_000,
          p95Ms: 14 * 86_400_000,
          longestMs: 14 * 86_400_000,
        },
      ]),
      waking: 2,
      due: 0,
      entriesLastMinute: 3,
      deadLetters: { EFFECT_EXHAUSTED: 1 },
    });
  });

  it('says it to people', async () => {
    const { printed } = await look('stats --machine checkout');
    expect(printed.split('\n')[0]).toBe('5 actors');
    expect(printed).toMatch(/written +3 entries in the last minute, 23 in the last hour/);
    expect(printed).not.toContain('subscription');
  });
});

describe('dead-letters', () => {
  it('lists what was given up on, and why', async () => {
    expect((await look('dead-letters')).printed).toMatch(
      /EFFECT_EXHAUSTED {2}checkout-1004 {2}refund {2}FAILED: the bank does not answer/,
    );
    expect(await lookJson('dead-letters list --reason EFFECT_EXHAUSTED')).toMatchObject({
      deadLetters: [{ actor: 'checkout-1004', error: { message: 'the bank does not answer' } }],
      next: null,
    });
  });

  it('says that there are none', async () => {
    expect((await look('dead-letters list --actor checkout-1001')).printed).toBe(
      'No dead letters.',
    );
  });
});

describe('tail', () => {
  /** Ends by itself when it has waited so often. */
  function waiting(times: number, between: () => void = () => undefined): Partial<Terminal> {
    const ending = new AbortController();
    let left = times;
    return {
      signal: ending.signal,
      wait: () => {
        between();
        left -= 1;
        if (left <= 0) ending.abort();
        return Promise.resolve();
      },
    };
  }

  it('begins now, shows what is written meanwhile, and ends by the signal', async () => {
    const db = altered('growing', '');
    const writer = new Database(db);
    const write = writer.prepare(
      `INSERT INTO journal (actor, revision, kind, type, data, state, at) VALUES ('checkout-1001', ?, 'noted', 'seen', '{}', NULL, ?)`,
    );
    let revision = 100;
    const { printed, exit } = await look(
      'tail --json',
      waiting(3, () => write.run(revision++, now)),
      db,
    );
    writer.close();
    const entries = printed.split('\n').map((line) => JSON.parse(line) as { revision: number });
    expect(entries.map((entry) => entry.revision)).toEqual([100, 101]);
    expect(exit).toBe(0);
  });

  it.each([
    ['--since 0 --limit 2', ['subscription-7@1', 'subscription-7@2']],
    ['--since 2 --limit 1', ['subscription-7/invoice@1']],
    ['--since 46s', ['checkout-1005@1', 'checkout-1005@2', 'checkout-1005@3']],
    ['checkout-1005 --since 0 --limit 2', ['checkout-1005@1', 'checkout-1005@2']],
    ['checkout-1005 --since 22', ['checkout-1005@2', 'checkout-1005@3']],
    ['--machine subscription --since 0', ['subscription-7@1', 'subscription-7@2']],
  ])('follows %s', async (options, entries) => {
    const { printed } = await look(`tail ${options}`, waiting(1));
    expect(printed.split('\n').map((line) => line.split(/ {2}/)[1])).toEqual(entries);
  });

  it('cuts lines to the terminal', async () => {
    const { printed } = await look('tail --since 0', { width: 50, ...waiting(1) });
    expect(Math.max(...printed.split('\n').map(columnsOf))).toBe(50);
  });
});

describe('doctor', () => {
  it('finds nothing broken in a healthy database, and exits with 0', async () => {
    const { printed, exit } = await look(`doctor --machines ${machines}`);
    expect(printed).toMatch(/^ok +machines +3 known, all actors in flight fit them$/m);
    expect(printed).toMatch(/^warn +dead letters +1 EFFECT_EXHAUSTED$/m);
    expect(printed).toMatch(/^warn +waiting sagas +1 in needsAttention$/m);
    expect(exit).toBe(0);
  });

  it.each([
    [
      'parked',
      `UPDATE actors SET status = 'parked' WHERE id = 'checkout-1001'`,
      /^fail +parked actors +1 actor whose row/m,
    ],
    [
      'late',
      `UPDATE dead_letters SET reason = 'LATE_SUCCESS'`,
      /^fail +dead letters +1 LATE_SUCCESS/m,
    ],
    [
      'unknown',
      `UPDATE actors SET machine_version = '1' WHERE id = 'checkout-1005'`,
      /^fail +machines +checkout@1 is not registered, with 1 actor in flight/m,
    ],
    [
      'drifted',
      `UPDATE machines SET fingerprint = '1:other' WHERE machine = 'checkout'`,
      /^fail +machines +the chart of "checkout" has changed under version 2, with 2 in flight/m,
    ],
  ])('fails for %s actors, says what to do, and exits with 1', async (name, sql, line) => {
    const ran = await look(`doctor --machines ${machines}`, {}, altered(name, sql));
    expect(ran.printed).toMatch(line);
    expect(ran.exit).toBe(1);
  });

  it.each([
    ['failed', `UPDATE actors SET status = 'error' WHERE id = 'checkout-1005'`, 'failed actors'],
    ['held', `UPDATE actors SET state = 'held' WHERE id = 'checkout-1004'`, 'waiting sagas'],
    ['asleep', `UPDATE actors SET wake_at = 1 WHERE wake_at IS NOT NULL`, 'timers and retries'],
    ['queued', `INSERT INTO inbox (target, data) VALUES ('checkout-1001', '{}')`, 'inbox'],
  ])('warns of what is %s without failing', async (name, sql, subject) => {
    const { findings } = await lookJson('doctor', altered(name, sql));
    expect(findings).toContainEqual(expect.objectContaining({ level: 'warn', subject }));
  });

  it.each([
    ['tombstones_by_expiry', /^fail +integrity +.*Tree \d+ page \d+/m],
    ['actors_running', /^fail +contents +Expected to read in /m],
  ])('finds a damaged page of %s, and still says all else', async (index, line) => {
    const db = altered(`bent-${index}`, '');
    damage(db, index);
    const { printed, exit } = await look('doctor', {}, db);
    expect(printed).toMatch(line);
    expect(printed).toMatch(/^ok +journal mode +wal$/m);
    expect(exit).toBe(1);
    expect((await look('doctor --no-integrity', {}, db)).printed).toMatch(
      /^ok +integrity +not checked$/m,
    );
  });
});

/** Overwrites the first page of a table or an index, in a file that nobody has open. */
function damage(path: string, name: string): void {
  const db = new Database(path);
  const root = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(name);
  db.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(200, 0xff), 0, 200, (Number(root) - 1) * 4096);
  closeSync(file);
}

describe('hostile text', () => {
  it('reaches no terminal from ids, states, errors and events', async () => {
    const hostile = `x\u009b2J\u202e`;
    const db = altered(
      'hostile',
      `UPDATE actors SET id = '${hostile}', root = '${hostile}', state = '${hostile}', machine = char(27) || '[2J' WHERE id = 'checkout-1001';
       UPDATE journal SET actor = '${hostile}', type = char(27) || '[2J', causation = '${hostile}' WHERE actor = 'checkout-1001';
       INSERT INTO dead_letters (reason, actor, type, data, error, at, revision)
       VALUES (char(27) || 'R', '${hostile}', char(27), '{}', '{"message":"\\u001b[2J"}', 0, 1)`,
    );
    for (const line of [
      'list',
      'list --json',
      `show ${hostile}`,
      `show ${hostile} --json`,
      `history ${hostile} --data`,
      'tail --since 0 --limit 20 --data',
      'tail --since 0 --limit 20 --json',
      'stats',
      'dead-letters',
      'dead-letters --json',
      'doctor',
      `show ${hostile}y`,
    ]) {
      const { printed, complained } = await look(line, {}, db);
      expect(`${printed}${complained}`.replaceAll('\n', ''), line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});
