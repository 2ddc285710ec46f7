// Many orders at one time for few pieces: never more are promised than there are, an order gets all that
// it wants or nothing, and what is left over could not have served any order that was refused.

import fc from 'fast-check';
import type { StockItem } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import type { EngineWorld } from '../support/engine-world.ts';
import { checkAsyncProperty } from '../unit/seeds.ts';
import { countsOf, openShop, type Pieces, reserveOrder, stockOf } from './stock-shop.ts';

const ORDERS = 500;
/** Looking for a smaller counterexample must leave time to tell the one that was found. */
const TIME_LIMIT_MS = 12_000;
const SKUS = ['tea', 'cup', 'pot', 'tray'] as const;

type Basket = readonly StockItem[];

/** A SKU may be listed twice. */
const baskets: fc.Arbitrary<readonly Basket[]> = fc.array(
  fc.array(fc.record({ sku: fc.constantFrom(...SKUS), quantity: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  { minLength: ORDERS, maxLength: ORDERS, size: 'max' },
);
const shelves: fc.Arbitrary<Pieces> = fc.record({
  tea: fc.integer({ min: 0, max: 200 }),
  cup: fc.integer({ min: 0, max: 60 }),
  pot: fc.integer({ min: 0, max: 20 }),
  tray: fc.integer({ min: 1, max: 5 }),
});

/** What a clerk with a pencil would accept, one order after another, and the pieces left then. */
function serveByHand(pieces: Pieces, orders: readonly Basket[]): [readonly boolean[], Pieces] {
  let left: Record<string, number> = { ...pieces };
  const accepted = orders.map((basket) => {
    const after = { ...left };
    for (const { sku, quantity } of basket) after[sku] = (after[sku] ?? 0) - quantity;
    if (Object.values(after).some((count) => count < 0)) return false;
    left = after;
    return true;
  });
  return [accepted, left];
}

async function expectConserved(world: EngineWorld, sku: string, initial: number): Promise<void> {
  const { available, reserved, sold, reservations } = await stockOf(world, sku);
  const promised = Object.values(reservations).reduce((sum, { quantity }) => sum + quantity, 0);
  expect(promised).toBe(reserved);
  expect(Math.min(available, reserved, sold)).toBeGreaterThanOrEqual(0);
  expect(available + reserved + sold).toBe(initial);
}

describe.each([
  ['memory', 6],
  ['sqlite', 3],
] as const)('many orders at one time on %s', (on, runs) => {
  it('are accepted exactly as far as the pieces go', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(shelves, baskets, async (pieces, orders) => {
        // Small turns: an order meets what was committed and what is under way.
        await using world = await openShop(pieces, { on, limits: { batch: 32 } });
        const accepted = await Promise.all(
          orders.map((basket, n) => reserveOrder(world, `order-${n}`, basket)),
        );
        const [expected, left] = serveByHand(pieces, orders);
        expect(accepted).toEqual(expected);
        expect(accepted).toContain(false);
        for (const sku of SKUS) {
          // A shelf that nobody got anything from is not there yet.
          const [shelf] = await world.engine.read([`stock-${sku}`]);
          expect(shelf?.context.available ?? pieces[sku]).toBe(left[sku]);
          if (shelf) await expectConserved(world, sku, pieces[sku] ?? 0);
        }
        const { mismatches, unverifiable } = await world.engine.verify();
        expect([...mismatches, ...unverifiable]).toEqual([]);
      }),
      runs,
      TIME_LIMIT_MS,
    );
  });

  it('for single pieces: as many are accepted as there are', async () => {
    await using world = await openShop({ tea: 37 }, { on });
    const basket = [{ sku: 'tea', quantity: 1 }];
    const accepted = await Promise.all(
      Array.from({ length: ORDERS }, (_, n) => reserveOrder(world, `order-${n}`, basket)),
    );
    expect(accepted.filter(Boolean)).toHaveLength(37);
    expect(await countsOf(world, 'tea')).toEqual([0, 37, 0]);
  });

  it('the last items go to exactly one of two orders, whichever SKU they name first', async () => {
    await using world = await openShop({ tea: 1, cup: 1 }, { on });
    const [tea, cup] = [
      { sku: 'tea', quantity: 1 },
      { sku: 'cup', quantity: 1 },
    ];
    const accepted = await Promise.all([
      reserveOrder(world, 'order-1', [tea, cup]),
      reserveOrder(world, 'order-2', [cup, tea]),
    ]);
    expect([...accepted].sort()).toEqual([false, true]);
    for (const sku of ['tea', 'cup']) {
      const { reservations } = await stockOf(world, sku);
      expect(Object.keys(reservations)).toEqual([accepted[0] ? 'order-1' : 'order-2']);
    }
  });

  it('an order that is asked for twice under its key is reserved once, also after a crash', async () => {
    await using world = await openShop({ tea: 5 }, { on });
    const basket = [{ sku: 'tea', quantity: 2 }];
    const twice = [reserveOrder(world, 'order-1', basket), reserveOrder(world, 'order-1', basket)];
    expect(await Promise.all(twice)).toEqual([true, true]);
    await world.restart('abandon');
    expect(await reserveOrder(world, 'order-1', basket)).toBe(true);
    expect(await countsOf(world, 'tea')).toEqual([3, 2, 0]);
  });

  it('an order of 500 SKUs is reserved whole, and one that lacks a single piece not at all', async () => {
    const skus = Array.from({ length: 500 }, (_, n) => `sku-${n}`);
    const pieces = Object.fromEntries(skus.map((sku) => [sku, 1]));
    await using world = await openShop(pieces, { on });
    const basket = skus.map((sku) => ({ sku, quantity: 1 }));
    expect(await reserveOrder(world, 'order-1', [...basket, { sku: 'gone', quantity: 1 }])).toBe(
      false,
    );
    expect(await reserveOrder(world, 'order-2', basket)).toBe(true);
    const counts = await Promise.all(skus.map((sku) => countsOf(world, sku)));
    expect(counts).toEqual(skus.map(() => [0, 1, 0]));
  });

  it('an order refused for its last item has not touched the others', async () => {
    await using world = await openShop({ tea: 5, cup: 0 }, { on });
    const before = world.store.commits.length;
    const basket = [
      { sku: 'tea', quantity: 2 },
      { sku: 'cup', quantity: 1 },
    ];
    expect(await reserveOrder(world, 'order-1', basket)).toBe(false);
    expect(world.store.commits.length).toBe(before);
    expect(await world.engine.read(['stock-tea', 'stock-cup'])).toEqual([null, null]);
  });
});
