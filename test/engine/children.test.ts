// Child actors: their own row and journal below their parent, how they end, and how their parent hears
// of it.

import { describe, expect, it } from 'vitest';
import { assign, type EventObject, fromTransition, sendTo, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

type PaymentEvents =
  | { readonly type: 'CAPTURE' }
  | { readonly type: 'BREAK' }
  | { readonly type: 'TOUCH' };

const payment = setup({
  types: {
    context: {} as { readonly amount: number; readonly touched: number },
    events: {} as PaymentEvents,
    input: {} as { readonly amount: number },
  },
  actions: {
    explode: assign(() => {
      throw new RangeError('The payment is broken.');
    }),
  },
}).createMachine({
  id: 'payment',
  context: ({ input }) => {
    if (input.amount < 0) throw new RangeError('Amounts are positive.');
    return { amount: input.amount, touched: 0 };
  },
  initial: 'open',
  on: {
    TOUCH: { actions: assign({ touched: ({ context }) => context.touched + 1 }) },
    BREAK: { actions: 'explode' },
  },
  states: { open: { on: { CAPTURE: 'captured' } }, captured: { type: 'final' } },
  output: ({ context }) => ({ captured: context.amount }),
});

type OrderEvents =
  | { readonly type: 'PAY' }
  | { readonly type: 'CANCEL' }
  | { readonly type: 'AGAIN' }
  | { readonly type: 'TELL'; readonly event: PaymentEvents };

const order = setup({
  types: {
    context: {} as { readonly amount: number; readonly result: unknown },
    events: {} as OrderEvents,
    input: {} as { readonly amount: number },
  },
  actors: { payment },
}).createMachine({
  id: 'order',
  context: ({ input }) => ({ amount: input.amount, result: null }),
  initial: 'PENDING',
  on: { TELL: { actions: sendTo('pay', ({ event }) => event.event) } },
  states: {
    PENDING: { on: { PAY: 'PAYING' } },
    PAYING: {
      on: { CANCEL: 'CANCELLED', AGAIN: { target: 'PAYING', reenter: true } },
      invoke: {
        id: 'pay',
        src: 'payment',
        input: ({ context }) => ({ amount: context.amount }),
        onDone: { target: 'PAID', actions: assign({ result: ({ event }) => event.output }) },
        onError: { target: 'UNPAID', actions: assign({ result: ({ event }) => event.error }) },
      },
    },
    PAID: { on: { PAY: 'PAYING' } },
    UNPAID: {},
    CANCELLED: {},
  },
});

const machines = [order];
const input = { amount: 5 };
const tell = (type: PaymentEvents['type']) => ({ type: 'TELL', event: { type } }) as const;

describe('an invoked child machine', () => {
  it('has a row and a journal of its own below its parent, in the commit that started it', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    const commit = world.store.commits.at(-1);
    expect(commit?.journal.map((entry) => `${entry.actor} ${entry.type}`)).toEqual([
      'o PAY',
      'o/pay xstate.init',
    ]);
    expect(await world.row('o/pay')).toMatchObject({
      root: 'o',
      parent: 'o',
      machine: 'order/payment',
      revision: 1,
      status: 'active',
      state: 'open',
    });
    const child = world.engine.actor(payment, 'o/pay');
    expect(await child.snapshot()).toMatchObject({ value: 'open', context: { amount: 5 } });
    expect((await collect(child.history()))[0]).toMatchObject({
      data: { amount: 5 },
      causation: 'o@2',
    });
  });

  it('takes messages from outside at its address', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    const child = world.engine.actor(payment, 'o/pay');
    expect(await child.send({ type: 'TOUCH' }, { key: 'k' })).toMatchObject({ revision: 2 });
    expect(await child.send({ type: 'TOUCH' }, { key: 'k' })).toMatchObject({
      status: 'duplicate',
    });
    expect((await child.snapshot()).context.touched).toBe(1);
  });

  it('tells its parent its output when it is done, all in one commit', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    await actor.send(tell('CAPTURE'));
    expect(await actor.snapshot()).toMatchObject({
      value: 'PAID',
      context: { result: { captured: 5 } },
    });
    expect(
      world.store.commits.at(-1)?.journal.map((e) => `${e.actor}@${e.revision} ${e.type}`),
    ).toEqual(['o@3 TELL', 'o/pay@2 CAPTURE', 'o@4 xstate.done.actor.pay']);
    const positions = (await collect(world.engine.events())).map(({ position }) => position);
    expect(positions).toEqual(positions.map((_, index) => index + 1));
    expect(await world.engine.actor(payment, 'o/pay').result()).toEqual({ captured: 5 });
  });

  it('is stopped when its state is left, with a journal entry and without a word to its parent', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    await actor.send({ type: 'CANCEL' });
    const child = world.engine.actor(payment, 'o/pay');
    expect(await child.snapshot()).toMatchObject({ status: 'stopped', value: 'open' });
    expect(await world.history('o/pay')).toEqual(['started xstate.init', 'noted actor.stopped']);
    expect((await world.history('o')).at(-1)).toBe('received CANCEL');
    expect(await child.send({ type: 'CAPTURE' })).toMatchObject({
      status: 'rejected',
      enabled: [],
    });
    expect(await codeOf(child.result())).toBe('ACTOR_STOPPED');
  });

  it('is stopped with everything below it when a root is stopped from outside', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    await actor.stop();
    expect((await world.row('o')).status).toBe('stopped');
    expect((await world.row('o/pay')).status).toBe('stopped');
    await actor.stop();
    expect(await world.history('o')).toHaveLength(3);
  });

  it('goes on after a restart, its parent too', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await (await world.engine.start(order, { id: 'o', input })).send({ type: 'PAY' });
    const engine = await world.restart('abandon');
    const actor = engine.actor(order, 'o');
    await actor.send(tell('TOUCH'));
    await world.restart('abandon');
    await world.engine.actor(payment, 'o/pay').send({ type: 'CAPTURE' });
    expect(await world.engine.actor(order, 'o').snapshot()).toMatchObject({
      value: 'PAID',
      context: { result: { captured: 5 } },
    });
    expect((await world.engine.actor(payment, 'o/pay').snapshot()).context.touched).toBe(1);
  });
});

describe('a child that throws', () => {
  it('at its start leaves no actor, and its parent gets the error in the same commit', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input: { amount: -1 } });
    expect(await actor.send({ type: 'PAY' })).toMatchObject({
      status: 'accepted',
      value: 'PAYING',
    });
    expect(await actor.snapshot()).toMatchObject({
      value: 'UNPAID',
      context: { result: { name: 'RangeError', message: 'Amounts are positive.' } },
    });
    expect(world.store.commits.at(-1)?.journal.map(({ type }) => type)).toEqual([
      'PAY',
      'xstate.error.actor.pay',
    ]);
    const child = world.engine.actor(payment, 'o/pay');
    expect(await codeOf(child.snapshot())).toBe('ACTOR_NOT_FOUND');
  });

  it('on a message of its parent keeps its last good state, and its parent gets the error', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    expect(await actor.send(tell('BREAK'))).toMatchObject({ status: 'accepted' });
    expect(await actor.snapshot()).toMatchObject({
      value: 'UNPAID',
      context: { result: { message: 'The payment is broken.' } },
    });
    expect(await world.history('o/pay')).toContain('noted actor.failed');
    // Its parent has acted on the error by leaving the state, which stops the child for good.
    expect(await world.engine.actor(payment, 'o/pay').snapshot()).toMatchObject({
      status: 'stopped',
      value: 'open',
      error: { message: 'The payment is broken.' },
    });
    expect(await world.deadLetters()).toMatchObject([{ reason: 'STEP_FAILED', actor: 'o/pay' }]);
  });

  it('on a message from outside refuses it, like any actor, and goes on', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    const child = world.engine.actor(payment, 'o/pay');
    expect(await codeOf(child.send({ type: 'BREAK' }))).toBe('STEP_FAILED');
    expect((await child.snapshot()).status).toBe('active');
    expect((await actor.snapshot()).value).toBe('PAYING');
  });

  it('fails its parent too, when that does not handle the error', async () => {
    const careless = setup({
      types: { events: {} as { readonly type: 'TELL' } },
      actors: { payment },
    }).createMachine({
      id: 'careless',
      initial: 'busy',
      invoke: { id: 'pay', src: 'payment', input },
      states: { busy: { on: { TELL: { actions: sendTo('pay', { type: 'BREAK' }) } } } },
    });
    await using world = await openWorld({ machines: [careless] });
    const actor = await world.engine.start(careless, { id: 'c' });
    await actor.send({ type: 'TELL' });
    expect(await actor.snapshot()).toMatchObject({
      status: 'error',
      value: 'busy',
      error: { message: 'The payment is broken.' },
    });
  });
});

describe('a child id that is used again', () => {
  it('goes on with its revision under the next incarnation', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    await actor.send(tell('TOUCH'));
    await actor.send({ type: 'AGAIN' });
    const child = world.engine.actor(payment, 'o/pay');
    expect(await child.snapshot()).toMatchObject({
      status: 'active',
      revision: 4,
      incarnation: 2,
      context: { touched: 0 },
    });
    expect(await world.history('o/pay')).toEqual([
      'started xstate.init',
      'received TOUCH',
      'noted actor.stopped',
      'started xstate.init',
    ]);
  });

  it('is heard by its parent only as the one that is there now', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o', input });
    await actor.send({ type: 'PAY' });
    await actor.send({ type: 'AGAIN' });
    await world.restart('abandon');
    const again = world.engine.actor(order, 'o');
    expect((await again.snapshot()).value).toBe('PAYING');
    await world.engine.actor(payment, 'o/pay').send({ type: 'CAPTURE' });
    expect((await again.snapshot()).value).toBe('PAID');
    expect(await again.send({ type: 'PAY' })).toMatchObject({ value: 'PAYING' });
    expect(await world.engine.actor(payment, 'o/pay').snapshot()).toMatchObject({ incarnation: 3 });
  });
});

describe('a finished child', () => {
  it('drops what its parent still sends it, as in XState', async () => {
    const keeper = setup({
      types: { events: {} as { readonly type: 'TELL'; readonly event: PaymentEvents } },
      actors: { payment },
    }).createMachine({
      id: 'keeper',
      invoke: { id: 'pay', src: 'payment', input, onDone: {} },
      on: { TELL: { actions: sendTo('pay', ({ event }) => event.event) } },
    });
    await using world = await openWorld({ machines: [keeper], on: 'sqlite' });
    const actor = await world.engine.start(keeper, { id: 'k' });
    await actor.send(tell('CAPTURE'));
    await world.restart('stop');
    const again = world.engine.actor(keeper, 'k');
    expect(await again.send(tell('TOUCH'))).toMatchObject({ status: 'accepted' });
    expect(await world.history('k/pay')).toEqual(['started xstate.init', 'received CAPTURE']);
    expect(await world.deadLetters()).toEqual([]);
  });
});

describe('an actor that is done', () => {
  it('stops its children, and theirs', async () => {
    const leaf = setup({}).createMachine({ id: 'leaf', initial: 'on', states: { on: {} } });
    const middle = setup({ actors: { leaf } }).createMachine({
      id: 'middle',
      invoke: { id: 'leaf', src: 'leaf' },
    });
    const top = setup({
      types: { events: {} as { readonly type: 'END' } },
      actors: { middle },
    }).createMachine({
      id: 'top',
      initial: 'on',
      invoke: { id: 'middle', src: 'middle' },
      states: { on: { on: { END: 'off' } }, off: { type: 'final' } },
    });
    await using world = await openWorld({ machines: [top] });
    const actor = await world.engine.start(top, { id: 't' });
    expect((await world.row('t/middle/leaf')).status).toBe('active');
    await actor.send({ type: 'END' });
    expect((await actor.snapshot()).status).toBe('done');
    expect((await world.row('t/middle')).status).toBe('stopped');
    expect((await world.row('t/middle/leaf')).status).toBe('stopped');
  });
});

describe('a child by fromTransition', () => {
  const counter = fromTransition(
    (count: number, event: EventObject) => (event.type === 'ADD' ? count + 1 : count),
    0,
  );
  const host = setup({
    types: { events: {} as { readonly type: 'ADD' } },
    actors: { counter },
  }).createMachine({
    id: 'host',
    invoke: { id: 'count', src: 'counter' },
    on: { ADD: { actions: sendTo('count', ({ event }) => event) } },
  });

  it('is an actor with state, which a restart does not lose', async () => {
    await using world = await openWorld({ machines: [host], on: 'sqlite' });
    const actor = await world.engine.start(host, { id: 'h' });
    await actor.send({ type: 'ADD' });
    const engine = await world.restart('abandon');
    await engine.actor(host, 'h').send({ type: 'ADD' });
    expect((await engine.actor(host, 'h/count').snapshot()).context).toBe(2);
  });
});
