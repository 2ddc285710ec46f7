// One engine per file: whoever comes second is refused, however it spells the path, until the first
// is closed or dead.

import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../../../store/index.ts';
import { created } from '../../contract/store-records.ts';
import { databasePaths, opened, startStoreProcess } from './store-files.ts';

const nextPath = databasePaths('lock');

describe('the lock of a SQLite store', () => {
  it('refuses a second process with the pid of the first, and dies with it', async () => {
    const path = nextPath();
    const holder = startStoreProcess('hold', path);
    try {
      expect(await holder.line()).toBe('open');
      await expect(sqliteStore(path).open()).rejects.toMatchObject({
        code: 'STORE_LOCKED',
        details: { pid: holder.pid, path },
        message: expect.stringContaining(`pid ${holder.pid}`),
      });
    } finally {
      await holder.kill();
    }
    // Its pid file is still there, and says nothing.
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe(`${holder.pid}\n`);
    const store = await opened(path);
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe(`${process.pid}\n`);
    await store.close();
    expect(existsSync(`${path}.pid`)).toBe(false);
  });

  it('holds against another process while this one reads the pid file', async () => {
    const path = nextPath();
    const store = await opened(path);
    readFileSync(`${path}.pid`);
    const second = startStoreProcess('hold', path);
    expect(await second.line()).toBe('STORE_LOCKED');
    await second.kill();
    await store.close();
  });

  it('is one lock for every spelling of a path', async () => {
    const path = nextPath();
    const store = await opened(path);
    const directory = dirname(path);
    const linked = join(directory, `${path.length}-linked`);
    symlinkSync(directory, linked);
    const linkedFile = join(directory, 'other-name.db');
    symlinkSync(path, linkedFile);
    mkdirSync(join(directory, 'sub'), { recursive: true });
    const spellings = [
      relative(process.cwd(), path),
      join(directory, 'sub', '..', path.slice(directory.length + 1)),
      `${directory}//${path.slice(directory.length + 1)}`,
      join(linked, path.slice(directory.length + 1)),
      linkedFile,
    ];
    for (const spelling of spellings) {
      await expect(sqliteStore(spelling).open(), spelling).rejects.toMatchObject({
        code: 'STORE_LOCKED',
        details: { path },
      });
    }
    await store.commit({ journal: [], actors: [created('a')] });
    await store.close();
  });

  it('says "another process" when the pid file is missing or odd', async () => {
    const path = nextPath();
    const store = await opened(path);
    writeFileSync(`${path}.pid`, 'not a number');
    await expect(sqliteStore(path).open()).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      details: { pid: null },
      message: expect.stringContaining('another process'),
    });
    await store.close();
  });

  it('lets a refused store try again', async () => {
    const path = nextPath();
    const first = await opened(path);
    const second = sqliteStore(path);
    await expect(second.open()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await first.close();
    await second.open();
    expect((await second.health()).actors).toBe(0);
    await second.close();
  });
});
