// Trees about snapshots: of a child, of the parent and of an actor itself, read within a step, and those
// of children that are watched.

import {
  type AnyStateMachine,
  assign,
  forwardTo,
  fromTransition,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import type { Chart } from './chart.ts';
import { type Args, actions, counter, events, note, noteType, worker } from './noted.ts';

/** What a step reads of its child, its parent and itself. */
const mirror = setup({
  actions,
  types: { input: {} as { readonly parent: { getSnapshot(): { context: MachineLog } } } },
}).createMachine({
  id: 'mirror',
  context: ({ input }) => ({ log: [], parent: input.parent, n: 0 }),
  on: {
    LOOK: {
      actions: [
        note(({ context }) => context['parent'].getSnapshot().context.log.length),
        assign({ n: ({ context }) => context['n'] + 1 }),
      ],
    },
  },
});

interface MachineLog {
  readonly log: readonly unknown[];
}

const reading: AnyStateMachine = setup({
  actions,
  actors: { mirror, counter },
}).createMachine({
  id: 'reading',
  context: ({ spawn, self }) => ({
    log: [],
    c: spawn('counter', { id: 'c' }),
    m: spawn('mirror', { id: 'm', input: { parent: self as never } }),
  }),
  initial: 'low',
  on: {
    ADD: { actions: [sendTo('c', { type: 'ADD' }), note('add')] },
    LOOK: { actions: forwardTo('m') },
    OWN: {
      actions: assign({
        log: ({ context, self }) => [
          ...context['log'],
          (self.getSnapshot() as never as { context: MachineLog }).context.log.length,
        ],
      }),
    },
  },
  states: {
    low: {
      always: {
        guard: ({ context }) => context['c'].getSnapshot()?.context?.n > 1,
        target: 'high',
        actions: note('high'),
      },
    },
    high: {
      on: {
        COUNT: [
          {
            guard: ({ context }) => context['m'].getSnapshot().context.n > 1,
            actions: [
              note(({ context }) => context['m'].getSnapshot().context.log.length),
              note(({ context }) => context['c'].getSnapshot().context.n),
            ],
          },
          { actions: note('too few') },
        ],
      },
    },
  },
});

/** Every change of a child, its end included. */
const watched: AnyStateMachine = setup({ actions, actors: { worker, counter } }).createMachine({
  id: 'watched',
  context: { log: [] },
  initial: 'on',
  on: {
    'xstate.snapshot.*': {
      actions: note(({ event }) => [event['snapshot'].status, event['snapshot'].context]),
    },
    REPORT: {},
  },
  states: {
    on: {
      entry: spawnChild('counter', { id: 'c', syncSnapshot: true }),
      invoke: {
        src: 'worker',
        id: 'w',
        input: { name: 'w' },
        onSnapshot: { actions: note(({ event }) => event['snapshot'].value) },
        onDone: 'off',
        onError: 'off',
      },
      on: {
        DO: { actions: forwardTo('w') },
        TWICE: { actions: [sendTo('w', { type: 'TWICE' }), sendTo('c', { type: 'ADD', by: 5 })] },
        ADD: { actions: forwardTo('c') },
        FINISH: { actions: forwardTo('w') },
        BREAK: { actions: forwardTo('w') },
      },
    },
    off: { type: 'final' },
  },
});

/** A reducer that is told of by its input. */
const sum = fromTransition(
  (state: { readonly total: number }, event: { type: string; by?: number }, { self }) => ({
    total: state.total + (event.by ?? 0) + (self.id === 'sum' ? 0 : 1_000),
  }),
  ({ input }: { readonly input: { readonly from: number } }) => {
    if (input.from < 0) throw new Error('below zero');
    return { total: input.from };
  },
);

const summing: AnyStateMachine = setup({ actions, actors: { sum } }).createMachine({
  id: 'summing',
  context: { log: [], from: 3 },
  initial: 'on',
  states: {
    on: {
      invoke: {
        src: 'sum',
        id: 'sum',
        input: ({ context }: Args) => ({ from: context['from'] }),
        onError: { target: 'off', actions: noteType },
      },
      on: {
        ADD: { actions: forwardTo('sum') },
        READ: {
          actions: assign({
            log: ({ context, self }) => [
              ...context['log'],
              (
                self.getSnapshot() as never as {
                  children: { sum: { getSnapshot(): { context: unknown } } };
                }
              ).children.sum.getSnapshot().context,
            ],
          }),
        },
        OFF: 'off',
      },
    },
    off: { on: { ON: { target: 'on', actions: assign({ from: ({ event }) => event['from'] }) } } },
  },
});

const below: readonly string[] = [];

export const watchingTrees: readonly Chart[] = [
  {
    name: 'snapshots read within a tree',
    machine: reading,
    events: events('ADD', 'LOOK', 'OWN', 'COUNT'),
    needs: 'system',
    below,
  },
  {
    name: 'snapshots of two children watched',
    machine: watched,
    events: events('DO', 'TWICE', 'ADD'),
    below,
  },
  {
    name: 'snapshots watched up to the end',
    machine: watched,
    events: events('DO', 'FINISH', 'BREAK', 'ADD'),
    below,
  },
  {
    name: 'a reducer with input',
    machine: summing,
    events: [
      { type: 'ADD', by: 4 },
      { type: 'ON', from: 10 },
      { type: 'ON', from: -1 },
      ...events('READ', 'OFF'),
    ],
    needs: 'system',
    below,
  },
];
