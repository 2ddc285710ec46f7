// What a step does where XState alone cannot say: durable names, references, refusals, and where the
// engine departs from XState on purpose. That it otherwise does the same is shown by xstate.test.ts.

import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  assign,
  createMachine,
  emit,
  fromPromise,
  raise,
  sendParent,
  sendTo,
  setup,
} from 'xstate';
import { MAX_MICROSTEPS } from '../../src/step/classify.ts';
import type { Instruction } from '../../src/step/instruction.ts';
import { EngineSteps } from './charts/engine-steps.ts';

const never = fromPromise<unknown, unknown>(() => new Promise<never>(() => undefined));

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

describe('whether a step handles its event', () => {
  const machine = createMachine({
    context: { count: 0 },
    initial: 'a',
    states: {
      a: {
        on: {
          KNOWN: { actions: assign({ count: 1 }) },
          FORBIDDEN: {},
          GUARDED: { guard: () => false, target: 'b' },
          'order.*': { actions: assign({ count: 2 }) },
        },
      },
      b: {},
    },
  });

  it.each([
    ['a known event', 'KNOWN', true],
    ['a forbidden event, which means something by doing nothing', 'FORBIDDEN', true],
    ['an event of a partial descriptor', 'order.paid.late', true],
    ['an event whose guard refuses', 'GUARDED', false],
    ['an unknown event', 'UNKNOWN', false],
  ])('%s: %s', (_, type, handled) => {
    expect(started(machine).take({ type }).handled).toBe(handled);
  });

  it('changes nothing when it is not', () => {
    const steps = started(machine);
    const { stored } = steps.state;
    const result = steps.take({ type: 'UNKNOWN' });
    expect(result.instructions).toEqual([]);
    expect(result.stored).toEqual(stored);
  });

  it('is said of a wildcard and of an event that only a region takes', () => {
    const anything = createMachine({ on: { '*': { actions: emit({ type: 'seen' }) } } });
    expect(started(anything).take({ type: 'WHATEVER' }).handled).toBe(true);
    const regions = createMachine({
      type: 'parallel',
      states: { x: { on: { X: {} } }, y: { initial: 'one', states: { one: { on: { Y: {} } } } } },
    });
    expect(started(regions).take({ type: 'Y' }).handled).toBe(true);
  });
});

describe('a step that fails', () => {
  const machine = setup({ actors: { task: never } }).createMachine({
    context: { n: 1 },
    invoke: { src: 'task', id: 'task' },
    on: {
      THROW: { actions: [emit({ type: 'before' }), raise({ type: 'BOOM' }), assign({ n: 2 })] },
      BOOM: {
        guard: ({ context }) => context['n'] === 2,
        actions: assign(() => {
          throw new Error('no');
        }),
      },
      LOOP: { actions: raise({ type: 'LOOP' }) },
      NAN: { actions: assign({ n: Number.NaN }) },
      DATE: { actions: assign({ deep: () => ({ at: [new Date(0)] }) }) },
      TYPELESS: { actions: emit({} as never) },
      NOBODY: { actions: sendTo('nobody', { type: 'HI' }) },
      PARENT: { actions: sendParent({ type: 'HI' }) },
    },
  });

  it('leaves the actor, its children and its timers as they were', () => {
    const steps = started(machine);
    const before = steps.state;
    expect(() => steps.take({ type: 'THROW' })).toThrow('no');
    expect(steps.state).toBe(before);
    expect(Object.keys(steps.state.snapshot.children ?? {})).toEqual(['task']);
  });

  it('on an error event that nothing handles does not become XState’s error state', () => {
    const steps = started(machine);
    const error = { name: 'Error', message: 'broken' };
    expect(() => steps.take({ type: 'xstate.error.actor.task', error } as never)).toThrow(
      expect.objectContaining(error),
    );
    expect(steps.state.status).toBe('active');
    expect(steps.state.children).toHaveProperty('task');
  });

  it('is bounded where it would go round for ever', () => {
    expect(() => started(machine).take({ type: 'LOOP' })).toThrow(`${MAX_MICROSTEPS} microsteps`);
    const always = createMachine({
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    });
    expect(() => started(always).take({ type: 'GO' })).toThrow(`${MAX_MICROSTEPS} microsteps`);
  });

  it.each([
    ['NAN', 'BAD_VALUE', /context\.n/],
    ['DATE', 'BAD_VALUE', /context\.deep\.at\[0\]/],
    ['TYPELESS', 'BAD_EVENT', /emit/],
  ])('on %s says %s and where', (type, code, where) => {
    const steps = started(machine);
    expect(() => steps.take({ type })).toThrow(expect.objectContaining({ code }));
    expect(() => steps.take({ type })).toThrow(where);
  });

  it.each(['NOBODY', 'PARENT'])('because there is %s to send to', (type) => {
    expect(() => started(machine).take({ type })).toThrow(/Unable to send event to actor/);
  });

  it('at its start leaves no actor', () => {
    const factory = createMachine({
      context: () => {
        throw new Error('bad input');
      },
    });
    const steps = new EngineSteps(factory);
    expect(() => steps.start()).toThrow('bad input');
    expect(() => steps.state).toThrow();
  });
});

describe('actions of a step', () => {
  it('that are named are kept with their parameters and event; inline ones cannot be', () => {
    const ran: unknown[] = [];
    const machine = setup({
      actions: { note: (_, params: { readonly n: number }) => ran.push(params) },
    }).createMachine({
      on: {
        GO: {
          actions: [
            { type: 'note', params: ({ event }) => ({ n: event['n'] }) },
            ({ event }) => ran.push(event.type),
          ],
        },
      },
    });
    const asked = ofType(started(machine).take({ type: 'GO', n: 3 } as never), 'runAction');
    const event = { type: 'GO', n: 3 };
    expect(asked).toMatchObject([
      { name: 'note', params: { n: 3 }, event, inline: null },
      { event },
    ]);
    expect(ran).toEqual([]);
    asked[1]?.inline?.();
    expect(ran).toEqual(['GO']);
  });

  it('without an implementation are warned of', () => {
    const machine = createMachine({ on: { GO: { actions: 'missing' } } });
    expect(ofType(started(machine).take({ type: 'GO' }), 'warning')).toMatchObject([
      { message: expect.stringContaining('"missing"') },
    ]);
  });

  it('that escalate reach the parent as the child’s error', () => {
    const machine = createMachine({
      on: { FAIL: { actions: sendParent({ type: 'xstate.error', data: { message: 'no' } }) } },
    });
    const steps = new EngineSteps(machine, 'parent/child');
    steps.start();
    expect(ofType(steps.take({ type: 'FAIL' }), 'send')).toMatchObject([
      {
        to: { address: 'parent' },
        event: { type: 'xstate.error.actor.child', error: { message: 'no' }, actorId: 'child' },
      },
    ]);
  });
});

describe('what a step keeps', () => {
  it('is in memory what a reload would give: no undefined members, no minus zero', () => {
    const machine = createMachine({
      context: { a: 1, b: 2 },
      on: {
        GO: { actions: assign(() => ({ a: undefined, b: -0, c: { d: undefined } }) as never) },
      },
    });
    const steps = started(machine);
    const { snapshot } = steps.take({ type: 'GO' });
    expect(Object.keys(snapshot.context as object)).toEqual(['b', 'c']);
    expect(Object.is((snapshot.context as { b: number }).b, 0)).toBe(true);
    const { context } = snapshot;
    steps.restore();
    expect(steps.state.snapshot.context).toStrictEqual(context);
  });

  it('shares what the step has not changed', () => {
    const machine = createMachine({
      context: { items: [{ sku: 'x' }], n: 0 },
      on: { GO: { actions: assign({ n: ({ context }) => context['n'] + 1 }) } },
    });
    const steps = started(machine);
    const before = steps.state.stored.context as { items: unknown };
    steps.take({ type: 'GO' });
    const after = steps.state.stored.context as { items: unknown };
    expect(after).not.toBe(before);
    expect(after.items).toBe(before.items);
  });

  it('is the same for the same state and event', () => {
    const machine = setup({ actors: { task: never } }).createMachine({
      context: { n: 0 },
      initial: 'a',
      states: {
        a: {
          on: { GO: { target: 'b', actions: assign({ n: ({ context }) => context['n'] + 1 }) } },
        },
        b: { invoke: { src: 'task' }, after: { 10: 'a' } },
      },
    });
    const steps = started(machine);
    const before = steps.state;
    const results = [1, 2].map(() => {
      steps.state = before;
      const { stored, children, instructions } = steps.take({ type: 'GO' });
      return { stored, children, instructions };
    });
    expect(results[0]).toEqual(results[1]);
    expect(before.stored).toEqual({ value: 'a', context: { n: 0 } });
  });
});
