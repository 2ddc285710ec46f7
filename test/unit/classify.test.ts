// What a machine's children are, read at registration; and what the engine refuses to host, with the
// name of the state, before anything has run.

import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  createMachine,
  fromCallback,
  fromEventObservable,
  fromObservable,
  fromPromise,
  fromTransition,
  setup,
} from 'xstate';
import { effect } from '../../src/effects/effect.ts';
import { ask } from '../../src/step/ask.ts';
import { hostMachine, MAX_MICROSTEPS } from '../../src/step/classify.ts';
import { EngineSteps } from './charts/engine-steps.ts';

const nothing = { subscribe: () => ({ unsubscribe: () => undefined }) };

function kinds(machine: AnyStateMachine, handlers: Readonly<Record<string, never>> = {}): unknown {
  const { sources } = hostMachine(machine, handlers);
  return Object.fromEntries([...sources].map(([src, { kind }]) => [src, kind]));
}

describe('the children of a machine', () => {
  const inner = createMachine({ id: 'inner' });

  it('are told apart by what their logic does', () => {
    const machine = setup({
      actors: {
        charge: effect({ retry: { attempts: 4 } }),
        plain: fromPromise(async () => 1),
        askOrder: ask(() => ({ to: 'order', event: { type: 'X' } })),
        inner,
        counter: fromTransition((count: number) => count + 1, 0),
      },
    }).createMachine({});
    expect(kinds(machine)).toEqual({
      charge: 'effect',
      plain: 'effect',
      askOrder: 'ask',
      inner: 'actor',
      counter: 'actor',
    });
  });

  it('carry their policy, and a plain promise one attempt', () => {
    const machine = setup({
      actors: { charge: effect({ retry: { attempts: 4 } }), plain: fromPromise(async () => 1) },
    }).createMachine({});
    const { sources } = hostMachine(machine, {});
    expect(sources.get('charge')).toMatchObject({ policy: { attempts: 4 }, creator: null });
    expect(sources.get('plain')).toMatchObject({
      policy: { attempts: 1 },
      creator: expect.any(Function),
    });
  });

  it('may be inline in the invoke, of any kind that can be hosted', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: {
          invoke: [
            { src: fromPromise(async () => 1) },
            { src: inner },
            { src: effect({}, async () => 1) },
          ],
        },
      },
    });
    expect(kinds(machine)).toEqual({
      'xstate.invoke.0.m.a': 'effect',
      'xstate.invoke.1.m.a': 'actor',
      'xstate.invoke.2.m.a': 'effect',
    });
  });

  it('may have their code only in the engine’s handlers', () => {
    const machine = createMachine({ invoke: { src: 'charge' } });
    expect(kinds(machine, { charge: (() => undefined) as never })).toEqual({ charge: 'effect' });
    expect(() => kinds(machine)).toThrow(
      expect.objectContaining({
        code: 'MACHINE_UNSUPPORTED',
        message: expect.stringMatching(/names "charge", which has neither logic nor a handler/),
      }),
    );
  });

  it('of a child machine are hosted with it, under the names of their parents', () => {
    const leaf = createMachine({ id: 'leaf', version: '3' });
    const middle = setup({ actors: { leaf } }).createMachine({ id: 'middle' });
    const top = setup({ actors: { middle } }).createMachine({ id: 'top', version: '2' });
    const { sources, name, version } = hostMachine(top, {});
    expect([name, version]).toEqual(['top', '2']);
    const hosted = sources.get('middle');
    expect(hosted).toMatchObject({ logic: { name: 'top/middle', version: '2' } });
    const below = hosted?.kind === 'actor' ? hosted.logic.sources.get('leaf') : undefined;
    expect(below).toMatchObject({ logic: { name: 'top/middle/leaf', version: '2' } });
  });

  it('may be of the machine itself', () => {
    const machine = setup({ actors: { self: inner } }).createMachine({ id: 'tree' });
    const tree = machine.provide({ actors: { self: machine as never } });
    machine.implementations.actors['self'] = machine;
    const logic = hostMachine(machine, {});
    expect(logic.sources.get('self')).toEqual({ kind: 'actor', logic });
    expect(() => hostMachine(tree, {})).not.toThrow();
  });

  it.each([
    ['a callback', fromCallback(() => undefined)],
    ['an observable', fromObservable(() => nothing as never)],
    ['an observable of events', fromEventObservable(() => nothing as never)],
  ])('cannot be %s, which would lose its progress in a crash', (_, logic) => {
    const invoked = createMachine({
      id: 'm',
      initial: 'listening',
      states: { listening: { invoke: { id: 'listener', src: logic } } },
    });
    expect(() => hostMachine(invoked, {})).toThrow(
      expect.objectContaining({
        code: 'MACHINE_UNSUPPORTED',
        message: expect.stringMatching(/"listener" in state "m\.listening"/),
      }),
    );
    const named = setup({ actors: { listener: logic } }).createMachine({ id: 'm' });
    expect(() => hostMachine(named, {})).toThrow(/the actor "listener"/);
  });

  it('of a child that cannot be hosted make the parent impossible too', () => {
    const bad = setup({ actors: { listener: fromCallback(() => undefined) } }).createMachine({});
    const machine = setup({ actors: { bad } }).createMachine({ id: 'top' });
    expect(() => hostMachine(machine, {})).toThrow(/"top\/bad".*"listener"/);
  });
});

describe('a hosted machine', () => {
  it('takes no actions under XState’s own prefix', () => {
    const machine = createMachine({}).provide({ actions: { 'xstate.raise': () => undefined } });
    expect(() => hostMachine(machine, {})).toThrow(
      expect.objectContaining({ code: 'MACHINE_UNSUPPORTED' }),
    );
  });

  it('is version 1 when it does not say', () => {
    expect(hostMachine(createMachine({ id: 'm' }), {}).version).toBe('1');
  });

  it('keeps a tighter bound on microsteps of its own, and gets one otherwise', () => {
    const bounded = createMachine({ id: 'm', options: { maxIterations: 7 } } as never);
    const boundOf = (machine: AnyStateMachine): unknown => {
      const logic = hostMachine(machine, {});
      return logic.kind === 'machine' ? logic.machine.options.maxIterations : null;
    };
    expect(boundOf(bounded)).toBe(7);
    expect(boundOf(createMachine({}))).toBe(MAX_MICROSTEPS);
  });

  it('leaves the machine that it was given as it was', () => {
    const task = fromPromise(async () => 1);
    const machine = setup({ actors: { task } }).createMachine({ invoke: { src: 'task' } });
    const { maxIterations } = machine.options;
    hostMachine(machine, {});
    expect(machine.implementations.actors['task']).toBe(task);
    expect(machine.options.maxIterations).toBe(maxIterations);
  });

  it('of transition logic is stepped as its reducer says', () => {
    const counter = fromTransition(
      (count: number, event: { type: string }) => (event.type === 'ADD' ? count + 1 : count),
      10,
    );
    const { sources } = hostMachine(setup({ actors: { counter } }).createMachine({ id: 'm' }), {});
    const source = sources.get('counter');
    if (source?.kind !== 'actor') throw new Error('Expected an actor.');
    const steps = new EngineSteps(source.logic, 'parent/counter');
    steps.start();
    expect(steps.take({ type: 'ADD' })).toMatchObject({ handled: true, stored: { context: 11 } });
    steps.restore();
    steps.take({ type: 'ADD' });
    expect(steps.state.stored).toEqual({ context: 12 });
  });
});
