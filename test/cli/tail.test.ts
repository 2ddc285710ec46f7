// `tail` of a journal that is long already: it gives way between pages, so that what it prints can be
// taken and Ctrl-C is heard.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSample } from '../../scripts/cli-docs/sample.ts';
import { runCommand } from './recorded-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'sagawright-tail-'));
const shop = join(folder, 'shop.db');
const long = join(folder, 'long.db');
const ENTRIES = 5_000;

beforeAll(async () => {
  await writeSample(shop);
  copyFileSync(shop, long);
  const db = new Database(long);
  db.exec(`WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ENTRIES})
    INSERT INTO journal (actor, revision, kind, type, data, state, at)
    SELECT 'checkout-1001', 1000 + n, 'noted', 'seen', '{}', NULL, 0 FROM numbers`);
  db.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('prints no more than a page before what it has printed was taken', async () => {
  const ending = new AbortController();
  const { printed, exit } = await runCommand(['tail', '--since', '0', '--db', long], {
    signal: ending.signal,
    flushed: () => Promise.resolve(ending.abort()),
    wait: () => Promise.resolve(ending.abort()),
  });
  expect(exit).toBe(0);
  expect(printed.split('\n')).toHaveLength(500);
});

it('also when nothing of a page is wanted', async () => {
  const ending = new AbortController();
  let asked = 0;
  const args = [
    'tail',
    '--since',
    '0',
    '--machine',
    'subscription',
    '--limit',
    '100',
    '--db',
    long,
  ];
  const { exit } = await runCommand(args, {
    signal: ending.signal,
    flushed: () => {
      asked += 1;
      return Promise.resolve();
    },
    wait: () => Promise.resolve(ending.abort()),
  });
  expect(exit).toBe(0);
  expect(asked).toBeGreaterThanOrEqual(ENTRIES / 500);
});
