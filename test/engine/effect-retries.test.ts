// Retries on the clock: when an attempt is made again, what is in the row before it runs, and what a
// late or a definite answer means after one that nobody knows the end of.

import { effect, Rejected } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { type EngineWorld, openWorld, type WorldOptions } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<{ readonly amount: number }, unknown>({
  timeout: '10s',
  retry: { attempts: 4, backoff: 'exponential', initial: '1s', max: '3s' },
});

const order = setup({
  types: { context: {} as { readonly result: unknown } },
  actors: { charge },
}).createMachine({
  id: 'order',
  context: { result: null },
  initial: 'PAYING',
  states: {
    PAYING: {
      invoke: {
        id: 'pay',
        src: 'charge',
        input: { amount: 5 },
        onDone: { target: 'PAID', actions: assign({ result: ({ event }) => event.output }) },
        onError: { target: 'UNPAID', actions: assign({ result: ({ event }) => event.error }) },
      },
    },
    PAID: {},
    UNPAID: {},
  },
});

const failure = new Error('The network is down.');

/** A world with one order that is paying. */
async function payingWorld(
  handler: ScriptedHandler,
  options: Partial<WorldOptions> = {},
): Promise<EngineWorld> {
  const handlers = { charge: handler.run };
  const world = await openWorld({ machines: [order], handlers, ...options });
  await world.engine.start(order, { id: 'o' });
  await world.time.settle();
  return world;
}

async function orderIn(
  world: EngineWorld,
): Promise<{ readonly value: unknown; readonly result: unknown }> {
  const { value, context } = await world.engine.actor(order, 'o').snapshot();
  return { value, result: context.result };
}

describe('a failed attempt', () => {
  it('is tried again after its backoff: half of it, and chance decides over the other half', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    world.time.chance = 0.5;
    handler.last.reject(failure);
    await world.time.advance(749);
    expect(handler.calls).toHaveLength(1);
    await world.time.advance(1);
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
    world.time.chance = 0;
    handler.last.reject(failure);
    await world.time.advance(999);
    expect(handler.calls).toHaveLength(2);
    await world.time.advance(1);
    expect(handler.calls).toHaveLength(3);
  });

  it('waits no longer than the cap', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    world.time.chance = 0.999_999;
    for (const waitMs of [1_000, 2_000, 3_000]) {
      const before = handler.calls.length;
      handler.last.reject(failure);
      await world.time.advance(waitMs - 1);
      expect(handler.calls).toHaveLength(before);
      await world.time.advance(1);
      expect(handler.calls).toHaveLength(before + 1);
    }
  });

  it('has the next attempt and its due time in the row before that attempt runs', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, { on: 'sqlite' });
    expect(await world.effects('o')).toMatchObject({
      pay: { attempt: 1, retryAt: null, maybeRan: false },
    });
    const failedAt = world.time.now;
    handler.last.reject(failure);
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    expect(await world.effects('o')).toMatchObject({
      pay: { attempt: 2, retryAt: failedAt + 750, maybeRan: true, key: handler.last.key },
    });
    expect((await world.row('o')).wakeAt).toBe(failedAt + 750);
  });

  it('is not journaled: only outcomes are', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    handler.last.reject(failure);
    await world.time.advance(1_000);
    handler.last.resolve('ok');
    await world.time.settle();
    expect(await world.history('o')).toEqual([
      'started xstate.init',
      'received xstate.done.actor.pay',
    ]);
  });

  it('keeps its due time over a restart', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, { on: 'sqlite' });
    handler.last.reject(failure);
    await world.time.advance(300);
    await world.restart('abandon');
    await world.time.advance(449);
    expect(handler.calls).toHaveLength(1);
    await world.time.advance(1);
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('whose retry fell due while nobody ran is tried at once by the next engine', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, { on: 'sqlite' });
    handler.last.reject(failure);
    await world.time.settle();
    await world.abandon();
    world.time.stall(3_600_000);
    await world.open();
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });
});

describe('an attempt that takes too long', () => {
  it('is told by its signal and tried again', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    await world.time.advance(9_999);
    expect(handler.call(1).signal.aborted).toBe(false);
    await world.time.advance(1);
    expect(handler.call(1).signal.aborted).toBe(true);
    await world.time.advance(750);
    expect(handler.calls).toHaveLength(2);
    expect(handler.call(2).signal.aborted).toBe(false);
  });

  it('still wins with a late success, if no outcome was recorded', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    await world.time.advance(10_100);
    handler.call(1).resolve('late');
    await world.time.advance(600_000);
    expect(await orderIn(world)).toEqual({ value: 'PAID', result: 'late' });
    expect(handler.calls).toHaveLength(1);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('wins with its late success also while the next attempt runs, which is then no news', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    await world.time.advance(11_000);
    expect(handler.calls).toHaveLength(2);
    handler.call(1).resolve('first');
    await world.time.settle();
    handler.call(2).resolve('second');
    await world.time.settle();
    expect(await orderIn(world)).toEqual({ value: 'PAID', result: 'first' });
    expect(await world.history('o')).toHaveLength(2);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('changes nothing more by failing late', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    await world.time.advance(11_000);
    handler.call(1).reject(failure);
    await world.time.settle();
    expect(await world.effects('o')).toMatchObject({ pay: { attempt: 2 } });
    handler.call(2).resolve('ok');
    await world.time.settle();
    expect(await orderIn(world)).toEqual({ value: 'PAID', result: 'ok' });
  });

  it('ends as unknown with code TIMEOUT when every attempt does', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    await world.time.advance(600_000);
    expect(handler.calls).toHaveLength(4);
    expect(await orderIn(world)).toMatchObject({
      value: 'UNPAID',
      result: { code: 'TIMEOUT', outcome: 'unknown', attempts: 4, key: handler.last.key },
    });
  });
});

describe('a definite no', () => {
  it('is believed when the first attempt says it', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.advance(600_000);
    expect(handler.calls).toHaveLength(1);
    expect(await orderIn(world)).toMatchObject({
      value: 'UNPAID',
      result: { code: 'DECLINED', outcome: 'rejected', attempts: 1 },
    });
  });

  it('after a failed attempt is unknown: that one may have happened', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    handler.last.reject(failure);
    await world.time.advance(1_000);
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await orderIn(world)).toMatchObject({
      result: { code: 'DECLINED', outcome: 'unknown', attempts: 2 },
    });
    expect(await world.deadLetters()).toMatchObject([{ reason: 'EFFECT_EXHAUSTED' }]);
  });

  it('after a timed-out attempt is unknown', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler);
    await world.time.advance(11_000);
    handler.call(2).reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await orderIn(world)).toMatchObject({ result: { outcome: 'unknown' } });
  });

  it('after an attempt that a crash has cut is unknown', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, { on: 'sqlite' });
    await world.restart('abandon');
    expect(handler.last.attempt).toBe(2);
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await orderIn(world)).toMatchObject({ result: { outcome: 'unknown', attempts: 2 } });
  });

  it('after an attempt that a shutdown has aborted is unknown', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, { on: 'sqlite' });
    await world.restart('stop');
    expect(handler.last.attempt).toBe(1);
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await orderIn(world)).toMatchObject({ result: { outcome: 'unknown' } });
  });
});

describe('an attempt that a restart has cut', () => {
  it('counts: the next one has the next number, which is in the row before it runs', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, { on: 'sqlite' });
    await world.abandon();
    await world.open();
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await world.effects('o')).toMatchObject({
      pay: { attempt: 2, retryAt: null, maybeRan: true },
    });
  });

  it('counts also when it was a retry, whose row says so while it runs', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, { on: 'sqlite' });
    handler.last.reject(failure);
    await world.time.advance(750);
    expect(await world.effects('o')).toMatchObject({ pay: { attempt: 2, retryAt: null } });
    expect(await world.row('o')).toMatchObject({ running: true, wakeAt: null });
    await world.restart('abandon');
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it('does not count when its retry was due but waited for a place', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    const limits = { effects: 1 };
    await using world = await openWorld({ machines: [order], handlers, limits, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    handler.last.reject(failure);
    await world.time.settle();
    await world.engine.start(order, { id: 'p' });
    await world.time.advance(5_000);
    expect(handler.calls.map(({ actorId }) => actorId)).toEqual(['o', 'p']);
    await world.abandon();
    await world.open({ limits: {} });
    const after = handler.calls.slice(2).map(({ actorId, attempt }) => `${actorId} ${attempt}`);
    expect(after.toSorted()).toEqual(['o 2', 'p 2']);
  });

  it('never uses up an effect of one attempt that nobody has seen fail', async () => {
    const handler = new ScriptedHandler();
    const once = order.provide({
      actors: { charge: effect<{ readonly amount: number }, unknown>() },
    });
    const options = { machines: [once], handlers: { charge: handler.run }, on: 'sqlite' } as const;
    await using world = await openWorld(options);
    await world.engine.start(once, { id: 'o' });
    await world.restart('abandon');
    handler.last.resolve('ok');
    await world.time.settle();
    expect(await orderIn(world)).toEqual({ value: 'PAID', result: 'ok' });
  });

  it('is given up as INTERRUPTED when the effect seems to be what kills the process', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, { on: 'sqlite' });
    for (let crash = 0; crash < 10; crash++) await world.restart('abandon');
    expect(handler.calls).toHaveLength(11);
    await world.restart('abandon');
    expect(handler.calls).toHaveLength(11);
    expect(await orderIn(world)).toMatchObject({
      value: 'UNPAID',
      result: { code: 'INTERRUPTED', outcome: 'unknown' },
    });
  });
});
