// Commits that every store refuses whole: each is sent together with writes that would have been
// fine, and afterwards the store looks as if it had never come.

import { describe, expect, it } from 'vitest';
import type { ActorRecord, Commit, NewJournalEntry, Store } from '../../src/store.ts';
import {
  actor,
  commit,
  created,
  entry,
  id,
  key,
  letter,
  type OpenStore,
  readContents,
} from './store-records.ts';

/** A store with one of everything. */
async function seeded(open: OpenStore): Promise<Store> {
  const store = await open();
  await store.commit(
    commit({
      journal: [entry('a', 1, { key: key('k') }), entry('a', 2)],
      actors: [created('a', { revision: 2 }), created('a/b')],
      inboxAdded: [{ target: id('a'), data: '1' }],
      deadLettersAdded: [letter()],
      systemIdsAdded: [{ root: id('a'), systemId: 'payment', actor: id('a/b') }],
    }),
  );
  return store;
}

/** Writes that are fine by themselves, one of each kind that comes before the one refused. */
const FINE: Commit = commit({
  journal: [entry('fine', 1, { key: key('k') })],
  actors: [created('fine'), { record: actor('a', { revision: 3 }), previousRevision: 2 }],
  inboxAdded: [{ target: id('fine'), data: 'fine' }],
  inboxRemoved: [1],
  deadLettersAdded: [letter({ reason: 'FINE' })],
  deadLettersReplayed: [1],
  systemIdsAdded: [{ root: id('fine'), systemId: 'x', actor: id('fine') }],
});

const nonsense = <T>(text: string): T => JSON.parse(text) as T;

const REFUSED: readonly (readonly [what: string, commit: Partial<Commit>])[] = [
  ['a new actor that exists', { actors: [created('a/b')] }],
  [
    'an actor with another revision',
    { actors: [{ record: actor('a/b', { revision: 9 }), previousRevision: 5 }] },
  ],
  [
    'an actor that does not exist',
    { actors: [{ record: actor('x', { revision: 2 }), previousRevision: 1 }] },
  ],
  [
    'a child under another parent',
    { actors: [{ record: actor('a/b', { parent: id('c') }), previousRevision: 1 }] },
  ],
  [
    'a child that becomes a root',
    { actors: [{ record: actor('a/b', { root: id('a/b'), parent: null }), previousRevision: 1 }] },
  ],
  ['a root with a parent', { actors: [created('x', { parent: id('a') })] }],
  ['a child without a parent', { actors: [created('x/y', { parent: null })] }],
  [
    'a revision that goes back',
    { actors: [{ record: actor('a/b', { revision: 1 }), previousRevision: 2 }] },
  ],
  ['an actor without entries', { actors: [created('x', { revision: 0 })] }],
  ['a revision that is no integer', { actors: [created('x', { revision: 1.5 })] }],
  ['a wake-up time that is no number', { actors: [created('x', { wakeAt: Number.NaN })] }],
  ['a time beyond 2^53', { actors: [created('x', { updatedAt: 2 ** 53 })] }],
  [
    'an unknown status',
    { actors: [created('x', nonsense<Partial<ActorRecord>>('{"status":"gone"}'))] },
  ],
  ['an actor twice in one commit', { actors: [created('x'), created('x')] }],
  ['a second entry for a revision', { journal: [entry('a', 2)] }],
  ['a second entry for a revision in one commit', { journal: [entry('x', 1), entry('x', 1)] }],
  ['a second entry for a key', { journal: [entry('a', 3, { key: key('k') })] }],
  [
    'a second entry for a key in one commit',
    { journal: [entry('x', 1, { key: key('n') }), entry('x', 2, { key: key('n') })] },
  ],
  [
    'a second result for a transaction key',
    {
      transactionResults: [
        { key: key('t'), result: '{}', at: 1 },
        { key: key('t'), result: '{}', at: 2 },
      ],
    },
  ],
  ['an entry without revision', { journal: [entry('x', 0)] }],
  [
    'an entry of an unknown kind',
    { journal: [entry('x', 1, nonsense<Partial<NewJournalEntry>>('{"kind":"odd"}'))] },
  ],
  ['an entry before all time', { journal: [entry('x', 1, { at: -1 })] }],
  [
    'the last of many entries',
    {
      journal: [...Array.from({ length: 40 }, (_, index) => entry('x', index + 1)), entry('x', 7)],
    },
  ],
  ['an inbox message that is not there', { inboxRemoved: [99] }],
  ['an inbox message taken twice', { inboxRemoved: [1, 1] }],
  ['a dead letter removed that is not there', { deadLettersRemoved: [99] }],
  ['a dead letter replayed that is not there', { deadLettersReplayed: [99] }],
  [
    'a system id that is taken',
    { systemIdsAdded: [{ root: id('a'), systemId: 'payment', actor: id('a/c') }] },
  ],
];

function together(fine: Commit, bad: Partial<Commit>): Commit {
  return {
    journal: [...fine.journal, ...(bad.journal ?? [])],
    actors: [...fine.actors, ...(bad.actors ?? [])],
    inboxAdded: fine.inboxAdded ?? [],
    inboxRemoved: bad.inboxRemoved ?? fine.inboxRemoved ?? [],
    deadLettersAdded: fine.deadLettersAdded ?? [],
    deadLettersRemoved: bad.deadLettersRemoved ?? [],
    deadLettersReplayed: bad.deadLettersReplayed ?? fine.deadLettersReplayed ?? [],
    systemIdsAdded: [...(fine.systemIdsAdded ?? []), ...(bad.systemIdsAdded ?? [])],
    transactionResults: bad.transactionResults ?? [],
  };
}

export function describeStoreRefusals(name: string, open: OpenStore): void {
  describe(`${name}: refusals leave nothing`, () => {
    it('writes the fine part when it comes alone', async () => {
      const store = await seeded(open);
      await store.commit(FINE);
      expect(await store.load([id('fine'), id('a')])).toHaveLength(2);
      await store.close();
    });

    it.each(REFUSED)('refuses %s', async (_what, bad) => {
      const store = await seeded(open);
      const before = await readContents(store, { ids: ['a', 'fine'] });
      await expect(store.commit(together(FINE, bad))).rejects.toMatchObject({
        code: 'STORE_REFUSED',
      });
      expect(await readContents(store, { ids: ['a', 'fine'] })).toEqual(before);
      // Positions and ids go on as if it had never come.
      expect(await store.commit(FINE)).toEqual({
        positions: [3],
        inboxIds: [2],
        deadLetterIds: [2],
      });
      await store.close();
    });

    it('names the actor whose revision is another one', async () => {
      const store = await seeded(open);
      const stale = { record: actor('a', { revision: 9 }), previousRevision: 8 };
      await expect(store.commit(commit({ actors: [stale] }))).rejects.toMatchObject({
        details: { actor: 'a', previousRevision: 8 },
      });
      await store.close();
    });

    it('lets two actors use one key', async () => {
      const store = await seeded(open);
      await store.commit(commit({ journal: [entry('other', 1, { key: key('k') })] }));
      expect(await store.journal({ actor: id('other'), limit: 10 })).toHaveLength(1);
      await store.close();
    });
  });
}
