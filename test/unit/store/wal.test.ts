// The WAL stays small without anybody waiting for it.

import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store.ts';
import { commit, entry } from '../../contract/store-records.ts';
import { databasePaths, opened, raw } from './store-files.ts';

const nextPath = databasePaths('wal');
const MEBIBYTE = 1024 * 1024;
let revision = 0;

/** One commit of about a mebibyte. */
async function write(store: Store): Promise<void> {
  revision += 1;
  await store.commit(
    commit({ journal: [entry('a', revision, { data: JSON.stringify('x'.repeat(MEBIBYTE)) })] }),
  );
}

describe('maintenance of the WAL', () => {
  it('leaves a small WAL alone', async () => {
    const path = nextPath();
    const store = await opened(path);
    await write(store);
    const before = (await store.health()).walBytes;
    const databaseBytes = statSync(path).size;
    expect(before).toBeGreaterThan(MEBIBYTE);
    await store.maintain();
    expect((await store.health()).walBytes).toBe(before);
    expect(statSync(path).size).toBe(databaseBytes);
    await store.close();
  });

  it('never checkpoints within a commit', async () => {
    const path = nextPath();
    const store = await opened(path);
    const databaseBytes = statSync(path).size;
    for (let count = 0; count < 12; count++) {
      await write(store);
    }
    expect(statSync(path).size).toBe(databaseBytes);
    await store.close();
  });

  it('checkpoints whatever there is after a commit found no room', async () => {
    const path = nextPath();
    const store = await opened(path, { maxBytes: 2 * MEBIBYTE });
    await write(store);
    await expect(write(store)).rejects.toMatchObject({ code: 'STORE_FULL' });
    const databaseBytes = statSync(path).size;
    await store.maintain();
    expect(statSync(path).size).toBeGreaterThan(databaseBytes);
    await store.close();
  });

  it('uses the file again from its start once enough has come together', async () => {
    const path = nextPath();
    const store = await opened(path, { walLimitBytes: 64 * MEBIBYTE });
    for (let count = 0; count < 40; count++) {
      await write(store);
      await store.maintain();
    }
    expect(statSync(`${path}-wal`).size).toBeLessThan(12 * MEBIBYTE);
    expect(statSync(path).size).toBeGreaterThan(30 * MEBIBYTE);
    await store.close();
  });

  it('announces a reader that lets it grow beyond its limit, and empties it afterwards', async () => {
    const path = nextPath();
    const notices: string[] = [];
    const store = await opened(path, {
      walLimitBytes: 10 * MEBIBYTE,
      onNotice: (notice) => notices.push(notice),
    });
    await write(store);
    const reader = raw(path, { readonly: true });
    reader.exec('BEGIN; SELECT count(*) FROM journal');
    for (let count = 0; count < 30; count++) {
      await write(store);
      await store.maintain();
    }
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(30 * MEBIBYTE);
    expect(notices).toEqual([expect.stringContaining('long transaction')]);
    reader.exec('COMMIT');
    reader.close();
    for (let count = 0; count < 10; count++) {
      await write(store);
      await store.maintain();
    }
    expect(statSync(`${path}-wal`).size).toBeLessThan(12 * MEBIBYTE);
    await store.close();
  });
});
