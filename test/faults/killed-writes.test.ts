// SIGKILL at every single write and sync of a commit, of a new database, of a migration and of a
// checkpoint, before it and in the middle of it: what was acknowledged is there, what was not is there
// whole or not at all, and the database opens.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appliedMigrations, MIGRATIONS, migrate } from '../../store/migrations.ts';
import { ProcessGone } from '../support/asked-process.ts';
import { checkIntegrity, copyDatabase, readJournal, sendTo } from './account-store.ts';
import { EngineChild, startEngine } from './engine-child.ts';
import {
  buildShim,
  createFolder,
  need,
  readShimLog,
  type ShimPlan,
  shimEnvironment,
} from './means.ts';
import { NEXT } from './next-migration.ts';

const folder = createFolder('killed-writes');
const shim = buildShim(folder);
const migrator = fileURLToPath(new URL('migration-process.ts', import.meta.url));
const template = join(folder, 'template.db');
const BEFORE = ['xstate.init', 'ADD before'];
/** Pages in plenty: the kills come between and within their writes. */
const add = { type: 'ADD', amount: 5, fill: 'x'.repeat(20_000) } as const;

beforeEach(({ skip }) => void need(shim, skip));

beforeAll(async () => {
  await sendTo(template, 'a', [['before', { type: 'ADD', amount: 1 }]]);
});

/**
 * Runs `body` for each number, two at a time, until one answers false: how many did not. Numbers go from 1
 * by one up to `whole`, then by `step`.
 */
async function sweep(
  { whole = 0, step = 1 }: { readonly whole?: number; readonly step?: number },
  body: (number: number) => Promise<boolean>,
): Promise<number> {
  let next = 1;
  let last = Number.POSITIVE_INFINITY;
  let kills = 0;
  const worker = async (): Promise<void> => {
    while (next < last) {
      const number = next;
      next += number < whole ? 1 : step;
      if (await body(number)) kills += 1;
      else last = Math.min(last, number);
    }
  };
  await Promise.all([worker(), worker()]);
  return kills;
}

let runs = 0;

/** A plan for a process of its own: a copy of the template, or no database yet. */
function prepare(
  plan: Omit<ShimPlan, 'armed' | 'log'>,
  from: string | null = template,
): {
  readonly db: string;
  readonly armed: string;
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
} {
  runs += 1;
  const db = join(folder, `run-${runs}.db`);
  if (from !== null) copyDatabase(from, db);
  const armed = `${db}.armed`;
  const log = `${db}.log`;
  // Only this run's files: names end in the run's own.
  const names = plan.names.map((name) => `run-${runs}.db${name}`);
  const environment = shimEnvironment(shim.value ?? '', { ...plan, names, armed, log });
  return { db, armed, log, environment };
}

/** Kills a process at one call of a commit: whether it was killed, and what it has left. */
async function killInCommit(
  call: ShimPlan['call'],
  action: ShimPlan['action'],
  at: number,
): Promise<{ readonly db: string; readonly killed: boolean; readonly seen: number }> {
  const { db, armed, log, environment } = prepare({ names: ['-wal'], call, action, at });
  const child = await startEngine({ db }, { environment });
  writeFileSync(armed, '');
  const killed = await child.send('a', add, 'k').then(
    () => false,
    (error: unknown) => {
      expect(error).toBeInstanceOf(ProcessGone);
      return true;
    },
  );
  await (killed ? child.gone : child.kill());
  const { seen, done } = readShimLog(log);
  expect(done).toBe(killed ? 1 : 0);
  return { db, killed, seen };
}

describe('a process killed inside of a commit (F2)', () => {
  it.each([
    ['within each write', 'half', 1],
    ['before every third write', 'kill', 3],
  ] as const)(
    '%s leaves nothing of it, and the message can be sent again',
    async (_at, action, step) => {
      let writes = 0;
      const kills = await sweep({ step }, async (at) => {
        const { db, killed, seen } = await killInCommit('pwrite64', action, at);
        const journal = await readJournal(db, 'a');
        if (!killed) {
          // All of its writes were before that one.
          expect(seen).toBeLessThan(at);
          expect(journal).toEqual([...BEFORE, 'ADD k']);
          writes = seen;
          return false;
        }
        expect(journal, `killed at write ${at}`).toEqual(BEFORE);
        const [again] = await sendTo(db, 'a', [['k', add]]);
        expect(again).toMatchObject({ status: 'accepted', revision: 3 });
        return true;
      });
      // A header and a page for each of the pages that such a commit changes.
      expect(writes).toBeGreaterThan(12);
      expect(kills).toBe(Math.ceil(writes / step));
    },
  );

  it('at the sync of all that it has written leaves it whole, and the message is a duplicate', async () => {
    // The first sync is that of the WAL's header, before any page is written.
    const header = await killInCommit('fsync', 'kill', 1);
    expect(await readJournal(header.db, 'a')).toEqual(BEFORE);
    const { db, killed, seen } = await killInCommit('fsync', 'kill', 2);
    expect({ killed, seen }).toEqual({ killed: true, seen: 2 });
    // What was written is with the kernel, which lives.
    expect(await readJournal(db, 'a')).toEqual([...BEFORE, 'ADD k']);
    const [again] = await sendTo(db, 'a', [['k', add]]);
    expect(again).toMatchObject({ status: 'duplicate', first: { revision: 3 } });
  });
});

describe('a process killed while it makes a database (F14)', () => {
  const files = ['', '-wal', '-journal'];

  it.each([
    ['of its own', files.map((suffix) => `.new${suffix}`), null],
    ['out of an empty file', files, ''],
  ] as const)('%s leaves one that opens, whatever write it was', async (_what, names, content) => {
    const kills = await sweep({ whole: 10, step: 9 }, async (at) => {
      const action = at % 2 === 0 ? 'kill' : 'half';
      const plan = { names, call: 'pwrite64', action, at } as const;
      const { db, armed, log, environment } = prepare(plan, null);
      writeFileSync(armed, '');
      if (content !== null) writeFileSync(db, content);
      const child = new EngineChild({ db }, { environment });
      const signal = await Promise.race([child.gone, child.opened().catch(() => child.gone)]);
      if (signal === 'SIGKILL') {
        expect(readShimLog(log)).toEqual({ seen: at, done: 1 });
        const [sent] = await sendTo(db, 'a', [['k', add]]);
        expect(sent, `killed at write ${at}`).toMatchObject({ status: 'accepted', revision: 2 });
        expect(checkIntegrity(db)).toBe('ok');
        return true;
      }
      expect(readShimLog(log).done).toBe(0);
      rmSync(armed);
      await child.leave();
      return false;
    });
    expect(kills).toBeGreaterThan(10);
  });
});

describe('a process killed while it migrates a database (F14)', () => {
  const known = [...MIGRATIONS, NEXT];

  it('leaves the old schema or the new one, whatever write it was, and it can be migrated again', async () => {
    const kills = await sweep({ step: 3 }, async (at) => {
      const action = at % 2 === 0 ? 'kill' : 'half';
      const plan = { names: ['-wal'], call: 'pwrite64', action, at } as const;
      const { db, armed, log, environment } = prepare(plan);
      writeFileSync(armed, '');
      const env = { ...process.env, ...environment };
      const child = fork(migrator, [db], { env, execArgv: ['--conditions=sagawright-source'] });
      const migrated = await Promise.race([
        once(child, 'message').then(() => true),
        once(child, 'exit').then(([, signal]) => expect(signal).toBe('SIGKILL')),
      ]);
      if (migrated === true) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      expect(readShimLog(log).done).toBe(migrated === true ? 0 : 1);
      const connection = new Database(db);
      const applied = appliedMigrations(connection, db, known);
      expect(applied).toBe(migrated === true ? known.length : MIGRATIONS.length);
      migrate(connection, db, known);
      expect(appliedMigrations(connection, db, known)).toBe(known.length);
      expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
      const rows = connection.prepare('SELECT count(*) FROM journal_copy').pluck().get();
      expect(rows).toBe(BEFORE.length);
      connection.close();
      // This release, which does not know that schema, leaves it alone.
      await expect(readJournal(db, 'a')).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
      return migrated !== true;
    });
    expect(kills).toBeGreaterThan(5);
  });
});

describe('a process killed in a checkpoint (F14)', () => {
  it('at each write into the database leaves all that was acknowledged', async () => {
    const kills = await sweep({}, async (at) => {
      // The last connection's close moves the WAL into the database, page by page.
      const action = at % 2 === 0 ? 'kill' : 'half';
      const { db, armed, log, environment } = prepare({
        names: [''],
        call: 'pwrite64',
        action,
        at,
      });
      const child = await startEngine({ db }, { environment });
      expect(await child.send('a', add, 'k')).toMatchObject({ status: 'accepted' });
      writeFileSync(armed, '');
      const left = await child.leave().then(
        () => true,
        () => false,
      );
      expect(readShimLog(log).done).toBe(left ? 0 : 1);
      expect(await readJournal(db, 'a')).toEqual([...BEFORE, 'ADD k']);
      expect(checkIntegrity(db)).toBe('ok');
      return !left;
    });
    expect(kills).toBeGreaterThan(5);
  });

  it('of a long WAL, between turns, leaves all that was acknowledged', async () => {
    const plan = { names: [''], call: 'pwrite64', action: 'half', at: 40 } as const;
    const { db, armed, log, environment } = prepare(plan);
    const child = await startEngine({ db }, { environment });
    writeFileSync(armed, '');
    const big = { ...add, fill: 'x'.repeat(900_000) };
    const acked: string[] = [];
    for (let number = 1; number <= 20; number++) {
      const receipt = await child.send('a', big, `k${number}`).catch(() => null);
      if (receipt === null) break;
      acked.push(`ADD k${number}`);
    }
    expect(await child.gone).toBe('SIGKILL');
    expect(readShimLog(log)).toEqual({ seen: 40, done: 1 });
    expect(acked.length).toBeGreaterThanOrEqual(4);
    const journal = await readJournal(db, 'a');
    expect(journal.slice(0, BEFORE.length + acked.length)).toEqual([...BEFORE, ...acked]);
    // One commit at most had not been answered yet.
    expect(journal.length - BEFORE.length - acked.length).toBeLessThanOrEqual(1);
    expect(checkIntegrity(db)).toBe('ok');
  });
});
