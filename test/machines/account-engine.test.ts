// Money from account to account in one commit: thousands of transfers at one time, of which no reader
// ever sees one half, and which neither make nor lose a penny.

import fc from 'fast-check';
import { Rejected, virtual } from 'sagawright';
import {
  ACCOUNT_PREFIX,
  accountAddress,
  accountMachine,
  accountOf,
  type Transfer,
  transferMoney,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { type EngineWorld, openWorld, type WorldOptions } from '../support/engine-world.ts';
import { checkAsyncProperty } from '../unit/seeds.ts';

const OPENING_MINOR = 1_000;
/** Looking for a smaller counterexample must leave time to tell the one that was found. */
const TIME_LIMIT_MS = 12_000;
const ACCOUNTS = ['a', 'b', 'c', 'd', 'e'] as const;
const TOTAL_MINOR = OPENING_MINOR * ACCOUNTS.length;

const accounts = virtual(accountMachine, {
  prefix: ACCOUNT_PREFIX,
  input: (id) => ({ accountId: accountOf(id), currency: 'GBP', openingMinor: OPENING_MINOR }),
});

/** All accounts are there from the start: each gets a penny from one and gives it back. */
async function openBank(options: Partial<WorldOptions>): Promise<EngineWorld> {
  const world = await openWorld({ machines: [accounts], ...options });
  for (const [n, from] of ACCOUNTS.entries()) {
    const to = ACCOUNTS[(n + 1) % ACCOUNTS.length] ?? 'a';
    await transfer(world, {
      from,
      to,
      transferId: `opening-${n}`,
      amountMinor: 1,
      currency: 'GBP',
    });
  }
  return world;
}

/** Whether it was made. */
async function transfer({ engine }: EngineWorld, order: Transfer): Promise<boolean> {
  try {
    await engine.transact(
      (tx) => {
        for (const { to, event } of transferMoney(order)) {
          const { status } = tx.send<typeof accountMachine>(to, event);
          if (status === 'rejected') throw new Rejected('REFUSED', { details: { account: to } });
        }
      },
      { key: order.transferId },
    );
    return true;
  } catch (error) {
    if (error instanceof Rejected) return false;
    throw error;
  }
}

async function readBalances({ engine }: EngineWorld): Promise<readonly number[]> {
  const snapshots = await engine.read(ACCOUNTS.map(accountAddress));
  return snapshots.map((snapshot) => snapshot?.context.balanceMinor ?? 0);
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

const transfers = (count: number): fc.Arbitrary<readonly Transfer[]> =>
  fc
    .array(
      fc.record({
        from: fc.constantFrom(...ACCOUNTS),
        to: fc.constantFrom(...ACCOUNTS),
        amountMinor: fc.integer({ min: 1, max: 600 }),
      }),
      { minLength: count, maxLength: count, size: 'max' },
    )
    .map((orders) =>
      orders.map((order, n) => ({ ...order, transferId: `transfer-${n}`, currency: 'GBP' })),
    );

describe.each([
  ['memory', 3],
  ['sqlite', 1],
] as const)('thousands of transfers at one time on %s', (on, runs) => {
  it('are what a clerk makes of them one by one, and every reading adds up', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(transfers(2_000), async (orders) => {
        await using world = await openBank({ on, limits: { batch: 64 } });
        let isDone = false;
        const seen = new Set<string>();
        const readAll = async (): Promise<void> => {
          while (!isDone) {
            const balances = await readBalances(world);
            expect(sum(balances)).toBe(TOTAL_MINOR);
            seen.add(balances.join());
            // A turn needs the event loop, which a memory store's answers would never let go of.
            await new Promise((resolve) => setImmediate(resolve));
          }
        };
        const reading = readAll();
        const made = await Promise.all(orders.map((order) => transfer(world, order)));
        isDone = true;
        await reading;

        const clerk = new Map<string, number>(ACCOUNTS.map((id) => [id, OPENING_MINOR]));
        const expected = orders.map(({ from, to, amountMinor }) => {
          if ((clerk.get(from) ?? 0) < amountMinor) return false;
          clerk.set(from, (clerk.get(from) ?? 0) - amountMinor);
          clerk.set(to, (clerk.get(to) ?? 0) + amountMinor);
          return true;
        });
        expect(made).toEqual(expected);
        expect(new Set(made)).toEqual(new Set([true, false]));
        expect(await readBalances(world)).toEqual([...clerk.values()]);
        // Readers have really been there in the middle of it.
        expect(seen.size).toBeGreaterThan(10);
        const { mismatches, unverifiable } = await world.engine.verify();
        expect([...mismatches, ...unverifiable]).toEqual([]);
      }),
      runs,
      TIME_LIMIT_MS,
    );
  });

  it('seen by separate snapshots do not add up: what moved in between is seen twice', async () => {
    await using world = await openBank({ on });
    const balanceOf = async (id: string): Promise<number> =>
      (await world.engine.actor(accountMachine, accountAddress(id)).snapshot()).context
        .balanceMinor;
    const a = await balanceOf('a');
    await transfer(world, {
      from: 'a',
      to: 'b',
      transferId: 't',
      amountMinor: 300,
      currency: 'GBP',
    });
    const b = await balanceOf('b');
    expect(a + b).toBe(2 * OPENING_MINOR + 300);
    expect(sum(await readBalances(world))).toBe(TOTAL_MINOR);
  });

  it.each<[string, Partial<Transfer>]>([
    ['is not covered', { amountMinor: OPENING_MINOR + 1 }],
    ['is in another currency', { currency: 'EUR' }],
    ['the payee cannot take', { to: 'full', amountMinor: 1 }],
  ])('of which one %s: it leaves no trace', async (_what, changes) => {
    await using world = await openBank({ on });
    const full = { accountId: 'full', currency: 'GBP', openingMinor: Number.MAX_SAFE_INTEGER };
    await world.engine.start(accountMachine, { id: accountAddress('full'), input: full });
    const before = world.store.commits.length;
    const history = await world.history('account-a');
    const order = { from: 'a', to: 'b', transferId: 't', amountMinor: 1, currency: 'GBP' };
    expect(await transfer(world, { ...order, ...changes })).toBe(false);
    expect(world.store.commits.length).toBe(before);
    expect(await world.history('account-a')).toEqual(history);
    expect(await readBalances(world)).toEqual(ACCOUNTS.map(() => OPENING_MINOR));
  });

  it('asked for again under the same key move money once, also after a crash', async () => {
    await using world = await openBank({ on });
    const order = { from: 'a', to: 'b', transferId: 't', amountMinor: 250, currency: 'GBP' };
    await Promise.all([transfer(world, order), transfer(world, order)]);
    await world.restart('abandon');
    expect(await transfer(world, order)).toBe(true);
    expect((await readBalances(world)).slice(0, 2)).toEqual([750, 1_250]);
  });
});
