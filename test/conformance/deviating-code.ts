// What differs in what code may do: values, actions, direct calls, logic of other kinds, bounds.

import { actorRef, effect } from 'sagawright';
import { expect } from 'vitest';
import {
  type AnyActorRef,
  type AnyStateMachine,
  assign,
  createActor,
  createMachine,
  fromCallback,
  fromPromise,
  setup,
} from 'xstate';
import { collect, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { type Args, actions, listener, note, noteType } from '../unit/charts/noted.ts';
import { hosted, live, logOf, pass } from './deviation-hosts.ts';
import type { DeviationId } from './deviations.ts';

/** As machines without declared actors spawn. */
type AnySpawn = (logic: AnyStateMachine, options: { readonly id: string }) => unknown;

export const deviatingCode: Partial<Record<DeviationId, () => Promise<void>>> = {
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
    expect(
      live(
        spy(() => other),
        'GO',
      ).getSnapshot().context.seen,
    ).toBe(true);
    await hosted(
      spy(() => actorRef('y')),
      async ({ send }) => {
        expect((await errorOf(send('GO'))).cause).toMatchObject({ code: 'SNAPSHOT_OUT_OF_TREE' });
      },
    );
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
        GO: {
          actions: assign({ ref: ({ spawn }) => (spawn as AnySpawn)(listener, { id: 'l' }) }),
        },
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
    // Filled once the machine is there.
    const actors: Record<string, AnyStateMachine> = {};
    const machine: AnyStateMachine = setup({
      actions,
      actors,
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
            input: ({ context }: Args) => ({ left: context['left'] - 1 }),
            onError: { actions: noteType },
          },
        },
      },
    });
    Object.assign(machine.implementations.actors, { nested: machine });
    let deepest = 0;
    for (let actor: AnyActorRef | undefined = live(machine); actor !== undefined; deepest++)
      actor = actor.getSnapshot().children['c'];
    expect(deepest).toBe(31);
    await using world = await openWorld({ machines: [machine] });
    await world.engine.start(machine, { id: 'x' });
    expect(await collect(world.engine.list())).toHaveLength(21);
    const last = await world.engine.actor(machine, `x${'/c'.repeat(20)}`).snapshot();
    expect(last.context['log']).toEqual([expect.stringContaining('nested at most 20 deep')]);
  },
  'calls without end': async () => {
    const machine = setup({
      actions,
      actors: { call: fromPromise(() => new Promise<never>(() => undefined)) },
    }).createMachine({
      context: { log: [] },
      invoke: { src: 'call', onError: { actions: note(({ event }) => event['error'].code) } },
    });
    const actor = live(machine);
    pass(actor, 30_000);
    expect(logOf(actor)).toEqual([]);
    await hosted(machine, async ({ world, log }) => {
      await world.time.advance(30_000);
      expect(await log()).toEqual(['TIMEOUT']);
    });
  },
  'outcomes that come late': async () => {
    const handler = new ScriptedHandler();
    const machine = setup({ actors: { call: effect<unknown, unknown>() } }).createMachine({
      initial: 'a',
      states: { a: { invoke: { src: 'call' }, on: { GO: 'b' } }, b: {} },
    });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const alive = live(
      (machine as AnyStateMachine).provide({ actors: { call: fromPromise(() => promise) } }),
      'GO',
    );
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
