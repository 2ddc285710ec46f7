// A power cut may leave any beginning of the WAL. Whatever is left is a whole number of commits:
// exactly those whose last frame is inside.

import { copyFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { id } from '../../contract/store-records.ts';
import { databasePaths, opened, raw, startStoreProcess } from './store-files.ts';

const nextPath = databasePaths('wal-cut');
const TURNS = 12;

describe('a WAL cut at any byte', () => {
  const path = nextPath();
  /** Size of the WAL after each commit. */
  const ends: number[] = [];

  beforeAll(async () => {
    const writer = startStoreProcess('write', path);
    for (let line = await writer.line(); line !== 'done'; line = await writer.line()) {
      if (line !== 'open') {
        ends.push(Number(line));
      }
    }
    await writer.kill();
    expect(ends).toHaveLength(TURNS);
    expect(statSync(`${path}-wal`).size).toBe(ends.at(-1));
  });

  const wholeCommits = (cut: number): number => ends.filter((end) => end <= cut).length;

  it('leaves a prefix of whole commits, for every 101st byte', () => {
    const copy = nextPath();
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    let cuts = 0;
    for (let cut = Number(ends.at(-1)); cut >= 0; cut -= 101) {
      truncateSync(`${copy}-wal`, cut);
      rmSync(`${copy}-shm`, { force: true });
      // Read-only, so that closing does not move the WAL into the database.
      const db = raw(copy, { readonly: true });
      const found = db
        .prepare(
          `SELECT (SELECT count(*) FROM journal) AS entries, (SELECT count(*) FROM actors) AS actors,
           (SELECT revision FROM actors WHERE id = 'counter') AS turns`,
        )
        .get();
      db.close();
      const whole = wholeCommits(cut);
      expect(found, `cut at ${cut}`).toEqual({
        entries: 3 * whole,
        actors: whole === 0 ? 0 : whole + 1,
        turns: whole === 0 ? null : whole,
      });
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(500);
  });

  it('is opened by the store, which goes on from there', async () => {
    for (const end of [0, ...ends]) {
      for (const cut of [end - 1, end, end + 1, end + 4_000]) {
        if (cut < 0 || cut > Number(ends.at(-1))) {
          continue;
        }
        const copy = nextPath();
        copyFileSync(path, copy);
        copyFileSync(`${path}-wal`, `${copy}-wal`);
        truncateSync(`${copy}-wal`, cut);
        const store = await opened(copy);
        const whole = wholeCommits(cut);
        expect(await store.journal({ limit: 1_000 })).toHaveLength(3 * whole);
        const [counter] = await store.load([id('counter')]);
        expect(counter?.revision ?? 0).toBe(whole);
        await store.close();
      }
    }
  });
});
