// Opening: what is not ours, newer, damaged or half made; and the settings of every connection.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SqliteStoreOptions, sqliteStore } from '../../../store/index.ts';
import { commit, created, entry, id } from '../../contract/store-records.ts';
import { databasePaths, fileHash, opened, raw, startStoreProcess } from './store-files.ts';

const nextPath = databasePaths('open');

/** A closed database with some hundred actors in it. */
async function filled(): Promise<string> {
  const path = nextPath();
  const store = await opened(path);
  const names = Array.from({ length: 300 }, (_, index) => `order-${index}`);
  await store.commit(
    commit({
      journal: names.map((name) => entry(name, 1)),
      actors: names.map((name) => created(name)),
    }),
  );
  await store.close();
  return path;
}

function change(path: string, sql: string): void {
  const db = raw(path);
  db.exec(sql);
  db.close();
}

async function refusal(path: string, options: SqliteStoreOptions = {}): Promise<unknown> {
  return sqliteStore(path, options)
    .open()
    .then(
      () => 'opened',
      (error: unknown) => error,
    );
}

describe('opening a SQLite store', () => {
  it('commits with synchronous FULL, also after a reopen', async () => {
    const path = await filled();
    const store = await opened(path);
    expect((await store.health()).durability).toBe('full');
    await store.close();
  });

  it('is loud about relaxed durability, and shows it', async () => {
    const notices: string[] = [];
    const store = sqliteStore(nextPath(), {
      durability: 'relaxed',
      onNotice: (notice) => notices.push(notice),
    });
    await store.open();
    expect(notices).toEqual([expect.stringContaining('relaxed')]);
    expect((await store.health()).durability).toBe('relaxed');
    await store.close();
  });

  it('takes an empty file, also one that another program has open', async () => {
    const path = nextPath();
    writeFileSync(path, '');
    const other = raw(path);
    const store = await opened(path);
    await store.commit(commit({ actors: [created('a')] }));
    expect(other.prepare('SELECT id FROM actors').pluck().all()).toEqual(['a']);
    other.close();
    await store.close();
  });

  it('throws away what a crash left of a new database', async () => {
    const path = nextPath();
    writeFileSync(`${path}.new`, 'half a database');
    const store = await opened(path);
    await store.close();
    expect(existsSync(`${path}.new`)).toBe(false);
    const db = raw(path);
    expect(db.pragma('application_id', { simple: true })).toBe(0x53616757);
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  it('takes a database without tables that nobody has marked', async () => {
    const path = nextPath();
    change(path, 'PRAGMA journal_mode = WAL');
    expect(statSync(path).size).toBeGreaterThan(0);
    const store = await opened(path);
    await store.close();
  });

  it.each([
    ['tables', 'CREATE TABLE books (title TEXT); INSERT INTO books VALUES (1)'],
    ['a mark of its own', 'PRAGMA application_id = 7; CREATE TABLE t (a); DROP TABLE t'],
    ['a version', 'PRAGMA user_version = 3; CREATE TABLE t (a); DROP TABLE t'],
  ])('leaves a database of another program with %s as it is', async (_what, sql) => {
    const path = nextPath();
    change(path, sql);
    const before = fileHash(path);
    expect(await refusal(path)).toMatchObject({ code: 'STORE_UNREADABLE' });
    expect(fileHash(path)).toBe(before);
    expect(existsSync(`${path}.pid`)).toBe(false);
  });

  it('does not even run the WAL that another program has left', async () => {
    const source = nextPath();
    const path = nextPath();
    const db = raw(source);
    db.pragma('journal_mode = wal');
    db.exec('CREATE TABLE books (title TEXT)');
    db.exec("INSERT INTO books VALUES ('x')");
    // Copies of files in use are fine here: nobody else uses this database.
    copyFileSync(source, path);
    copyFileSync(`${source}-wal`, `${path}-wal`);
    db.close();
    const before = [fileHash(path), fileHash(`${path}-wal`)];
    expect(await refusal(path)).toMatchObject({ code: 'STORE_UNREADABLE' });
    expect([fileHash(path), fileHash(`${path}-wal`)]).toEqual(before);
  });

  it('refuses what is not a database, and leaves it', async () => {
    const path = nextPath();
    writeFileSync(path, 'Dear diary, '.repeat(1_000));
    const before = fileHash(path);
    expect(await refusal(path)).toMatchObject({ code: 'STORE_UNREADABLE' });
    expect(fileHash(path)).toBe(before);
  });

  it('refuses a directory, a missing directory and a link to nowhere', async () => {
    const path = nextPath();
    mkdirSync(path);
    expect(await refusal(path)).toMatchObject({ code: 'STORE_UNREADABLE' });
    expect(await refusal(join(path, 'missing', 'x.db'))).toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringMatching(/, got no such directory\. /),
      cause: { code: 'ENOENT' },
    });
    const link = join(dirname(path), 'link.db');
    symlinkSync(join(path, 'nowhere.db'), link);
    expect(await refusal(link)).toMatchObject({ code: 'STORE_UNREADABLE' });
  });

  it('refuses a truncated database', async () => {
    const path = await filled();
    truncateSync(path, statSync(path).size - 3 * 4096);
    const before = fileHash(path);
    expect(await refusal(path)).toMatchObject({ code: 'STORE_CORRUPT' });
    expect(fileHash(path)).toBe(before);
  });

  it('refuses a database whose schema page is damaged', async () => {
    const path = await filled();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 100, 200);
    writeFileSync(path, bytes);
    expect(await refusal(path)).toMatchObject({ code: 'STORE_CORRUPT' });
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('refuses a database that lacks one of its tables', async () => {
    const path = await filled();
    change(path, 'DROP TABLE inbox');
    expect(await refusal(path)).toMatchObject({ code: 'STORE_CORRUPT' });
  });

  it('refuses a newer schema, and writes nothing', async () => {
    const path = await filled();
    change(path, "INSERT INTO migrations (number, name, hash) VALUES (2, 'future', 'abc')");
    const before = fileHash(path);
    expect(await refusal(path)).toMatchObject({
      code: 'STORE_TOO_NEW',
      details: { known: 1, found: 2 },
    });
    expect(fileHash(path)).toBe(before);
  });

  it('refuses a schema that went another way', async () => {
    const path = await filled();
    change(path, "UPDATE migrations SET hash = 'abc'");
    const before = fileHash(path);
    expect(await refusal(path)).toMatchObject({
      code: 'STORE_UNREADABLE',
      details: { migration: 1 },
    });
    expect(fileHash(path)).toBe(before);
  });

  it('runs the WAL that a killed process of ours has left', async () => {
    const path = nextPath();
    const writer = startStoreProcess('write', path);
    let line = await writer.line();
    while (line !== 'done') {
      line = await writer.line();
    }
    await writer.kill();
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    const store = await opened(path);
    expect(await store.load([id('counter')])).toMatchObject([{ revision: 12 }]);
    await store.close();
  });

  it('gives the lock back when it cannot open', async () => {
    const path = nextPath();
    writeFileSync(path, 'x'.repeat(5_000));
    await refusal(path);
    const db = raw(`${path}.lock`);
    db.exec('BEGIN EXCLUSIVE');
    db.close();
  });

  it.each(['', ':memory:', ' x.db', 'x.db ', 'file:x.db', 'x\0.db'])(
    'refuses the path %j',
    (path) => {
      expect(() => sqliteStore(path)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
    },
  );

  it.each([
    { busyTimeoutMs: -1 },
    { busyTimeoutMs: 2 ** 31 },
    { busyWaitMs: 1.5 },
    { walLimitBytes: 1 },
    { maxBytes: 0 },
  ])('refuses the options %j', (options) => {
    expect(() => sqliteStore('x.db', options)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION' }),
    );
  });

  it('advises memoryStore() in place of :memory:', () => {
    expect(() => sqliteStore(':memory:')).toThrow('memoryStore()');
  });
});
