// Another program's process holds the write lock of the engine's database: commits wait for it without
// blocking the event loop, no longer than they were told to, and leave nothing when they are refused.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ActorClient, type Engine, openEngine } from 'sagawright';
import { type SqliteStoreOptions, sqliteStore } from 'sagawright/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { codeOf } from '../support/collected.ts';
import { account } from './account.ts';
import { readJournal } from './account-store.ts';
import { createFolder } from './means.ts';

const folder = createFolder('other-writer');
const writer = fileURLToPath(new URL('writer-process.ts', import.meta.url));
const add = (key: string): [{ type: 'ADD'; amount: number }, { key: string }] => [
  { type: 'ADD', amount: 1 },
  { key },
];
/** One attempt blocks for 50 ms; a busy machine is given some more. */
const LONGEST_STALL_MS = 500;

async function openAccount(
  name: string,
  options: SqliteStoreOptions,
): Promise<{
  readonly db: string;
  readonly engine: Engine;
  readonly actor: ActorClient<typeof account>;
}> {
  const db = join(folder, `${name}.db`);
  const engine = await openEngine({ store: sqliteStore(db, options), machines: [account] });
  onTestFinished(() => engine.stop());
  return { db, engine, actor: await engine.start(account, { id: 'a' }) };
}

/** Locks a database from another process; answers with the way to unlock it. */
async function lock(db: string): Promise<() => Promise<unknown>> {
  const child = fork(writer, [db]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return () => {
    const ended = once(child, 'exit');
    child.send('unlock');
    return ended;
  };
}

/** Turns of the event loop, and the longest pause between two, until it is told to end. */
function watchLoop(): () => { readonly turns: number; readonly longestMs: number } {
  let turns = 0;
  let longestMs = 0;
  let lastAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    turns += 1;
    longestMs = Math.max(longestMs, now - lastAt);
    lastAt = now;
  }, 5);
  return () => {
    clearInterval(timer);
    return { turns, longestMs };
  };
}

describe('a write lock of another process (F13)', () => {
  it('is waited for off the event loop; then the commit is made', async () => {
    const { db, engine, actor } = await openAccount('waits', {});
    const unlock = await lock(db);
    const endWatch = watchLoop();
    let settled = false;
    const sent = actor.send(...add('k')).finally(() => {
      settled = true;
    });
    await pause(600);
    expect(settled).toBe(false);
    // Whoever only reads is served meanwhile.
    expect((await actor.snapshot()).revision).toBe(1);
    const { turns, longestMs } = endWatch();
    await unlock();
    expect(await sent).toMatchObject({ status: 'accepted', revision: 2 });
    expect(turns).toBeGreaterThan(20);
    expect(longestMs).toBeLessThan(LONGEST_STALL_MS);
    expect((await engine.health()).status).toBe('running');
  });

  it('is waited for no longer than it was told: STORE_BUSY, nothing written, and it goes on', async () => {
    const { db, engine, actor } = await openAccount('gives-up', {
      busyTimeoutMs: 10,
      busyWaitMs: 200,
    });
    const unlock = await lock(db);
    const before = performance.now();
    const codes = await Promise.all([
      codeOf(actor.send(...add('k1'))),
      codeOf(engine.start(account, { id: 'b' })),
    ]);
    expect(codes).toEqual(['STORE_BUSY', 'STORE_BUSY']);
    expect(performance.now() - before).toBeGreaterThan(200);
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(await actor.snapshot()).toMatchObject({ revision: 1, context: { total: 0 } });
    await unlock();
    expect(await actor.send(...add('k1'))).toMatchObject({ status: 'accepted', revision: 2 });
    await engine.stop();
    expect(await readJournal(db, 'a')).toEqual(['xstate.init', 'ADD k1']);
    expect(await readJournal(db, 'b')).toEqual([]);
  });
});
