// Virtual actors: there at their first message, and not before. One that is rejected leaves nothing.

import { actorRef, ask, virtual } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { sendTo, setup } from 'xstate';
import { codeOf, collect, thrownBy } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { stock } from '../support/stock-machine.ts';

const anyStock = virtual(stock, {
  prefix: 'stock-',
  input: (id) => ({ sku: id.slice('stock-'.length), available: 5 }),
});

describe('a virtual actor', () => {
  it('comes into being with its first message, in one commit', async () => {
    await using world = await openWorld({ machines: [anyStock], on: 'sqlite' });
    const tea = world.engine.actor(stock, 'stock-tea');
    expect(await codeOf(tea.snapshot())).toBe('ACTOR_NOT_FOUND');
    const before = world.store.commits.length;
    const receipt = await tea.send({ type: 'reserve', quantity: 2 });
    expect(receipt).toMatchObject({ status: 'accepted', revision: 2 });
    expect(world.store.commits.length - before).toBe(1);
    expect((await tea.snapshot()).context).toEqual({ sku: 'tea', available: 3 });
    expect(await world.history('stock-tea')).toEqual([
      'started xstate.init',
      'received reserve',
      'emitted reserved',
    ]);
  });

  it('is the same one for two first messages at one time, and after a restart', async () => {
    await using world = await openWorld({ machines: [anyStock] });
    const event = { type: 'reserve', quantity: 1 } as const;
    const tea = world.engine.actor(stock, 'stock-tea');
    await Promise.all([tea.send(event), tea.send(event)]);
    await world.restart('abandon');
    await world.engine.actor(stock, 'stock-tea').send(event);
    expect((await world.engine.actor(stock, 'stock-tea').snapshot()).context.available).toBe(2);
    expect((await world.history('stock-tea')).filter((line) => line.startsWith('started'))).toEqual(
      ['started xstate.init'],
    );
  });

  it('is not there when its first message was rejected, and the receipt is as for one that is', async () => {
    await using world = await openWorld({ machines: [anyStock] });
    const before = world.store.commits.length;
    const receipt = await world.engine
      .actor(stock, 'stock-tea')
      .send({ type: 'reserve', quantity: 9 });
    expect(receipt).toEqual({
      status: 'rejected',
      value: 'open',
      enabled: ['break', 'close', 'release', 'reserve'],
    });
    expect(world.store.commits.length).toBe(before);
    expect(await world.engine.read(['stock-tea'])).toEqual([null]);
  });

  it('takes messages of other actors and asks', async () => {
    const reserveCup = ask(() => ({
      to: 'stock-cup',
      event: { type: 'reserve', quantity: 1 },
    }));
    const shop = setup({ actors: { reserveCup } }).createMachine({
      id: 'shop',
      initial: 'asking',
      entry: sendTo(actorRef('stock-tea'), { type: 'reserve', quantity: 2 }),
      states: {
        asking: { invoke: { src: 'reserveCup', onDone: 'served', onError: 'refused' } },
        served: {},
        refused: {},
      },
    });
    await using world = await openWorld({ machines: [shop, anyStock] });
    const actor = await world.engine.start(shop, { id: 'shop' });
    expect((await actor.snapshot()).value).toBe('served');
    const both = await world.engine.read(['stock-cup', 'stock-tea']);
    expect(both.map((snapshot) => snapshot?.context.available)).toEqual([4, 3]);
  });

  it('has revision 0 before it is there', async () => {
    await using world = await openWorld({ machines: [anyStock] });
    const tea = world.engine.actor(stock, 'stock-tea');
    const event = { type: 'reserve', quantity: 1 } as const;
    expect(await codeOf(tea.send(event, { expectedRevision: 1 }))).toBe('REVISION_CONFLICT');
    expect(await tea.send(event, { expectedRevision: 0 })).toMatchObject({ status: 'accepted' });
    expect(await codeOf(tea.send(event, { expectedRevision: 0 }))).toBe('REVISION_CONFLICT');
  });

  it('comes into being within a transaction, and is gone with it', async () => {
    await using world = await openWorld({ machines: [anyStock] });
    const fail = world.engine.transact((tx) => {
      tx.send<typeof stock>('stock-tea', { type: 'reserve', quantity: 1 });
      throw new TypeError('changed my mind');
    });
    await expect(fail).rejects.toThrow('changed my mind');
    expect(await world.engine.read(['stock-tea'])).toEqual([null]);
    await world.engine.transact((tx) => {
      tx.send<typeof stock>('stock-tea', { type: 'reserve', quantity: 1 });
      tx.send<typeof stock>('stock-cup', { type: 'reserve', quantity: 9 });
    });
    const [tea, cup] = await world.engine.read(['stock-tea', 'stock-cup']);
    expect([tea?.revision, cup]).toEqual([3, null]);
  });

  it('whose input cannot be made refuses its message, and leaves a dead letter only', async () => {
    const broken = virtual(stock, {
      prefix: 'stock-',
      input: () => {
        throw new Error('No such item.');
      },
    });
    await using world = await openWorld({ machines: [broken] });
    const sent = world.engine.actor(stock, 'stock-tea').send({ type: 'close' });
    expect(await codeOf(sent)).toBe('STEP_FAILED');
    expect(await world.engine.read(['stock-tea'])).toEqual([null]);
    expect(await world.deadLetters()).toMatchObject([
      { reason: 'STEP_FAILED', actor: 'stock-tea', error: { message: 'No such item.' } },
    ]);
  });

  it('is not there when its first message failed, which leaves a dead letter only', async () => {
    await using world = await openWorld({ machines: [anyStock] });
    const tea = world.engine.actor(stock, 'stock-tea');
    expect(await codeOf(tea.preview({ type: 'break' }))).toBe('STEP_FAILED');
    expect(await codeOf(tea.send({ type: 'break' }))).toBe('STEP_FAILED');
    expect(await world.engine.read(['stock-tea'])).toEqual([null]);
    expect(await world.history('stock-tea')).toEqual([]);
    expect(await world.deadLetters()).toMatchObject([
      { reason: 'STEP_FAILED', actor: 'stock-tea', revision: 0 },
    ]);
  });

  it('whose first message was rejected has told nobody anything, nor itself', async () => {
    const greeter = setup({
      types: { events: {} as { readonly type: 'hello' | 'open' | 'unknown' } },
    }).createMachine({
      id: 'greeter',
      initial: 'shut',
      entry: [
        sendTo(actorRef('caller'), { type: 'hello' }),
        sendTo(actorRef('greeter-1'), { type: 'open' }),
      ],
      states: { shut: { on: { open: 'opened' } }, opened: {} },
    });
    const caller = setup({
      types: { events: {} as { readonly type: 'call' | 'hello' } },
    }).createMachine({
      id: 'caller',
      initial: 'quiet',
      states: {
        quiet: {
          on: {
            call: { actions: sendTo(actorRef('greeter-1'), { type: 'unknown' }) },
            hello: 'greeted',
          },
        },
        greeted: {},
      },
    });
    const machines = [caller, virtual(greeter, { prefix: 'greeter-' })];
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(caller, { id: 'caller' });
    await actor.send({ type: 'call' });
    const receipt = await world.engine.actor(greeter, 'greeter-1').send({ type: 'unknown' });
    expect(receipt.status).toBe('rejected');
    expect(await world.engine.read(['greeter-1'])).toEqual([null]);
    expect((await actor.snapshot()).value).toBe('quiet');
  });

  it('is not made for ids of others, for children, or by a parent that means a child', async () => {
    await using world = await openWorld({ machines: [anyStock] });
    for (const id of ['shelf-tea', 'stock', 'stock-tea/child']) {
      const sent = world.engine.actor(stock, id).send({ type: 'close' });
      expect(await codeOf(sent)).toBe('ACTOR_NOT_FOUND');
    }
    expect(await collect(world.engine.list())).toEqual([]);
  });
});

describe('virtual machines', () => {
  it('with the longest prefix that fits count', async () => {
    const special = virtual(stock, {
      prefix: 'stock-rare-',
      input: () => ({ sku: 'rare', available: 1 }),
    });
    await using world = await openWorld({ machines: [anyStock, special] });
    await world.engine.actor(stock, 'stock-rare-1').send({ type: 'release', quantity: 1 });
    await world.engine.actor(stock, 'stock-1').send({ type: 'release', quantity: 1 });
    const both = await world.engine.read(['stock-rare-1', 'stock-1']);
    expect(both.map((snapshot) => snapshot?.context.available)).toEqual([2, 6]);
  });

  it('are refused under one prefix, without one, and with a slash', async () => {
    expect(await codeOf(openWorld({ machines: [anyStock, anyStock] }))).toBe('BAD_OPTION');
    for (const prefix of ['', 'a/b', 5 as never]) {
      expect(thrownBy(() => virtual(stock, { prefix })).code).toBe('BAD_OPTION');
    }
  });
});
