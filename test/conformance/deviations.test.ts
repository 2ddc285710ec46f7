// Each deviation is shown on both sides: what a living XState actor does, and what the engine does.

import { effect } from 'sagawright';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type AnyActorRef,
  type AnyStateMachine,
  assign,
  createActor,
  createMachine,
  forwardTo,
  fromCallback,
  fromPromise,
  fromTransition,
  raise,
  SimulatedClock,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { collect, errorOf } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { actions, breakWith, listener, note, noteType } from '../unit/charts/noted.ts';
import { type DeviationId, deviations } from './deviations.ts';

/** A living actor that has been sent events, and the clock that it lives by. */
function live(machine: AnyStateMachine, ...types: readonly string[]): AnyActorRef {
  const actor = createActor(machine, { id: 'x', clock: new SimulatedClock() });
  actor.subscribe({ error: () => undefined });
  actor.start();
  for (const type of types) actor.send({ type });
  return actor;
}

function pass(actor: AnyActorRef, ms: number): void {
  (actor as unknown as { readonly clock: SimulatedClock }).clock.increment(ms);
}

interface Hosted {
  readonly world: EngineWorld;
  send(type: string): Promise<unknown>;
  log(): Promise<unknown>;
}

/** The same under the engine; `handle` gets it, and the world is closed afterwards. */
async function hosted(
  machine: AnyStateMachine,
  look: (host: Hosted) => Promise<void>,
): Promise<void> {
  await using world = await openWorld({ machines: [machine] });
  await world.engine.start(machine, { id: 'x' });
  await world.time.settle();
  await look({
    world,
    send: (type) => world.engine.actor(machine, 'x').send({ type }),
    log: async () => (await world.engine.actor(machine, 'x').snapshot()).context.log,
  });
}

const logOf = (actor: AnyActorRef): unknown => actor.getSnapshot().context.log;

const shown: Readonly<Record<DeviationId, () => Promise<void>>> = {
  'a step that throws': async () => {
    const machine = createMachine({ on: { GO: { actions: assign(breakWith('no')) } } });
    expect(live(machine, 'GO').getSnapshot().status).toBe('error');
    await hosted(machine, async ({ world, send }) => {
      expect(await errorOf(send('GO'))).toMatchObject({ code: 'STEP_FAILED' });
      expect((await world.engine.actor(machine, 'x').snapshot()).status).toBe('active');
      expect(await world.deadLetters()).toMatchObject([{ reason: 'STEP_FAILED' }]);
    });
  },
  'a step that throws from within': async () => {
    const machine = setup({ actors: { listener } }).createMachine({
      initial: 'a',
      invoke: { src: 'listener', id: 'l' },
      states: { a: { after: { 10: { actions: assign(breakWith('no')) } } } },
    });
    const actor = live(machine);
    pass(actor, 10);
    expect(actor.getSnapshot()).toMatchObject({ status: 'error' });
    await hosted(machine, async ({ world }) => {
      await world.time.advance(10);
      const { status, value } = await world.engine.actor(machine, 'x').snapshot();
      expect({ status, value }).toEqual({ status: 'error', value: 'a' });
      expect((await world.engine.actor(listener, 'x/l').snapshot()).status).toBe('active');
      expect(await world.deadLetters()).toMatchObject([{ reason: 'STEP_FAILED' }]);
    });
  },
  'a start that throws': async () => {
    const machine = createMachine({ entry: assign(breakWith('no')) });
    expect(live(machine).getSnapshot().status).toBe('error');
    await using world = await openWorld({ machines: [machine] });
    const error = await errorOf(world.engine.start(machine, { id: 'x' }));
    expect(error.code).toBe('STEP_FAILED');
    expect(await collect(world.engine.list())).toEqual([]);
  },
  errors: async () => {
    const machine = setup({
      actions,
      actors: { call: fromPromise(() => Promise.reject(new RangeError('no'))) },
    }).createMachine({
      context: { log: [] },
      invoke: { src: 'call', onError: { actions: note(({ event }) => event['error']) } },
    });
    const actor = live(machine);
    await new Promise(setImmediate);
    expect(logOf(actor)).toEqual([new RangeError('no')]);
    await hosted(machine, async ({ log }) => {
      const [error] = (await log()) as readonly object[];
      expect(error).not.toBeInstanceOf(Error);
      expect(error).toMatchObject({ name: 'RangeError', message: 'no', outcome: 'unknown' });
    });
  },
  values: async () => {
    const machine = createMachine({
      context: { gone: undefined, n: 1 },
      on: { GO: { actions: assign({ n: Number.NaN }) } },
    });
    expect('gone' in live(machine).getSnapshot().context).toBe(true);
    expect(live(machine, 'GO').getSnapshot().context.n).toBeNaN();
    await hosted(machine, async ({ world, send }) => {
      expect((await errorOf(send('GO'))).message).toContain('context.n');
      const { context } = await world.engine.actor(machine, 'x').snapshot();
      expect(Object.entries(context)).toEqual([['n', 1]]);
    });
  },
  'a delay armed again': async () => {
    const machine = setup({ actions }).createMachine({
      context: { log: [] },
      on: { ARM: { actions: raise({ type: 'RING' }, { id: 'r', delay: 10 }) }, RING: { actions: noteType } },
    });
    const actor = live(machine, 'ARM', 'ARM');
    pass(actor, 10);
    expect(logOf(actor)).toEqual(['RING', 'RING']);
    await hosted(machine, async ({ world, send, log }) => {
      await send('ARM');
      await send('ARM');
      await world.time.advance(10);
      expect(await log()).toEqual(['RING']);
    });
  },
  'a delay that is no number': async () => {
    const machine = setup({ actions }).createMachine({
      context: { log: [] },
      on: { ARM: { actions: raise({ type: 'RING' }, { delay: Number.POSITIVE_INFINITY }) } },
    });
    expect(live(machine, 'ARM').getSnapshot().status).toBe('active');
    await hosted(machine, async ({ send }) => {
      expect((await errorOf(send('ARM'))).cause).toMatchObject({ code: 'BAD_DURATION' });
    });
  },
  'delays of several actors due together': async () => {
    const bell = createMachine({ entry: sendParent({ type: 'RING' }, { delay: 10 }) });
    const ringing = (id: string): AnyStateMachine =>
      createMachine({
        initial: 'a',
        states: { a: { after: { 10: { target: 'b', actions: sendParent({ type: id }) } } }, b: {} },
      });
    const machine = setup({
      actions,
      actors: { one: ringing('one'), two: ringing('two'), bell },
    }).createMachine({
      context: { log: [] },
      invoke: [
        { src: 'two', id: 'z' },
        { src: 'one', id: 'a' },
      ],
      on: { '*': { actions: noteType } },
    });
    const actor = live(machine);
    pass(actor, 10);
    expect(logOf(actor)).toEqual(['two', 'one']);
    await hosted(machine, async ({ world, log }) => {
      await world.restart('abandon');
      await world.time.advance(10);
      expect(await log()).toEqual(['one', 'two']);
    });
  },
  'a child id in use': async () => {
    const ticking = createMachine({
      initial: 'a',
      states: { a: { after: { 10: { actions: sendParent({ type: 'TICK' }) } } } },
    });
    const machine = setup({ actions, actors: { ticking } }).createMachine({
      context: { log: [] },
      on: { SPAWN: { actions: spawnChild('ticking', { id: 'c' }) }, TICK: { actions: noteType } },
    });
    const actor = live(machine, 'SPAWN', 'SPAWN');
    pass(actor, 10);
    expect(logOf(actor)).toEqual(['TICK', 'TICK']);
    await hosted(machine, async ({ world, send, log }) => {
      await send('SPAWN');
      await send('SPAWN');
      await world.time.advance(10);
      expect(await log()).toEqual(['TICK']);
    });
  },
  'news of a child let go': async () => {
    const child = createMachine({
      initial: 'a',
      states: {
        a: { on: { END: 'b' } },
        b: { type: 'final', entry: sendParent({ type: 'ENDING' }) },
      },
    });
    const machine = setup({ actions, actors: { child } }).createMachine({
      context: { log: [] },
      initial: 'a',
      on: { '*': { actions: noteType } },
      states: {
        a: {
          invoke: { src: 'child', id: 'c' },
          on: { END: { actions: forwardTo('c') }, ENDING: 'b' },
        },
        b: {},
      },
    });
    expect(logOf(live(machine, 'END'))).toEqual(['xstate.done.actor.c']);
    await hosted(machine, async ({ send, log }) => {
      await send('END');
      expect(await log()).toEqual([]);
    });
  },
  'children of a child that breaks': async () => {
    const seen: string[] = [];
    const leaf = setup({ actions: { tick: () => seen.push('tick') } }).createMachine({
      initial: 'a',
      states: { a: { after: { 10: { actions: 'tick' } } } },
    });
    const middle = setup({ actors: { leaf } }).createMachine({
      invoke: { src: 'leaf', id: 'l' },
      on: { GO: { actions: assign(breakWith('no')) } },
    });
    const machine = setup({ actions, actors: { middle } }).createMachine({
      context: { log: [] },
      invoke: { src: 'middle', id: 'm', onError: { actions: noteType } },
      on: { GO: { actions: forwardTo('m') } },
    });
    pass(live(machine, 'GO'), 10);
    expect(seen).toEqual(['tick']);
    await hosted(machine, async ({ world, send }) => {
      seen.length = 0;
      await send('GO');
      await world.time.advance(10);
      expect(seen).toEqual([]);
      expect((await world.engine.actor(leaf, 'x/m/l').snapshot()).status).toBe('stopped');
    });
  },
  'a watched child that ignores an event': async () => {
    const machine = setup({ actions, actors: { child: createMachine({}) } }).createMachine({
      context: { log: [] },
      invoke: { src: 'child', id: 'c', onSnapshot: { actions: noteType } },
      on: { GO: { actions: forwardTo('c') } },
    });
    const told = 'xstate.snapshot.c';
    expect(logOf(live(machine, 'GO'))).toEqual([told, told]);
    await hosted(machine, async ({ send, log }) => {
      await send('GO');
      expect(await log()).toEqual([told]);
    });
  },
  'a reducer that is stopped': async () => {
    const seen: string[] = [];
    const reducer = fromTransition((_, { type }: { readonly type: string }) => seen.push(type), 0);
    const machine = setup({ actors: { reducer } }).createMachine({
      invoke: { src: 'reducer', id: 'r' },
      initial: 'a',
      on: { GO: { actions: stopChild('r') } },
      states: { a: {} },
    });
    live(machine, 'GO');
    expect(seen).toEqual(['xstate.stop']);
    await hosted(machine, async ({ send }) => {
      seen.length = 0;
      await send('GO');
      expect(seen).toEqual([]);
    });
  },
  'custom actions': async () => {
    const seen: number[] = [];
    const machine = setup({
      actions: {
        look: ({ context }) => {
          seen.push(context['n']);
          if (context['n'] > 1) throw new Error('no');
        },
      },
    }).createMachine({
      context: { n: 0 },
      on: { GO: { actions: ['look', assign({ n: ({ context }) => context['n'] + 1 })] } },
    });
    live(machine, 'GO', 'GO');
    expect(seen).toEqual([0, 1]);
    await hosted(machine, async ({ world, send }) => {
      seen.length = 0;
      await send('GO');
      await send('GO');
      await world.time.settle();
      expect(seen).toEqual([1, 2]);
      expect(await world.deadLetters()).toMatchObject([{ reason: 'ACTION_FAILED' }]);
    });
  },
  'sending directly': async () => {
    const machine = setup({ actions, actors: { listener } }).createMachine({
      context: ({ spawn }) => ({ log: [], l: spawn('listener', { id: 'l' }) }),
      on: {
        GO: {
          actions: assign(({ context }) => {
            context['l'].send({ type: 'HI' });
            return {};
          }),
        },
      },
    });
    expect(live(machine, 'GO').getSnapshot().context.l.getSnapshot().context.log).toEqual(['HI']);
    await hosted(machine, async ({ send }) => {
      expect((await errorOf(send('GO'))).cause).toMatchObject({ code: 'SEND_IN_STEP' });
    });
  },
  'snapshots from elsewhere': async () => {
    const other = createActor(listener).start();
    const spy = (ref: () => { getSnapshot(): unknown }): AnyStateMachine =>
      createMachine({
        context: { seen: null },
        on: { GO: { actions: assign({ seen: () => ref().getSnapshot() !== undefined }) } },
      });
    expect(live(spy(() => other), 'GO').getSnapshot().context.seen).toBe(true);
    const { actorRef } = await import('sagawright');
    await hosted(spy(() => actorRef('y')), async ({ send }) => {
      expect((await errorOf(send('GO'))).cause).toMatchObject({ code: 'SNAPSHOT_OUT_OF_TREE' });
    });
  },
  'events of XState from outside': async () => {
    const machine = setup({ actions }).createMachine({
      context: { log: [] },
      on: { '*': { actions: noteType } },
    });
    const forged = 'xstate.done.actor.c';
    expect(logOf(live(machine, forged))).toEqual([forged]);
    await hosted(machine, async ({ send }) => {
      expect((await errorOf(send(forged))).code).toBe('BAD_EVENT');
    });
  },
  'callbacks and observables': async () => {
    let started = 0;
    const machine = setup({
      actors: {
        callback: fromCallback(() => {
          started += 1;
        }),
      },
    }).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { invoke: { src: 'callback' } } },
    });
    live(machine);
    expect(started).toBe(1);
    const inline = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { invoke: { src: fromCallback(() => undefined) } } },
    });
    for (const [each, name] of [
      [machine, '"callback"'],
      [inline, 'state "m.a"'],
    ] as const) {
      const error = await errorOf(openWorld({ machines: [each] }));
      expect(error.code).toBe('MACHINE_UNSUPPORTED');
      expect(error.message).toContain(name);
    }
  },
  'logic spawned inline': async () => {
    const machine = setup({ actions }).createMachine({
      context: { log: [] },
      on: {
        GO: { actions: assign({ ref: ({ spawn }) => spawn(listener, { id: 'l' }) }) },
      },
    });
    expect(Object.keys(live(machine, 'GO').getSnapshot().children)).toEqual(['l']);
    await hosted(machine, async ({ send }) => {
      const { cause } = await errorOf(send('GO'));
      expect(cause).toMatchObject({ code: 'MACHINE_UNSUPPORTED' });
    });
  },
  'eventless transitions without end': async () => {
    const machine = createMachine({
      context: { n: 0 },
      initial: 'a',
      states: {
        a: { on: { GO: 'b' } },
        b: {
          always: {
            guard: ({ context }) => context.n < 15_000,
            actions: assign({ n: ({ context }) => context.n + 1 }),
          },
        },
      },
    });
    expect(live(machine, 'GO').getSnapshot().context.n).toBe(15_000);
    await hosted(machine, async ({ world, send }) => {
      expect((await errorOf(send('GO'))).message).toContain('10000 microsteps');
      expect((await world.engine.actor(machine, 'x').snapshot()).context.n).toBe(0);
    });
  },
  'machines that spawn themselves': async () => {
    const machine = setup({
      actions,
      types: { input: {} as { readonly left: number } | undefined },
    }).createMachine({
      id: 'nested',
      context: ({ input }) => ({ log: [], left: input?.left ?? 30 }),
      initial: 'deciding',
      states: {
        deciding: {
          always: { guard: ({ context }) => context['left'] > 0, target: 'spawning' },
        },
        spawning: {
          invoke: {
            src: 'nested',
            id: 'c',
            input: ({ context }) => ({ left: context['left'] - 1 }),
            onError: { actions: noteType },
          },
        },
      },
    });
    Object.assign(machine.implementations.actors, { nested: machine });
    let deepest = 0;
    for (let actor = live(machine); actor !== undefined; deepest++)
      actor = actor.getSnapshot().children.c;
    expect(deepest).toBe(31);
    await using world = await openWorld({ machines: [machine] });
    await world.engine.start(machine, { id: 'x' });
    expect(await collect(world.engine.list())).toHaveLength(21);
    const last = await world.engine.actor(machine, `x${'/c'.repeat(20)}`).snapshot();
    expect(last.context.log).toEqual([expect.stringContaining('nested at most 20 deep')]);
  },
  'outcomes that come late': async () => {
    const handler = new ScriptedHandler();
    const machine = setup({ actors: { call: effect<unknown, unknown>() } }).createMachine({
      initial: 'a',
      states: { a: { invoke: { src: 'call' }, on: { GO: 'b' } }, b: {} },
    });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const alive = live(machine.provide({ actors: { call: fromPromise(() => promise) } }), 'GO');
    resolve('late');
    await new Promise(setImmediate);
    expect(alive.getSnapshot().value).toBe('b');
    await using world = await openWorld({ machines: [machine], handlers: { call: handler.run } });
    const actor = await world.engine.start(machine, { id: 'x' });
    await actor.send({ type: 'GO' });
    handler.last.resolve('late');
    await world.time.settle();
    expect(await world.history('x')).toContain('noted effect.late');
    expect(await world.deadLetters()).toMatchObject([{ reason: 'LATE_SUCCESS' }]);
  },
  'all names of the system': async () => {
    const machine = setup({ actors: { listener } }).createMachine({
      context: { names: [], one: '' },
      invoke: { src: 'listener', id: 'l', systemId: 'it' },
      on: {
        GO: {
          actions: assign({
            names: ({ system }) => Object.keys(system.getAll()),
            one: ({ system }) => system.get('it')?.id,
          }),
        },
      },
    });
    expect(live(machine, 'GO').getSnapshot().context).toMatchObject({ names: ['it'], one: 'l' });
    await hosted(machine, async ({ world, send }) => {
      await send('GO');
      const { context } = await world.engine.actor(machine, 'x').snapshot();
      expect(context).toMatchObject({ names: [], one: 'l' });
    });
  },
};

describe('the engine deviates on purpose', () => {
  // XState warns of each event that reaches a child which has ended.
  beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined));
  afterAll(() => void vi.restoreAllMocks());

  it.each(Object.keys(deviations) as DeviationId[])('in %s', (id) => shown[id]());
});
