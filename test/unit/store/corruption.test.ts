// What is read is checked: a damaged page stops the store, a row that cannot be right concerns its
// actor alone, and nothing is repaired.

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store.ts';
import { actor, commit, created, entry, id, letter } from '../../contract/store-records.ts';
import { databasePaths, opened, raw } from './store-files.ts';

const nextPath = databasePaths('corruption');

async function filled(count: number): Promise<string> {
  const path = nextPath();
  const store = await opened(path);
  const names = Array.from({ length: count }, (_, index) => `order-${index}`);
  await store.commit(
    commit({
      journal: names.map((name) => entry(name, 1)),
      actors: names.map((name) => created(name, { snapshot: 'x'.repeat(500) })),
      inboxAdded: [{ target: id('order-1'), data: '{}' }],
      deadLettersAdded: [letter()],
    }),
  );
  await store.close();
  return path;
}

/** Fills every page of a table from its header on. Nobody has the file open. */
function damage(path: string, table: string): void {
  const db = raw(path);
  const pages = db
    .prepare('SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ?')
    .pluck()
    .all(table, 'leaf');
  db.close();
  const bytes = readFileSync(path);
  for (const page of pages) {
    const start = (Number(page) - 1) * 4096;
    bytes.fill(0x5a, start, start + 64);
  }
  writeFileSync(path, bytes);
}

describe('a damaged page', () => {
  it('stops the store when it is read', async () => {
    const path = await filled(200);
    damage(path, 'actors');
    const before = readFileSync(path);
    const store = await opened(path);
    await expect(store.load([id('order-1')])).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(store.journal({ limit: 1 })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(store.commit(commit())).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(store.maintain()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await store.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('stops the store when a commit meets it, with nothing written', async () => {
    const path = await filled(200);
    damage(path, 'actors');
    const before = readFileSync(path);
    const store = await opened(path);
    const write = { record: actor('order-1', { revision: 2 }), previousRevision: 1 };
    await expect(
      store.commit(commit({ journal: [entry('order-1', 2)], actors: [write] })),
    ).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await store.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('a row that cannot be right', () => {
  const read = {
    actors: (store: Store) => store.load([id('order-1')]),
    journal: (store: Store) => store.journal({ actor: id('order-1'), limit: 1 }),
    inbox: (store: Store) => store.inbox({ limit: 1 }),
    dead_letters: (store: Store) => store.deadLetters({ limit: 1 }),
  };

  it.each([
    ['actors', 'status', "'sleeping'", 'order-1'],
    ['actors', 'revision', '0', 'order-1'],
    ['actors', 'revision', '9007199254740993', 'order-1'],
    ['actors', 'running', '2', 'order-1'],
    ['actors', 'wake_at', '-5', 'order-1'],
    ['actors', 'root', "''", 'order-1'],
    ['journal', 'kind', "'odd'", 2],
    ['journal', 'key', 'char(7)', 2],
    ['inbox', 'target', "''", 1],
    ['dead_letters', 'replays', '-1', 1],
  ] as const)('in %s.%s is reported with its table and id', async (table, column, value, rowId) => {
    const path = await filled(3);
    const db = raw(path);
    db.pragma('ignore_check_constraints = ON');
    db.exec(
      `UPDATE ${table} SET ${column} = ${value} WHERE ${
        table === 'actors' ? 'id' : table === 'journal' ? 'position' : 'id'
      } = ${typeof rowId === 'string' ? `'${rowId}'` : rowId}`,
    );
    db.close();
    const store = await opened(path);
    await expect(read[table](store)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      details: { table, column, id: rowId },
    });
    // Others go on.
    expect(await store.load([id('order-2')])).toHaveLength(1);
    await store.commit(commit({ journal: [entry('order-2', 2)] }));
    await store.close();
  });
});
