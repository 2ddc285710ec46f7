// What every store answers: which rows, in which order, page by page.

import { describe, expect, it } from 'vitest';
import type { ActorRecord, DeadLetterRecord, ListQuery, Store, Wake } from '../../src/store.ts';
import { commit, created, entry, id, key, letter, type OpenStore } from './store-records.ts';

async function withActors(
  open: OpenStore,
  actors: Readonly<Record<string, Partial<ActorRecord>>>,
): Promise<Store> {
  const store = await open();
  await store.commit(
    commit({ actors: Object.entries(actors).map(([address, row]) => created(address, row)) }),
  );
  return store;
}

/** Reads page after page, each from the last row on; a store that repeats itself ends it. */
async function pages<T>(read: (after: T | undefined) => Promise<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for (let page = await read(undefined); page.length > 0; page = await read(found.at(-1))) {
    found.push(...page);
    if (found.length > 100) {
      throw new Error(`Expected pages to end, got ${JSON.stringify(found.slice(0, 5))} and so on.`);
    }
  }
  return found;
}

async function listIds(store: Store, query: Partial<ListQuery>): Promise<readonly string[]> {
  const found = await pages<ActorRecord>((last) =>
    store.list({ ...query, ...(last && { after: last.id }), limit: 2 }),
  );
  expect(found).toEqual(await store.list({ ...query, limit: 1_000 }));
  return found.map((record) => record.id);
}

function describeActorQueries(name: string, open: OpenStore): void {
  describe(`${name}: finding actors`, () => {
    it('loads those that exist, each once', async () => {
      const store = await withActors(open, { a: {}, b: {}, c: {} });
      const found = await store.load([id('c'), id('a'), id('missing'), id('a')]);
      expect(found.map((record) => record.id).sort()).toEqual(['a', 'c']);
      expect(await store.load([])).toEqual([]);
      await store.close();
    });

    it('loads more than one statement takes', async () => {
      const names = Array.from({ length: 2_500 }, (_, index) => `order-${index}`);
      const store = await withActors(open, Object.fromEntries(names.map((each) => [each, {}])));
      const found = await store.load([...names, ...names].map(id));
      expect(found).toHaveLength(2_500);
      await store.close();
    });

    it('lists in order of id, by code points', async () => {
      const store = await withActors(open, {
        b: {},
        a: {},
        '\uff5e': {},
        '🚀': {},
        'a/b': {},
        'a.': {},
      });
      expect(await listIds(store, {})).toEqual(['a', 'a.', 'a/b', 'b', '\uff5e', '🚀']);
      await store.close();
    });

    it('lists by machine, status and state, in every combination', async () => {
      const store = await withActors(open, {
        a1: { state: 'pay' },
        a2: { state: 'pay.card' },
        a3: { state: 'payment' },
        a4: { state: 'pay', status: 'error' },
        b1: { state: 'pay.card', machine: 'stock' },
        b2: { state: 'idle', machine: 'stock', status: 'parked' },
      });
      expect(await listIds(store, { state: 'pay' })).toEqual(['a1', 'a2', 'a4', 'b1']);
      expect(await listIds(store, { state: 'pay.card' })).toEqual(['a2', 'b1']);
      expect(await listIds(store, { state: 'pay', machine: 'order' })).toEqual(['a1', 'a2', 'a4']);
      expect(await listIds(store, { state: 'pay', status: 'error' })).toEqual(['a4']);
      expect(await listIds(store, { machine: 'stock' })).toEqual(['b1', 'b2']);
      expect(await listIds(store, { machine: 'stock', status: 'parked' })).toEqual(['b2']);
      expect(await listIds(store, { status: 'active' })).toEqual(['a1', 'a2', 'a3', 'b1']);
      expect(await listIds(store, { machine: 'stock', state: 'pay', status: 'active' })).toEqual([
        'b1',
      ]);
      expect(await listIds(store, { machine: 'unknown' })).toEqual([]);
      expect(await listIds(store, { state: '%' })).toEqual([]);
      await store.close();
    });

    it('lists by version, with every other condition', async () => {
      const store = await withActors(open, {
        a1: { machineVersion: '1' },
        a2: { machineVersion: '2', state: 'pay.card' },
        a3: { machineVersion: '2', status: 'error' },
        a4: { machineVersion: '10' },
        'a4/pay': { machineVersion: '10', machine: 'order/pay' },
        b2: { machineVersion: '2', machine: 'stock' },
      });
      expect(await listIds(store, { machineVersion: '2' })).toEqual(['a2', 'a3', 'b2']);
      expect(await listIds(store, { machine: 'order', machineVersion: '2' })).toEqual(['a2', 'a3']);
      expect(
        await listIds(store, { machine: 'order', machineVersion: '2', status: 'error' }),
      ).toEqual(['a3']);
      expect(await listIds(store, { machineVersion: '2', state: 'pay' })).toEqual(['a2']);
      expect(await listIds(store, { machineVersion: '10', root: id('a4') })).toEqual([
        'a4',
        'a4/pay',
      ]);
      expect(await listIds(store, { machineVersion: '10', parent: id('a4') })).toEqual(['a4/pay']);
      expect(await listIds(store, { machine: 'order', machineVersion: '3' })).toEqual([]);
      await store.close();
    });

    it('tells which combinations of machine, version, state and status there are, each once', async () => {
      const store = await withActors(open, {
        a1: {},
        a2: {},
        a3: { status: 'done', state: 'DONE' },
        a4: { machineVersion: '10' },
        a5: { machineVersion: '' },
        b1: { machine: 'stock', state: '' },
        b2: { machine: 'stock', state: '', status: 'parked' },
      });
      const groups = await store.groups();
      expect(
        groups.map(({ machine, machineVersion, state, status }) =>
          [machine, machineVersion, state, status].join('|'),
        ),
      ).toEqual([
        'order||PENDING|active',
        'order|1|DONE|done',
        'order|1|PENDING|active',
        'order|10|PENDING|active',
        'stock|1||active',
        'stock|1||parked',
      ]);
      await store.close();
    });

    it('finds a state in any parallel region', async () => {
      const store = await withActors(open, {
        a: { state: 'pay.card ship.packed' },
        b: { state: 'ship.packed' },
        c: { state: 'reship.packed' },
        d: { state: 'pay ship' },
        e: { state: 'pay.ship' },
      });
      expect(await listIds(store, { state: 'ship' })).toEqual(['a', 'b', 'd']);
      expect(await listIds(store, { state: 'ship.packed' })).toEqual(['a', 'b']);
      expect(await listIds(store, { state: 'pay' })).toEqual(['a', 'd', 'e']);
      await store.close();
    });

    it('lists children of a parent and members of a tree', async () => {
      const store = await withActors(open, {
        a: {},
        'a/1': {},
        'a/1/x': { state: 'DONE', status: 'done' },
        'a/2': {},
        b: {},
        'b/1': {},
      });
      expect(await listIds(store, { parent: id('a') })).toEqual(['a/1', 'a/2']);
      expect(await listIds(store, { root: id('a') })).toEqual(['a', 'a/1', 'a/1/x', 'a/2']);
      expect(await listIds(store, { root: id('a'), status: 'done' })).toEqual(['a/1/x']);
      expect(await listIds(store, { root: id('a'), parent: id('a') })).toEqual(['a/1', 'a/2']);
      expect(await listIds(store, { root: id('b'), parent: id('a') })).toEqual([]);
      expect(await listIds(store, { root: id('a'), state: 'PENDING' })).toEqual([
        'a',
        'a/1',
        'a/2',
      ]);
      expect(await listIds(store, { root: id('a/1') })).toEqual([]);
      await store.close();
    });

    it('finds what is due by time and id, page by page', async () => {
      const store = await withActors(open, {
        late: { wakeAt: 30 },
        b: { wakeAt: 10 },
        a: { wakeAt: 10 },
        '🚀': { wakeAt: 10 },
        '\uff5e': { wakeAt: 10 },
        zero: { wakeAt: 0 },
        stopped: { wakeAt: 1, status: 'stopped' },
        quiet: {},
      });
      const found = await pages<Wake>((last) =>
        store.due({ before: 29, ...(last && { after: last }), limit: 2 }),
      );
      expect(found.map((wake) => wake.id)).toEqual(['zero', 'a', 'b', '\uff5e', '🚀']);
      expect(await store.due({ before: 30, limit: 100 })).toHaveLength(6);
      expect((await store.health()).oldestWakeAt).toBe(0);
      await store.close();
    });

    it('finds actors with an effect in flight, page by page', async () => {
      const store = await withActors(open, {
        c: { running: true },
        a: { running: true },
        b: {},
        d: { running: true, status: 'stopped' },
      });
      expect(await store.running({ limit: 1 })).toEqual(['a']);
      expect(await store.running({ after: id('a'), limit: 5 })).toEqual(['c', 'd']);
      await store.close();
    });

    it('counts for health', async () => {
      const store = await withActors(open, {
        a: { status: 'parked' },
        b: { status: 'error' },
        c: { status: 'error', state: 'OTHER' },
        d: {},
      });
      expect(await store.health()).toMatchObject({ actors: 4, parked: 1, failed: 2 });
      await store.close();
    });
  });
}

function describeJournalQueries(name: string, open: OpenStore): void {
  const journal = [
    entry('a', 1, { kind: 'started', type: 'start' }),
    entry('b', 1, { kind: 'started', type: 'start' }),
    entry('a', 3, { kind: 'emitted' }),
    entry('a', 2, { key: key('k') }),
    entry('b', 2, { kind: 'noted' }),
  ];
  const seeded = async (): Promise<Store> => {
    const store = await open();
    await store.commit(commit({ journal }));
    return store;
  };

  describe(`${name}: reading the journal`, () => {
    it('goes by position, after a position', async () => {
      const store = await seeded();
      const first = await store.journal({ limit: 2 });
      expect(first.map((each) => each.actor)).toEqual(['a', 'b']);
      const last = first.at(-1);
      const rest = await store.journal({ ...(last && { after: last.position }), limit: 1_000 });
      expect(rest.map((each) => `${each.actor}@${each.revision}`)).toEqual(['a@3', 'a@2', 'b@2']);
      await store.close();
    });

    it('goes by revision for one actor', async () => {
      const store = await seeded();
      const all = await store.journal({ actor: id('a'), limit: 10 });
      expect(all.map((each) => each.revision)).toEqual([1, 2, 3]);
      const rest = await store.journal({ actor: id('a'), afterRevision: 1, limit: 1 });
      expect(rest.map((each) => each.revision)).toEqual([2]);
      await store.close();
    });

    it('filters by kind', async () => {
      const store = await seeded();
      const found = await store.journal({ kinds: ['emitted', 'noted'], limit: 10 });
      expect(found.map((each) => each.kind)).toEqual(['emitted', 'noted']);
      expect(await store.journal({ kinds: [], limit: 10 })).toEqual([]);
      expect(await store.journal({ actor: id('a'), kinds: ['started'], limit: 10 })).toHaveLength(
        1,
      );
      await store.close();
    });

    it('finds the entry of a key for its actor alone', async () => {
      const store = await seeded();
      const found = await store.findKeys([
        { actor: id('b'), key: key('k') },
        { actor: id('a'), key: key('k') },
        { actor: id('a'), key: key('k') },
        { actor: id('a'), key: key('other') },
      ]);
      expect(found).toMatchObject([{ actor: 'a', key: 'k', entry: { revision: 2 } }]);
      expect(await store.findKeys([])).toEqual([]);
      await store.close();
    });
  });
}

function describeOtherQueries(name: string, open: OpenStore): void {
  describe(`${name}: inbox, dead letters, tombstones`, () => {
    it('returns inbox messages in the order of arrival', async () => {
      const store = await open();
      const { inboxIds } = await store.commit(
        commit({ inboxAdded: ['1', '2', '3'].map((data) => ({ target: id('a'), data })) }),
      );
      const [first] = inboxIds;
      expect((await store.inbox({ limit: 2 })).map((message) => message.data)).toEqual(['1', '2']);
      await store.commit(commit({ inboxRemoved: first === undefined ? [] : [first] }));
      const rest = await store.inbox({ limit: 10 });
      expect(rest.map((message) => message.data)).toEqual(['2', '3']);
      const after = rest[0]?.id;
      expect(await store.inbox({ ...(after !== undefined && { after }), limit: 10 })).toEqual(
        rest.slice(1),
      );
      expect((await store.health()).inbox).toBe(2);
      await store.close();
    });

    it('filters dead letters by reason, actor, age and id', async () => {
      const store = await open();
      const { deadLetterIds } = await store.commit(
        commit({
          deadLettersAdded: [
            letter({ at: 10 }),
            letter({ at: 20, actor: id('b') }),
            letter({ at: 30, reason: 'LATE_SUCCESS' }),
          ],
        }),
      );
      const [first, second, third] = deadLetterIds.map(Number);
      const ids = (letters: readonly DeadLetterRecord[]): number[] =>
        letters.map((each) => each.id);
      expect(ids(await store.deadLetters({ limit: 10 }))).toEqual([first, second, third]);
      expect(ids(await store.deadLetters({ reason: 'STEP_FAILED', limit: 10 }))).toEqual([
        first,
        second,
      ]);
      expect(ids(await store.deadLetters({ actor: id('b'), limit: 10 }))).toEqual([second]);
      expect(ids(await store.deadLetters({ before: 20, limit: 10 }))).toEqual([first]);
      expect(ids(await store.deadLetters({ after: Number(first), limit: 1 }))).toEqual([second]);
      expect((await store.health()).deadLetters).toEqual({ LATE_SUCCESS: 1, STEP_FAILED: 2 });
      await store.close();
    });

    it('counts replays of a dead letter and removes it', async () => {
      const store = await open();
      const { deadLetterIds } = await store.commit(commit({ deadLettersAdded: [letter()] }));
      await store.commit(commit({ deadLettersReplayed: [...deadLetterIds, ...deadLetterIds] }));
      const [number] = deadLetterIds.map(Number);
      expect(await store.deadLetter(Number(number))).toEqual({
        ...letter(),
        id: number,
        replays: 2,
      });
      await store.commit(commit({ deadLettersRemoved: deadLetterIds }));
      expect(await store.deadLetter(Number(number))).toBeUndefined();
      await store.close();
    });

    it('finds the tombstones of an id and of its keys', async () => {
      const store = await open();
      const ofId = { actor: id('a'), key: null, data: '{"end":1}', expiresAt: 5 };
      const ofKey = { actor: id('a'), key: key('k'), data: '{}', expiresAt: 6 };
      await store.commit(commit({ tombstones: [ofKey, ofId, { ...ofId, actor: id('b') }] }));
      expect(await store.findTombstones([id('a'), id('a'), id('c')])).toEqual([ofId, ofKey]);
      await store.close();
    });

    it.each([0, -1, 1.5, Number.NaN, 1_001])('refuses a page of %s rows', async (limit) => {
      const store = await open();
      const refusal = { code: 'BAD_OPTION' };
      await expect(store.list({ limit })).rejects.toMatchObject(refusal);
      await expect(store.journal({ limit })).rejects.toMatchObject(refusal);
      await expect(store.deadLetters({ limit })).rejects.toMatchObject(refusal);
      await store.close();
    });
  });
}

export function describeStoreQueries(name: string, open: OpenStore): void {
  describeActorQueries(name, open);
  describeJournalQueries(name, open);
  describeOtherQueries(name, open);
}
