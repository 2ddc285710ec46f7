// Looking at an actor: snapshots and XState's questions on them, and waiting for what is to come.

import { effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { codeOf, errorOf, thrownBy } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { failing, ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<unknown, unknown>(
  { retry: { attempts: 2, jitter: false, initial: '1s' } },
  failing,
);

const order = setup({
  types: {
    context: {} as { readonly paid: number },
    events: {} as
      | { readonly type: 'PAY'; readonly amount: number }
      | { readonly type: 'PACK' }
      | { readonly type: 'CHARGE' }
      | { readonly type: 'BREAK' }
      | { readonly type: 'END' },
    tags: {} as 'open' | 'busy',
  },
  actors: { charge },
  guards: { enough: ({ event }) => event.type === 'PAY' && event.amount >= 10 },
}).createMachine({
  id: 'order',
  version: '2.1',
  context: { paid: 0 },
  type: 'parallel',
  states: {
    payment: {
      initial: 'due',
      states: {
        due: {
          tags: 'open',
          on: {
            PAY: {
              guard: 'enough',
              target: 'paid',
              actions: assign({ paid: ({ event }) => event.amount }),
            },
            CHARGE: 'charging',
          },
          after: { 60000: 'overdue' },
        },
        charging: { tags: 'busy', invoke: { id: 'charge', src: 'charge', onDone: 'paid' } },
        paid: { on: { END: 'closed' } },
        overdue: {},
        closed: { type: 'final' },
      },
    },
    packing: {
      initial: 'shelf',
      states: {
        shelf: { on: { PACK: 'box.open' } },
        box: { initial: 'open', states: { open: {}, shut: {} }, on: { END: 'gone' } },
        gone: { type: 'final' },
      },
    },
  },
  output: ({ context }) => ({ total: context.paid }),
});

const machines = [order];

describe('a snapshot', () => {
  it('answers matches by state, by state below and by parallel region', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PACK' });
    const snapshot = await actor.snapshot();
    expect(snapshot.value).toEqual({ payment: 'due', packing: { box: 'open' } });
    expect(snapshot.matches({ payment: 'due' })).toBe(true);
    expect(snapshot.matches({ packing: 'box' })).toBe(true);
    expect(snapshot.matches({ packing: { box: 'shut' } })).toBe(false);
    expect(snapshot.machineVersion).toBe('2.1');
  });

  it('answers hasTag and can, guards consulted', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    const engine = await world.restart('stop');
    const snapshot = await engine.actor(order, 'o').snapshot();
    expect(snapshot.hasTag('open')).toBe(true);
    expect(snapshot.hasTag('busy')).toBe(false);
    expect(snapshot.can({ type: 'PAY', amount: 10 })).toBe(true);
    expect(snapshot.can({ type: 'PAY', amount: 9 })).toBe(false);
    expect(snapshot.can({ type: 'END' })).toBe(false);
  });

  it('of an actor that has ended can do nothing', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.stop();
    expect((await actor.snapshot()).can({ type: 'PAY', amount: 10 })).toBe(false);
  });

  it('shows timers and effects, with the retry that is due', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    expect((await actor.snapshot()).timers).toMatchObject([{ dueAt: world.time.now + 60_000 }]);
    await actor.send({ type: 'CHARGE' });
    await world.time.settle();
    handler.last.reject(new Error('down'));
    await world.time.settle();
    const snapshot = await actor.snapshot();
    expect(snapshot.timers).toEqual([]);
    expect(snapshot.effects).toEqual([
      {
        id: 'charge',
        name: 'charge',
        key: 'o@2:charge',
        attempt: 2,
        retryAt: world.time.now + 1_000,
      },
    ]);
  });

  it('does not change when its actor does', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const before = await actor.snapshot();
    await actor.send({ type: 'PAY', amount: 10 });
    expect(before).toMatchObject({ revision: 1, context: { paid: 0 } });
    expect(before.matches({ payment: 'due' })).toBe(true);
    expect(before.can({ type: 'PAY', amount: 10 })).toBe(true);
  });
});

describe('waitFor', () => {
  it('is there at once when the state is', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    expect((await actor.waitFor({ payment: 'due' })).revision).toBe(1);
    expect(world.time.sleepers).toBeGreaterThan(0);
  });

  it('resolves with the first committed snapshot that fits, though it does not last', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const waiting = actor.waitFor({ payment: 'paid' });
    await world.time.settle();
    await Promise.all([actor.send({ type: 'PAY', amount: 10 }), actor.send({ type: 'END' })]);
    expect(await waiting).toMatchObject({ revision: 2, value: { payment: 'paid' } });
    expect((await actor.snapshot()).value).toMatchObject({ payment: 'closed' });
  });

  it('takes a question about the snapshot', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const waiting = actor.waitFor(({ context }) => context.paid > 10);
    await actor.send({ type: 'PAY', amount: 12 });
    expect((await waiting).context.paid).toBe(12);
  });

  it('is rejected by a question that throws', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const broken = (): boolean => {
      throw new RangeError('no question');
    };
    await expect(actor.waitFor(broken)).rejects.toThrow('no question');
  });

  it('ends at its timeout, and the actor goes on', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const waiting = errorOf(actor.waitFor({ payment: 'paid' }, { timeout: '5s' }));
    await world.time.advance(4_999);
    let ended = false;
    void waiting.then(() => {
      ended = true;
    });
    await world.time.settle();
    expect(ended).toBe(false);
    await world.time.advance(1);
    expect(await waiting).toMatchObject({ code: 'WAIT_TIMEOUT', details: { timeoutMs: 5_000 } });
    expect(await actor.send({ type: 'PAY', amount: 10 })).toMatchObject({ status: 'accepted' });
  });

  it('leaves no timer behind', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const before = world.time.sleepers;
    const waiting = actor.waitFor({ packing: 'box' }, { timeout: '5s' });
    await world.time.settle();
    expect(world.time.sleepers).toBe(before + 1);
    await actor.send({ type: 'PACK' });
    await waiting;
    expect(world.time.sleepers).toBe(before);
  });

  it('is rejected when the actor ends elsewhere', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const waiting = errorOf(actor.waitFor({ payment: 'paid' }));
    await world.time.settle();
    await actor.stop();
    expect(await waiting).toMatchObject({ code: 'ACTOR_STOPPED', details: { status: 'stopped' } });
    expect(await codeOf(actor.waitFor({ payment: 'paid' }))).toBe('ACTOR_STOPPED');
  });

  it('refuses a timeout that is no duration', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const error = thrownBy(() => actor.waitFor({ payment: 'paid' }, { timeout: -1 }));
    expect(error.code).toBe('BAD_DURATION');
  });
});

describe('the result', () => {
  it('is the output, for those who wait and for those who come later', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o' });
    const waiting = actor.result();
    await actor.send({ type: 'PAY', amount: 12 });
    await actor.send({ type: 'PACK' });
    await actor.send({ type: 'END' });
    expect(await waiting).toEqual({ total: 12 });
    const engine = await world.restart('stop');
    expect(await engine.actor(order, 'o').result()).toEqual({ total: 12 });
  });

  it('is ACTOR_FAILED for an actor that has failed, with the cause', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'CHARGE' });
    const waiting = errorOf(actor.result());
    await world.time.settle();
    handler.last.reject(new Error('down'));
    await world.time.advance(1_000);
    handler.last.reject(new Error('down for good'));
    await world.time.settle();
    expect(await waiting).toMatchObject({ code: 'ACTOR_FAILED', details: { status: 'error' } });
    expect(await errorOf(actor.result())).toMatchObject({
      message: expect.stringContaining('down for good'),
    });
  });
});
