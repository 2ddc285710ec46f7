// The measure that every statechart of the trade is held to, held itself to a small chart that has one
// of each: guards, a state passed through, a delay, ends of a call, regions.

import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, fromPromise, raise, setup } from 'xstate';
import { type CoverOptions, coverChart } from '../support/chart-coverage.ts';

interface Context {
  readonly count: number;
}

const chart: AnyStateMachine = setup({
  types: { context: {} as Context, input: {} as Context | undefined },
  actors: { call: fromPromise(async () => 1) },
  guards: {
    atLeast: ({ context }, { count }: { readonly count: number }) => context.count >= count,
  },
  delays: { patience: 1000 },
}).createMachine({
  id: 'chart',
  context: ({ input = { count: 0 } }) => {
    if (input.count < 0) throw new TypeError('Expected a count');
    return input;
  },
  initial: 'starting',
  states: {
    starting: { always: 'idle' },
    idle: {
      on: {
        add: {
          guard: { type: 'atLeast', params: { count: 0 } },
          actions: assign({ count: ({ context }) => Math.min(context.count + 1, 2) }),
        },
        go: [
          { guard: { type: 'atLeast', params: { count: 2 } }, target: 'calling' },
          { guard: { type: 'atLeast', params: { count: 1 } }, target: 'choosing' },
        ],
        jump: { actions: raise({ type: 'land' }) },
        land: 'choosing',
      },
    },
    choosing: {
      always: [
        { guard: { type: 'atLeast', params: { count: 1 } }, target: 'calling' },
        { target: 'idle' },
      ],
    },
    calling: {
      invoke: { id: 'call', src: 'call', onDone: 'both', onError: 'idle' },
      after: { patience: 'late' },
    },
    late: { type: 'final' },
    both: {
      type: 'parallel',
      states: {
        left: { initial: 'off', states: { off: { on: { left: 'on' } }, on: { type: 'final' } } },
        right: { initial: 'off', states: { off: { on: { right: 'on' } }, on: { type: 'final' } } },
      },
      onDone: 'late',
    },
  },
});

const names = ['add', 'go', 'jump', 'land', 'left', 'right'];

const options: CoverOptions<AnyStateMachine> = {
  inputs: [undefined],
  events: () => [
    ...names.map((type) => ({ type })),
    { type: 'xstate.after.patience.chart.calling' },
    { type: 'xstate.done.actor.call', output: 1 },
    { type: 'xstate.error.actor.call', error: new Error('refused'), actorId: 'call' },
  ],
};

/** The same walk without events that begin in this way. */
function without(prefix: string): CoverOptions<AnyStateMachine> {
  const events: CoverOptions<AnyStateMachine>['events'] = (snapshot) =>
    options.events(snapshot).filter(({ type }: { type: string }) => !type.startsWith(prefix));
  return { ...options, events };
}

describe('the coverage of a chart', () => {
  it('is whole when every state was reached and every alternative taken', () => {
    const coverage = coverChart(chart, options);
    expect(coverage.missing).toEqual([]);
    expect(coverage.states).toEqual({ reached: 12, all: 12 });
    expect(coverage.transitions).toEqual({ taken: 14, all: 14 });
    expect(coverage.line).toMatch(
      /^chart +states {3}12\/12 {2}transitions {3}14\/14 \(100 %\) {2}paths +\d+$/,
    );
  });

  it('names a transition that no event of the walk takes, and what only it leads to', () => {
    expect(coverChart(chart, without('left')).missing).toEqual([
      'both.left.on',
      'both --xstate.done.state.chart.both--> late',
      'both.left.off --left--> both.left.on',
    ]);
  });

  it('names ends of calls and delays that were never tried', () => {
    expect(coverChart(chart, without('xstate.error')).missing).toEqual([
      'calling --xstate.error.actor.call--> idle',
    ]);
    expect(coverChart(chart, without('xstate.after')).missing).toEqual([
      'calling --xstate.after.patience.chart.calling--> late',
    ]);
  });

  it('names one alternative of a guard that always gives way to another', () => {
    const { missing } = coverChart(chart, { ...options, inputs: [{ count: 2 }] });
    expect(missing).toEqual(['idle --go[1]--> choosing', 'choosing --always[1]--> idle']);
  });

  it('joins what the walks from several inputs have seen', () => {
    const once = coverChart(chart, { ...options, inputs: [{ count: 2 }] });
    const twice = coverChart(chart, { ...options, inputs: [{ count: 2 }, { count: 0 }] });
    expect(twice.missing).toEqual([]);
    expect(twice.paths).toBeGreaterThan(once.paths);
  });

  it('counts states that are only passed through, and transitions that a raised event takes', () => {
    const { missing } = coverChart(chart, without('land'));
    expect(missing).toEqual([]);
  });

  it('takes what cannot be taken out of the count, with its reason', () => {
    const unreachable = {
      'idle --go[1]--> choosing': 'it starts with two',
      'choosing --always[1]--> idle': 'it starts with two',
    };
    const coverage = coverChart(chart, { ...options, inputs: [{ count: 2 }], unreachable });
    expect(coverage.missing).toEqual([]);
    expect(coverage.transitions).toEqual({ taken: 12, all: 12 });
    expect(coverage.line).toMatch(/ {2}unreachable 2$/);
  });

  it('is an error when what cannot be taken is taken, or is not in the chart', () => {
    const walk = (name: string): unknown =>
      coverChart(chart, { ...options, unreachable: { [name]: 'nobody goes there' } });
    expect(() => walk('idle --go[1]--> choosing')).toThrow(
      'idle --go[1]--> choosing was seen, though it is unreachable: nobody goes there',
    );
    expect(() => walk('idle --go[2]--> choosing')).toThrow('it has none such');
  });

  it('is an error when there are more snapshots than the limit, of all inputs together', () => {
    const { paths } = coverChart(chart, options);
    expect(coverChart(chart, { ...options, limit: paths }).paths).toBe(paths);
    const passed = `"chart" has more than ${paths - 1} snapshots`;
    expect(() => coverChart(chart, { ...options, limit: paths - 1 })).toThrow(passed);
    const inputs = [undefined, { count: 1 }];
    expect(() => coverChart(chart, { ...options, inputs, limit: paths })).toThrow('has more than');
  });

  it('is an error when the machine cannot start with an input', () => {
    const refusing = { ...options, inputs: [{ count: -1 }] };
    expect(() => coverChart(chart, refusing)).toThrow('Expected a count');
  });
});
