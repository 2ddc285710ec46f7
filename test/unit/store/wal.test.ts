// The WAL stays small without anybody waiting for it.

import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import type { Store } from '../../../src/store.ts';
import { commit, entry } from '../../contract/store-records.ts';
import { databasePaths, opened, raw } from './store-files.ts';

const nextPath = databasePaths('wal');
const MEBIBYTE = 1024 * 1024;
let revision = 0;

/** Connections whose next checkpoints end with this code of SQLite. */
function failCheckpoints(code: string): Disposable {
  const prepare = Database.prototype.prepare;
  const spy = vi.spyOn(Database.prototype, 'prepare').mockImplementation(function (
    this: Database.Database,
    sql: string,
  ) {
    const statement = prepare.call(this, sql);
    if (!sql.includes('wal_checkpoint(PASSIVE)')) return statement;
    const get = (): never => {
      throw Object.assign(new Error('from SQLite'), { code });
    };
    return Object.assign(statement, { get });
  });
  return { [Symbol.dispose]: () => spy.mockRestore() };
}

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

  it.each(['SQLITE_FULL', 'SQLITE_BUSY'])(
    'puts a checkpoint off that ends with %s, and nothing is lost',
    async (code) => {
      using _ = failCheckpoints(code);
      const store = await opened(nextPath());
      for (let count = 0; count < 6; count++) {
        await write(store);
        await store.maintain();
      }
      expect((await store.health()).walBytes).toBeGreaterThan(6 * MEBIBYTE);
      expect(await store.journal({ limit: 10 })).toHaveLength(6);
      await store.close();
    },
  );

  it('stops the store when a checkpoint may have gone wrong', async () => {
    using _ = failCheckpoints('SQLITE_IOERR_FSYNC');
    const store = await opened(nextPath());
    for (let count = 0; count < 6; count++) await write(store);
    await expect(store.maintain()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(store.health()).rejects.toMatchObject({ code: 'STORE_FAILED' });
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
