// Every query that grows with the database is held to its index: a full scan of a million actors
// would pass all other tests.

import { beforeAll, describe, expect, it } from 'vitest';
import {
  LEAF_STAYS_SQL,
  MACHINE_COUNT_SQL,
  REPLIES_SQL,
} from '../../../store/sqlite-leaf-stays.ts';
import {
  CHILDREN_SQL,
  FAMILY_SQL,
  GROUP_PAGE_SQL,
  NEXT_GROUP_SQL,
} from '../../../store/sqlite-list.ts';
import {
  DUE_SQL,
  FIND_KEYS_SQL,
  LOAD_SQL,
  RUNNING_SQL,
  TOMBSTONES_SQL,
  TRANSACTION_RESULTS_SQL,
} from '../../../store/sqlite-reads.ts';
import { databasePaths, opened, raw } from './store-files.ts';

const path = databasePaths('plans')();

beforeAll(async () => {
  await (await opened(path)).close();
});

function plan(sql: string): string {
  const db = raw(path, { readonly: true });
  const values = sql.match(/\?/g)?.map(() => 1) ?? [];
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(values);
  db.close();
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

describe('query plans', () => {
  it.each([
    ['load', LOAD_SQL, 'SEARCH actors USING INDEX sqlite_autoindex_actors_1 (id=?)'],
    ['findKeys', FIND_KEYS_SQL, 'SEARCH journal USING INDEX journal_by_key (actor=? AND key=?)'],
    [
      'findTombstones',
      TOMBSTONES_SQL,
      'SEARCH tombstones USING INDEX sqlite_autoindex_tombstones_1 (actor=?)',
    ],
    [
      'findTransactionResults',
      TRANSACTION_RESULTS_SQL,
      'SEARCH transaction_results USING PRIMARY KEY (key=?)',
    ],
    ['due', DUE_SQL, 'SEARCH actors USING COVERING INDEX actors_to_wake ((wake_at,id)>(?,?)'],
    ['running', RUNNING_SQL, 'SEARCH actors USING COVERING INDEX actors_running (id>?)'],
    [
      'groups of list',
      NEXT_GROUP_SQL,
      'SEARCH actors USING COVERING INDEX actors_by_state (machine=? AND machine_version=? AND state=? AND status>?)',
    ],
    [
      'the count of a machine',
      MACHINE_COUNT_SQL,
      'SEARCH actors USING COVERING INDEX actors_by_state (machine=? AND machine_version=?)',
    ],
    [
      'a page of a group',
      GROUP_PAGE_SQL,
      'SEARCH actors USING COVERING INDEX actors_by_state (machine=? AND machine_version=? AND state=? AND status=? AND id>?)',
    ],
    [
      'a family',
      `SELECT * FROM actors WHERE ${FAMILY_SQL} AND root = ? AND id > ? ORDER BY id`,
      'SEARCH actors USING INDEX actors_by_root (root=?)',
    ],
    [
      'children',
      `SELECT * FROM actors WHERE ${CHILDREN_SQL} AND id > ? ORDER BY id`,
      'SEARCH actors USING INDEX actors_by_parent (parent=? AND id>?)',
    ],
    [
      'history',
      'SELECT * FROM journal WHERE actor = ? AND revision > ? ORDER BY revision LIMIT 5',
      'SEARCH journal USING INDEX journal_by_actor (actor=? AND revision>?)',
    ],
    [
      'dead letters by reason',
      'SELECT * FROM dead_letters WHERE reason = ? AND id > ? ORDER BY id LIMIT 5',
      'SEARCH dead_letters USING INDEX dead_letters_by_reason (reason=? AND id>?)',
    ],
  ])('%s uses its index', (_what, sql, expected) => {
    const found = plan(sql);
    expect(found).toContain(expected);
    expect(found).not.toContain('SCAN actors');
    expect(found).not.toContain('SCAN journal');
    expect(found).not.toContain('TEMP B-TREE FOR ORDER BY');
  });

  it('would show a scan', () => {
    expect(plan('SELECT * FROM actors WHERE snapshot = ?')).toContain('SCAN actors');
  });

  // They sort what they have chosen: a bounded number of rows.
  it.each([
    ['leafStays', LEAF_STAYS_SQL],
    ['replies', REPLIES_SQL],
  ])('%s reads the entries of chosen actors alone', (_, sql) => {
    const found = plan(sql);
    expect(found).toContain(
      'SEARCH actors USING COVERING INDEX actors_by_state (machine=? AND machine_version=?)',
    );
    expect(found).toContain('SEARCH journal USING INDEX journal_by_actor (actor=? AND revision>?)');
    expect(found).not.toContain('SCAN actors');
    expect(found).not.toContain('SCAN journal');
  });
});
