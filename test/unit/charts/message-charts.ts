// Charts about messages between actors: forwarded to a child, sent to the parent or to a name of the
// system, and the snapshots of a child that its parent watches.

import {
  type AnyStateMachine,
  assign,
  cancel,
  createMachine,
  emit,
  forwardTo,
  sendParent,
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

const endings: readonly Ending[] = [
  { type: 'done', output: { id: 'ch_1', list: [1, 2] } },
  { type: 'done', output: null },
  { type: 'error', error: { name: 'Error', message: 'broken', code: 'E1' } },
];

const forwarding: AnyStateMachine = setup({ actors: { child: machineChild } }).createMachine({
  invoke: { src: 'child', id: 'child' },
  initial: 'open',
  states: {
    open: {
      on: {
        FORWARD: { actions: forwardTo('child') },
        BOTH: {
          actions: [
            forwardTo(({ self }) => (self.getSnapshot === undefined ? 'none' : 'child')),
            mark('both'),
          ],
        },
        SHUT: 'shut',
      },
    },
    shut: {
      on: { BOTH: 'open', FORWARD: { actions: sendTo(({ self }) => self, { type: 'BOTH' }) } },
    },
  },
});

const syncing: AnyStateMachine = setup({ actors: { child: machineChild } }).createMachine({
  initial: 'watching',
  context: { seen: [] },
  states: {
    watching: {
      invoke: {
        src: 'child',
        id: 'child',
        onSnapshot: {
          actions: assign({
            seen: ({ context, event }) => [
              ...context['seen'],
              (event.snapshot as { n?: number }).n ?? 0,
            ],
          }),
        },
        onDone: 'idle',
      },
      on: { IDLE: 'idle' },
    },
    idle: {
      entry: spawnChild('child', { id: 'synced', syncSnapshot: true }),
      exit: stopChild('synced'),
      on: { 'xstate.snapshot.synced': { actions: mark('synced') }, IDLE: 'watching' },
    },
  },
});

const reporting: AnyStateMachine = setup({
  types: { input: {} as { readonly name: string } },
  actors: { task },
}).createMachine({
  id: 'chart',
  context: ({ input }) => ({ name: input.name }),
  entry: sendParent({ type: 'child.started' }),
  initial: 'a',
  states: {
    a: {
      invoke: {
        src: 'task',
        id: 'task',
        onDone: { actions: sendParent(({ event }) => ({ type: 'heard', output: event.output })) },
        onError: 'b',
      },
      on: {
        SAY: {
          actions: [
            sendParent(({ context, event }) => ({
              type: 'said',
              name: context['name'],
              text: event['text'],
            })),
            mark('said'),
          ],
        },
        LATER: {
          actions: [cancel('later'), sendParent({ type: 'later' }, { id: 'later', delay: 20 })],
        },
        REF: { actions: sendParent(({ self }) => ({ type: 'ref', self })) },
        NEXT: 'b',
      },
    },
    b: { on: { NEXT: 'end', SAY: 'a' } },
    end: { type: 'final', entry: sendParent({ type: 'child.ending' }) },
  },
  output: { ok: true },
});

const systemNames: AnyStateMachine = setup({
  actors: { task, child: machineChild },
}).createMachine({
  context: { found: [] },
  initial: 'a',
  on: {
    LOOK: {
      actions: assign({
        found: ({ system }) =>
          ['receiver', 'other', 'none'].map((name) => system.get(name)?.id ?? null),
      }),
    },
    TELL: {
      guard: ({ context }) => context['found'][0] != null,
      actions: sendTo(({ system }) => system.get('receiver'), { type: 'HI' }),
    },
  },
  states: {
    a: {
      invoke: { src: 'task', id: 'a-task', systemId: 'receiver' },
      on: { NEXT: 'b', AGAIN: { target: 'a', reenter: true } },
    },
    b: {
      invoke: { src: 'child', id: 'b-child', systemId: 'receiver' },
      entry: spawnChild('task', { id: 'spawned', systemId: 'other' }),
      exit: stopChild('spawned'),
      on: { NEXT: 'c', AGAIN: { target: 'b', reenter: true } },
    },
    c: { on: { NEXT: 'a' } },
  },
});

export const messageCharts: readonly Chart[] = [
  {
    name: 'forwarded events',
    machine: forwarding,
    events: [{ type: 'FORWARD', a: { b: 1 } }, ...events('BOTH', 'SHUT')],
    endings: endings.slice(0, 1),
  },
  {
    name: "children's snapshots",
    machine: syncing,
    events: [
      { type: 'xstate.snapshot.child', snapshot: { n: 7 } },
      { type: 'xstate.snapshot.synced', snapshot: {} },
      ...events('IDLE'),
    ],
    endings: endings.slice(0, 1),
    isLiveApart: true,
  },
  {
    name: 'events to the parent',
    machine: reporting,
    input: { name: 'n' },
    events: [{ type: 'SAY', text: 'hi' }, ...events('LATER', 'REF', 'NEXT')],
    advances: [5, 30],
    endings,
    needs: 'parent',
  },
  {
    name: 'names in the system',
    machine: systemNames,
    events: events('LOOK', 'TELL', 'NEXT', 'AGAIN'),
    needs: 'system',
  },
];
