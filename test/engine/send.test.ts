// Sending events: what a receipt says, what is refused as a value, and what stays out of the journal.

import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const order = setup({
  types: {
    events: {} as
      | { readonly type: 'PAY'; readonly amount: number }
      | { readonly type: 'SHIP' }
      | { readonly type: 'PING' }
      | { readonly type: 'CANCEL' },
  },
  guards: { enough: ({ event }) => event.type === 'PAY' && event.amount >= 10 },
}).createMachine({
  id: 'order',
  initial: 'PENDING',
  on: { CANCEL: '.CANCELLED' },
  states: {
    PENDING: { on: { PAY: { guard: 'enough', target: 'PAID' }, PING: {} } },
    PAID: { on: { SHIP: 'SHIPPED', CANCEL: {} }, after: { 60000: 'CANCELLED' } },
    SHIPPED: { type: 'final' },
    CANCELLED: { type: 'final' },
  },
});

describe('a receipt', () => {
  it('says the revision, the position and the state value right after the message', async () => {
    await using world = await openWorld({ machines: [order] });
    await world.engine.start(order, { id: 'before' });
    const actor = await world.engine.start(order, { id: 'order-1' });
    const receipt = await actor.send({ type: 'PAY', amount: 10 });
    expect(receipt).toEqual({ status: 'accepted', revision: 2, position: 3, value: 'PAID' });
    const [entry] = (await collect(world.engine.events())).slice(-1);
    expect(entry).toMatchObject({ position: 3, revision: 2, type: 'PAY', value: 'PAID' });
  });

  it('is given for each message of a batch as of its own moment', async () => {
    await using world = await openWorld({ machines: [order], on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'order-1' });
    const before = world.store.commits.length;
    const receipts = await Promise.all([
      actor.send({ type: 'PAY', amount: 10 }),
      actor.send({ type: 'SHIP' }),
    ]);
    expect(receipts).toEqual([
      { status: 'accepted', revision: 2, position: 2, value: 'PAID' },
      { status: 'accepted', revision: 3, position: 3, value: 'SHIPPED' },
    ]);
    expect(world.store.commits.length - before).toBe(1);
  });

  it('comes only after the commit', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'order-1' });
    const release = world.store.hold();
    let settled = false;
    const sent = actor.send({ type: 'PAY', amount: 10 }).finally(() => {
      settled = true;
    });
    await world.time.settle();
    expect(settled).toBe(false);
    expect((await actor.snapshot()).value).toBe('PENDING');
    release();
    expect((await sent).status).toBe('accepted');
    expect((await actor.snapshot()).value).toBe('PAID');
  });

  it('carries the correlation into the journal', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'order-1' });
    await actor.send({ type: 'PAY', amount: 10 }, { correlation: 'request-9' });
    const [, entry] = await collect(actor.history());
    expect(entry).toMatchObject({ correlation: 'request-9', causation: null });
  });
});

describe('a message without a transition', () => {
  it('is rejected with the state and the event types that it has transitions for', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'order-1' });
    const receipt = await actor.send({ type: 'SHIP' });
    expect(receipt).toEqual({
      status: 'rejected',
      value: 'PENDING',
      enabled: ['CANCEL', 'PAY', 'PING'],
    });
  });

  it('is not journaled and leaves the row as it was', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'order-1' });
    const row = await world.row('order-1');
    const commits = world.store.commits.length;
    await actor.send({ type: 'SHIP' });
    expect(await world.row('order-1')).toEqual(row);
    expect(world.store.commits).toHaveLength(commits);
    expect(await world.history('order-1')).toEqual(['started xstate.init']);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('is rejected when a guard refuses it, while its type is still named as enabled', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'order-1' });
    const receipt = await actor.send({ type: 'PAY', amount: 9 });
    expect(receipt).toMatchObject({ status: 'rejected', enabled: expect.arrayContaining(['PAY']) });
  });

  it('is accepted when the state forbids it: that it means nothing is said on purpose', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'order-1' });
    await actor.send({ type: 'PAY', amount: 10 });
    expect(await actor.send({ type: 'CANCEL' })).toMatchObject({
      status: 'accepted',
      revision: 3,
      value: 'PAID',
    });
    expect(await world.history('order-1')).toContain('received CANCEL');
  });

  it('names no internal event types as enabled', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'order-1' });
    await actor.send({ type: 'PAY', amount: 10 });
    expect(await actor.send({ type: 'PING' })).toMatchObject({ enabled: ['CANCEL', 'SHIP'] });
  });

  it('is rejected with nothing enabled after the actor has ended', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'order-1' });
    await actor.send({ type: 'CANCEL' });
    const receipt = await actor.send({ type: 'CANCEL' });
    expect(receipt).toEqual({ status: 'rejected', value: 'CANCELLED', enabled: [] });
    expect((await actor.snapshot()).revision).toBe(2);
  });
});

describe('event descriptors', () => {
  const router = setup({}).createMachine({
    id: 'router',
    initial: 'idle',
    states: {
      idle: { on: { 'order.*': 'ordering', 'order.paid': 'paid' } },
      ordering: { on: { '*': 'anything' } },
      paid: {},
      anything: {},
    },
  });

  it('match by prefix, the longest first', async () => {
    await using world = await openWorld({ machines: [router] });
    const [one, two] = await Promise.all([
      world.engine.start(router, { id: 'one' }),
      world.engine.start(router, { id: 'two' }),
    ]);
    expect(await one.send({ type: 'order.shipped.late' })).toMatchObject({ value: 'ordering' });
    expect(await two.send({ type: 'order.paid' })).toMatchObject({ value: 'paid' });
    expect(await two.send({ type: 'order.paid' })).toMatchObject({ status: 'rejected' });
  });

  it('are named as enabled with their wildcard', async () => {
    await using world = await openWorld({ machines: [router] });
    const actor = await world.engine.start(router, { id: 'one' });
    expect(await actor.send({ type: 'invoice.sent' })).toMatchObject({
      status: 'rejected',
      enabled: ['order.*', 'order.paid'],
    });
  });

  it('match everything by a wildcard alone', async () => {
    await using world = await openWorld({ machines: [router] });
    const actor = await world.engine.start(router, { id: 'one' });
    await actor.send({ type: 'order.any' });
    expect(await actor.send({ type: 'whatever' })).toMatchObject({ value: 'anything' });
  });
});

describe('a mailbox that is full', () => {
  it('refuses one more message and takes nothing of it', async () => {
    await using world = await openWorld({ machines: [order], limits: { mailbox: 2 } });
    const actor = await world.engine.start(order, { id: 'order-1' });
    const sent = await Promise.allSettled([
      actor.send({ type: 'PING' }),
      actor.send({ type: 'PING' }),
      actor.send({ type: 'PING' }),
    ]);
    expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(sent[2]).toMatchObject({ reason: { code: 'MAILBOX_FULL' } });
    expect((await actor.snapshot()).revision).toBe(3);
    expect(await actor.send({ type: 'PING' })).toMatchObject({ status: 'accepted' });
  });
});

describe('a batch', () => {
  it('takes no more messages than its bound, and the rest in the next commits, in order', async () => {
    await using world = await openWorld({ machines: [order], limits: { batch: 2 } });
    const actor = await world.engine.start(order, { id: 'order-1' });
    const before = world.store.commits.length;
    const receipts = await Promise.all(
      Array.from({ length: 5 }, () => actor.send({ type: 'PING' })),
    );
    expect(receipts.map((receipt) => 'revision' in receipt && receipt.revision)).toEqual([
      2, 3, 4, 5, 6,
    ]);
    const sizes = world.store.commits.slice(before).map(({ journal }) => journal.length);
    expect(sizes).toEqual([2, 2, 1]);
  });

  it('finds its actors in the store when none is kept in memory', async () => {
    await using world = await openWorld({ machines: [order], limits: { cachedActors: 1 } });
    const actors = await Promise.all(
      ['a', 'b', 'c'].map((id) => world.engine.start(order, { id })),
    );
    const receipts = await Promise.all(actors.map((actor) => actor.send({ type: 'PING' })));
    expect(receipts.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await codeOf(world.engine.actor(order, 'd').send({ type: 'PING' }))).toBe(
      'ACTOR_NOT_FOUND',
    );
  });
});
