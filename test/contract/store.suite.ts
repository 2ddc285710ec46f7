// What every store must do, over any implementation of the port. Knows nothing of SQL or maps: the
// fixture makes stores over one lasting place, so that closing and opening again can be asked for.

import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store.ts';
import { describeStoreQueries } from './store-queries.suite.ts';
import {
  actor,
  commit,
  created,
  entry,
  id,
  key,
  type OpenStore,
  readContents,
} from './store-records.ts';
import { describeStoreRefusals } from './store-refusals.suite.ts';

/** A place that keeps actors; every `store()` is a new, unopened store over it. */
export interface StorePlace {
  store(): Store;
}

export function describeStore(name: string, makePlace: () => StorePlace): void {
  const openNew: OpenStore = async () => {
    const store = makePlace().store();
    await store.open();
    return store;
  };

  describe(`${name}: life of a store`, () => {
    it('refuses every call before it is opened', async () => {
      const store = makePlace().store();
      await expect(store.commit(commit())).rejects.toMatchObject({ code: 'STORE_FAILED' });
      await expect(store.health()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    });

    it('refuses every call after it is closed, and closes twice', async () => {
      const store = await openNew();
      await store.close();
      await store.close();
      await expect(store.load([id('a')])).rejects.toMatchObject({ code: 'STORE_FAILED' });
      await expect(store.commit(commit())).rejects.toMatchObject({ code: 'STORE_FAILED' });
      await expect(store.maintain()).rejects.toMatchObject({ code: 'STORE_FAILED' });
      await expect(store.open()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    });

    it('is opened once', async () => {
      const store = await openNew();
      await expect(store.open()).rejects.toMatchObject({ code: 'STORE_FAILED' });
      await store.close();
    });

    it('keeps a second store out until it is closed, and tells who holds it', async () => {
      const place = makePlace();
      const first = place.store();
      const second = place.store();
      await first.open();
      await expect(second.open()).rejects.toMatchObject({
        code: 'STORE_LOCKED',
        details: { pid: process.pid },
      });
      await first.commit(commit({ actors: [created('a')] }));
      await first.close();
      await second.open();
      expect(await second.load([id('a')])).toHaveLength(1);
      await second.close();
    });

    it('keeps the lock when a store that never got it is closed', async () => {
      const place = makePlace();
      const holder = place.store();
      await holder.open();
      const refused = place.store();
      await expect(refused.open()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
      await refused.close();
      await expect(place.store().open()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
      await holder.close();
    });

    it('finds everything again after close and open', async () => {
      const place = makePlace();
      const before = place.store();
      await before.open();
      await before.commit(
        commit({
          journal: [entry('a', 1, { key: key('k') }), entry('a/b', 1)],
          actors: [created('a', { wakeAt: 5, running: true }), created('a/b')],
          inboxAdded: [{ target: id('a'), data: '{"n":1}' }],
          systemIdsAdded: [{ root: id('a'), systemId: 'payment', actor: id('a/b') }],
          transactionResults: [{ key: key('t'), result: '{"value":1}', at: 7 }],
          tombstones: [{ actor: id('z'), key: null, data: '{}', expiresAt: 9 }],
        }),
      );
      const names = { ids: ['a', 'z'], transactions: ['t', 'u'] };
      const contents = await readContents(before, names);
      expect(contents.transactionResults).toEqual([{ key: 't', result: '{"value":1}', at: 7 }]);
      await before.close();

      const after = place.store();
      await after.open();
      expect(await readContents(after, names)).toEqual(contents);
      await after.close();
    });

    it('goes on with positions and ids where it stopped', async () => {
      const place = makePlace();
      const before = place.store();
      await before.open();
      const first = await before.commit(
        commit({ journal: [entry('a', 1)], inboxAdded: [{ target: id('a'), data: '1' }] }),
      );
      await before.commit(commit({ inboxRemoved: first.inboxIds }));
      await before.close();

      const after = place.store();
      await after.open();
      const second = await after.commit(
        commit({ journal: [entry('a', 2)], inboxAdded: [{ target: id('a'), data: '2' }] }),
      );
      expect(Number(second.positions[0])).toBeGreaterThan(Number(first.positions[0]));
      expect(Number(second.inboxIds[0])).toBeGreaterThan(Number(first.inboxIds[0]));
      await after.close();
    });

    it('has nothing to report while it is empty', async () => {
      const store = await openNew();
      const { durability: _, walBytes: __, ...health } = await store.health();
      expect(health).toEqual({
        actors: 0,
        parked: 0,
        failed: 0,
        deadLetters: {},
        inbox: 0,
        oldestWakeAt: null,
      });
      await store.maintain();
      await store.close();
    });
  });

  describe(`${name}: commits`, () => {
    it('gives growing positions in the order of the journal', async () => {
      const store = await openNew();
      const journal = Array.from({ length: 50 }, (_, index) => entry('a', index + 1));
      const { positions } = await store.commit(commit({ journal }));
      expect(positions).toHaveLength(50);
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
      expect(new Set(positions).size).toBe(50);
      const stored = await store.journal({ limit: 1_000 });
      expect(stored).toEqual(
        journal.map((written, index) => ({ ...written, position: positions[index] })),
      );
      await store.close();
    });

    it('returns every field as it was written', async () => {
      const store = await openNew();
      const record = actor('Größe-🚀', {
        machineVersion: '2.1',
        revision: 7,
        incarnation: 3,
        status: 'parked',
        state: 'pay.a ship.b',
        snapshot: '{"text":"a \'quote\' \\" 🚀 \\u0000 \\ud800"}',
        pending: '{"timers":{}}',
        running: true,
        wakeAt: 2 ** 52,
        updatedAt: 1_700_000_000_001,
      });
      const full = entry('Größe-🚀', 7, {
        kind: 'emitted',
        state: null,
        key: key("k'1"),
        correlation: 'c',
        causation: 'Größe-🚀@6',
      });
      await store.commit(commit({ journal: [full], actors: [{ record, previousRevision: 0 }] }));
      expect(await store.load([record.id])).toEqual([record]);
      expect(await store.journal({ limit: 1 })).toMatchObject([full]);
      await store.close();
    });

    it('replaces an actor whose revision is the expected one', async () => {
      const store = await openNew();
      await store.commit(commit({ actors: [created('a')] }));
      const next = actor('a', {
        revision: 3,
        status: 'done',
        state: 'CONFIRMED',
        machine: 'order-next',
        machineVersion: '2',
        incarnation: 2,
        createdAt: 5,
        updatedAt: 6,
      });
      await store.commit(commit({ actors: [{ record: next, previousRevision: 1 }] }));
      expect(await store.load([id('a')])).toEqual([next]);
      await store.close();
    });

    it('writes an actor again under the same revision, as an effect that was settled does', async () => {
      const store = await openNew();
      await store.commit(commit({ actors: [created('a', { running: true })] }));
      await store.commit(
        commit({ actors: [{ record: actor('a', { running: false }), previousRevision: 1 }] }),
      );
      expect(await store.load([id('a')])).toMatchObject([{ revision: 1, running: false }]);
      await store.close();
    });

    it('accepts a commit without content', async () => {
      const store = await openNew();
      expect(await store.commit(commit())).toEqual({
        positions: [],
        inboxIds: [],
        deadLetterIds: [],
      });
      await store.close();
    });

    it('applies commits that were not waited for in the order of the calls', async () => {
      const store = await openNew();
      const results = await Promise.all(
        [1, 2, 3, 4].map((revision) =>
          store.commit(
            commit({
              journal: [entry('a', revision)],
              actors: [{ record: actor('a', { revision }), previousRevision: revision - 1 }],
            }),
          ),
        ),
      );
      const positions = results.flatMap((result) => result.positions);
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
      expect(await store.load([id('a')])).toMatchObject([{ revision: 4 }]);
      await store.close();
    });

    it('keeps what was written when the caller changes its objects later', async () => {
      const store = await openNew();
      const record = { ...actor('a') };
      const written = { ...entry('a', 1) };
      await store.commit(commit({ journal: [written], actors: [{ record, previousRevision: 0 }] }));
      record.snapshot = 'changed';
      written.data = 'changed';
      expect(await store.load([id('a')])).toEqual([actor('a')]);
      expect(await store.journal({ limit: 1 })).toMatchObject([entry('a', 1)]);
      await store.close();
    });

    it('frees a system id and gives it again within one commit', async () => {
      const store = await openNew();
      const taken = { root: id('a'), systemId: 'payment', actor: id('a/1') };
      const next = { root: id('a'), systemId: 'payment', actor: id('a/2') };
      await store.commit(commit({ systemIdsAdded: [taken] }));
      await store.commit(
        commit({
          systemIdsRemoved: [taken, { root: id('a'), systemId: 'never-taken' }],
          systemIdsAdded: [next],
        }),
      );
      expect(await store.systemIds(id('a'))).toEqual([next]);
      await store.close();
    });

    it('replaces a machine, a tombstone and a checkpoint', async () => {
      const store = await openNew();
      const machine = {
        machine: 'order',
        version: '1',
        fingerprint: 'f1',
        definition: '{}',
        registeredAt: 1,
      };
      const tombstone = { actor: id('a'), key: null, data: '1', expiresAt: 1 };
      const positions = (await store.commit(commit({ journal: [entry('a', 1), entry('a', 2)] })))
        .positions;
      const [first, second] = positions;
      for (const [round, position] of [first, second].entries()) {
        await store.commit(
          commit({
            machines: [{ ...machine, fingerprint: `f${round}` }],
            tombstones: [{ ...tombstone, data: `${round}` }],
            checkpoints: position === undefined ? [] : [{ projection: 'totals', position }],
          }),
        );
      }
      expect(await store.machines()).toEqual([{ ...machine, fingerprint: 'f1' }]);
      expect(await store.findTombstones([id('a')])).toEqual([{ ...tombstone, data: '1' }]);
      expect(await store.checkpoint('totals')).toBe(second);
      expect(await store.checkpoint('unknown')).toBeUndefined();
      await store.close();
    });
  });

  describeStoreRefusals(name, openNew);
  describeStoreQueries(name, openNew);
}
