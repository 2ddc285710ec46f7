// Idempotency keys of messages: the same key is processed once, whatever lies in between.

import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { codeOf, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const account = setup({
  types: {
    context: {} as { readonly balance: number },
    events: {} as
      | { readonly type: 'DEPOSIT'; readonly amount: number; readonly note?: string }
      | { readonly type: 'OPEN' },
  },
}).createMachine({
  id: 'account',
  context: { balance: 0 },
  initial: 'closed',
  states: {
    closed: { on: { OPEN: 'open' } },
    open: {
      on: {
        OPEN: {},
        DEPOSIT: {
          actions: assign({ balance: ({ context, event }) => context.balance + event.amount }),
        },
      },
    },
  },
});

const machines = [account];
const deposit = { type: 'DEPOSIT', amount: 5 } as const;

describe('the same key again', () => {
  it('changes nothing and gets the first receipt', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'OPEN' });
    const first = await actor.send(deposit, { key: 'k1' });
    expect(await actor.send(deposit, { key: 'k1' })).toEqual({ status: 'duplicate', first });
    expect((await actor.snapshot()).context.balance).toBe(5);
    expect(await world.history('a')).toHaveLength(3);
  });

  it('is known after other messages have changed the actor', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    const first = await actor.send({ type: 'OPEN' }, { key: 'k1' });
    for (let n = 0; n < 10; n++) await actor.send(deposit);
    const again = await actor.send({ type: 'OPEN' }, { key: 'k1' });
    expect(again).toEqual({ status: 'duplicate', first });
    expect(first).toMatchObject({ revision: 2, value: 'open' });
  });

  it.each(['stop', 'abandon'] as const)('is known after a restart (%s)', async (how) => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'OPEN' });
    const first = await actor.send(deposit, { key: 'k1' });
    const engine = await world.restart(how);
    const after = engine.actor(account, 'a');
    expect(await after.send(deposit, { key: 'k1' })).toEqual({ status: 'duplicate', first });
    expect((await after.snapshot()).context.balance).toBe(5);
  });

  it('is recognised within one batch', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    const [, first, second, third] = await Promise.all([
      actor.send({ type: 'OPEN' }),
      actor.send(deposit, { key: 'k1' }),
      actor.send(deposit, { key: 'k1' }),
      actor.send({ ...deposit, amount: 7 }, { key: 'k2' }),
    ]);
    expect(first).toMatchObject({ status: 'accepted', revision: 3 });
    expect(second).toEqual({ status: 'duplicate', first });
    expect(third).toMatchObject({ status: 'accepted', revision: 4 });
    expect((await actor.snapshot()).context.balance).toBe(12);
  });

  it('is recognised in a batch whose first receipt is an older one', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'OPEN' });
    const first = await actor.send(deposit, { key: 'k1' });
    const receipts = await Promise.all([
      actor.send(deposit),
      actor.send(deposit, { key: 'k1' }),
      actor.send(deposit),
    ]);
    expect(receipts[1]).toEqual({ status: 'duplicate', first });
    expect((await actor.snapshot()).context.balance).toBe(15);
  });

  it('is the same body also when its members come in another order', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'OPEN' });
    await actor.send({ type: 'DEPOSIT', amount: 5, note: 'x' }, { key: 'k1' });
    const again = await actor.send({ note: 'x', amount: 5, type: 'DEPOSIT' }, { key: 'k1' });
    expect(again.status).toBe('duplicate');
  });

  it('belongs to one actor: another may use it too', async () => {
    await using world = await openWorld({ machines });
    const a = await world.engine.start(account, { id: 'a' });
    const b = await world.engine.start(account, { id: 'b' });
    const receipts = await Promise.all([
      a.send({ type: 'OPEN' }, { key: 'k1' }),
      b.send({ type: 'OPEN' }, { key: 'k1' }),
    ]);
    expect(receipts.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
  });
});

describe('a key with another body', () => {
  it('is refused as KEY_REUSED and changes nothing', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'OPEN' });
    await actor.send(deposit, { key: 'k1' });
    const error = await errorOf(actor.send({ ...deposit, amount: 6 }, { key: 'k1' }));
    expect(error.code).toBe('KEY_REUSED');
    expect(error.details).toEqual({ actor: 'a', key: 'k1' });
    expect((await actor.snapshot()).context.balance).toBe(5);
  });

  it('is refused within one batch, while the first is taken', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'OPEN' });
    const [first, second] = await Promise.allSettled([
      actor.send(deposit, { key: 'k1' }),
      actor.send({ ...deposit, amount: 6 }, { key: 'k1' }),
    ]);
    expect(first).toMatchObject({ value: { status: 'accepted' } });
    expect(second).toMatchObject({ reason: { code: 'KEY_REUSED' } });
    expect((await actor.snapshot()).context.balance).toBe(5);
  });
});

describe('a key that was not used up', () => {
  it('is free again after a rejected message, which changed nothing', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    expect(await actor.send(deposit, { key: 'k1' })).toMatchObject({ status: 'rejected' });
    await actor.send({ type: 'OPEN' });
    expect(await actor.send(deposit, { key: 'k1' })).toMatchObject({ status: 'accepted' });
  });

  it('is free again when the commit failed', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'OPEN' });
    const { EngineError } = await import('sagawright');
    world.store.judge = () => new EngineError('STORE_FULL', 'No room.');
    const failed = codeOf(actor.send(deposit, { key: 'k1' }));
    await world.time.settle();
    world.store.judge = () => null;
    expect(await failed).toBe('STORE_FULL');
    await world.time.advance(1_000);
    expect(await actor.send(deposit, { key: 'k1' })).toMatchObject({ status: 'accepted' });
  });
});

describe('a key itself', () => {
  it.each([
    ['', 'empty'],
    ['k\u0000', 'with a control character'],
    ['\udfff', 'with a lone surrogate'],
    ['k'.repeat(513), 'too long'],
  ])('is refused when it is %j (%s)', async (key) => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    expect(await codeOf(actor.send({ type: 'OPEN' }, { key }))).toBe('BAD_KEY');
    expect((await actor.snapshot()).revision).toBe(1);
  });
});
