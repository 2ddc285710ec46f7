// What a handler is called with: keys that stay, inputs that nobody can change, and the outcome that
// its machine gets.

import { effect, Rejected } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, type ErrorActorEvent, fromPromise, setup, spawnChild } from 'xstate';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

interface Charge {
  readonly amount: number;
  readonly items: readonly string[];
}

const order = setup({
  types: {
    context: {} as { readonly result: unknown; readonly items: readonly string[] },
    events: {} as { readonly type: 'PAY' } | { readonly type: 'AGAIN' },
  },
  actors: { charge: effect<Charge, unknown>({ retry: { attempts: 3, jitter: false } }) },
}).createMachine({
  id: 'order',
  context: { result: null, items: ['a'] },
  initial: 'PENDING',
  states: {
    PENDING: { on: { PAY: 'PAYING' } },
    PAYING: {
      invoke: {
        id: 'charge',
        src: 'charge',
        input: ({ context }) => ({ amount: 5, items: context.items }),
        onDone: { target: 'PAID', actions: assign({ result: ({ event }) => event.output }) },
        onError: { target: 'UNPAID', actions: assign({ result: ({ event }) => event.error }) },
      },
    },
    PAID: { on: { AGAIN: 'PAYING' } },
    UNPAID: { on: { AGAIN: 'PAYING' } },
  },
});

describe('an effect', () => {
  it('is called after the commit that asked for it, never before', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [order], handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    const release = world.store.hold();
    const sent = actor.send({ type: 'PAY' });
    await world.time.settle();
    expect(handler.calls).toEqual([]);
    release();
    await sent;
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    expect(handler.last).toMatchObject({
      input: { amount: 5, items: ['a'] },
      attempt: 1,
      actorId: 'o',
    });
  });

  it('gives its machine the output, and is pending no more', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [order], handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    expect((await actor.snapshot()).effects).toMatchObject([
      { id: 'charge', name: 'charge', key: handler.last.key, attempt: 1, retryAt: null },
    ]);
    handler.last.resolve({ id: 'ch-1' });
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({
      value: 'PAID',
      context: { result: { id: 'ch-1' } },
      effects: [],
    });
    expect(await world.history('o')).toEqual([
      'started xstate.init',
      'received PAY',
      'received xstate.done.actor.charge',
    ]);
  });

  it('gives its machine an error event for a definite no, without a retry or a dead letter', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [order], handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    const details = { limit: 3 };
    handler.last.reject(new Rejected('CARD_DECLINED', { message: 'No money.', details }));
    await world.time.advance(600_000);
    expect((await actor.snapshot()).context.result).toEqual({
      name: 'Rejected',
      message: 'No money.',
      code: 'CARD_DECLINED',
      outcome: 'rejected',
      attempts: 1,
      key: handler.call(1).key,
      details: { limit: 3 },
    });
    expect(handler.calls).toHaveLength(1);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('runs under a default key of actor, revision and effect, which no other effect shares', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [order], handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    handler.last.resolve(1);
    await world.time.settle();
    await actor.send({ type: 'AGAIN' });
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toEqual(['o@2:charge', 'o@4:charge']);
  });

  it('gets the same key and input in every attempt and after every restart', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines: [order], handlers, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    handler.last.reject(new Error('The network is down.'));
    await world.time.advance(1_000);
    await world.restart('abandon');
    await world.time.advance(1_000);
    await world.restart('stop');
    await world.time.settle();
    expect(handler.calls.length).toBeGreaterThanOrEqual(4);
    expect(new Set(handler.calls.map(({ key }) => key))).toEqual(new Set(['o@2:charge']));
    for (const { input } of handler.calls) expect(input).toEqual({ amount: 5, items: ['a'] });
  });

  it('gets an input of its own: what an attempt does to it, neither the next nor the actor sees', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [order], handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    const input = handler.last.input as { amount: number; items: string[] };
    input.amount = 500;
    input.items.push('b');
    handler.last.reject(new Error('The network is down.'));
    await world.time.advance(1_000);
    expect(handler.call(2).input).toEqual({ amount: 5, items: ['a'] });
    expect((await actor.snapshot()).context.items).toEqual(['a']);
  });

  it('gives an output that the handler cannot change any more', async () => {
    const output = { id: 'ch-1', lines: ['x'] };
    const charge = async (): Promise<unknown> => output;
    await using world = await openWorld({ machines: [order], handlers: { charge } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    output.lines.push('y');
    expect((await actor.snapshot()).context.result).toEqual({ id: 'ch-1', lines: ['x'] });
  });

  it('without an output is done with null', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [order], handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    handler.last.resolve(undefined);
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({ value: 'PAID', context: { result: null } });
  });

  it.each<[what: string, output: unknown]>([
    ['a Map', new Map()],
    ['a function in it', { close: () => undefined }],
    ['a bigint', 5n],
    ['a forged reference', { to: { xstate$$type: 1, id: 'x', address: 'x' } }],
  ])('whose output is not JSON has failed, as nobody could keep it: %s', async (_what, output) => {
    const charge = async (): Promise<unknown> => output;
    await using world = await openWorld({ machines: [order], handlers: { charge } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.advance(600_000);
    expect(await actor.snapshot()).toMatchObject({
      value: 'UNPAID',
      context: { result: { code: 'BAD_VALUE', outcome: 'unknown', attempts: 3 } },
    });
  });

  it('whose output is too large has failed', async () => {
    const charge = async (): Promise<unknown> => 'x'.repeat(2_000);
    const limits = { eventLength: 1_000 };
    await using world = await openWorld({ machines: [order], handlers: { charge }, limits });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.advance(600_000);
    expect((await actor.snapshot()).context.result).toMatchObject({
      code: 'VALUE_TOO_LARGE',
      outcome: 'unknown',
    });
  });

  it('whose handler throws at once, before it gives a promise, has failed', async () => {
    const charge = (): Promise<unknown> => {
      throw new TypeError('No promise was made.');
    };
    await using world = await openWorld({ machines: [order], handlers: { charge } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.advance(600_000);
    expect((await actor.snapshot()).context.result).toMatchObject({
      name: 'TypeError',
      message: 'No promise was made.',
      code: 'FAILED',
      outcome: 'unknown',
      attempts: 3,
    });
  });

  it('without a handler is rejected, as it certainly did nothing, and says what to do', async () => {
    const spawning = setup({
      types: { context: {} as { readonly result: unknown } },
      actors: { charge: effect<Charge, unknown>({ retry: { attempts: 3, jitter: false } }) },
    }).createMachine({
      id: 'spawning',
      context: { result: null },
      entry: spawnChild('charge', { id: 'charge', input: { amount: 5, items: [] } }),
      on: {
        '*': {
          actions: assign({ result: ({ event }) => (event as unknown as ErrorActorEvent).error }),
        },
      },
    });
    await using world = await openWorld({ machines: [spawning] });
    const actor = await world.engine.start(spawning, { id: 's' });
    await world.time.settle();
    const { context } = await actor.snapshot();
    expect(context.result).toMatchObject({
      code: 'NO_HANDLER',
      outcome: 'rejected',
      attempts: 1,
      message: expect.stringContaining('openEngine({ handlers })'),
    });
  });
});

describe('where a handler comes from', () => {
  it('may be the effect itself', async () => {
    const withCode = order.provide({
      actors: { charge: effect<Charge, unknown>({}, async ({ input }) => input.amount * 2) },
    });
    await using world = await openWorld({ machines: [withCode] });
    const actor = await world.engine.start(withCode, { id: 'o' });
    await actor.send({ type: 'PAY' });
    expect((await actor.waitFor('PAID')).context.result).toBe(10);
  });

  it('is the engine first, when both have one', async () => {
    const withCode = order.provide({
      actors: { charge: effect<Charge, unknown>({}, async () => 'the effect') },
    });
    const charge = async (): Promise<unknown> => 'the engine';
    await using world = await openWorld({ machines: [withCode], handlers: { charge } });
    const actor = await world.engine.start(withCode, { id: 'o' });
    await actor.send({ type: 'PAY' });
    expect((await actor.waitFor('PAID')).context.result).toBe('the engine');
  });

  it('may be a plain fromPromise, which is an effect with one attempt', async () => {
    let runs = 0;
    const charge = fromPromise<unknown, Charge>(async ({ input, signal }) => {
      runs += 1;
      if (!(signal instanceof AbortSignal)) throw new Error('There is no signal.');
      if (input.amount === 5) throw new Error('Only once.');
    });
    const plain = setup({
      types: { context: {} as { readonly result: unknown } },
      actors: { charge },
    }).createMachine({
      id: 'plain',
      context: { result: null },
      invoke: {
        src: 'charge',
        input: { amount: 5, items: [] },
        onError: { actions: assign({ result: ({ event }) => event.error }) },
      },
    });
    await using world = await openWorld({ machines: [plain] });
    const actor = await world.engine.start(plain, { id: 'o' });
    await world.time.advance(600_000);
    expect(runs).toBe(1);
    expect((await actor.snapshot()).context.result).toMatchObject({
      message: 'Only once.',
      outcome: 'unknown',
      attempts: 1,
    });
  });
});
