// What a store says of all its actors: right numbers, and each by its index, so that a million actors
// are as quickly counted as the page shows.

import { beforeAll, describe, expect, it } from 'vitest';
import type { StoreReader } from '../../../src/store-reader.ts';
import { sqliteReader } from '../../../store/index.ts';
import { GROUP_COUNT_SQL } from '../../../store/sqlite-list.ts';
import {
  ENTRY_AT_SQL,
  NEWEST_POSITION_SQL,
  OLDEST_POSITION_SQL,
  RUNNING_COUNT_SQL,
  STAYS_SQL,
  WAKING_COUNT_SQL,
} from '../../../store/sqlite-statistics.ts';
import { databasePaths, opened, raw } from './store-files.ts';

const paths = databasePaths('statistics');

/** A database as our migrations make it, filled by SQL. */
async function filled(sql: string): Promise<string> {
  const path = paths();
  await (await opened(path)).close();
  const db = raw(path);
  db.exec(sql);
  db.close();
  return path;
}

async function read<T>(path: string, use: (reader: StoreReader) => Promise<T>): Promise<T> {
  const reader = await sqliteReader(path);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

const actor = (id: string, more = ''): string =>
  `INSERT INTO actors VALUES ('${id}', '${id}', NULL, 'm', '1', 1, 1, 'active', 'A', '{}', '{}', 0, NULL, 0, 0); ${more}`;
const entry = (id: string, revision: number, kind: string, state: string, at: number): string =>
  `INSERT INTO journal (actor, revision, kind, type, data, state, at) VALUES ('${id}', ${revision}, '${kind}', 't', '{}', ${state === '' ? 'NULL' : `'"${state}"'`}, ${at});`;

describe('stays in a state', () => {
  it('last from entering it to leaving it, whatever happens in between', async () => {
    const path = await filled(
      actor('a') +
        entry('a', 1, 'started', 'A', 100) +
        entry('a', 2, 'received', 'A', 150) +
        entry('a', 3, 'emitted', '', 160) +
        entry('a', 4, 'received', 'B', 300) +
        entry('a', 5, 'received', 'A', 310) +
        entry('a', 6, 'received', 'C', 360),
    );
    expect(await read(path, (reader) => reader.stays(100))).toEqual([
      { machine: 'm', state: '"A"', stays: 2, p50Ms: 50, p95Ms: 200, longestMs: 200 },
      { machine: 'm', state: '"B"', stays: 1, p50Ms: 10, p95Ms: 10, longestMs: 10 },
    ]);
  });

  it('do not count when they began before the sample, or were ended by a new start', async () => {
    const path = await filled(
      actor('a') +
        entry('a', 1, 'started', 'A', 0) +
        entry('a', 2, 'received', 'A', 50) +
        entry('a', 3, 'received', 'B', 100) +
        entry('a', 4, 'started', 'A', 900) +
        entry('a', 5, 'received', 'B', 905),
    );
    expect(await read(path, (reader) => reader.stays(4))).toEqual([
      { machine: 'm', state: '"A"', stays: 1, p50Ms: 5, p95Ms: 5, longestMs: 5 },
    ]);
  });

  it('have percentiles by nearest rank', async () => {
    const many = Array.from(
      { length: 20 },
      (_, index) =>
        actor(`a${index}`) +
        entry(`a${index}`, 1, 'started', 'A', 0) +
        entry(`a${index}`, 2, 'received', 'B', index + 1),
    );
    const path = await filled(many.join(''));
    expect(await read(path, (reader) => reader.stays(1_000))).toEqual([
      { machine: 'm', state: '"A"', stays: 20, p50Ms: 10, p95Ms: 19, longestMs: 20 },
    ]);
  });

  it('refuse a sample without bound', async () => {
    const path = await filled('');
    await expect(read(path, (reader) => reader.stays(1_000_001))).rejects.toMatchObject({
      code: 'BAD_OPTION',
    });
  });
});

describe('the position before a moment', () => {
  it('is found between any two entries, across gaps, and is none before the first', async () => {
    const times = [10, 10, 20, 20, 20, 35, 50];
    const path = await filled(
      times.map((at, index) => entry('a', index + 1, 'noted', '', at)).join('') +
        'DELETE FROM journal WHERE position IN (4, 6)',
    );
    await read(path, async (reader) => {
      const found: (number | null)[] = [];
      for (const at of [5, 10, 11, 20, 21, 50, 51, 1e15])
        found.push(await reader.positionBefore(at));
      expect(found).toEqual([null, null, 2, 2, 5, 5, 7, 7]);
    });
  });

  it('is none in an empty journal', async () => {
    const path = await filled('');
    expect(await read(path, (reader) => reader.positionBefore(5))).toBeNull();
    expect(await read(path, (reader) => reader.overview(5))).toMatchObject({
      journal: null,
      entriesLastMinute: 0,
      entriesLastHour: 0,
    });
  });
});

describe('an overview', () => {
  it('counts what was written, what waits and what is due', async () => {
    const hour = 3_600_000;
    const path = await filled(
      actor('a', `UPDATE actors SET wake_at = 500 WHERE id = 'a';`) +
        actor('b', `UPDATE actors SET wake_at = ${3 * hour}, running = 1 WHERE id = 'b';`) +
        entry('a', 1, 'started', 'A', 1) +
        entry('a', 2, 'noted', '', hour + 2) +
        entry('b', 1, 'started', 'A', 2 * hour - 5),
    );
    expect(await read(path, (reader) => reader.overview(2 * hour))).toMatchObject({
      journal: { oldest: 1, newest: 3 },
      entriesLastMinute: 1,
      entriesLastHour: 2,
      running: 1,
      waking: 2,
      due: 1,
      oldestWakeAt: 500,
    });
  });
});

describe('numbers of many actors', () => {
  let path = '';
  beforeAll(async () => {
    path = await filled(`PRAGMA synchronous = OFF; BEGIN;
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
      INSERT INTO actors SELECT printf('a-%06d', i), printf('a-%06d', i), NULL, 'm', '1', 1, 1,
        iif(i % 5 = 0, 'done', 'active'), 'S' || (i % 5), '{}', '{}', i % 1000 = 0,
        iif(i % 100 = 1, i, NULL), 0, 0 FROM n;
      COMMIT;`);
  });

  it('are counted by group', async () => {
    const groups = await read(path, (reader) => reader.groupCounts());
    expect(groups.map(({ state, status, count }) => [state, status, count])).toEqual([
      ['S0', 'done', 12_000],
      ['S1', 'active', 12_000],
      ['S2', 'active', 12_000],
      ['S3', 'active', 12_000],
      ['S4', 'active', 12_000],
    ]);
  });

  it('page through a state without reading what is before or behind', async () => {
    await read(path, async (reader) => {
      const page = await reader.list({ state: 'S3', after: 'a-050000' as never, limit: 2 });
      expect(page.map(({ id }) => id)).toEqual(['a-050003', 'a-050008']);
    });
  });

  it.each([
    ['groups', GROUP_COUNT_SQL, 'SEARCH actors USING COVERING INDEX actors_by_state'],
    ['waking', WAKING_COUNT_SQL, 'SEARCH actors USING COVERING INDEX actors_to_wake'],
    ['running', RUNNING_COUNT_SQL, 'USING COVERING INDEX actors_running'],
    ['oldest', OLDEST_POSITION_SQL, 'SEARCH journal'],
    ['newest', NEWEST_POSITION_SQL, 'SEARCH journal'],
    ['entry', ENTRY_AT_SQL, 'SEARCH journal USING INTEGER PRIMARY KEY (rowid<?)'],
    ['stays', STAYS_SQL, 'SEARCH journal USING INTEGER PRIMARY KEY (rowid>?)'],
    ['actors of stays', STAYS_SQL, 'SEARCH actors USING INDEX sqlite_autoindex_actors_1 (id=?)'],
  ])('of %s come from their index', (_name, sql, index) => {
    const db = raw(path, { readonly: true });
    const values = sql.match(/\?/g)?.map(() => 1) ?? [];
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(values);
    db.close();
    expect(JSON.stringify(plan)).toContain(index);
    expect(JSON.stringify(plan)).not.toMatch(/SCAN (journal|actors)(?! USING COVERING)/);
  });
});
