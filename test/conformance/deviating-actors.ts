// What differs in the lives of actors: errors, delays, children and how they end.

import { expect } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  createActor,
  createMachine,
  emit,
  forwardTo,
  fromTransition,
  raise,
  SimulatedClock,
  sendParent,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { collect, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { actions, breakWith, listener, noteType } from '../unit/charts/noted.ts';
import { hosted, live, logOf, pass } from './deviation-hosts.ts';
import type { DeviationId } from './deviations.ts';

export const deviatingActors: Partial<Record<DeviationId, () => Promise<void>>> = {
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
  'a delay armed again': async () => {
    const machine = setup({ actions }).createMachine({
      context: { log: [] },
      on: {
        ARM: { actions: raise({ type: 'RING' }, { id: 'r', delay: 10 }) },
        RING: { actions: noteType },
      },
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
  'a child stopped in the middle of its step': async () => {
    const leaf = createMachine({ entry: emit({ type: 'born' }) });
    const child = setup({ actors: { leaf } }).createMachine({
      initial: 'a',
      states: {
        a: {
          after: {
            10: { actions: [sendParent({ type: 'STOP' }), spawnChild('leaf', { id: 'l' })] },
          },
        },
      },
    });
    const machine = setup({ actors: { child } }).createMachine({
      initial: 'a',
      states: { a: { invoke: { src: 'child', id: 'c' }, on: { STOP: 'b' } }, b: {} },
    });
    const seen: string[] = [];
    const clock = new SimulatedClock();
    const alive = createActor(machine, {
      clock,
      inspect: (inspected) => {
        if (inspected.type === '@xstate.action') seen.push(inspected.action.type);
      },
    });
    alive.start();
    clock.increment(10);
    expect(seen).toContain('xstate.emit');
    await hosted(machine, async ({ world }) => {
      await world.time.advance(10);
      const ids = (await collect(world.engine.list())).map(({ id, status }) => `${id} ${status}`);
      expect(ids).toEqual(['x active', 'x/c stopped']);
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
};
