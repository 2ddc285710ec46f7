// Ending an engine in order: nothing more is taken, handlers get time to finish, and what is unfinished
// goes on at the next open as if nothing had been.

import { type Engine, EngineError, effect, openEngine } from 'sagawright';
import { memoryContents, memoryStore } from 'sagawright/store';
import { describe, expect, it } from 'vitest';
import { sendTo, setup } from 'xstate';
import { codeOf } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { failing, ScriptedHandler } from '../support/scripted-handler.ts';
import { ScriptedStore } from '../support/scripted-store.ts';
import { VirtualPlatform } from '../support/virtual-platform.ts';

const charge = effect<unknown, unknown>(
  {
    timeout: '1h',
    concurrency: 2,
    retry: { attempts: 3, jitter: false, initial: '1m', backoff: 'constant' },
  },
  failing,
);

const order = setup({
  types: { events: {} as { readonly type: 'PAY' } | { readonly type: 'PING' } },
  actors: { charge },
}).createMachine({
  id: 'order',
  initial: 'PENDING',
  states: {
    PENDING: { on: { PAY: 'PAYING', PING: {} } },
    PAYING: { invoke: { id: 'pay', src: 'charge', onDone: 'PAID', onError: 'UNPAID' } },
    PAID: {},
    UNPAID: {},
  },
});

const machines = [order];

async function startPaying(world: EngineWorld, ids: readonly string[]): Promise<void> {
  await Promise.all(
    ids.map(async (id) => {
      const actor = await world.engine.start(order, { id });
      await actor.send({ type: 'PAY' });
    }),
  );
  await world.time.settle();
}

describe('an engine that was told to stop', () => {
  it('takes nothing more', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const stopping = world.engine.stop();
    expect(await codeOf(actor.send({ type: 'PAY' }))).toBe('ENGINE_STOPPED');
    expect(await codeOf(world.engine.start(order, { id: 'p' }))).toBe('ENGINE_STOPPED');
    await stopping;
    expect(await codeOf(actor.send({ type: 'PAY' }))).toBe('ENGINE_STOPPED');
    expect(await codeOf(actor.waitFor('PAID'))).toBe('ENGINE_STOPPED');
  });

  it('commits and acknowledges what it had taken', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o' });
    const sent = [actor.send({ type: 'PING' }), actor.send({ type: 'PING' })];
    await world.engine.stop();
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(['accepted', 'accepted']);
    const engine = await world.restart('abandon');
    expect((await engine.actor(order, 'o').snapshot()).revision).toBe(3);
  });

  it('tells those who wait', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const waits = [codeOf(actor.waitFor('PAID')), codeOf(actor.result())];
    await world.time.settle();
    await world.engine.stop();
    expect(await Promise.all(waits)).toEqual(['ENGINE_STOPPED', 'ENGINE_STOPPED']);
  });

  it('may be told twice', async () => {
    await using world = await openWorld({ machines });
    await Promise.all([world.engine.stop(), world.engine.stop()]);
    await world.engine.stop();
    expect((await world.engine.health()).status).toBe('stopped');
  });

  it('answers everybody who tells it so only when it has stopped', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await startPaying(world, ['a']);
    const answers: string[] = [];
    const stops = [
      world.engine.stop({ drain: '10s' }).then(() => answers.push('first')),
      world.engine.stop().then(() => answers.push('second')),
    ];
    await world.time.advance(9_999);
    expect(answers).toEqual([]);
    await world.time.advance(1);
    await Promise.all(stops);
    expect(answers.toSorted()).toEqual(['first', 'second']);
  });

  it('leaves no timer behind that would keep the process alive', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await startPaying(world, ['a']);
    handler.last.resolve();
    await world.time.settle();
    await world.engine.stop();
    await world.time.settle();
    expect(world.time.sleepers).toBe(0);
  });

  it('releases the store for the next engine', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    await world.engine.stop();
    const engine = await world.open();
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('PENDING');
  });

  it('is what the end of an `await using` block does', async () => {
    const contents = memoryContents();
    const { platform } = new VirtualPlatform().startProcess();
    let kept: Engine | undefined;
    {
      await using engine = await openEngine({ store: memoryStore(contents), machines, platform });
      kept = engine;
      await engine.start(order, { id: 'o' });
      expect(contents.held).toBe(true);
    }
    expect((await kept.health()).status).toBe('stopped');
    expect(contents.held).toBe(false);
  });
});

describe('the drain', () => {
  it('lets handlers finish, and their outcomes are committed before the store is released', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await startPaying(world, ['a']);
    const stopping = world.engine.stop({ drain: '10s' });
    await world.time.advance(9_000);
    expect(handler.last.signal.aborted).toBe(false);
    handler.last.resolve('ok');
    await stopping;
    expect(handler.last.signal.aborted).toBe(false);
    const engine = await world.open();
    expect((await engine.actor(order, 'a').snapshot()).value).toBe('PAID');
    expect(handler.calls).toHaveLength(1);
  });

  it('ends at its deadline: calls are told, and do not count as attempts', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await startPaying(world, ['a']);
    const stopping = world.engine.stop({ drain: '10s' });
    await world.time.advance(9_999);
    expect(handler.last.signal.aborted).toBe(false);
    await world.time.advance(1);
    await stopping;
    expect(handler.call(1).signal.aborted).toBe(true);
    await world.open();
    expect(handler.calls.map(({ attempt, key }) => `${attempt} ${key}`)).toEqual([
      '1 a@2:pay',
      '1 a@2:pay',
    ]);
  });

  it('starts no effect that waits for a place, and the next engine does', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await startPaying(world, ['a', 'b', 'c', 'd']);
    expect(handler.calls).toHaveLength(2);
    const stopping = world.engine.stop({ drain: '10s' });
    await world.time.settle();
    handler.call(1).resolve();
    handler.call(2).resolve();
    await world.time.advance(10_000);
    await stopping;
    expect(handler.calls).toHaveLength(2);
    await world.open();
    expect(handler.calls.map(({ actorId, attempt }) => `${actorId} ${attempt}`)).toEqual([
      'a 1',
      'b 1',
      'c 1',
      'd 1',
    ]);
  });

  it('starts no retry that falls due, and the next engine does in time', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await startPaying(world, ['a', 'b']);
    handler.call(1).reject(new Error('down'));
    await world.time.settle();
    const stopping = world.engine.stop({ drain: '2m' });
    await world.time.advance(120_000);
    await stopping;
    expect(handler.calls).toHaveLength(2);
    await world.open();
    expect(
      handler.calls
        .slice(2)
        .map(({ actorId, attempt }) => `${actorId} ${attempt}`)
        .toSorted(),
    ).toEqual(['a 2', 'b 1']);
  });

  it('starts no timer: it fires at the next open', async () => {
    const handler = new ScriptedHandler();
    const timed = setup({ actors: { charge } }).createMachine({
      id: 'timed',
      initial: 'waiting',
      invoke: { src: 'charge' },
      states: { waiting: { after: { 5000: 'over' } }, over: {} },
    });
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines: [timed], handlers, on: 'sqlite' });
    await world.engine.start(timed, { id: 't' });
    await world.stop(10_000);
    const engine = await world.open();
    await world.time.advance(0);
    expect((await engine.actor(timed, 't').snapshot()).value).toBe('over');
  });

  it('of no time aborts what is queued as well, without a call that nobody tells to end', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'a' });
    const sent = actor.send({ type: 'PAY' });
    const stopping = world.engine.stop({ drain: 0 });
    world.time.fireDue();
    await stopping;
    expect(await sent).toMatchObject({ status: 'accepted', value: 'PAYING' });
    expect(handler.calls.filter(({ signal }) => !signal.aborted)).toEqual([]);
    await world.open();
    expect(handler.last).toMatchObject({ attempt: 1, key: 'a@2:pay' });
  });

  it('of no time starts no call whose commit comes after its deadline; the next engine does', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'a' });
    const release = world.store.hold();
    const sent = actor.send({ type: 'PAY' });
    await world.time.settle();
    const stopping = world.engine.stop({ drain: 0 });
    await world.time.advance(10);
    release();
    await stopping;
    expect(await sent).toMatchObject({ status: 'accepted', value: 'PAYING' });
    expect(handler.calls).toEqual([]);
    await world.open();
    expect(handler.calls.map(({ attempt, key }) => `${attempt} ${key}`)).toEqual(['1 a@2:pay']);
    expect((await world.effects('a'))['pay']?.maybeRan).toBe(false);
  });

  it('ends when the store fails while handlers finish', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await startPaying(world, ['a', 'b']);
    let ended = false;
    const stopping = world.engine.stop({ drain: '1h' }).then(() => {
      ended = true;
    });
    await world.time.settle();
    world.store.judge = () => new EngineError('STORE_FAILED', 'The disk is broken.');
    handler.call(1).resolve();
    await world.time.settle();
    handler.call(2).resolve();
    await world.time.settle();
    expect(ended).toBe(true);
    await stopping;
  });

  it('is refused when it is no duration, and the engine runs on', async () => {
    await using world = await openWorld({ machines });
    const soon: unknown = 'soon';
    const stopped = async (): Promise<void> => world.engine.stop({ drain: soon as '1s' });
    expect(await codeOf(stopped())).toBe('BAD_DURATION');
    expect((await world.engine.start(order, { id: 'o' })).created).toBe(true);
  });
});

describe('an engine that is opened again', () => {
  it('says what it has found unfinished', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    expect(world.engine.recovered).toEqual({ inbox: 0, released: 0, effects: 0 });
    await startPaying(world, ['a', 'b', 'c']);
    const engine = await world.restart('abandon');
    expect(engine.recovered).toEqual({ inbox: 0, released: 0, effects: 3 });
  });

  it('runs no call whose actor leaves its state by a message that waited, however slow it reads', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    const leaving = setup({
      types: { events: {} as { readonly type: 'GO' | 'LEAVE' } },
      actors: { charge },
    }).createMachine({
      id: 'leaving',
      initial: 'working',
      states: {
        working: {
          invoke: { src: 'charge' },
          on: {
            GO: { actions: sendTo(({ self }) => self, { type: 'LEAVE' }) },
            LEAVE: 'over',
          },
        },
        over: {},
      },
    });
    const options = { machines: [leaving], handlers, limits: { cascade: 1 } };
    await using world = await openWorld(options);
    const actor = await world.engine.start(leaving, { id: 'l' });
    await world.time.settle();
    await actor.send({ type: 'GO' });
    await world.abandon();
    const scripted = new ScriptedStore(memoryStore(world.contents));
    const { platform } = world.time.startProcess();
    const release = scripted.holdRows();
    const opening = openEngine({ ...options, store: scripted.store, platform });
    await world.time.settle();
    release();
    await using engine = await opening;
    await world.time.settle();
    expect(engine.recovered).toEqual({ inbox: 1, released: 0, effects: 0 });
    expect((await engine.actor(leaving, 'l').snapshot()).value).toBe('over');
    expect(handler.calls).toHaveLength(1);
  });

  it('finds a retry that is far ahead, although its actor was busy with other things first', async () => {
    const slow = effect<unknown, unknown>({
      retry: { attempts: 2, jitter: false, initial: '10m', max: '10m' },
    });
    const busy = setup({
      types: { events: {} as { readonly type: 'PING' } },
      actors: { slow },
    }).createMachine({
      id: 'busy',
      initial: 'working',
      on: { PING: {} },
      states: {
        working: { invoke: { src: 'slow', onDone: 'done' }, after: { 86400000: 'over' } },
        done: {},
        over: {},
      },
    });
    const handler = new ScriptedHandler();
    const handlers = { slow: handler.run };
    await using world = await openWorld({ machines: [busy], handlers, on: 'sqlite' });
    await world.engine.start(busy, { id: 'b' });
    await world.time.settle();
    handler.last.reject(new Error('down'));
    await world.time.settle();
    const engine = await world.restart('abandon');
    await engine.actor(busy, 'b').send({ type: 'PING' });
    await world.time.advance(10 * 60_000 - 1);
    expect(handler.calls).toHaveLength(1);
    await world.time.advance(1);
    expect(handler.calls).toHaveLength(2);
  });
});
