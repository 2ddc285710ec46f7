// A power cut as the harness makes it: the process is killed, and each file goes back to what it was at its
// last honest sync. That it can detect a loss is shown by a disk that lies about its syncs, and by a
// database that was told to sync less often.

import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkIntegrity, readJournal, sendTo } from './account-store.ts';
import { type EngineChild, startEngine } from './engine-child.ts';
import type { ProcessOptions } from './engine-protocol.ts';
import {
  buildShim,
  createFolder,
  need,
  readShimLog,
  type ShimPlan,
  shimEnvironment,
} from './means.ts';

const folder = createFolder('power-cut');
const shim = buildShim(folder);
const MESSAGES = 30;

beforeEach(({ skip }) => void need(shim, skip));

interface Cut {
  /** What was acknowledged before the power went. */
  readonly acked: readonly string[];
  /** What is there afterwards. */
  readonly left: readonly string[];
  readonly integrity: unknown;
  readonly log: { readonly seen: number; readonly done: number };
}

/** Sends messages one after the other, cuts the power, and reads what is left. */
async function cutPower(
  name: string,
  plan: Pick<ShimPlan, 'action' | 'at' | 'times'>,
  options: Omit<ProcessOptions, 'db'> = {},
): Promise<Cut> {
  const db = join(folder, `${name}.db`);
  await sendTo(db, 'a', []);
  // Closed in order, so all of it is on disk.
  copyFileSync(db, `${db}.durable`);
  const log = `${db}.log`;
  const environment = shimEnvironment(shim.value ?? '', {
    ...plan,
    names: [db, `${db}-wal`],
    call: 'fsync',
    durable: true,
    log,
  });
  const child = await startEngine({ db, ...options }, { environment });
  const acked = await addMany(child);
  await child.kill();
  for (const file of [db, `${db}-wal`]) {
    rmSync(file, { force: true });
    if (existsSync(`${file}.durable`)) copyFileSync(`${file}.durable`, file);
  }
  rmSync(`${db}-shm`, { force: true });
  const left = await readJournal(db, 'a');
  return { acked, left, integrity: checkIntegrity(db), log: readShimLog(log) };
}

async function addMany(child: EngineChild): Promise<readonly string[]> {
  const acked = ['xstate.init'];
  for (let number = 1; number <= MESSAGES; number++) {
    const receipt = await child.send('a', { type: 'ADD', amount: 1 }, `k${number}`);
    expect(receipt).toMatchObject({ status: 'accepted' });
    acked.push(`ADD k${number}`);
  }
  return acked;
}

describe('a power cut', () => {
  it('loses nothing that was acknowledged: each commit was synced before its answer', async () => {
    const { acked, left, integrity, log } = await cutPower('honest', { action: null });
    expect(left).toEqual(acked);
    expect(integrity).toBe('ok');
    expect(log.seen).toBeGreaterThanOrEqual(MESSAGES);
    expect(log.done).toBe(0);
  });

  it('is seen to lose what a disk has lied about (F10), in whole commits', async () => {
    const { acked, left, integrity, log } = await cutPower('lying', {
      action: 'lie',
      at: MESSAGES / 2,
      times: 0,
    });
    expect(log.done).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(acked.length);
    expect(left.length).toBeGreaterThan(1);
    expect(left).toEqual(acked.slice(0, left.length));
    expect(integrity).toBe('ok');
  });

  it('is seen to lose acknowledged messages of a store with relaxed durability', async () => {
    const options = { durability: 'relaxed' } as const;
    const { acked, left } = await cutPower('relaxed', { action: null }, options);
    expect(left.length).toBeLessThan(acked.length);
    expect(left).toEqual(acked.slice(0, left.length));
  });
});
