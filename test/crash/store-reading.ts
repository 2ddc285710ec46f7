// The engine's database as it was left: journal, actors, unfinished work, read through the public store
// port when no engine is open on it. Never writes.

import type { Store } from 'sagawright';
import { sqliteStore } from 'sagawright/store';

export type Entry = Awaited<ReturnType<Store['journal']>>[number];
export type Actor = Awaited<ReturnType<Store['list']>>[number];
export type Letter = Awaited<ReturnType<Store['deadLetters']>>[number];

export interface StoreContents {
  /** By actor, in order of revision. */
  readonly journal: ReadonlyMap<string, readonly Entry[]>;
  readonly actors: ReadonlyMap<string, Actor>;
  readonly letters: readonly Letter[];
  readonly inbox: number;
}

const PAGE = 1_000;

/** Opens the store, reads all of it and closes it again. */
export async function readStore(db: string): Promise<StoreContents> {
  const store = sqliteStore(db);
  await store.open();
  try {
    const entries = await readAll<Entry>((last) =>
      store.journal({ ...(last && { after: last.position }), limit: PAGE }),
    );
    const actors = await readAll<Actor>((last) =>
      store.list({ ...(last && { after: last.id }), limit: PAGE }),
    );
    const letters = await readAll<Letter>((last) =>
      store.deadLetters({ ...(last && { after: last.id }), limit: PAGE }),
    );
    const { inbox } = await store.health();
    return {
      journal: Map.groupBy(entries, ({ actor }): string => actor),
      actors: new Map(actors.map((actor) => [actor.id, actor])),
      letters,
      inbox,
    };
  } finally {
    await store.close();
  }
}

async function readAll<Row>(
  page: (last: Row | undefined) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const next = await page(rows.at(-1));
    rows.push(...next);
    if (next.length < PAGE) return rows;
  }
}
