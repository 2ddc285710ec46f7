// Stock on the engine: reservations that expire unless they are confirmed, also while nobody runs, and
// decisions on a revision that was seen, as a service with optimistic locking makes them.

import { isEngineError } from 'sagawright';
import { releaseItems, type StockItem, stockId, stockMachine } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/collected.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { countsOf, openShop, reserveOrder, sendAll, stockOf } from './stock-shop.ts';

const MINUTE_MS = 60_000;
const tea = (quantity: number): readonly StockItem[] => [{ sku: 'tea', quantity }];

const tellTea = (
  world: EngineWorld,
  type: 'stock.confirm' | 'stock.fulfil',
  reservationId: string,
) => world.engine.actor(stockMachine, stockId('tea')).send({ type, reservationId });

describe.each(['memory', 'sqlite'] as const)('a reservation that expires, on %s', (on) => {
  it('ends at its time and not before', async () => {
    await using world = await openShop({ tea: 5 }, { on });
    await reserveOrder(world, 'order-1', tea(2), 15 * MINUTE_MS);
    await world.time.advance(15 * MINUTE_MS - 1);
    expect(await countsOf(world, 'tea')).toEqual([3, 2, 0]);
    await world.time.advance(1);
    expect(await countsOf(world, 'tea')).toEqual([5, 0, 0]);
    expect((await world.history('stock-tea')).at(-1)).toBe('emitted stock.reservationExpired');
  });

  it('ends once, also when it fell due while nobody ran', async () => {
    await using world = await openShop({ tea: 5 }, { on });
    await reserveOrder(world, 'order-1', tea(2), 15 * MINUTE_MS);
    await reserveOrder(world, 'order-2', tea(1), 60 * MINUTE_MS);
    await world.abandon();
    await world.time.advance(20 * MINUTE_MS);
    await world.open();
    await world.time.advance(0);
    expect(await countsOf(world, 'tea')).toEqual([4, 1, 0]);
    await world.restart('stop');
    await world.time.advance(40 * MINUTE_MS);
    expect(await countsOf(world, 'tea')).toEqual([5, 0, 0]);
    const expiries = (await world.history('stock-tea')).filter((line) => line.endsWith('Expired'));
    expect(expiries).toHaveLength(2);
  });

  it('stays when it was confirmed in time, over a restart, until it is sold', async () => {
    await using world = await openShop({ tea: 5 }, { on });
    await reserveOrder(world, 'order-1', tea(2), 15 * MINUTE_MS);
    expect(await tellTea(world, 'stock.confirm', 'order-1')).toMatchObject({ status: 'accepted' });
    await world.restart('abandon');
    const shelf = await world.engine.actor(stockMachine, stockId('tea')).snapshot();
    expect(shelf.timers).toEqual([]);
    await world.time.advance(60 * MINUTE_MS);
    expect(await countsOf(world, 'tea')).toEqual([3, 2, 0]);
    expect(await tellTea(world, 'stock.fulfil', 'order-1')).toMatchObject({ status: 'accepted' });
    expect(await countsOf(world, 'tea')).toEqual([3, 0, 2]);
  });

  it('is gone for a confirmation that comes too late', async () => {
    await using world = await openShop({ tea: 5 }, { on });
    await reserveOrder(world, 'order-1', tea(2), MINUTE_MS);
    await world.time.advance(MINUTE_MS);
    expect(await tellTea(world, 'stock.confirm', 'order-1')).toMatchObject({ status: 'rejected' });
    expect(await tellTea(world, 'stock.fulfil', 'order-1')).toMatchObject({ status: 'rejected' });
  });

  it('released and made again under its name, ends at its new time', async () => {
    await using world = await openShop({ tea: 5 }, { on });
    await reserveOrder(world, 'order-1', tea(2), 10 * MINUTE_MS);
    await world.time.advance(5 * MINUTE_MS);
    await world.engine.transact((tx) => {
      sendAll(tx, releaseItems(tea(2), 'order-1'));
      tx.send<typeof stockMachine>(stockId('tea'), {
        type: 'stock.reserve',
        reservationId: 'order-1',
        quantity: 1,
        expiresInMs: 10 * MINUTE_MS,
      });
    });
    await world.time.advance(5 * MINUTE_MS);
    expect(await countsOf(world, 'tea')).toEqual([4, 1, 0]);
    await world.time.advance(5 * MINUTE_MS);
    expect(await countsOf(world, 'tea')).toEqual([5, 0, 0]);
  });
});

describe('levels of stock', () => {
  it('reach whoever listens, once for each time that they are passed', async () => {
    await using world = await openShop({ tea: 6 }, { levels: { lowAt: 2, reorderAt: 4 } });
    const heard: string[] = [];
    const shelf = world.engine.actor(stockMachine, stockId('tea'));
    for (const level of ['stock.low', 'stock.reorder', 'stock.outOfStock'] as const) {
      shelf.on(level, ({ type, available }) => heard.push(`${type} ${available}`));
    }
    await reserveOrder(world, 'order-1', tea(2), MINUTE_MS);
    await reserveOrder(world, 'order-2', tea(1));
    await world.time.advance(MINUTE_MS);
    await reserveOrder(world, 'order-3', tea(5));
    expect(heard).toEqual([
      'stock.reorder 4',
      'stock.low 0',
      'stock.reorder 0',
      'stock.outOfStock 0',
    ]);
    expect((await shelf.snapshot()).value).toBe('OUT_OF_STOCK');
  });
});

/** A service that decides on revisions it has read before, and reads those again that have changed. */
class ReadModel {
  readonly #revisions: Map<string, number> = new Map();
  readonly #world: EngineWorld;

  constructor(world: EngineWorld) {
    this.#world = world;
  }

  async follow(sku: string): Promise<void> {
    const shelf = this.#world.engine.actor(stockMachine, stockId(sku));
    shelf.subscribe(() => this.#revisions.delete(sku));
    this.#revisions.set(sku, (await shelf.snapshot()).revision);
  }

  /** Reserves one piece of each SKU if none has changed since it was read. */
  reserve(skus: readonly string[], reservationId: string, attempts: number): Promise<void> {
    return this.#world.engine.transact(
      (tx) => {
        for (const sku of skus) {
          const event = { type: 'stock.reserve', reservationId, quantity: 1 } as const;
          const id = stockId(sku);
          const expectedRevision = this.#revisions.get(sku) ?? tx.snapshot(id).revision;
          tx.send<typeof stockMachine>(id, event, { expectedRevision });
        }
      },
      { conflicts: { attempts } },
    );
  }
}

describe('optimistic locking', () => {
  const orders = Array.from({ length: 20 }, (_, n) => `order-${n}`);
  const openFollowed = async (): Promise<[EngineWorld, ReadModel]> => {
    const world = await openShop({ tea: 100, cup: 100 });
    const model = new ReadModel(world);
    for (const sku of ['tea', 'cup']) {
      const receive = { type: 'stock.receive', quantity: 1 } as const;
      await world.engine.actor(stockMachine, stockId(sku)).send(receive);
      await model.follow(sku);
    }
    return [world, model];
  };

  it('lets one of many win that have seen the same, when nobody tries again', async () => {
    const [world, model] = await openFollowed();
    await using _world = world;
    const ends = await Promise.allSettled(orders.map((id) => model.reserve(['tea', 'cup'], id, 1)));
    const conflicts = ends.filter(
      (end) => end.status === 'rejected' && isEngineError(end.reason, 'REVISION_CONFLICT'),
    );
    expect(conflicts).toHaveLength(orders.length - 1);
    expect(await countsOf(world, 'tea')).toEqual([100, 1, 0]);
    expect(await countsOf(world, 'cup')).toEqual([100, 1, 0]);
  });

  it('lets all of them in when each tries again on what it reads anew', async () => {
    const [world, model] = await openFollowed();
    await using _world = world;
    await Promise.all(orders.map((id) => model.reserve(['tea', 'cup'], id, 2)));
    expect(await countsOf(world, 'tea')).toEqual([81, 20, 0]);
    expect(Object.keys((await stockOf(world, 'cup')).reservations).sort()).toEqual(orders.sort());
  });

  it('reserves nothing when one of several has changed', async () => {
    const [world, model] = await openFollowed();
    await using _world = world;
    // In one turn: the second has not heard of the first.
    const first = model.reserve(['cup'], 'order-1', 1);
    const second = model.reserve(['tea', 'cup'], 'order-2', 1);
    expect(await codeOf(second)).toBe('REVISION_CONFLICT');
    await first;
    expect(await countsOf(world, 'tea')).toEqual([101, 0, 0]);
    expect(await countsOf(world, 'cup')).toEqual([100, 1, 0]);
  });
});
