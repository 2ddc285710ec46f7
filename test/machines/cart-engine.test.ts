// The cart in an engine: its time to live goes on across restarts, and is not lost while nobody runs.

import { virtual } from 'sagawright';
import { type CartCommand, cartMachine } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { add, checkout, input, recover, remove } from './cart-steps.ts';

const TTL_MS = 60_000;

const anyCart = virtual(cartMachine, {
  prefix: 'cart-',
  input: (id) => ({ ...input, cartId: id, customerId: id.slice('cart-'.length), ttlMs: TTL_MS }),
});

/** The cart of one customer, by whichever engine is open. */
class Customer {
  readonly #world: EngineWorld;

  constructor(world: EngineWorld) {
    this.#world = world;
  }

  async tell(command: CartCommand): Promise<string> {
    const { status } = await this.#cart.send(command);
    return status;
  }

  async state(): Promise<string> {
    return (await this.#cart.snapshot()).value as string;
  }

  get #cart() {
    return this.#world.engine.actor(cartMachine, 'cart-17850');
  }
}

describe.each(['memory', 'sqlite'] as const)('a cart in an engine with its store in %s', (on) => {
  it('keeps its items and what is left of its time to live across restarts', async () => {
    await using world = await openWorld({ machines: [anyCart], on });
    const customer = new Customer(world);
    expect(await customer.tell(add('A', 2, 2_999))).toBe('accepted');
    await world.time.advance(TTL_MS / 2);
    await world.restart('abandon');
    expect(await customer.tell(add('B', 1, 4_999))).toBe('accepted');
    await world.time.advance(TTL_MS - 1);
    await world.restart('stop');
    expect(await customer.state()).toBe('FILLED');
    await world.time.advance(1);
    expect(await customer.state()).toBe('ABANDONED');
    expect((await world.history('cart-17850')).at(-1)).toBe('emitted cart.abandoned');
    expect(await world.engine.verify()).toMatchObject({ mismatches: [] });
  });

  it('is abandoned, and expires, although nobody runs when the time has come', async () => {
    await using world = await openWorld({ machines: [anyCart], on });
    const customer = new Customer(world);
    await customer.tell(add('A', 1, 100));
    await world.abandon();
    await world.time.advance(TTL_MS);
    await world.open();
    await world.time.advance(0);
    expect(await customer.state()).toBe('ABANDONED');
    await world.abandon();
    await world.time.advance(TTL_MS);
    await world.open();
    await world.time.advance(0);
    expect(await customer.state()).toBe('EXPIRED');
    expect(await customer.tell(recover)).toBe('rejected');
    expect(await world.engine.verify()).toMatchObject({ mismatches: [] });
  });

  it('is recovered after a restart and becomes one order, once', async () => {
    await using world = await openWorld({ machines: [anyCart], on });
    const customer = new Customer(world);
    await customer.tell(add('A', 2, 2_999));
    await world.time.advance(TTL_MS);
    expect(await customer.tell(checkout)).toBe('rejected');
    await world.restart('abandon');
    expect(await customer.tell(recover)).toBe('accepted');
    const both = await Promise.all([
      customer.tell(checkout),
      customer.tell({ type: 'cart.checkout', orderId: 'order-2' }),
    ]);
    expect(both).toEqual(['accepted', 'rejected']);
    await world.time.advance(2 * TTL_MS);
    const told = await world.history('cart-17850');
    expect(told.filter((line) => line.startsWith('emitted'))).toEqual([
      'emitted cart.itemAdded',
      'emitted cart.abandoned',
      'emitted cart.recovered',
      'emitted cart.checkedOut',
    ]);
    expect(await world.engine.verify()).toMatchObject({ mismatches: [] });
  });

  it('that was emptied ends without being abandoned', async () => {
    await using world = await openWorld({ machines: [anyCart], on });
    const customer = new Customer(world);
    await customer.tell(add('A', 1, 100));
    await customer.tell(remove('A'));
    await world.restart('abandon');
    await world.time.advance(TTL_MS - 1);
    expect(await customer.state()).toBe('EMPTY');
    await world.time.advance(1);
    expect(await customer.state()).toBe('EXPIRED');
    expect(await world.history('cart-17850')).not.toContain('emitted cart.abandoned');
  });
});
