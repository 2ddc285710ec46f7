// Charts about what completes what, and about what happens when several levels meet: their guards,
// delays and errors, and values that JSON would change.

import {
  type AnyStateMachine,
  and,
  assign,
  emit,
  enqueueActions,
  not,
  raise,
  setup,
  stateIn,
} from 'xstate';
import { task } from '../../conformance/calls.ts';
import type { Chart } from './chart.ts';
import { actions, breakWith, endings, events, note } from './noted.ts';

/** Completion runs up three levels of regions, to the end of the machine. */
const completing: AnyStateMachine = setup({ actions }).createMachine({
  id: 'completing',
  context: { log: [] },
  type: 'parallel',
  output: ({ context, event }) => ({ log: context['log'], by: event.type }),
  states: {
    a: {
      type: 'parallel',
      onDone: { actions: note('a done') },
      states: {
        x: {
          initial: 'one',
          onDone: { actions: note(({ event }) => event['output']) },
          states: {
            one: { on: { X: 'two', BOTH: 'two' } },
            two: { type: 'final', output: ({ context }) => context['log'].length },
          },
        },
        y: {
          initial: 'one',
          states: { one: { on: { Y: 'two', BOTH: 'two' } }, two: { type: 'final' } },
        },
      },
    },
    b: {
      initial: 'outer',
      onDone: { actions: note('b done') },
      states: {
        outer: {
          initial: 'inner',
          onDone: 'end',
          states: {
            inner: {
              initial: 'leaf',
              onDone: { target: 'last', actions: note('inner done') },
              states: { leaf: { on: { B: 'done' } }, done: { type: 'final' } },
            },
            last: { on: { B: 'done' } },
            done: { type: 'final', entry: note('outer done') },
          },
        },
        end: { type: 'final' },
      },
    },
  },
});

/** A region that is done goes on when it is sent back; the others do not wait for it twice. */
const reopened: AnyStateMachine = setup({ actions }).createMachine({
  id: 'reopened',
  context: { log: [] },
  initial: 'work',
  states: {
    work: {
      type: 'parallel',
      onDone: [
        { guard: ({ context }) => context['log'].length > 4, target: 'end' },
        { target: 'again', actions: note('all done') },
      ],
      states: {
        left: {
          initial: 'on',
          on: { REOPEN: { target: '.on', actions: note('reopened') } },
          states: { on: { on: { LEFT: 'off' } }, off: { type: 'final' } },
        },
        right: {
          initial: 'on',
          states: { on: { on: { RIGHT: 'off' } }, off: { type: 'final', tags: 'rested' } },
        },
      },
    },
    again: { always: 'work', exit: note('again') },
    end: { type: 'final' },
  },
});

/** Guards that ask for states, for each other and for parameters of the event. */
const judging: AnyStateMachine = setup({
  actions,
  guards: {
    isLate: ({ context }) => context['n'] > 2,
    isAt: ({ context }, params: { n: number }) => context['n'] === params.n,
    isBoth: and(['isLate', { type: 'isAt', params: { n: 4 } }]),
  },
}).createMachine({
  id: 'judging',
  context: { log: [], n: 0 },
  type: 'parallel',
  states: {
    count: {
      initial: 'up',
      states: {
        up: {
          on: { STEP: { actions: assign({ n: ({ context }) => context['n'] + 1 }) } },
          always: { guard: and(['isLate', stateIn('#judging.gate.open')]), target: 'down' },
        },
        down: {
          on: { STEP: { actions: assign({ n: ({ context }) => context['n'] - 1 }) } },
          always: { guard: { type: 'isAt', params: { n: 0 } }, target: 'up' },
        },
      },
    },
    gate: {
      initial: 'shut',
      states: {
        shut: { on: { GATE: [{ guard: 'isBoth', actions: note('both') }, { target: 'open' }] } },
        open: {
          on: { GATE: { guard: not('isLate'), target: 'shut' }, STEP: { actions: note('s') } },
        },
      },
    },
  },
});

/** Delays of three levels, some of which never come because an outer one was first. */
const layered: AnyStateMachine = setup({
  actions,
  delays: { byLog: ({ context }) => 10 + 5 * context['log'].length },
}).createMachine({
  id: 'layered',
  context: { log: [] },
  initial: 'outer',
  states: {
    outer: {
      after: { 100: { target: 'rest', actions: note('100') } },
      initial: 'middle',
      states: {
        middle: {
          after: { 60: { target: 'other', actions: note('60') } },
          initial: 'inner',
          states: {
            inner: {
              after: {
                byLog: [
                  { guard: ({ context }) => context['log'].length > 3, actions: note('long') },
                  { target: 'inner', reenter: true, actions: note('short') },
                ],
              },
            },
          },
        },
        other: { on: { BACK: 'middle' } },
      },
    },
    rest: { after: { 0: 'done', 30: 'outer' }, on: { BACK: 'outer' } },
    done: { entry: assign({ log: [] }), after: { 45: 'outer' } },
  },
});

/** A step breaks in each place where user code runs. */
const fragile: AnyStateMachine = setup({
  actions,
  actors: { task },
}).createMachine({
  id: 'fragile',
  context: { log: [] },
  initial: 'a',
  states: {
    a: {
      invoke: { src: 'task', id: 't', onDone: { actions: assign(breakWith('onDone broke')) } },
      after: { 80: { actions: assign(breakWith('after broke')) } },
      on: {
        NEXT: 'b',
        EMIT: { actions: emit(breakWith('emit broke')) },
        RAISE: { actions: raise(breakWith('raise broke')) },
        ENQUEUE: { actions: [note('before'), enqueueActions(breakWith('enqueue broke'))] },
      },
    },
    b: {
      entry: note('b'),
      exit: enqueueActions(({ context, enqueue }) => {
        if (context['log'].length > 3) throw new Error('exit broke');
        enqueue(note('left'));
      }),
      always: {
        guard: ({ context }) => {
          if (context['log'].length > 4) throw new Error('always broke');
          return context['log'].length === 3;
        },
        target: 'a',
      },
      on: { NEXT: 'a', OUT: 'end' },
    },
    end: { type: 'final', output: breakWith('output broke') },
  },
  output: ({ event }) => event.output,
});

/** What JSON would change is changed before the next step sees it. */
const plain: AnyStateMachine = setup({ actions }).createMachine({
  id: 'plain',
  context: { log: [], deep: { list: [[1, [2, { three: null }]]], gone: undefined }, text: '' },
  on: {
    DEEPER: { actions: assign({ deep: ({ context }) => ({ below: context['deep'] }) }) },
    TEXT: { actions: assign({ text: ({ context }) => `${context['text']}\u{1F680}\u0000"\\` }) },
    DROP: { actions: assign({ text: 'x', deep: ({ context }) => ({ ...context['deep'] }) }) },
    WEIRD: { actions: note(({ event }) => event['value']) },
  },
});

export const endingCharts: readonly Chart[] = [
  {
    name: 'completion of three levels',
    machine: completing,
    events: events('X', 'Y', 'BOTH', 'B'),
  },
  {
    name: 'regions that are opened again',
    machine: reopened,
    events: events('LEFT', 'RIGHT', 'REOPEN'),
  },
  { name: 'guards on states and each other', machine: judging, events: events('STEP', 'GATE') },
  {
    name: 'delays of several levels',
    machine: layered,
    events: events('BACK'),
    advances: [9, 17, 44, 130],
  },
  {
    name: 'errors wherever user code runs',
    machine: fragile,
    events: events('NEXT', 'NEXT', 'NEXT', 'EMIT', 'RAISE', 'ENQUEUE', 'OUT'),
    advances: [30],
    endings,
  },
  {
    name: 'values that are stored as JSON',
    machine: plain,
    events: [
      ...events('DEEPER', 'TEXT', 'DROP'),
      { type: 'WEIRD', value: { a: [null, -0, 1e15, ''], b: { c: undefined } } },
      { type: 'WEIRD', value: ['\u2028', 'ä', { nested: { empty: {} } }] },
    ],
  },
];
