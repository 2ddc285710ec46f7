// Signals that a process gets from its supervisor: SIGTERM in the middle of an effect, a second one, and
// SIGSTOP with SIGCONT while another engine wants the database.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createCrashWorld } from '../crash/crash-world.ts';
import { EngineHost, startHost } from '../crash/engine-host.ts';
import { readKey, readOrders } from '../crash/ledger-reading.ts';
import { readStore } from '../crash/store-reading.ts';
import { readJournal } from './account-store.ts';
import { codeOf, type EngineChild, readCalls, startEngine } from './engine-child.ts';
import type { ProcessOptions } from './engine-protocol.ts';
import { createFolder } from './means.ts';

const folder = createFolder('signals');
const POSTED = ['xstate.init', 'POST post', 'xstate.done.actor.post'];
const SOON_MS = 20_000;

/** An account whose call to the outside is under way. */
async function startPosting(
  name: string,
  options: Omit<ProcessOptions, 'db'>,
): Promise<{ readonly db: string; readonly child: EngineChild }> {
  const db = join(folder, `${name}.db`);
  const child = await startEngine({ db, ...options });
  await child.ask({ what: 'start', id: 'a' });
  await child.send('a', { type: 'POST' }, 'post');
  await until(() => readCalls(db).length > 0);
  return { db, child };
}

/** Waits for a fact that another process makes true. @throws after half a minute */
async function until(isTrue: () => boolean): Promise<void> {
  const lastAt = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > lastAt) throw new Error(`Waited in vain for ${isTrue}.`);
    await pause(5);
  }
}

describe('SIGTERM in the middle of an effect (F37)', () => {
  it('lets it finish, takes nothing new meanwhile, and the process ends by itself with 0', async () => {
    const { db, child } = await startPosting('drain', { postMs: 700, drainMs: SOON_MS });
    child.signal('SIGTERM');
    // The signal may come after the next message, but not after all of them.
    let code = 'accepted';
    for (let number = 0; code === 'accepted'; number++) {
      code = await codeOf(child.send('a', { type: 'ADD', amount: 1 }, `add-${number}`));
    }
    expect(code).toBe('ENGINE_STOPPED');
    expect(await child.ended).toEqual({ code: 0, signal: null });
    const journal = await readJournal(db, 'a');
    expect(journal.filter((line) => !line.startsWith('ADD'))).toEqual(POSTED);
    expect(readCalls(db)).toEqual(['a@2:post 1 0']);
  });

  it('aborts it at the deadline and ends with 0; the next process makes the same attempt again', async () => {
    const { db, child } = await startPosting('deadline', { postMs: 600_000, drainMs: 200 });
    child.signal('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(await readJournal(db, 'a')).toEqual(POSTED.slice(0, 2));

    const next = await startEngine({ db });
    await next.readUntil('a', ({ value }) => value === 'posted');
    await next.leave();
    expect(await readJournal(db, 'a')).toEqual(POSTED);
    // An attempt that a stop has aborted does not count.
    expect(readCalls(db)).toEqual(['a@2:post 1 0', 'a@2:post 1 0']);
  });

  it('twice ends the process at once; the cut attempt counts, and is repeated under its key', async () => {
    const { db, child } = await startPosting('twice', { postMs: 600_000, drainMs: 600_000 });
    child.signal('SIGTERM');
    // Refusals show that the first signal has been heard.
    let code = 'accepted';
    while (code === 'accepted') code = await codeOf(child.ask({ what: 'start', id: 'a' }));
    expect(code).toBe('ENGINE_STOPPED');
    child.signal('SIGTERM');
    expect(await child.ended).toEqual({ code: null, signal: 'SIGTERM' });

    const next = await startEngine({ db });
    await next.readUntil('a', ({ value }) => value === 'posted');
    await next.leave();
    expect(readCalls(db)).toEqual(['a@2:post 1 0', 'a@2:post 2 0']);
  });
});

describe('SIGSTOP of an engine (F36)', () => {
  it('keeps its database from a second one while it sleeps, and it goes on where it was', async ({
    skip,
  }) => {
    skip(process.platform !== 'linux', 'Reads the state of a process from /proc.');
    const world = await createCrashWorld({ latencyMs: { min: 150, max: 150 } });
    const first = await startHost(world);
    const input = { orderId: 'order-1', amountMinor: 1_250, sku: 'sku-1', quantity: 1 };
    await first.ask({ what: 'start-purchase', id: 'purchase-1', input });
    await first.ask({ what: 'pay', id: 'purchase-1', key: 'pay-1' });
    first.signal('SIGSTOP');
    await until(() => stateOf(first.pid) === 'T');
    const asked = first.ask({ what: 'end', id: 'purchase-1' });

    for (let attempt = 1; attempt <= 3; attempt++) {
      const second = new EngineHost({ ...world, kill: null });
      await expect(second.opened()).rejects.toMatchObject({
        refusal: { code: 'STORE_LOCKED', details: { pid: first.pid } },
      });
      await second.ended;
    }
    expect(stateOf(first.pid)).toBe('T');

    first.signal('SIGCONT');
    expect((await asked).ended?.value).toBe('confirmed');
    await first.stop();
    const { journal, actors } = await readStore(world.db);
    const entries = journal.get('purchase-1') ?? [];
    expect(entries.map(({ revision }) => revision)).toEqual([1, 2, 3, 4]);
    expect(actors.get('purchase-1')).toMatchObject({ revision: 4, status: 'done', running: false });
    const order = (await readOrders(world.gateway)).get('order-1');
    expect(order).toMatchObject({ capturedMinor: 1_250, refundedMinor: 0 });
    expect(await readKey(world.gateway, order?.charges[0]?.key ?? '')).toMatchObject({
      applied: 1,
      distinctBodies: 1,
    });
  });
});

/** `T` is stopped. The state follows the name in parentheses. */
function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}
