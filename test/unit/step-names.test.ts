// The durable names that a step gives: to timers, to children and to references, the same whenever it is
// repeated and after a reload, where XState would make them up.

import { describe, expect, it } from 'vitest';
import {
  type AnyActorRef,
  type AnyStateMachine,
  assign,
  cancel,
  createMachine,
  fromPromise,
  raise,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { ActorHandle } from '../../src/step/handle.ts';
import type { Instruction } from '../../src/step/instruction.ts';
import { EngineSteps } from './charts/engine-steps.ts';

const never = fromPromise<unknown, unknown>(() => new Promise<never>(() => undefined));
const inner = createMachine({ id: 'inner' });

function started(machine: AnyStateMachine, input?: unknown): EngineSteps {
  const steps = new EngineSteps(machine);
  steps.start(input);
  return steps;
}

function ofType<Type extends Instruction['type']>(
  { instructions }: { readonly instructions: readonly Instruction[] },
  type: Type,
): readonly Extract<Instruction, { type: Type }>[] {
  return instructions.filter(
    (instruction): instruction is Extract<Instruction, { type: Type }> => instruction.type === type,
  );
}

describe('timers of a step', () => {
  const delayed = (delay: number): AnyStateMachine =>
    createMachine({ on: { ARM: { actions: raise({ type: 'RING' }, { delay }) } } });

  it('get the same names whenever the step is repeated, and different ones in one step', () => {
    const machine = createMachine({
      on: {
        ARM: { actions: [raise({ type: 'A' }, { delay: 1 }), raise({ type: 'B' }, { delay: 1 })] },
      },
    });
    const names = [started(machine), started(machine)].map((steps) =>
      ofType(steps.take({ type: 'ARM' }), 'armTimer').map(({ id }) => id),
    );
    expect(names[0]).toEqual(names[1]);
    expect(new Set(names[0]).size).toBe(2);
  });

  it('replace one armed under the same id, and are told apart by generation', () => {
    const machine = createMachine({
      on: { ARM: { actions: raise({ type: 'RING' }, { id: 'ring', delay: 50 }) } },
    });
    const steps = started(machine);
    steps.take({ type: 'ARM' }, 100);
    const first = steps.state.timers['ring'];
    steps.take({ type: 'ARM' }, 120);
    const { timers } = steps.state;
    expect(Object.keys(timers)).toEqual(['ring']);
    expect(timers['ring']).toMatchObject({ dueAt: 170, generation: 2, to: null });
    expect(first).toMatchObject({ dueAt: 150, generation: 1 });
  });

  it('are told apart from those armed before a reload', () => {
    const machine = createMachine({
      on: {
        ARM: { actions: raise({ type: 'RING' }, { id: 'ring', delay: 50 }) },
        CANCEL: { actions: cancel('ring') },
      },
    });
    const steps = started(machine);
    steps.take({ type: 'ARM' });
    steps.take({ type: 'CANCEL' });
    steps.restore();
    steps.take({ type: 'ARM' });
    expect(steps.state.timers['ring']).toMatchObject({ generation: 2 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'are refused with a delay of %s',
    (delay) => {
      expect(() => started(delayed(delay)).take({ type: 'ARM' })).toThrow(
        expect.objectContaining({ code: 'BAD_DURATION' }),
      );
    },
  );

  it('take a negative delay as none', () => {
    const armed = ofType(started(delayed(-5)).take({ type: 'ARM' }), 'armTimer');
    expect(armed).toMatchObject([{ delayMs: 0 }]);
  });

  it('may lie further away than Node’s own timers reach', () => {
    const steps = started(delayed(2 ** 31 * 4));
    steps.take({ type: 'ARM' }, 1_000);
    expect(Object.values(steps.state.timers)).toMatchObject([{ dueAt: 1_000 + 2 ** 33 }]);
  });

  it('go to the child that was meant, by its generation', () => {
    const machine = setup({ actors: { inner } }).createMachine({
      invoke: { src: 'inner', id: 'child' },
      on: { ARM: { actions: sendTo('child', { type: 'RING' }, { id: 'ring', delay: 5 }) } },
    });
    const steps = started(machine);
    const [timer] = ofType(steps.take({ type: 'ARM' }), 'armTimer');
    expect(timer?.to).toEqual({ address: 'actor/child', generation: 1 });
  });

  it('and effects are all stopped when the actor ends', () => {
    const machine = setup({ actors: { task: never } }).createMachine({
      initial: 'a',
      entry: raise({ type: 'RING' }, { id: 'ring', delay: 5 }),
      states: {
        a: { invoke: { src: 'task', id: 'own' }, after: { 10: 'b' }, on: { END: 'b' } },
        b: { type: 'final' },
      },
      invoke: { src: 'task', id: 'outer' },
    });
    const steps = started(machine);
    expect(Object.keys(steps.state.effects).sort()).toEqual(['outer', 'own']);
    steps.take({ type: 'END' });
    expect(steps.state).toMatchObject({ status: 'done', timers: {}, effects: {} });
  });
});

describe('children of a step', () => {
  const machine = setup({ actors: { task: never, inner } }).createMachine({
    context: { n: 0 },
    on: {
      SPAWN: { actions: spawnChild('inner', { id: 'child' }) },
      BOTH: { actions: [spawnChild('inner', { id: 'brief' }), stopChild('brief')] },
      UNNAMED: { actions: assign({ ref: ({ spawn }) => spawn('task') }) },
      UNNAMED_ACTION: { actions: spawnChild('task') },
    },
  });

  it('replace one that runs under the same id: it is stopped first', () => {
    const steps = started(machine);
    steps.take({ type: 'SPAWN' });
    const { instructions } = steps.take({ type: 'SPAWN' });
    expect(instructions).toMatchObject([
      { type: 'stopChild', id: 'child', generation: 2 },
      { type: 'startChild', id: 'child', src: 'inner' },
    ]);
    expect(steps.state.children).toMatchObject({ child: { generation: 3, status: 'active' } });
  });

  it('were never there when the step that made them stops them', () => {
    const steps = started(machine);
    expect(steps.take({ type: 'BOTH' })).toMatchObject({ handled: true, instructions: [] });
    expect(steps.state.children).toEqual({});
  });

  it('get the same generated id whenever the step is repeated, and another in the next step', () => {
    const [first, second] = [started(machine), started(machine)];
    const idOf = (steps: EngineSteps): unknown =>
      ofType(steps.take({ type: 'UNNAMED' }), 'startChild')[0]?.id;
    const id = idOf(first);
    expect(idOf(second)).toBe(id);
    expect(idOf(second)).not.toBe(id);
  });

  it('spawned by an action without an id are each kept under their own', () => {
    const steps = started(machine);
    steps.take({ type: 'UNNAMED_ACTION' });
    steps.take({ type: 'UNNAMED_ACTION' });
    expect(Object.keys(steps.state.children)).toHaveLength(2);
    expect(Object.keys(steps.state.children)).not.toContain('undefined');
  });

  it('are refused when their logic has no name, because it could not be found after a restart', () => {
    const inline = createMachine({
      context: {},
      on: { SPAWN: { actions: assign({ ref: ({ spawn }) => spawn(never) }) } },
    });
    expect(() => started(inline).take({ type: 'SPAWN' })).toThrow(
      expect.objectContaining({ code: 'MACHINE_UNSUPPORTED' }),
    );
  });

  it('are refused when nothing stands behind their name', () => {
    const nameless = createMachine({ on: { SPAWN: { actions: spawnChild('nothing' as never) } } });
    expect(() => started(nameless).take({ type: 'SPAWN' })).toThrow(/logic behind "nothing"/);
  });

  it('are not run by a step: no creator, no child machine, no context factory again', () => {
    const ran: string[] = [];
    const counting = setup({
      actors: {
        task: fromPromise(async () => ran.push('task')),
        child: createMachine({
          context: () => ({ ran: ran.push('child') }),
          entry: () => ran.push('entry'),
        }),
      },
    }).createMachine({
      context: () => ({ ran: ran.push('context') }),
      invoke: [
        { src: 'task', id: 'task' },
        { src: 'child', id: 'child' },
      ],
      on: { PING: { actions: spawnChild('child', { id: 'second' }) } },
    });
    const steps = started(counting);
    steps.take({ type: 'PING' });
    steps.restore();
    expect(ran).toEqual(['context']);
  });

  it('that have ended can still be sent to and stopped after a reload', () => {
    const telling = setup({ actors: { inner } }).createMachine({
      initial: 'a',
      states: {
        a: {
          invoke: { src: 'inner', id: 'child' },
          on: { TELL: { actions: sendTo('child', { type: 'HI' }) }, LEAVE: 'b' },
        },
        b: {},
      },
    });
    const steps = started(telling);
    const { children } = steps.state;
    const child = children['child'];
    if (child === undefined) throw new Error('Expected the child.');
    steps.state = { ...steps.state, children: { child: { ...child, status: 'done', output: 1 } } };
    steps.restore();
    const target = { address: 'actor/child', generation: 1 };
    expect(ofType(steps.take({ type: 'TELL' }), 'send')).toMatchObject([{ to: target }]);
    expect(ofType(steps.take({ type: 'LEAVE' }), 'stopChild')).toMatchObject([{ id: 'child' }]);
    expect(steps.state.children).toEqual({});
  });
});

describe('references in a step', () => {
  const machine = setup({ actors: { inner } }).createMachine({
    context: ({ self, spawn }) => ({
      self: self as unknown as AnyActorRef,
      child: spawn('inner', { id: 'child' }),
      list: [{ deep: self as unknown as AnyActorRef }],
    }),
    on: {
      KEEP: { actions: assign({ other: ({ event }) => event['ref'] }) },
      TELL: {
        actions: sendTo(
          ({ context }) => context['child'],
          ({ self }) => ({ type: 'HI', from: self }),
        ),
      },
    },
  });

  it('are stored as addresses and given back as handles', () => {
    const steps = started(machine);
    expect(JSON.parse(steps.record.snapshot)).toMatchObject({
      context: {
        self: { address: 'actor', generation: null },
        child: { address: 'actor/child', generation: 1 },
      },
    });
    steps.restore();
    const { context } = steps.state.snapshot as { context: Record<string, unknown> };
    expect(context['self']).toBe(steps.state.self);
    expect(context['child']).toBeInstanceOf(ActorHandle);
    expect(context['child']).toBe(steps.state.snapshot.children?.['child']);
  });

  it('in events are addresses on their way and handles for whoever reads them', () => {
    const steps = started(machine);
    const [sent] = ofType(steps.take({ type: 'TELL' }), 'send');
    expect(sent?.event).toEqual({
      type: 'HI',
      from: { xstate$$type: 1, id: 'actor', address: 'actor', generation: null },
    });
    steps.take({
      type: 'KEEP',
      ref: { xstate$$type: 1, id: 'x', address: 'elsewhere/x', generation: 4 },
    } as never);
    const { context } = steps.state.snapshot as { context: Record<string, unknown> };
    expect(context['other']).toMatchObject({ address: 'elsewhere/x', generation: 4 });
  });

  it('cannot be sent to directly, subscribed to or stopped', () => {
    const { self } = started(machine).state;
    const refused = expect.objectContaining({ code: 'SEND_IN_STEP' });
    for (const act of [
      () => self.send(),
      () => self.subscribe(),
      () => self.on(),
      () => self.stop(),
    ]) {
      expect(act).toThrow(refused);
    }
    const sending = createMachine({
      on: { GO: { actions: assign({ sent: ({ self: own }) => own.send({ type: 'X' }) }) } },
    });
    expect(() => started(sending).take({ type: 'GO' })).toThrow(refused);
  });

  it('show their snapshots to guards inside a step, and only there', () => {
    const looking = setup({ actors: { task: never } }).createMachine({
      context: ({ spawn }) => ({ task: spawn('task', { id: 'task' }) }),
      initial: 'a',
      states: {
        a: {
          on: {
            LOOK: {
              guard: ({ context }) => context['task'].getSnapshot().status === 'active',
              target: 'b',
            },
          },
        },
        b: {},
      },
    });
    const steps = started(looking);
    const { task } = (steps.state.snapshot as { context: { task: AnyActorRef } }).context;
    expect(() => task.getSnapshot()).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_OUT_OF_TREE' }),
    );
    steps.take({ type: 'LOOK' });
    expect(steps.state.stored.value).toBe('b');
  });
});
