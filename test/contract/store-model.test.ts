// Random commits to a SQLite store and to the memory store, which is the oracle: the same results,
// the same refusals, and the same answers to every query after each.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isEngineError } from '../../src/errors.ts';
import type { ActorWrite, Commit, CommitResult, ListQuery, Store } from '../../src/store.ts';
import { memoryStore, sqliteStore } from '../../store/index.ts';
import { actor, commit, entry, id, key, letter, readContents } from './store-records.ts';

const root = mkdtempSync(join(tmpdir(), 'sagawright-model-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

// Few names, so that they meet; two that UTF-8 and UTF-16 order differently.
const ADDRESSES = ['a', 'a/1', 'a/1/x', 'a/2', 'b', 'b/1', '\uff5e', '🚀'];
const STATES = ['pay', 'pay.card', 'payment', 'ship pay.card', 'ship.packed'];
const PROJECTIONS = ['p', 'q'];
const TRANSACTIONS = ['t', 'u'];

const address = fc.constantFrom(...ADDRESSES);
const smallId = fc.integer({ min: 1, max: 6 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { nil: null, freq: 2 });

/** `lag` 0 expects the stored revision, anything else misses it. */
interface WritePlan {
  readonly lag: number;
  readonly grows: number;
  readonly write: ActorWrite;
}

const journalEntry = fc
  .record({
    actor: address,
    revision: fc.integer({ min: 1, max: 30 }),
    kind: fc.constantFrom('started', 'received', 'emitted', 'noted'),
    key: maybe(fc.constantFrom('k', 'l', 'm').map(key)),
    state: maybe(fc.constant('"s"')),
  })
  .map(({ actor: of, revision, ...changes }) => entry(of, revision, changes));

const actorWrite: fc.Arbitrary<WritePlan> = fc
  .record({
    of: address,
    lag: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: smallId }),
    grows: fc.integer({ min: 0, max: 3 }),
    changes: fc.record({
      machine: fc.constantFrom('order', 'stock'),
      status: fc.constantFrom('active', 'active', 'done', 'error', 'stopped', 'parked'),
      state: fc.constantFrom(...STATES),
      running: fc.boolean(),
      wakeAt: maybe(fc.integer({ min: 0, max: 20 })),
    }),
  })
  .map(({ of, lag, grows, changes }) => ({
    lag,
    grows,
    write: { record: actor(of, changes), previousRevision: 0 },
  }));

const systemId = fc
  .record({ of: address, name: fc.constantFrom('x', 'y') })
  .map(({ of, name }) => ({ root: id('a'), systemId: name, actor: id(of) }));

const plan = fc.record({
  journal: fc.array(journalEntry, { maxLength: 4 }),
  actors: fc.array(actorWrite, { maxLength: 3 }),
  others: fc.oneof(
    fc.constant<Partial<Commit>>({}),
    fc.array(address, { maxLength: 3 }).map((targets) => ({
      inboxAdded: targets.map((target) => ({ target: id(target), data: '{}' })),
    })),
    fc.record({ inboxRemoved: fc.array(smallId, { maxLength: 1 }) }),
    fc.array(fc.constantFrom('STEP_FAILED', 'LATE_SUCCESS'), { maxLength: 2 }).map((reasons) => ({
      deadLettersAdded: reasons.map((reason) => letter({ reason })),
    })),
    fc.record({
      deadLettersReplayed: fc.array(smallId, { maxLength: 1 }),
      deadLettersRemoved: fc.array(smallId, { maxLength: 1 }),
    }),
    fc.record({
      systemIdsRemoved: fc.array(systemId, { maxLength: 2 }),
      systemIdsAdded: fc.array(systemId, { maxLength: 1 }),
    }),
    fc
      .record({ of: address, name: maybe(fc.constant(key('k'))), expiresAt: smallId })
      .map(({ of, name, expiresAt }) => ({
        tombstones: [{ actor: id(of), key: name, data: '{}', expiresAt }],
      })),
    fc
      .record({ name: fc.constantFrom(...TRANSACTIONS), at: smallId })
      .map(({ name, at }) => ({ transactionResults: [{ key: key(name), result: '{}', at }] })),
  ),
});

const listQuery: fc.Arbitrary<ListQuery> = fc
  .record(
    {
      machine: fc.constantFrom('order', 'stock', 'none'),
      status: fc.constantFrom('active', 'error', 'parked'),
      state: fc.constantFrom(...STATES, 'ship'),
      parent: address.map(id),
      root: address.map(id),
      after: address.map(id),
    },
    { requiredKeys: [] },
  )
  .chain((query) => fc.integer({ min: 1, max: 9 }).map((limit) => ({ ...query, limit })));

/** Reads what is stored, so that most plans fit. */
async function fitted(store: Store, plans: readonly WritePlan[]): Promise<ActorWrite[]> {
  const stored = await store.load(plans.map(({ write }) => write.record.id));
  return plans.map(({ write: { record }, lag, grows }) => {
    const found = stored.find((other) => other.id === record.id)?.revision ?? 0;
    const revision = Math.max(1, found + grows);
    return { record: { ...record, revision }, previousRevision: found + lag };
  });
}

async function outcome(store: Store, of: Commit): Promise<CommitResult | string> {
  try {
    return await store.commit(of);
  } catch (error) {
    return isEngineError(error) ? error.code : String(error);
  }
}

describe('SQLite store against the memory store', () => {
  it('commits, refuses and answers alike', async () => {
    let runs = 0;
    const seen = { committed: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(plan, { minLength: 1, maxLength: 12 }),
        fc.array(listQuery, { minLength: 5, maxLength: 5 }),
        async (plans, queries) => {
          runs += 1;
          const oracle = memoryStore();
          const store = sqliteStore(join(root, `run-${runs}.db`), {
            durability: 'relaxed',
            onNotice: () => undefined,
          });
          await oracle.open();
          await store.open();
          for (const { journal, actors, others } of plans) {
            const next = commit({ journal, actors: await fitted(oracle, actors), ...others });
            const expected = await outcome(oracle, next);
            seen[typeof expected === 'string' ? 'refused' : 'committed'] += 1;
            expect(await outcome(store, next)).toEqual(expected);
            const names = { ids: ADDRESSES, projections: PROJECTIONS, transactions: TRANSACTIONS };
            expect(await readContents(store, names)).toEqual(await readContents(oracle, names));
          }
          for (const query of queries) {
            expect(await store.list(query)).toEqual(await oracle.list(query));
            const [last] = await oracle.due({ before: 20, limit: 1 });
            const due = { before: 15, limit: query.limit, ...(last && { after: last }) };
            expect(await store.due(due)).toEqual(await oracle.due(due));
            const { limit, after } = query;
            const running = { limit, ...(after !== undefined && { after }) };
            expect(await store.running(running)).toEqual(await oracle.running(running));
            const journal = { limit, ...(after !== undefined && { actor: after }) };
            expect(await store.journal(journal)).toEqual(await oracle.journal(journal));
          }
          await oracle.close();
          await store.close();
        },
      ),
      { numRuns: 60 },
    );
    // The plans must reach both outcomes often, or the comparison says little.
    expect(seen.committed).toBeGreaterThan(40);
    expect(seen.refused).toBeGreaterThan(40);
  });
});
