// Which databases the reading commands take: beside a running engine, on copies; and what they say of
// files that they do not take. None of them is ever written to.

import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openEngine } from 'sagawright';
import { sqliteReader, sqliteStore } from 'sagawright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSample } from '../../scripts/cli-docs/sample.ts';
import { subscription } from '../../scripts/cli-docs/shop.ts';
import { runCommand } from './recorded-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'sagawright-databases-'));
const shop = join(folder, 'shop.db');
const COMMANDS = [
  'list',
  'show checkout-1001',
  'history checkout-1001',
  'tail --since 0 --limit 1',
  'stats',
  'dead-letters',
  'doctor',
];

beforeAll(() => writeSample(shop));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (line: string, db: string): ReturnType<typeof runCommand> =>
  runCommand([...line.split(' '), '--db', db]);

/** Only for files that nobody of this process has open. */
const hash = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

function made(name: string, sql: string, from = shop): string {
  const path = join(folder, `${name}.db`);
  if (from !== '') copyFileSync(from, path);
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return path;
}

describe('every reading command', () => {
  it.each(COMMANDS)('%s exits with 3 where there is no database, and makes none', async (line) => {
    const missing = join(folder, 'missing.db');
    expect(await run(line, missing)).toEqual({
      exit: 3,
      printed: '',
      complained: `error: Expected a database ${missing}, got none.`,
      asked: [],
    });
    expect(() => readFileSync(missing)).toThrow('ENOENT');
  });

  it.each(COMMANDS)('%s exits with 6 for what is no database of ours', async (line) => {
    const text = join(folder, 'text.db');
    writeFileSync(text, 'a,b,c\n'.repeat(1_000));
    const other = made('other', 'CREATE TABLE IF NOT EXISTS pets (name TEXT)', '');
    const newer = made('newer', `INSERT OR IGNORE INTO migrations VALUES (99, 'to come', 'x')`);
    const empty = join(folder, 'empty.db');
    writeFileSync(empty, '');
    for (const [path, why] of [
      [text, 'file is not a database'],
      [other, 'of another program'],
      [newer, 'run the newer release'],
      [empty, 'got an empty one'],
    ] as const) {
      const before = hash(path);
      const { exit, printed, complained } = await run(line, path);
      expect({ exit, printed }, why).toEqual({ exit: 6, printed: '' });
      expect(complained).toMatch(/^error: .*$/);
      expect(complained).toContain(why);
      expect(hash(path)).toBe(before);
    }
  });

  it('says something on a database without an actor', async () => {
    const fresh = join(folder, 'fresh.db');
    const store = sqliteStore(fresh);
    await store.open();
    await store.close();
    expect((await run('list', fresh)).printed).toBe('No such actors.');
    expect((await run('stats', fresh)).printed).toMatch(/^0 actors\n\nWork and size\n/);
    expect((await run('dead-letters', fresh)).printed).toBe('No dead letters.');
    expect((await run('doctor', fresh)).exit).toBe(0);
    expect((await run('show nobody', fresh)).exit).toBe(3);
  });

  it('writes nothing', async () => {
    const before = hash(shop);
    for (const line of COMMANDS) expect((await run(line, shop)).exit).toBe(0);
    expect(hash(shop)).toBe(before);
  });
});

describe('beside a running engine', () => {
  it('sees each commit at once, says who works there, and stops no commit', async () => {
    const path = join(folder, 'busy.db');
    const engine = await openEngine({ store: sqliteStore(path), machines: [subscription] });
    try {
      await engine.start(subscription, { id: 's-1', input: { plan: 'a' } });
      expect((await run('list', path)).printed).toContain('s-1');
      expect((await run('doctor', path)).printed).toMatch(
        new RegExp(`^ok +engine +the process ${process.pid} has the database open$`, 'm'),
      );
      await engine.start(subscription, { id: 's-2', input: { plan: 'b' } });
      expect((await run('list', path)).printed).toContain('s-2');
    } finally {
      await engine.stop();
    }
    expect((await run('doctor', path)).printed).toMatch(/engine +none has the database open/);
  });

  it('takes no lock: an engine opens while a reader is open', async () => {
    const path = join(folder, 'free.db');
    copyFileSync(shop, path);
    const reader = await sqliteReader(path);
    const store = sqliteStore(path);
    await store.open();
    await store.close();
    expect(await reader.list({ limit: 1 })).toHaveLength(1);
    await reader.close();
    await expect(reader.list({ limit: 1 })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('does not take a pid file that a crash has left for an engine', async () => {
    const path = join(folder, 'crashed.db');
    copyFileSync(shop, path);
    writeFileSync(`${path}.pid`, '1\n');
    writeFileSync(`${path}.lock`, '');
    expect((await run('doctor', path)).printed).toMatch(/engine +none has the database open/);
  });

  it('holds no read transaction between two pages', async () => {
    const reader = await sqliteReader(shop);
    await reader.journal({ limit: 1 });
    const other = new Database(shop);
    other.exec('CREATE TABLE IF NOT EXISTS seen (x); DROP TABLE seen');
    const [frames] = other.pragma('wal_checkpoint(TRUNCATE)') as readonly { busy: number }[];
    other.close();
    await reader.close();
    expect(frames?.busy).toBe(0);
  });
});

describe('where the database is found', () => {
  it('is said by the config file, and by --db before it', async () => {
    const config = join(folder, 'shop.config.mjs');
    writeFileSync(config, `export default { database: ${JSON.stringify(shop)} };`);
    expect((await runCommand(['list', '--config', config])).printed).toContain('checkout-1001');
    expect((await runCommand(['list', '--config', config, '--db', '/nowhere.db'])).exit).toBe(3);
  });

  it('exits with 2 when nobody says it', async () => {
    const { exit, complained } = await runCommand(['list']);
    expect(complained).toMatch(/^error: Expected --db <file>, or a config file/);
    expect(exit).toBe(2);
  });

  it.each([
    ['export const nothing = 1;', 'export default defineConfig'],
    ['export default { databse: 1 };', 'databse'],
    ['export default { database: 1 };', '`database`'],
    ['export default { machines: [1] };', '`machines`'],
    ['throw new Error("broken");', 'broken'],
  ])('exits with 2 for a config file such as %s', async (text, why) => {
    const config = join(folder, `bad-${text.length}.config.mjs`);
    writeFileSync(config, text);
    const { exit, complained } = await runCommand(['list', '--config', config]);
    expect(complained).toContain(why);
    expect(exit).toBe(2);
  });

  it('exits with 2 for machines that are none', async () => {
    const file = join(folder, 'none.mjs');
    writeFileSync(file, 'export const x = 1;');
    const { exit, complained } = await runCommand(['doctor', '--db', shop, '--machines', file]);
    expect(complained).toBe(`error: Expected ${file} to export machines, found none.`);
    expect(exit).toBe(2);
  });
});

describe('a wrong call', () => {
  it.each([
    'list --status nice',
    'list --limit 0',
    'list --limit 1e3',
    'list --limit 1001',
    'list --colour',
    'show',
    'tail --since yesterday',
    'history checkout-1001 --after -1',
    'nothing',
  ])('exits with 2: %s', async (line) => {
    const { exit, complained } = await run(line, shop);
    expect(complained).toMatch(/^error: /);
    expect(exit).toBe(2);
  });

  it('exits with 2 and the help without a command', async () => {
    const { exit, complained } = await runCommand([]);
    expect(complained).toMatch(/^Usage: sagawright/);
    expect(exit).toBe(2);
  });

  it('exits with 0 when help or the version is asked for', async () => {
    expect(await runCommand(['--help'])).toMatchObject({ exit: 0, complained: '' });
    expect((await runCommand(['--version'])).printed).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await runCommand(['list', '--help'])).printed).toMatch(/^Usage: sagawright list/);
  });
});
