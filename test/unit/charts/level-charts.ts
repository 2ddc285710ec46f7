// Charts about states within states: histories within histories, what re-entry raises on its way, which
// of several handlers is the nearest, and the order in which regions act.

import { type AnyStateMachine, assign, createMachine, raise, setup } from 'xstate';
import type { Chart } from './chart.ts';
import { actions, events, note, noteType } from './noted.ts';

/** Shallow within deep, and a default in a region. */
const histories: AnyStateMachine = createMachine({
  id: 'histories',
  initial: 'house',
  states: {
    house: {
      initial: 'floor',
      on: { LEAVE: 'street' },
      states: {
        floor: {
          type: 'parallel',
          states: {
            kitchen: {
              initial: 'cold',
              states: {
                cold: { on: { HEAT: 'hot' } },
                hot: {
                  initial: 'warm',
                  on: { COOL: 'cold' },
                  states: { warm: { on: { HEAT: 'boiling' } }, boiling: {} },
                },
                was: { type: 'history', target: 'hot' },
              },
            },
            hall: {
              initial: 'dark',
              states: {
                dark: { on: { LIGHT: 'bright' } },
                bright: { on: { LIGHT: 'dark' } },
                was: { type: 'history', history: 'deep', target: 'bright' },
              },
            },
          },
        },
        roof: { on: { DOWN: '#histories.house.floor' } },
        last: { type: 'history', history: 'deep', target: 'roof' },
        lately: { type: 'history', history: 'shallow' },
      },
      always: { guard: ({ context }) => context?.never === true, target: 'street' },
    },
    street: {
      on: {
        HOME: 'house.last',
        LATELY: 'house.lately',
        KITCHEN: 'house.floor.kitchen.was',
        HALL: 'house.floor.hall.was',
        ROOF: 'house.roof',
      },
    },
  },
});

/** Re-entry runs through exits and entries of all levels, and each of them raises. */
const echoing: AnyStateMachine = setup({ actions }).createMachine({
  id: 'echoing',
  context: { log: [], n: 0 },
  initial: 'a',
  entry: raise({ type: 'IN root' }),
  states: {
    a: {
      entry: [raise({ type: 'IN a' }), assign({ n: ({ context }) => context['n'] + 1 })],
      exit: raise({ type: 'OUT a' }),
      initial: 'b',
      on: {
        AGAIN: { target: 'a', reenter: true, actions: raise({ type: 'VIA' }) },
        DOWN: '.b',
        'IN a': { actions: note(({ context }) => context['n']) },
      },
      states: {
        b: {
          entry: raise({ type: 'IN b' }),
          exit: raise({ type: 'OUT b' }),
          always: {
            guard: ({ context }) => context['n'] % 3 === 2,
            target: 'c',
            actions: note('!'),
          },
          on: { 'IN b': { actions: note('b') } },
        },
        c: { entry: raise({ type: 'IN c' }), on: { DOWN: 'b', 'OUT *': {} } },
      },
    },
  },
  on: { '*': { actions: noteType } },
});

/** The nearest handler wins, also among descriptors, also when it forbids. */
const descriptors: AnyStateMachine = setup({ actions }).createMachine({
  id: 'descriptors',
  context: { log: [] },
  initial: 'a',
  on: {
    'x.*': { actions: note('root x.*') },
    'x.y.z': { actions: note('root x.y.z') },
    '*': { actions: note('root *') },
  },
  states: {
    a: {
      on: { 'x.y.*': { target: '.two', actions: note('a x.y.*') }, NEXT: 'b' },
      initial: 'one',
      states: {
        one: {
          on: {
            'x.y': { guard: ({ event }) => event['pass'] === true, actions: note('one x.y') },
            '*': { guard: ({ event }) => event.type.startsWith('w'), actions: note('one *') },
          },
        },
        two: { on: { 'x.*': {}, 'x.y.z': { target: 'one', actions: note('two x.y.z') } } },
      },
    },
    b: { on: { '*': { target: 'a', actions: note('b *') }, 'x.y.z': {}, NEXT: undefined } },
  },
});

/** Regions act in the order in which they were entered last, not in that of the text. */
const reordered: AnyStateMachine = setup({ actions }).createMachine({
  id: 'reordered',
  context: { log: [], open: false },
  type: 'parallel',
  on: {
    OPEN: { actions: assign({ open: true, log: [] }) },
    SHUT: { actions: assign({ open: false }) },
  },
  states: Object.fromEntries(
    ['one', 'two', 'three'].map((name) => [
      name,
      {
        initial: 'shut',
        on: { [`AGAIN ${name}`]: '.again' },
        states: {
          again: { always: 'shut' },
          shut: {
            always: {
              guard: ({ context }) => context['open'],
              target: 'open',
              actions: note(name),
            },
          },
          open: { on: { SHUT: 'shut' } },
        },
      },
    ]),
  ),
});

export const levelCharts: readonly Chart[] = [
  {
    name: 'histories within histories',
    machine: histories,
    events: events(
      ...['LEAVE', 'HEAT', 'COOL', 'LIGHT', 'DOWN'],
      ...['HOME', 'LATELY', 'KITCHEN', 'HALL', 'ROOF'],
    ),
  },
  { name: 'raised echoes of re-entry', machine: echoing, events: events('AGAIN', 'DOWN', 'OTHER') },
  {
    name: 'descriptors of several levels',
    machine: descriptors,
    events: [
      ...events('x', 'x.y', 'x.y.z', 'x.w', 'w', 'NEXT', 'other'),
      { type: 'x.y', pass: true },
    ],
  },
  {
    name: 'regions entered one after the other',
    machine: reordered,
    events: events('OPEN', 'SHUT', 'AGAIN one', 'AGAIN two', 'AGAIN three'),
  },
];
