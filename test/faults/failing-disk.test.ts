// A disk that refuses to sync, to write or to hold more, below a running engine: whoever was not
// acknowledged is told, nothing is torn, and the next open reads what is really there.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkIntegrity, copyDatabase, readJournal, sendTo } from './account-store.ts';
import { codeOf, type EngineChild, readCalls, startEngine } from './engine-child.ts';
import {
  buildShim,
  createFolder,
  findStrace,
  need,
  readShimLog,
  shimEnvironment,
} from './means.ts';

const folder = createFolder('failing-disk');
const shim = buildShim(folder);
const strace = findStrace();
const template = join(folder, 'template.db');
const BEFORE = ['xstate.init', 'ADD before'];
const add = { type: 'ADD', amount: 5 } as const;

beforeAll(async () => {
  await sendTo(template, 'a', [['before', { type: 'ADD', amount: 1 }]]);
});

let runs = 0;

function copyTemplate(): string {
  runs += 1;
  const db = join(folder, `run-${runs}.db`);
  copyDatabase(template, db);
  return db;
}

/** Two commands at the same time on a disk that has begun to fail: both must be told. */
async function expectStopped(child: EngineChild, code = 'STORE_FAILED'): Promise<void> {
  const refused = await Promise.all([
    codeOf(child.send('a', { type: 'POST' }, 'failing-1')),
    codeOf(child.send('a', add, 'failing-2')),
  ]);
  expect(refused).toEqual(['ENGINE_FAILED', 'ENGINE_FAILED']);
  expect(await child.ask({ what: 'failure' })).toEqual({ code });
  // From then on it neither takes nor tells anything.
  expect(await codeOf(child.send('a', add, 'later'))).toBe('ENGINE_FAILED');
  expect((await child.ask({ what: 'health' })).health).toMatchObject({
    level: 'red',
    status: 'failed',
  });
}

/** What was acknowledged is there, what was not is there whole or not at all; then all of it goes on. */
async function expectTruth(db: string, acked: readonly string[]): Promise<void> {
  const journal = await readJournal(db, 'a');
  expect(journal.slice(0, acked.length)).toEqual(acked);
  // The commit whose result was not known: its messages, or none. The second may have come after it.
  const unknown = journal.slice(acked.length);
  expect(['POST failing-1', 'ADD failing-2'].slice(0, unknown.length)).toEqual(unknown);
  expect(readCalls(db)).toEqual([]);
  const again = await sendTo(db, 'a', [
    ['failing-1', { type: 'POST' }],
    ['failing-2', add],
  ]);
  expect(again.map(({ status }) => status)).toEqual(
    [1, 2].map((number) => (number <= unknown.length ? 'duplicate' : 'accepted')),
  );
  expect(checkIntegrity(db)).toBe('ok');
}

describe('a sync of the WAL that fails (F9)', () => {
  beforeEach(({ skip }) => void need(shim, skip));

  it.each([
    // The next sync would say yes: the kernel may have dropped the pages that it could not write.
    ['once with EIO', 'eio', 'fsync', 1],
    ['from now on with EIO', 'eio', 'fsync', 0],
    // Of a sync this is no clean refusal: nobody knows what is on disk.
    ['with ENOSPC', 'enospc', 'fsync', 0],
    ['as a write with EIO', 'eio', 'pwrite64', 0],
  ] as const)('%s stops the engine: nobody is acknowledged', async (_what, action, call, times) => {
    const db = copyTemplate();
    const armed = `${db}.armed`;
    const log = `${db}.log`;
    const names = [`${db}-wal`];
    const plan = { names, call, action, times, armed, log };
    const child = await startEngine(
      { db },
      { environment: shimEnvironment(shim.value ?? '', plan) },
    );
    expect(await child.send('a', add, 'good')).toMatchObject({ status: 'accepted' });
    writeFileSync(armed, '');
    await expectStopped(child);
    expect(readShimLog(log).done).toBeGreaterThan(0);
    await child.ask({ what: 'leave' });
    await child.ended;
    await expectTruth(db, [...BEFORE, 'ADD good']);
  });
});

describe('a sync of the WAL that fails under strace (F9)', () => {
  it('stops the engine as well', async ({ skip }) => {
    const trace = need(strace, skip);
    const db = copyTemplate();
    const log = `${db}.strace`;
    // The second sync is that of the first commit, after the header of the WAL.
    const by = trace(`${db}-wal`, 'inject=fsync:error=EIO:when=3+', log);
    const child = await startEngine({ db }, { by });
    expect(await child.send('a', add, 'good')).toMatchObject({ status: 'accepted' });
    await expectStopped(child);
    await child.ask({ what: 'leave' });
    await child.ended;
    const injected = readFileSync(log, 'utf8').split('(INJECTED)').length - 1;
    expect(injected).toBeGreaterThan(0);
    await expectTruth(db, [...BEFORE, 'ADD good']);
  });
});

describe('a sync of the database that fails in a checkpoint (F9)', () => {
  beforeEach(({ skip }) => void need(shim, skip));

  it('stops the engine too, and what was acknowledged is in the WAL', async () => {
    const db = copyTemplate();
    const log = `${db}.log`;
    const plan = { names: [db], call: 'fsync', action: 'eio', times: 0, log } as const;
    const child = await startEngine(
      { db },
      { environment: shimEnvironment(shim.value ?? '', plan) },
    );
    const acked: string[] = [];
    const big = { ...add, fill: 'x'.repeat(900_000) };
    let code = 'accepted';
    while (code === 'accepted' && acked.length < 20) {
      const key = `big-${acked.length}`;
      code = await codeOf(child.send('a', big, key));
      if (code === 'accepted') acked.push(`ADD ${key}`);
    }
    expect(code).toBe('ENGINE_FAILED');
    expect(acked.length).toBeGreaterThan(3);
    expect(await child.ask({ what: 'failure' })).toEqual({ code: 'STORE_FAILED' });
    expect(readShimLog(log).done).toBeGreaterThan(0);
    await child.ask({ what: 'leave' });
    await child.ended;
    const journal = await readJournal(db, 'a');
    expect(journal.slice(0, BEFORE.length + acked.length)).toEqual([...BEFORE, ...acked]);
    expect(checkIntegrity(db)).toBe('ok');
  });
});

describe('a write without room (F12)', () => {
  beforeEach(({ skip }) => void need(shim, skip));

  it('is a clean refusal at whatever write of the commit: the engine goes on', async () => {
    const db = copyTemplate();
    const armed = `${db}.armed`;
    const log = `${db}.log`;
    const names = [`${db}-wal`];
    const plan = {
      names,
      call: 'pwrite64',
      action: 'enospc',
      at: 5,
      times: 0,
      armed,
      log,
    } as const;
    const child = await startEngine(
      { db },
      { environment: shimEnvironment(shim.value ?? '', plan) },
    );
    writeFileSync(armed, '');
    const refused = await Promise.all([
      codeOf(child.send('a', add, 'full-1')),
      codeOf(child.send('a', add, 'full-2')),
    ]);
    expect(refused).toEqual(['STORE_FULL', 'STORE_FULL']);
    expect(readShimLog(log).done).toBeGreaterThan(0);
    expect((await child.read('a')).revision).toBe(2);
    rmSync(armed);
    expect(await child.send('a', add, 'full-1')).toMatchObject({ status: 'accepted', revision: 3 });
    await child.leave();
    expect(await readJournal(db, 'a')).toEqual([...BEFORE, 'ADD full-1']);
    expect(checkIntegrity(db)).toBe('ok');
  });
});
