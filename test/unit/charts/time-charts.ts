// Charts about time: delayed transitions, delayed events to the actor itself and to its children,
// delays that depend on context, and cancelling. Ids are never armed twice, which is told apart.

import {
  type AnyEventObject,
  type AnyStateMachine,
  assign,
  cancel,
  createMachine,
  emit,
  type MachineContext,
  raise,
  sendTo,
  setup,
} from 'xstate';
import { task } from '../../conformance/calls.ts';
import type { Chart } from './chart.ts';

const mark = (name: string) => emit({ type: 'mark', name });
const events = (...types: readonly string[]) => types.map((type) => ({ type }));

const afters: AnyStateMachine = createMachine({
  id: 'light',
  initial: 'green',
  states: {
    green: { after: { 100: 'yellow' }, on: { HURRY: 'yellow' } },
    yellow: {
      after: {
        20: { target: 'red', guard: ({ context }) => context['hold'] !== true },
        45: [
          { guard: () => false, target: 'green' },
          { target: 'red', actions: mark('held') },
        ],
      },
      on: { HOLD: { actions: assign({ hold: true }) } },
    },
    red: {
      initial: 'walk',
      after: { 90: 'green' },
      exit: assign({ hold: false }),
      states: {
        walk: { after: { 40: { target: 'wait', actions: mark('wait') } }, on: { HOLD: 'wait' } },
        wait: { after: { 0: 'stop' } },
        stop: {},
      },
    },
  },
});

const dynamic: AnyStateMachine = setup({
  delays: {
    short: 15,
    byContext: ({ context }) => context['wait'],
    byEvent: ({ event }) => event['ms'] ?? 5,
  },
}).createMachine({
  context: { wait: 30 },
  initial: 'a',
  on: { SET: { actions: assign({ wait: ({ event }) => event['ms'] }) } },
  states: {
    a: { after: { byContext: { target: 'b', actions: mark('a') } }, on: { GO: 'b' } },
    b: { after: { byEvent: 'c', short: { actions: mark('short') } } },
    c: {
      on: { GO: 'a' },
      after: { byContext: { target: 'c', reenter: true, actions: mark('again') } },
    },
  },
});

const raisedLater: AnyStateMachine = createMachine({
  context: { rounds: 0 },
  initial: 'idle',
  states: {
    idle: {
      on: {
        ARM: {
          target: 'armed',
          actions: raise(
            ({ context }: { context: MachineContext }) => ({
              type: 'RING',
              round: context['rounds'],
            }),
            { id: 'ring', delay: ({ context }) => 25 + context['rounds'] },
          ),
        },
      },
    },
    armed: {
      on: {
        RING: {
          target: 'idle',
          actions: [cancel('ring'), assign({ rounds: ({ context }) => context['rounds'] + 1 })],
        },
      },
    },
  },
});

const cancelled: AnyStateMachine = createMachine({
  context: { armed: 0, rung: [] },
  on: {
    ARM: {
      actions: [
        // An id of its own each time: one that is armed twice is a deviation, told apart.
        cancel('fixed'),
        raise({ type: 'FIXED' }, { id: 'fixed', delay: 30 }),
        raise({ type: 'UNNAMED' }, { delay: 40 }),
      ],
    },
    CANCEL: { actions: [cancel('fixed'), cancel('unknown')] },
    CANCEL_BY: { actions: cancel(({ event }: { event: AnyEventObject }) => event['id']) },
    '*': { actions: assign({ rung: ({ context, event }) => [...context['rung'], event.type] }) },
  },
});

const toOthers: AnyStateMachine = setup({ actors: { worker: task } }).createMachine({
  id: 'to-others',
  initial: 'working',
  states: {
    working: {
      invoke: { src: 'worker', id: 'worker' },
      entry: [
        sendTo('worker', { type: 'REMIND' }, { id: 'remind', delay: 35 }),
        sendTo(({ self }) => self, { type: 'TICK' }, { id: 'tick', delay: 10 }),
      ],
      exit: [cancel('remind'), cancel('tick')],
      on: {
        TICK: {
          actions: [
            mark('tick'),
            cancel('tick'),
            sendTo(({ self }) => self, { type: 'TICK' }, { id: 'tick', delay: 10 }),
          ],
        },
        QUIET: { actions: [cancel('tick'), sendTo('worker', { type: 'HUSH' })] },
        REST: 'resting',
      },
    },
    resting: { after: { 50: 'working' }, on: { REST: 'working' } },
  },
});

/** Timers of a region go on while another region moves; ending stops them all. */
const inRegions: AnyStateMachine = createMachine({
  type: 'parallel',
  states: {
    fast: {
      initial: 'a',
      states: { a: { after: { 11: 'b' } }, b: { after: { 13: 'a' } } },
    },
    slow: {
      initial: 'a',
      states: {
        a: { after: { 70: 'b' }, on: { AGAIN: { target: 'a', reenter: true } } },
        b: { after: { 80: 'a' }, on: { AGAIN: 'a' } },
      },
    },
    watch: {
      initial: 'on',
      states: {
        on: { after: { 400: 'off' }, on: { KICK: { target: 'on', reenter: true } } },
        off: {},
      },
    },
  },
});

const endsInTime: AnyStateMachine = createMachine({
  initial: 'open',
  context: { extended: 0 },
  output: ({ context }) => context,
  states: {
    open: {
      entry: raise({ type: 'NEVER' }, { id: 'never', delay: 500 }),
      after: { 60: 'closed' },
      on: {
        EXTEND: {
          target: 'open',
          reenter: true,
          guard: ({ context }) => context['extended'] < 2,
          actions: [
            cancel('never'),
            assign({ extended: ({ context }) => context['extended'] + 1 }),
          ],
        },
        NEVER: { actions: mark('never') },
      },
    },
    closed: { type: 'final' },
  },
});

export const timeCharts: readonly Chart[] = [
  {
    name: 'delayed transitions',
    machine: afters,
    events: events('HURRY', 'HOLD'),
    advances: [1, 19, 20, 41, 100, 250],
  },
  {
    name: 'delays that depend on context and event',
    machine: dynamic,
    events: [
      ...events('GO'),
      { type: 'GO', ms: 50 },
      { type: 'SET', ms: 7 },
      { type: 'SET', ms: 70 },
    ],
    advances: [5, 16, 33, 90],
  },
  {
    name: 'events raised later',
    machine: raisedLater,
    events: events('ARM', 'RING'),
    advances: [10, 26],
  },
  {
    name: 'cancelled events',
    machine: cancelled,
    events: [...events('ARM', 'CANCEL'), { type: 'CANCEL_BY', id: 'fixed' }],
    advances: [15, 31, 60],
  },
  {
    name: 'delayed events to a child and to itself',
    machine: toOthers,
    events: events('QUIET', 'REST', 'TICK'),
    advances: [9, 11, 40],
  },
  {
    name: 'timers in regions',
    machine: inRegions,
    events: events('AGAIN', 'KICK'),
    advances: [3, 11, 29, 150],
  },
  {
    name: 'timers that end the actor',
    machine: endsInTime,
    events: events('EXTEND', 'NEVER'),
    advances: [20, 59, 61, 600],
  },
];
