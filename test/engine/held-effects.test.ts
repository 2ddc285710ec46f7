// An engine that holds its effects: it takes messages and commits as ever, calls nobody and fires no
// timer. What was asked of it is done by the next engine, as if that had been asked.

import { EngineError, effect, Rejected } from 'sagawright';
import { beforeEach, describe, expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { CALLS, createOrder } from '../saga/order-saga.ts';
import { codeOf, collect } from '../support/collected.ts';
import { EngineWorld, openWorld, type WorldOptions } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const both = ['memory', 'sqlite'] as const;

const charge = effect<{ readonly amount: number }, unknown>({
  timeout: '10s',
  retry: { attempts: 4, initial: '1h', backoff: 'constant', jitter: false },
});

/** Whom the named action has told, in the world outside. */
const told: string[] = [];

const order = setup({
  types: {
    context: {} as { readonly late: readonly string[] },
    events: {} as
      | { readonly type: 'PAY' | 'BACK' | 'TELL' | 'WAIT' | 'ASK' }
      | { readonly type: 'effect.late'; readonly outcome: string },
  },
  actors: { charge },
  actions: {
    tell: (_, { whom }: { readonly whom: string }) => {
      told.push(whom);
    },
  },
}).createMachine({
  id: 'order',
  context: { late: [] },
  initial: 'open',
  on: {
    TELL: { actions: { type: 'tell', params: { whom: 'ann' } } },
    ASK: { actions: sendTo(({ self }) => self, { type: 'PAY' }) },
    'effect.late': {
      actions: assign({ late: ({ context, event }) => [...context.late, event.outcome] }),
    },
  },
  states: {
    open: { on: { PAY: 'paying', WAIT: 'waiting' } },
    waiting: { after: { 60000: 'late' } },
    paying: {
      on: { BACK: 'open' },
      invoke: { id: 'pay', src: 'charge', input: { amount: 5 }, onDone: 'paid' },
    },
    paid: {},
    late: {},
  },
});

const hour = 3_600_000;

/** A world with one open order, started by an engine that has ended since. */
async function openOrder(
  on: (typeof both)[number],
  options: Partial<WorldOptions> = {},
): Promise<{ readonly world: EngineWorld; readonly handler: ScriptedHandler }> {
  const handler = new ScriptedHandler();
  const handlers = { charge: handler.run };
  const world = await openWorld({ on, machines: [order], handlers, ...options });
  await world.engine.start(order, { id: 'o' });
  return { world, handler };
}

const hold = { effects: 'hold', handlers: {} } as const;

function running(handler: ScriptedHandler): Partial<WorldOptions> {
  return { effects: 'run', handlers: { charge: handler.run } };
}

beforeEach(() => {
  told.length = 0;
});

describe.each(both)('an engine that holds its effects, in %s', (on) => {
  it('keeps an effect that is asked for, as a normal engine would, for the next one to run', async () => {
    const { world, handler } = await openOrder(on);
    await using _world = world;
    const held = await world.restart('stop', hold);
    const receipt = await held.actor(order, 'o').send({ type: 'PAY' });
    expect(receipt).toMatchObject({ status: 'accepted', value: 'paying' });
    await world.time.advance(2 * hour);
    expect(handler.calls).toEqual([]);
    const asked = await world.effects('o');

    const normal = await openOrder(on);
    await using other = normal.world;
    await other.engine.actor(order, 'o').send({ type: 'PAY' });
    await other.time.settle();
    const { key, input } = normal.handler.last;
    expect(asked).toMatchObject({
      pay: { key, input, attempt: 0, retryAt: null, maybeRan: false },
    });

    const next = await world.restart('stop', running(handler));
    expect(next.recovered.effects).toBe(1);
    expect(handler.calls).toMatchObject([{ key, input, attempt: 1 }]);
    handler.last.resolve('receipt');
    await world.time.settle();
    expect((await next.actor(order, 'o').snapshot()).value).toBe('paid');
  });

  it('leaves what an earlier engine was cut in, and a restart of its own cuts nothing', async () => {
    const { world, handler } = await openOrder(on);
    await using _world = world;
    await world.engine.actor(order, 'o').send({ type: 'PAY' });
    await world.time.settle();
    const before = await world.effects('o');
    for (const how of ['abandon', 'stop', 'abandon'] as const) {
      const held = await world.restart(how, hold);
      expect(held.recovered.effects).toBe(0);
      await held.actor(order, 'o').send({ type: 'TELL' });
      expect((await world.effects('o'))['pay']).toEqual(before['pay']);
    }
    await world.restart('abandon', running(handler));
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('makes no retry that falls due, and the next engine makes it', async () => {
    const { world, handler } = await openOrder(on);
    await using _world = world;
    await world.engine.actor(order, 'o').send({ type: 'PAY' });
    await world.time.settle();
    handler.last.reject(new Error('The line is dead.'));
    await world.time.settle();
    await world.restart('stop', hold);
    await world.engine.actor(order, 'o').send({ type: 'TELL' });
    await world.time.advance(3 * hour);
    expect(handler.calls).toHaveLength(1);
    await world.restart('stop', running(handler));
    expect(handler.last).toMatchObject({ attempt: 2 });
  });

  it('fires no timer, neither one of its own nor one that it finds', async () => {
    const { world, handler } = await openOrder(on);
    await using _world = world;
    await world.engine.start(order, { id: 'found' });
    await world.engine.actor(order, 'found').send({ type: 'WAIT' });
    const held = await world.restart('stop', hold);
    await held.actor(order, 'o').send({ type: 'WAIT' });
    expect(world.time.sleepers).toBe(0);
    await world.time.advance(hour);
    expect((await held.read(['o', 'found'])).map((each) => each?.value)).toEqual([
      'waiting',
      'waiting',
    ]);
    const next = await world.restart('stop', running(handler));
    await world.time.advance(0);
    expect((await next.read(['o', 'found'])).map((each) => each?.value)).toEqual(['late', 'late']);
  });

  it('stores named actions, and the next engine runs them once', async () => {
    const { world, handler } = await openOrder(on);
    await using _world = world;
    const held = await world.restart('stop', hold);
    await held.actor(order, 'o').send({ type: 'TELL' });
    await world.time.settle();
    expect(told).toEqual([]);
    await world.restart('stop', running(handler));
    expect(told).toEqual(['ann']);
    await world.restart('stop');
    expect(told).toEqual(['ann']);
  });

  it('tells a machine at once that a held effect which it stops was not made', async () => {
    const { world, handler } = await openOrder(on);
    await using _world = world;
    const held = await world.restart('stop', hold);
    const actor = held.actor(order, 'o');
    await actor.send({ type: 'PAY' });
    await actor.send({ type: 'BACK' });
    await world.time.settle();
    expect((await actor.snapshot()).context.late).toEqual(['unknown']);
    await world.restart('stop', running(handler));
    expect(handler.calls).toEqual([]);
  });

  it('does not ask for code, not even by name', async () => {
    const { world } = await openOrder(on);
    await using _world = world;
    await world.stop();
    const open = (options: Partial<WorldOptions>) => world.open({ handlers: {}, ...options });
    expect(await codeOf(open({}))).toBe('BAD_OPTION');
    await open({ effects: 'hold' });
    expect((await world.engine.actor(order, 'o').snapshot()).value).toBe('open');
  });

  it('previews without code, also when it is paused beside', async () => {
    const { world } = await openOrder(on);
    await using _world = world;
    const paused = await world.restart('stop', { ...hold, paused: true });
    const actor = paused.actor(order, 'o');
    expect(await actor.preview({ type: 'PAY' })).toMatchObject({
      status: 'accepted',
      snapshot: { value: 'paying' },
      effects: { started: [{ name: 'charge', input: { amount: 5 } }] },
    });
    expect(await codeOf(actor.send({ type: 'PAY' }))).toBe('ENGINE_PAUSED');
    expect((await actor.snapshot()).value).toBe('open');
    expect(await codeOf(paused.verify({ actor: 'nobody' }))).toBe('ACTOR_NOT_FOUND');
    expect(await paused.verify()).toMatchObject({ actors: 1, mismatches: [] });
    expect(world.store.commits).toEqual([]);
  });

  it('goes on with what waited in the inbox', async () => {
    const { world } = await openOrder(on, { limits: { cascade: 1 } });
    await using _world = world;
    const busy = new EngineError('STORE_BUSY', 'Somebody else writes.');
    world.store.judge = ({ journal }) => (journal.some(({ type }) => type === 'PAY') ? busy : null);
    await world.engine.actor(order, 'o').send({ type: 'ASK' });
    await world.time.settle();
    const held = await world.restart('abandon', { ...hold, limits: {} });
    expect(held.recovered).toEqual({ inbox: 1, released: 0, effects: 0 });
    expect((await held.actor(order, 'o').snapshot()).value).toBe('paying');
    expect(await world.effects('o')).toMatchObject({ pay: { attempt: 0 } });
  });
});

const saga = createOrder({ onFailure: 'hold' });

/** A saga that holds because its second step was refused; the engine that ran it has ended. */
async function heldSaga(on: (typeof both)[number]): Promise<SagaInTwo> {
  const handlers = Object.fromEntries(CALLS.map((name) => [name, new ScriptedHandler()]));
  const code = Object.fromEntries(Object.entries(handlers).map(([name, { run }]) => [name, run]));
  const world = await openWorld({ on, machines: [saga], handlers: code });
  await world.engine.start(saga, { id: 's', input: {} });
  const end = async (name: string, how: 'resolve' | 'reject'): Promise<void> => {
    await world.time.settle();
    handlers[name]?.last[how](how === 'resolve' ? 'receipt' : new Rejected('NO'));
    await world.time.settle();
  };
  await end('pay', 'resolve');
  await end('reserve', 'reject');
  await world.stop();
  const callsOf = (name: string): number => handlers[name]?.calls.length ?? 0;
  return { world, code, end, callsOf };
}

interface SagaInTwo {
  readonly world: EngineWorld;
  readonly code: NonNullable<WorldOptions['handlers']>;
  readonly end: (name: string, how: 'resolve' | 'reject') => Promise<void>;
  readonly callsOf: (name: string) => number;
}

describe.each(both)('a saga that was told something by an engine that holds, in %s', (on) => {
  it('tries its failed step again in the next engine, and is completed', async () => {
    const { world, code, end, callsOf } = await heldSaga(on);
    await using _world = world;
    const held = await world.open(hold);
    await held.actor(saga, 's').send({ type: 'RETRY' });
    await world.time.advance(hour);
    expect((await held.actor(saga, 's').snapshot()).value).toEqual({ fulfilling: 'reserve' });
    expect((await held.verify()).mismatches).toEqual([]);
    expect(callsOf('reserve')).toBe(1);
    const next = await world.restart('stop', { effects: 'run', handlers: code });
    await end('reserve', 'resolve');
    await end('ship', 'resolve');
    expect(await next.actor(saga, 's').result()).toMatchObject({ status: 'completed' });
    expect([callsOf('pay'), callsOf('reserve'), callsOf('ship')]).toEqual([1, 2, 1]);
  });

  it('turns back in the next engine, and is compensated', async () => {
    const { world, code, end, callsOf } = await heldSaga(on);
    await using _world = world;
    const held = await world.open(hold);
    await held.actor(saga, 's').send({ type: 'COMPENSATE' });
    expect(callsOf('pay.compensate')).toBe(0);
    const next = await world.restart('abandon', { effects: 'run', handlers: code });
    await end('pay.compensate', 'resolve');
    expect(await next.actor(saga, 's').result()).toMatchObject({ status: 'compensated' });
    expect(await collect(next.deadLetters.list())).toEqual([]);
  });
});

it('an option `effects` of another name is refused', async () => {
  const world = new EngineWorld({ machines: [order], effects: 'wait' as never, handlers: {} });
  await using _world = world;
  expect(await codeOf(world.open())).toBe('BAD_OPTION');
});
