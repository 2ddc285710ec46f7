// How many effects run at one time, how often they start, and who waits: nobody is forgotten, and the
// row always says what has been tried.

import { effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { failing, ScriptedHandler } from '../support/scripted-handler.ts';

const limited = effect<{ readonly id: string }, unknown>(
  { timeout: '1d', concurrency: 2 },
  failing,
);
const rated = effect<unknown, unknown>({ timeout: '1d', rate: { limit: 2, per: '1s' } }, failing);
const free = effect<unknown, unknown>({ timeout: '1d' }, failing);

const machine = setup({ actors: { limited, rated, free } });

const call = machine.createMachine({
  id: 'call',
  initial: 'calling',
  states: {
    calling: {
      on: { LEAVE: 'left' },
      invoke: { id: 'fx', src: 'limited', input: { id: 'x' }, onDone: 'done', onError: 'failed' },
    },
    done: { type: 'final' },
    failed: { type: 'final' },
    left: {},
  },
});

const rate = machine.createMachine({
  id: 'rate',
  initial: 'calling',
  states: {
    calling: { invoke: { id: 'fx', src: 'rated', onDone: 'done' } },
    done: { type: 'final' },
  },
});

const any = machine.createMachine({
  id: 'any',
  initial: 'calling',
  states: {
    calling: { invoke: { id: 'fx', src: 'free', onDone: 'done' } },
    done: { type: 'final' },
  },
});

const machines = [call, rate, any];

function startCalls(world: EngineWorld, ids: readonly string[]): Promise<readonly unknown[]> {
  return Promise.all(ids.map((id) => world.engine.start(call, { id })));
}

async function attempts(world: EngineWorld, ids: readonly string[]): Promise<readonly unknown[]> {
  return Promise.all(ids.map(async (id) => (await world.effects(id))['fx']?.attempt ?? null));
}

const five = ['a', 'b', 'c', 'd', 'e'];

describe('a concurrency limit', () => {
  it('lets no more run at one time, and the others wait with attempt 0 in the row', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { limited: handler.run } });
    await startCalls(world, five);
    await world.time.settle();
    expect(handler.calls.map(({ actorId }) => actorId)).toEqual(['a', 'b']);
    expect(await attempts(world, five)).toEqual([1, 1, 0, 0, 0]);
    expect(await world.engine.health()).toMatchObject({ effectsInFlight: 2, effectsWaiting: 3 });
  });

  it('starts who waits, in order, as places become free, until all are done', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { limited: handler.run } });
    await startCalls(world, five);
    for (let number = 1; number <= five.length; number++) {
      await world.time.settle();
      handler.call(number).resolve();
    }
    await world.time.settle();
    expect(handler.calls.map(({ actorId }) => actorId)).toEqual(five);
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1]);
    expect(handler.most).toBe(2);
    for (const id of five) {
      expect((await world.engine.actor(call, id).snapshot()).value).toBe('done');
    }
    expect(await world.engine.health()).toMatchObject({ effectsInFlight: 0, effectsWaiting: 0 });
  });

  it('gives the place on when an attempt fails', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { limited: handler.run } });
    await startCalls(world, five);
    for (let number = 1; number <= five.length; number++) {
      await world.time.settle();
      handler.call(number).reject(new Error('no'));
    }
    await world.time.settle();
    expect(handler.calls).toHaveLength(5);
    expect(handler.most).toBe(2);
  });

  it('gives the place on when an attempt takes too long, although its call goes on', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { limited: handler.run } });
    await startCalls(world, five);
    await world.time.advance(86_400_000);
    expect(handler.calls).toHaveLength(4);
  });

  it('does not start who has left the state while it waited', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { limited: handler.run } });
    await startCalls(world, five);
    await world.engine.actor(call, 'c').send({ type: 'LEAVE' });
    for (let number = 1; number <= 4; number++) {
      await world.time.settle();
      handler.call(number).resolve();
    }
    await world.time.settle();
    expect(handler.calls.map(({ actorId }) => actorId)).toEqual(['a', 'b', 'd', 'e']);
    expect(await world.engine.health()).toMatchObject({ effectsInFlight: 0, effectsWaiting: 0 });
  });

  it('keeps its places when the one who was given a place leaves before its attempt is committed', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { limited: handler.run } });
    await startCalls(world, five);
    await world.time.settle();
    const left = world.engine.actor(call, 'c').send({ type: 'LEAVE' });
    handler.call(1).resolve();
    await left;
    await world.time.settle();
    handler.call(2).resolve();
    await world.time.settle();
    expect(handler.calls.map(({ actorId }) => actorId)).toEqual(['a', 'b', 'd', 'e']);
  });

  it('holds after a restart, for those that ran and those that waited', async () => {
    const handler = new ScriptedHandler();
    const handlers = { limited: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await startCalls(world, five);
    await world.restart('abandon');
    expect(handler.calls).toHaveLength(4);
    expect(await attempts(world, five)).toEqual([2, 2, 0, 0, 0]);
    for (let number = 3; number <= 7; number++) {
      handler.call(number).resolve();
      await world.time.settle();
    }
    expect(await attempts(world, five)).toEqual([null, null, null, null, null]);
    expect(handler.calls.slice(4).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });
});

describe('the limit of the engine', () => {
  it('counts the effects of all machines together', async () => {
    const handler = new ScriptedHandler();
    const handlers = { limited: handler.run, free: handler.run };
    await using world = await openWorld({ machines, handlers, limits: { effects: 3 } });
    await startCalls(world, ['a', 'b']);
    await Promise.all(['x', 'y', 'z'].map((id) => world.engine.start(any, { id })));
    await world.time.settle();
    expect(handler.calls.map(({ actorId }) => actorId)).toEqual(['a', 'b', 'x']);
    for (let number = 1; number <= 5; number++) {
      handler.call(number).resolve();
      await world.time.settle();
    }
    expect(handler.calls).toHaveLength(5);
    expect(handler.most).toBe(3);
  });
});

describe('a rate', () => {
  it('starts no more than its limit in any window, and the rest as the window opens', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { rated: handler.run } });
    await Promise.all(five.map((id) => world.engine.start(rate, { id })));
    await world.time.settle();
    expect(handler.calls).toHaveLength(2);
    expect(await attempts(world, five)).toEqual([1, 1, 0, 0, 0]);
    await world.time.advance(999);
    expect(handler.calls).toHaveLength(2);
    await world.time.advance(1);
    expect(handler.calls).toHaveLength(4);
    await world.time.advance(1_000);
    expect(handler.calls).toHaveLength(5);
  });

  it('is not used up by calls that have ended', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { rated: handler.run } });
    await world.engine.start(rate, { id: 'a' });
    await world.time.settle();
    handler.last.resolve();
    await world.engine.start(rate, { id: 'b' });
    await world.engine.start(rate, { id: 'c' });
    await world.time.settle();
    expect(handler.calls).toHaveLength(2);
    await world.time.advance(1_000);
    expect(handler.calls).toHaveLength(3);
  });

  it('opens also while another effect waits for something else', async () => {
    const handler = new ScriptedHandler();
    const both = effect<{ readonly id: string }, unknown>({
      timeout: '1d',
      concurrency: 1,
      rate: { limit: 100, per: '1s' },
    });
    const busy = call.provide({ actors: { limited: both } });
    const handlers = { limited: handler.run, rated: handler.run };
    await using world = await openWorld({ machines: [busy, rate], handlers });
    await world.engine.start(busy, { id: 'busy-1' });
    await world.engine.start(busy, { id: 'busy-2' });
    await Promise.all(['a', 'b', 'c'].map((id) => world.engine.start(rate, { id })));
    await world.time.advance(1_000);
    expect(handler.calls.map(({ actorId }) => actorId)).toEqual(['busy-1', 'a', 'b', 'c']);
  });
});
