// Effects whose state was left: the call is told, what it still brings is late, and a success that
// nobody acts on is never lost.

import { effect, Rejected } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { collect } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<unknown, unknown>({
  timeout: '1h',
  retry: { attempts: 3, jitter: false, initial: '1m', backoff: 'constant' },
});

type Events = { readonly type: 'CANCEL' } | { readonly type: 'AGAIN' };

const order = setup({ types: { events: {} as Events }, actors: { charge } }).createMachine({
  id: 'order',
  initial: 'PAYING',
  states: {
    PAYING: {
      on: { CANCEL: 'CANCELLED', AGAIN: { target: 'PAYING', reenter: true } },
      invoke: { id: 'pay', src: 'charge', onDone: 'PAID', onError: 'UNPAID' },
    },
    PAID: {},
    UNPAID: {},
    CANCELLED: {},
  },
});

const ending = setup({ types: { events: {} as Events }, actors: { charge } }).createMachine({
  id: 'ending',
  initial: 'PAYING',
  states: {
    PAYING: { on: { CANCEL: 'OVER' }, invoke: { id: 'pay', src: 'charge', onDone: 'OVER' } },
    OVER: { type: 'final' },
  },
});

interface LateEvent {
  readonly type: 'effect.late';
  readonly outcome: string;
}

const attentive = setup({
  types: {
    context: {} as { readonly late: readonly unknown[] },
    events: {} as Events | LateEvent,
  },
  actors: { charge },
}).createMachine({
  id: 'attentive',
  context: { late: [] },
  initial: 'PAYING',
  on: {
    'effect.late': {
      guard: ({ event }) => event.outcome === 'done',
      target: '.UNDOING',
      actions: assign({ late: ({ context, event }) => [...context.late, event] }),
    },
  },
  states: {
    PAYING: {
      on: { CANCEL: 'CANCELLED' },
      invoke: { id: 'pay', src: 'charge', onDone: 'PAID', onError: 'UNPAID' },
    },
    PAID: {},
    UNPAID: {},
    CANCELLED: {},
    UNDOING: {},
  },
});

const machines = [order, ending, attentive];

describe('leaving the state of an effect', () => {
  it('aborts its signal, saying why, and takes it out of the row', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    expect(handler.last.signal.aborted).toBe(false);
    await actor.send({ type: 'CANCEL' });
    expect(handler.last.signal.aborted).toBe(true);
    expect(String(handler.last.signal.reason)).toContain('was left');
    expect(await world.effects('o')).toEqual({});
    expect(await world.row('o')).toMatchObject({ running: false, wakeAt: null });
  });

  it('aborts it only after the commit', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    const release = world.store.hold();
    const sent = actor.send({ type: 'CANCEL' });
    await world.time.settle();
    expect(handler.last.signal.aborted).toBe(false);
    release();
    await sent;
    expect(handler.last.signal.aborted).toBe(true);
  });

  it('ends its retries', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    handler.last.reject(new Error('down'));
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    await world.time.advance(86_400_000);
    expect(handler.calls).toHaveLength(1);
  });

  it('is not undone by a failure that comes late', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    handler.last.reject(new Error('aborted'));
    await world.time.advance(86_400_000);
    expect(handler.calls).toHaveLength(1);
    expect((await world.history('o')).at(-1)).toBe('received CANCEL');
    expect(await world.deadLetters()).toEqual([]);
  });

  it('is outrun by an outcome that is in the mailbox before it', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    handler.last.resolve('ch-1');
    const release = world.store.hold();
    await world.time.settle();
    const sent = actor.send({ type: 'CANCEL' });
    release();
    expect(await sent).toMatchObject({ status: 'rejected', value: 'PAID' });
  });
});

describe('a late success', () => {
  it('is journaled, kept as a dead letter, and makes health red', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    handler.last.resolve({ id: 'ch-1' });
    await world.time.settle();
    const entry = (await collect(actor.history())).at(-1);
    expect(entry).toMatchObject({
      kind: 'noted',
      type: 'effect.late',
      revision: 3,
      value: null,
      data: {
        id: 'pay',
        src: 'charge',
        key: handler.last.key,
        outcome: 'done',
        output: { id: 'ch-1' },
      },
    });
    expect(await actor.snapshot()).toMatchObject({ value: 'CANCELLED', revision: 3 });
    expect(await world.deadLetters()).toMatchObject([
      { reason: 'LATE_SUCCESS', actor: 'o', type: 'charge' },
    ]);
    expect(await world.engine.health()).toMatchObject({ level: 'red' });
  });

  it('is recorded as well when its actor has ended', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(ending, { id: 'e' });
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    expect(handler.last.signal.aborted).toBe(true);
    handler.last.resolve('ch-1');
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({ status: 'done', value: 'OVER', revision: 3 });
    expect((await world.deadLetters()).map(({ reason }) => reason)).toEqual(['LATE_SUCCESS']);
  });

  it('is recorded as well when its actor was stopped', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.stop();
    handler.last.resolve('ch-1');
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({ status: 'stopped' });
    expect((await world.deadLetters()).map(({ reason }) => reason)).toEqual(['LATE_SUCCESS']);
  });

  it('is not taken for the outcome of the same effect started anew', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'AGAIN' });
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toEqual(['o@1:pay', 'o@2:pay']);
    handler.call(1).resolve('old');
    await world.time.settle();
    expect((await actor.snapshot()).value).toBe('PAYING');
    expect((await world.deadLetters()).map(({ reason }) => reason)).toEqual(['LATE_SUCCESS']);
    handler.call(2).resolve('new');
    await world.time.settle();
    expect((await actor.snapshot()).value).toBe('PAID');
  });

  it('reaches a machine that handles effect.late, and is no dead letter then', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(attentive, { id: 'a' });
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    handler.last.resolve({ id: 'ch-1' });
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({
      value: 'UNDOING',
      context: {
        late: [
          {
            type: 'effect.late',
            id: 'pay',
            src: 'charge',
            key: handler.last.key,
            outcome: 'done',
            output: { id: 'ch-1' },
          },
        ],
      },
    });
    expect(await world.deadLetters()).toEqual([]);
    expect((await world.engine.health()).level).toBe('green');
  });

  it('is taken once, whatever the call does later', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(attentive, { id: 'a' });
    await world.time.advance(3_600_000 + 60_000);
    expect(handler.calls).toHaveLength(2);
    await actor.send({ type: 'CANCEL' });
    handler.call(1).resolve('one');
    handler.call(2).resolve('two');
    await world.time.settle();
    expect((await actor.snapshot()).context.late).toMatchObject([{ output: 'one' }]);
  });
});

describe('a late rejection', () => {
  it('is journaled, as nothing has happened, but alarms nobody', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    const entry = (await collect(actor.history())).at(-1);
    expect(entry).toMatchObject({ type: 'effect.late', data: { outcome: 'rejected' } });
    expect(await world.deadLetters()).toEqual([]);
    expect((await world.engine.health()).level).toBe('green');
  });
});

describe('a late success under the key that an effect runs under again', () => {
  it('is the outcome of that effect, and what its own call brings is no news', async () => {
    const pay = effect<{ readonly epoch: number }, unknown>({
      timeout: '1d',
      retry: { attempts: 2, jitter: false, initial: '1s' },
      key: ({ input }) => `payment/${input.epoch}`,
    });
    const again = setup({
      types: {
        context: {} as { readonly late: readonly string[] },
        events: {} as
          | { readonly type: 'AGAIN' }
          | { readonly type: 'effect.late'; readonly outcome: string },
      },
      actors: { pay },
    }).createMachine({
      id: 'again',
      context: { late: [] },
      initial: 'paying',
      on: {
        AGAIN: '.paying',
        'effect.late': {
          actions: assign({ late: ({ context, event }) => [...context.late, event.outcome] }),
        },
      },
      states: {
        paying: {
          invoke: { src: 'pay', input: { epoch: 1 }, onDone: 'paid', onError: 'unpaid' },
        },
        paid: {},
        unpaid: {},
      },
    });
    const handler = new ScriptedHandler();
    const handlers = { pay: handler.run };
    await using world = await openWorld({ machines: [again], handlers });
    const actor = await world.engine.start(again, { id: 'a' });
    await world.time.advance(2 * 86_400_000 + 1_000);
    expect(await actor.snapshot()).toMatchObject({ value: 'unpaid', context: { late: [] } });
    await actor.send({ type: 'AGAIN' });
    await world.time.settle();
    handler.call(1).resolve('paid');
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({ value: 'paid', context: { late: [] } });
    expect(handler.call(3).signal.aborted).toBe(true);
    handler.call(3).reject(new Rejected('DECLINED'));
    await world.time.advance(86_400_000);
    expect(handler.calls).toHaveLength(3);
    expect(await actor.snapshot()).toMatchObject({ value: 'paid', context: { late: [] } });
    expect((await world.deadLetters()).map(({ reason }) => reason)).toEqual(['EFFECT_EXHAUSTED']);
  });
});
