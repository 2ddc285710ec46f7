// What changes a chart's fingerprint, and what does not.

import { describe, expect, it } from 'vitest';
import { and, assign, createMachine, fromPromise, not, raise } from 'xstate';
import { hostMachine } from '../../src/step/classify.ts';
import { fingerprintOf, isChanged } from '../../src/step/fingerprint.ts';

type Config = Parameters<typeof createMachine>[0];

const base = {
  id: 'order',
  initial: 'A',
  states: {
    A: {
      invoke: { src: 'charge', onDone: 'B' },
      after: { 1000: 'B' },
      entry: 'note',
      on: { GO: { target: 'B', guard: 'may', actions: ['note'] } },
    },
    B: { type: 'parallel', states: { p: { initial: 'x', states: { x: {}, y: {} } }, q: {} } },
    C: { type: 'final' },
  },
} as const;

const charge = fromPromise(async () => 1);

function print(config: unknown): string {
  const machine = createMachine(config as Config).provide({ actors: { charge } as never });
  return fingerprintOf(hostMachine(machine, {}));
}

function withA(changes: object): unknown {
  return { ...base, states: { ...base.states, A: { ...base.states.A, ...changes } } };
}

describe('a fingerprint', () => {
  it('is the same for the same chart, whatever the code behind its names', () => {
    const other = createMachine(base as unknown as Config).provide({
      actors: { charge: fromPromise(async () => 2) } as never,
      guards: { may: () => false } as never,
    });
    expect(fingerprintOf(hostMachine(other, {}))).toBe(print(base));
    expect(print({ ...base, context: { more: 1 }, description: 'words' })).toBe(print(base));
  });

  it.each<[what: string, config: unknown]>([
    ['a state is added', { ...base, states: { ...base.states, D: {} } }],
    ['the initial state is another', { ...base, initial: 'B' }],
    ['a target is another', withA({ on: { GO: { ...base.states.A.on.GO, target: 'C' } } })],
    ['a guard is another', withA({ on: { GO: { ...base.states.A.on.GO, guard: 'might' } } })],
    [
      'a guard is joined with others',
      withA({ on: { GO: { ...base.states.A.on.GO, guard: and(['may', not('never')]) } } }),
    ],
    ['an action is another', withA({ on: { GO: { ...base.states.A.on.GO, actions: ['tell'] } } })],
    ['an action of XState comes in', withA({ exit: assign({}) })],
    ['an entry action is gone', withA({ entry: [] })],
    ['an event is renamed', withA({ on: { STOP: base.states.A.on.GO } })],
    ['a delay is another', withA({ after: { 2000: 'B' } })],
    ['an invoke has an id', withA({ invoke: { id: 'pay', ...base.states.A.invoke } })],
    ['an invoke is gone', withA({ invoke: [] })],
    ['an always comes in', withA({ always: { target: 'C', guard: 'may' } })],
    ['a final state is none any more', { ...base, states: { ...base.states, C: {} } }],
    [
      'a parallel state is a compound one',
      { ...base, states: { ...base.states, B: { initial: 'p', states: base.states.B.states } } },
    ],
    [
      'a history state is deep',
      {
        ...base,
        states: {
          ...base.states,
          B: {
            ...base.states.B,
            states: { ...base.states.B.states, h: { type: 'history', history: 'deep' } },
          },
        },
      },
    ],
  ])('is another one when %s', (_what, config) => {
    expect(print(config)).not.toBe(print(base));
  });

  it('tells and, or and not of the same guards apart', () => {
    const guarded = (guard: unknown): string =>
      print(withA({ on: { GO: { target: 'B', guard } } }));
    expect(guarded(and(['a', 'b']))).toBe(guarded(and(['a', 'b'])));
    expect(guarded(and(['a', 'b']))).not.toBe(guarded(and(['a', 'c'])));
    expect(guarded(and(['a']))).not.toBe(guarded(not('a')));
    expect(print(withA({ entry: raise({ type: 'X' }) }))).not.toBe(print(base));
  });

  it('says nothing about one of another scheme', () => {
    expect(isChanged(print(base), print(withA({ entry: [] })))).toBe(true);
    expect(isChanged(print(base), print(base))).toBe(false);
    expect(isChanged('from-before', print(base))).toBe(false);
  });
});
