// Commits that cannot be: no room, a lock of another program, a failing disk. What was acknowledged
// stays, what was refused leaves nothing, what is unknown stops the store.

import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { setImmediate as nextLoop } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store.ts';
import { sqliteStore } from '../../../store/index.ts';
import { actor, commit, created, entry, id, readContents } from '../../contract/store-records.ts';
import {
  databasePaths,
  opened,
  raw,
  startStoreProcess,
  withDisk,
  withFileLimit,
} from './store-files.ts';

const nextPath = databasePaths('faults');
const BIG = JSON.stringify({ fill: 'x'.repeat(20_000) });

/** Commits until there is no room; returns how many were acknowledged. */
async function fillUp(store: Store): Promise<number> {
  for (let count = 1; count < 1_000; count++) {
    try {
      await store.commit(
        commit({
          journal: [entry('filler', count, { data: BIG })],
          actors: [{ record: actor('filler', { revision: count }), previousRevision: count - 1 }],
        }),
      );
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_FULL' });
      return count - 1;
    }
  }
  throw new Error('Expected the store to fill up.');
}

describe('a full disk', () => {
  it('refuses the commit whole, keeps answering, and goes on when there is room', async () => {
    const path = nextPath();
    const store = await opened(path, { maxBytes: 600_000 });
    const acked = await fillUp(store);
    expect(acked).toBeGreaterThan(3);
    const before = await readContents(store);
    expect(before.journal).toHaveLength(acked);
    await expect(
      store.commit(
        commit({
          journal: [entry('small', 1), entry('filler', acked + 1, { data: BIG.repeat(3) })],
          actors: [created('small')],
        }),
      ),
    ).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await readContents(store)).toEqual(before);

    const other = raw(path);
    other.exec('DELETE FROM journal WHERE revision <= 3');
    other.close();
    const { positions } = await store.commit(
      commit({ journal: [entry('filler', acked + 1, { data: BIG })] }),
    );
    expect(positions).toEqual([acked + 1]);
    await store.maintain();
    await store.close();

    const again = await opened(path);
    expect(await again.load([id('small')])).toEqual([]);
    expect(await again.load([id('filler')])).toMatchObject([{ revision: acked }]);
    await again.close();
  });

  it('says so when there is no room for a new database', async () => {
    const store = sqliteStore(nextPath(), { maxBytes: 8_192 });
    await expect(store.open()).rejects.toMatchObject({ code: 'STORE_FULL' });
  });
});

describe('a disk that is full in earnest', () => {
  it('refuses commits and puts checkpoints off, and all goes on when there is room', async ({
    skip,
  }) => {
    const path = nextPath();
    const disk = withDisk(dirname(path), 3);
    const [unshare = '', ...args] = [...disk, 'true'];
    const mayMount = spawnSync(unshare, args).status === 0;
    skip(!mayMount, 'Needs `unshare -rm` and the right to mount a tmpfs in it.');
    const writer = startStoreProcess('fill-disk', path, disk);
    expect(await writer.line()).toBe('open');
    const said = JSON.parse(await writer.line()) as Readonly<Record<string, unknown>>;
    await writer.kill();
    const { acked, kept, codes } = said;
    expect(codes).toEqual(['STORE_FULL', 'ok', 'ok', 'ok', 'ok']);
    expect(acked).toBeGreaterThan(50);
    expect(kept).toBe(acked);
  });
});

describe('a lock of another program', () => {
  it('is waited for off the loop, then the commit is made', async () => {
    const path = nextPath();
    const waits: number[] = [];
    await (await opened(path)).close();
    const other = raw(path);
    const store = await opened(path, {
      busyTimeoutMs: 0,
      wait: async (ms) => {
        waits.push(ms);
        if (waits.length === 3) {
          other.exec('COMMIT');
        }
        await nextLoop();
      },
    });
    other.exec('BEGIN IMMEDIATE');
    await store.commit(commit({ journal: [entry('a', 1)] }));
    expect(waits).toEqual([1, 2, 5]);
    expect(await store.journal({ limit: 10 })).toHaveLength(1);
    other.close();
    await store.close();
  });

  it('ends in STORE_BUSY with nothing written, and the store goes on', async () => {
    const path = nextPath();
    const waits: number[] = [];
    let reads = 0;
    const store: Store = await opened(path, {
      busyTimeoutMs: 0,
      busyWaitMs: 100,
      wait: async (ms) => {
        waits.push(ms);
        // The loop is free: reads are answered meanwhile.
        reads += (await store.journal({ limit: 10 })).length + 1;
      },
    });
    const other = raw(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.commit(commit({ journal: [entry('a', 1)] }))).rejects.toMatchObject({
      code: 'STORE_BUSY',
    });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(100);
    expect(reads).toBe(waits.length);
    other.exec('COMMIT');
    expect(await store.journal({ limit: 10 })).toEqual([]);
    await store.commit(commit({ journal: [entry('a', 1)] }));
    other.close();
    await store.close();
  });

  it('blocks the loop for one short timeout, however often it tries', async () => {
    const path = nextPath();
    const waits: number[] = [];
    const store = await opened(path, {
      busyTimeoutMs: 200,
      busyWaitMs: 500,
      wait: (ms) => Promise.resolve(waits.push(ms)),
    });
    const other = raw(path);
    other.exec('BEGIN IMMEDIATE');
    const startedAt = performance.now();
    await expect(store.commit(commit())).rejects.toMatchObject({ code: 'STORE_BUSY' });
    expect(waits.length).toBeGreaterThan(10);
    // Blocking every time would take more than 2,000 ms.
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    other.close();
    await store.close();
  });

  it('keeps commits that wait in their order', async () => {
    const path = nextPath();
    await (await opened(path)).close();
    const other = raw(path);
    const store = await opened(path, {
      busyTimeoutMs: 0,
      wait: () => {
        if (other.inTransaction) {
          other.exec('COMMIT');
        }
        return Promise.resolve();
      },
    });
    other.exec('BEGIN IMMEDIATE');
    const write = (revision: number): Promise<unknown> =>
      store.commit(
        commit({
          actors: [{ record: actor('a', { revision }), previousRevision: revision - 1 }],
        }),
      );
    await Promise.all([write(1), write(2), write(3)]);
    expect(await store.load([id('a')])).toMatchObject([{ revision: 3 }]);
    expect(other.inTransaction).toBe(false);
    other.close();
    await store.close();
  });

  it('ends with the store when that is closed', async () => {
    const path = nextPath();
    const store: Store = await opened(path, { busyTimeoutMs: 0, wait: () => store.close() });
    const other = raw(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.commit(commit())).rejects.toMatchObject({ code: 'STORE_FAILED' });
    other.close();
  });

  it('does not keep maintenance from ending well', async () => {
    const path = nextPath();
    const store = await opened(path);
    const other = raw(path);
    other.exec('BEGIN IMMEDIATE');
    await store.maintain();
    other.close();
    await store.close();
  });

  it('is waited for at open as well', async () => {
    const path = nextPath();
    await (await opened(path)).close();
    const other = raw(path);
    other.exec('BEGIN IMMEDIATE');
    const store = sqliteStore(path, {
      busyTimeoutMs: 0,
      wait: () => {
        other.close();
        return Promise.resolve();
      },
    });
    await store.open();
    await store.close();
  });
});

describe('a failing disk', () => {
  it('stops the store, and every acknowledged commit is there afterwards', async () => {
    const path = nextPath();
    // Writes beyond 400 KiB of a file fail with EFBIG: an I/O error to SQLite.
    const writer = startStoreProcess('write-until-failure', path, withFileLimit(400));
    expect(await writer.line()).toBe('open');
    const said: unknown = JSON.parse(await writer.line());
    await writer.kill();
    expect(said).toMatchObject({ codes: ['STORE_FAILED', 'STORE_FAILED'] });
    const { acked } = said as { readonly acked: number };
    expect(acked).toBeGreaterThan(3);

    const store = await opened(path);
    const [counter] = await store.load([id('counter')]);
    // The last commit's result was not known: it is there, or it is not.
    expect([acked, acked + 1]).toContain(counter?.revision);
    expect(await store.journal({ limit: 1_000 })).toHaveLength(3 * Number(counter?.revision));
    await store.close();
  });
});
