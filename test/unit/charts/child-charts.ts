// Charts about children: invoked, spawned by action and by assign, stopped, replaced, sent to, and heard
// of. What the children do is not looked at: only what is asked of them, and what their end brings.

import {
  type AnyEventObject,
  type AnyStateMachine,
  assign,
  createMachine,
  emit,
  enqueueActions,
  fromTransition,
  type MachineContext,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { task } from '../../conformance/calls.ts';
import type { Chart, Ending } from './chart.ts';

const mark = (name: string) => emit({ type: 'mark', name });
const events = (...types: readonly string[]) => types.map((type) => ({ type }));
const machineChild = createMachine({ id: 'inner', initial: 'a', states: { a: {} } });
const counter = fromTransition((count: number) => count + 1, 0);

const endings: readonly Ending[] = [
  { type: 'done', output: { id: 'ch_1', list: [1, 2] } },
  { type: 'done', output: null },
  { type: 'error', error: { name: 'Error', message: 'broken', code: 'E1' } },
];

const invokes: AnyStateMachine = setup({
  types: { input: {} as { readonly orderId: string } },
  actors: { charge: task, reserve: task, child: machineChild, counter },
}).createMachine({
  id: 'invokes',
  context: ({ input }) => ({ orderId: input.orderId, heard: [] }),
  initial: 'charging',
  states: {
    charging: {
      invoke: {
        id: 'charge',
        src: 'charge',
        input: ({ context, event }: { context: MachineContext; event: AnyEventObject }) => ({
          orderId: context['orderId'],
          by: event.type,
        }),
        onDone: {
          target: 'reserving',
          actions: assign({ heard: ({ context, event }) => [...context['heard'], event.output] }),
        },
        onError: [
          {
            guard: ({ event }) => (event.error as { code?: string }).code === 'E2',
            target: 'reserving',
          },
          { target: 'failed', actions: assign({ heard: ({ event }) => [event.error] }) },
        ],
      },
      on: { SKIP: 'reserving', AGAIN: { target: 'charging', reenter: true } },
    },
    reserving: {
      invoke: [
        { src: 'reserve', input: { sku: 'x' }, onDone: 'charging' },
        { src: 'child', id: 'child', onDone: { actions: mark('child done') } },
        { src: 'counter', id: 'counter', input: 3 },
      ],
      on: { SKIP: { target: 'charging', actions: sendTo('child', { type: 'BYE' }) } },
    },
    failed: { on: { AGAIN: 'charging', SKIP: 'gone' } },
    gone: { type: 'final' },
  },
  output: ({ context }) => context['heard'],
});

const inlineInvokes: AnyStateMachine = createMachine({
  id: 'inline',
  initial: 'a',
  states: {
    a: {
      invoke: [
        { src: task, onDone: 'b' },
        { src: task, id: 'named', input: { n: 1 }, onDone: { actions: mark('named') } },
      ],
      on: { NEXT: 'b' },
    },
    b: { invoke: { src: task, onDone: 'a', onError: 'a' }, on: { NEXT: 'a' } },
  },
});

const parallelInvokes: AnyStateMachine = setup({ actors: { task } }).createMachine({
  id: 'both',
  type: 'parallel',
  on: { ALL: { target: ['.left.on', '.right.on'] } },
  states: {
    left: {
      initial: 'off',
      states: {
        off: { on: { LEFT: 'on' } },
        on: {
          invoke: { src: 'task', id: 'left', input: 'left', onDone: 'off', onError: 'off' },
          on: { LEFT: { target: 'on', reenter: true }, RIGHT: 'off' },
        },
      },
    },
    right: {
      initial: 'on',
      states: {
        off: { on: { RIGHT: 'on' } },
        on: {
          invoke: { src: 'task', id: 'right', onDone: 'off', onError: 'off' },
          entry: sendTo('right', { type: 'HELLO' }),
          exit: sendTo('right', { type: 'GOODBYE' }),
          on: { RIGHT: 'off' },
        },
      },
    },
  },
});

const spawnsInAssign: AnyStateMachine = setup({
  actors: { task, child: machineChild },
}).createMachine({
  context: ({ spawn }) => ({
    first: spawn('task', { id: 'first', input: { n: 0 } }),
    refs: {},
    n: 0,
  }),
  on: {
    SPAWN: {
      guard: ({ context }) => context['n'] < 3,
      actions: [
        assign({
          refs: ({ context, spawn }) => ({
            ...context['refs'],
            [`r${context['n']}`]: spawn('child', {
              id: `r${context['n']}`,
              input: { n: context['n'] },
            }),
          }),
          n: ({ context }) => context['n'] + 1,
        }),
        mark('spawned'),
      ],
    },
    TELL: {
      guard: ({ context }) => context['refs'].r0 !== undefined,
      actions: [
        sendTo(
          ({ context }) => context['refs'].r0,
          ({ context }) => ({ type: 'HI', from: context['first'] }),
        ),
        sendTo('first', { type: 'HI' }),
      ],
    },
    STOP: {
      guard: ({ context }) => context['refs'].r1 !== undefined,
      actions: [
        stopChild(({ context }) => context['refs'].r1),
        assign({
          refs: ({ context }) => {
            const { r1: _, ...rest } = context['refs'];
            return rest;
          },
        }),
      ],
    },
    PAIR: {
      guard: ({ context }) => context['pair'] === undefined,
      actions: [
        spawnChild('task', { id: 'before', input: 'action' }),
        assign({
          pair: ({ spawn }) => [spawn('child', { id: 'left' }), spawn('task', { id: 'right' })],
        }),
        mark('paired'),
        sendTo('right', { type: 'HI' }),
      ],
    },
    UNNAMED: {
      guard: ({ context }) => context['unnamed'] === undefined,
      actions: assign({ unnamed: ({ spawn }) => spawn('task') }),
    },
    TELL_UNNAMED: {
      guard: ({ context }) => context['unnamed'] !== undefined,
      actions: sendTo(({ context }) => context['unnamed'], { type: 'HI' }),
    },
    'xstate.error.*': { actions: mark('error') },
  },
});

const spawnsByAction: AnyStateMachine = setup({ actors: { task } }).createMachine({
  id: 'by-action',
  context: { n: 0 },
  initial: 'idle',
  states: {
    idle: {
      on: {
        SPAWN: {
          target: 'busy',
          actions: [
            spawnChild('task', {
              id: 'fixed',
              input: ({ context }: { context: MachineContext }) => context['n'],
            }),
            sendTo('fixed', { type: 'HELLO' }),
            spawnChild('task', {
              id: ({ context }: { context: MachineContext }) => `task-${context['n']}`,
            }),
          ],
        },
      },
    },
    busy: {
      exit: [
        stopChild('fixed'),
        stopChild('unknown'),
        assign({ n: ({ context }) => context['n'] + 1 }),
      ],
      on: {
        TELL: {
          actions: sendTo('fixed', ({ event, context }) => ({
            type: 'DO',
            n: context['n'],
            event,
          })),
        },
        STOP: {
          target: 'idle',
          actions: stopChild(({ context }: { context: MachineContext }) => `task-${context['n']}`),
        },
        'xstate.done.actor.*': { actions: mark('done') },
        'xstate.error.actor.*': { actions: mark('error') },
      },
    },
  },
});

const enqueuedChildren: AnyStateMachine = setup({ actors: { task } }).createMachine({
  context: { n: 0 },
  on: {
    GO: {
      actions: enqueueActions(({ enqueue, context, self }) => {
        const id = `t${context['n']}`;
        enqueue.spawnChild('task', { id, input: { id } });
        enqueue.sendTo(id, { type: 'HI' });
        enqueue.assign({ n: context['n'] + 1 });
        if (context['n'] > 0) enqueue.stopChild(`t${context['n'] - 1}`);
        enqueue.sendTo(self, { type: 'SELF', n: context['n'] });
      }),
    },
    SELF: { actions: mark('self') },
    '*': { actions: mark('other') },
  },
});

/** Children that are made and stopped within one macrostep were never there. */
const passing: AnyStateMachine = setup({ actors: { task } }).createMachine({
  context: { round: 0 },
  initial: 'rest',
  states: {
    rest: { on: { GO: 'through' } },
    through: {
      invoke: { src: 'task', id: 'passing' },
      entry: [
        assign({ round: ({ context }) => context['round'] + 1 }),
        sendTo('passing', { type: 'HI' }),
      ],
      exit: sendTo('passing', { type: 'BYE' }),
      always: {
        guard: ({ context }) => context['round'] % 2 === 1,
        target: 'rest',
        actions: mark('passed'),
      },
      on: { GO: { target: 'through', reenter: true } },
    },
  },
});

export const childCharts: readonly Chart[] = [
  {
    name: 'invoked children',
    machine: invokes,
    input: { orderId: 'o-1' },
    events: events('SKIP', 'AGAIN'),
    endings,
  },
  {
    name: 'inline invoked children',
    machine: inlineInvokes,
    events: events('NEXT'),
    endings: endings.slice(0, 2),
  },
  {
    name: 'invoked children of regions',
    machine: parallelInvokes,
    events: events('LEFT', 'RIGHT', 'ALL'),
    endings,
  },
  {
    name: 'children spawned by assign',
    machine: spawnsInAssign,
    events: events('SPAWN', 'TELL', 'STOP', 'PAIR', 'UNNAMED', 'TELL_UNNAMED'),
    endings,
  },
  {
    name: 'children spawned by action',
    machine: spawnsByAction,
    events: events('SPAWN', 'TELL', 'STOP'),
    endings,
  },
  {
    name: 'children in enqueued actions',
    machine: enqueuedChildren,
    events: events('GO'),
    endings,
  },
  {
    name: 'children of a passing state',
    machine: passing,
    events: events('GO'),
    endings: endings.slice(0, 1),
  },
];
