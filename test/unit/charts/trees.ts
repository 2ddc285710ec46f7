// Trees of actors that talk to one another: workers and their parents, peers, names of the system, errors
// that escalate, watched snapshots, games of ping-pong. Each keeps a log of what reached it, in order.

import {
  type AnyStateMachine,
  assign,
  enqueueActions,
  forwardTo,
  sendParent,
  sendTo,
  setup,
  stopChild,
} from 'xstate';
import type { Chart } from './chart.ts';
import { actions, breakWith, counter, events, note, worker } from './noted.ts';

const invoking: AnyStateMachine = setup({ actions, actors: { worker, counter } }).createMachine({
  context: { log: [] },
  initial: 'a',
  invoke: { src: 'counter', id: 'count' },
  on: {
    UP: { actions: note(({ event }) => `up ${event['from']}`) },
    REPORT: { actions: [note(({ event }) => event['n']), sendTo('count', { type: 'ADD' })] },
    BYE: { actions: note('bye') },
  },
  states: {
    a: {
      entry: sendTo('w', { type: 'EARLY' }),
      exit: sendTo('w', { type: 'DO' }),
      invoke: {
        src: 'worker',
        id: 'w',
        input: { name: 'w' },
        onDone: { target: 'b', actions: note(({ event }) => event['output']) },
        onError: { target: 'b', actions: note(({ event }) => event['error'].message) },
      },
      on: {
        WORK: { actions: [sendTo('w', { type: 'DO' }), note('sent')] },
        TWO: { actions: [sendTo('w', { type: 'TWICE' }), sendTo('w', { type: 'DO' })] },
        FINISH: { actions: forwardTo('w') },
        BREAK: { actions: forwardTo('w') },
        AGAIN: { target: 'a', reenter: true },
        NEXT: 'b',
      },
    },
    b: { on: { NEXT: 'a', WORK: { actions: note('idle') } } },
  },
});

const spawning: AnyStateMachine = setup({ actions, actors: { worker } }).createMachine({
  context: { log: [], refs: [] },
  on: {
    SPAWN: {
      guard: ({ context }) => context['refs'].length < 3,
      actions: [
        assign({
          refs: ({ context, spawn }) => {
            const name = `w${context['refs'].length}`;
            return [...context['refs'], spawn('worker', { id: name, input: { name } })];
          },
        }),
        note('spawned'),
      ],
    },
    ALL: {
      actions: enqueueActions(({ context, enqueue }) => {
        for (const ref of context['refs']) enqueue.sendTo(ref, { type: 'DO' });
        enqueue.assign({ log: [...context['log'], 'all'] });
      }),
    },
    PEERS: {
      guard: ({ context }) => context['refs'].length > 1,
      actions: sendTo(
        ({ context }) => context['refs'][0],
        ({ context }) => ({ type: 'PEER', ref: context['refs'][1] }),
      ),
    },
    FINISH: {
      guard: ({ context }) => context['refs'].length > 0,
      actions: sendTo(({ context }) => context['refs'][0], { type: 'FINISH' }),
    },
    STOP: {
      guard: ({ context }) => context['refs'].length > 1,
      actions: stopChild(({ context }) => context['refs'][1]),
    },
    REPORT: { actions: note(({ event }) => `${event['from']} ${event['n']}`) },
    '*': { actions: note(({ event }) => event.type) },
  },
});

const leaf = setup({ actions }).createMachine({
  context: { log: [] },
  initial: 'x',
  on: {
    BREAK: { actions: assign(breakWith('leaf broke')) },
    TICK: { actions: [note('tick'), sendParent({ type: 'LEAF' })] },
    TELL: {
      actions: sendTo(
        ({ system }) => system.get('logger'),
        () => ({ type: 'NOTE', from: 'leaf' }),
      ),
    },
  },
  states: { x: { on: { END: 'y' } }, y: { type: 'final' } },
});

const middle = setup({ actions, actors: { leaf } }).createMachine({
  context: { log: [] },
  initial: 'm',
  on: {
    LEAF: { actions: [note('leaf'), sendParent({ type: 'MIDDLE' })] },
    '*': { actions: forwardTo('leaf') },
  },
  states: { m: { invoke: { src: 'leaf', id: 'leaf', onDone: 'n' } }, n: { type: 'final' } },
});

const logger = setup({ actions }).createMachine({
  context: { log: [] },
  on: { NOTE: { actions: note(({ event }) => event['from']) } },
});

const nested: AnyStateMachine = setup({ actions, actors: { middle, logger } }).createMachine({
  context: { log: [] },
  initial: 'run',
  on: { MIDDLE: { actions: note('middle') } },
  invoke: { src: 'logger', id: 'logger', systemId: 'logger' },
  states: {
    run: {
      invoke: {
        src: 'middle',
        id: 'middle',
        onDone: { target: 'rest', actions: note('done') },
        onError: { target: 'rest', actions: note(({ event }) => event['error'].message) },
      },
      on: {
        BREAK: { actions: forwardTo('middle') },
        TICK: { actions: forwardTo('middle') },
        TELL: { actions: forwardTo('middle') },
        END: { actions: forwardTo('middle') },
      },
    },
    rest: { on: { AGAIN: 'run' } },
  },
});

const watching: AnyStateMachine = setup({ actions, actors: { worker, counter } }).createMachine({
  context: ({ spawn }) => ({ log: [], c: spawn('counter', { id: 'c' }) }),
  initial: 'low',
  invoke: {
    src: 'worker',
    id: 'w',
    input: { name: 'w' },
    onSnapshot: { actions: note(({ event }) => event['snapshot'].context.n) },
  },
  on: {
    ADD: { actions: forwardTo('c') },
    BOOM: { actions: forwardTo('c') },
    WORK: { actions: sendTo('w', { type: 'DO' }) },
    'xstate.error.actor.c': { actions: note('c failed') },
  },
  states: {
    low: {
      on: {
        CHECK: [
          { guard: ({ context }) => context['c'].getSnapshot().context?.n > 2, target: 'high' },
          { actions: note('still low') },
        ],
      },
    },
    high: { on: { CHECK: 'low' } },
  },
});

const ponger = setup({ actions }).createMachine({
  context: { log: [] },
  on: {
    PING: {
      actions: [
        note(({ event }) => event['n']),
        sendParent(({ event }) => ({ type: 'PONG', n: event['n'] - 1 })),
      ],
    },
  },
});

const playing: AnyStateMachine = setup({ actions, actors: { ponger } }).createMachine({
  context: { log: [] },
  initial: 'i',
  invoke: [
    { src: 'ponger', id: 'p' },
    { src: 'ponger', id: 'q' },
  ],
  on: {
    PLAY: {
      actions: [
        sendTo('p', { type: 'PING', n: 4 }),
        sendTo('q', { type: 'PING', n: 3 }),
        note('play'),
      ],
    },
    PONG: [
      {
        guard: ({ event }) => event['n'] > 0,
        actions: [
          note(({ event }) => event['n']),
          sendTo(
            ({ event }) => (event['n'] % 2 === 0 ? 'p' : 'q'),
            ({ event }) => ({ type: 'PING', n: event['n'] }),
          ),
          sendTo(({ self }) => self, { type: 'SELF' }),
        ],
      },
      { actions: note('end') },
    ],
    SELF: { actions: note('self') },
  },
  states: {
    i: { always: { guard: ({ context }) => context['log'].length > 12, target: 'j' } },
    j: { entry: assign({ log: [] }), always: 'i' },
  },
});

export const trees: readonly Chart[] = [
  {
    name: 'an invoked worker and a counter',
    machine: invoking,
    events: events('WORK', 'TWO', 'FINISH', 'BREAK', 'AGAIN', 'NEXT'),
    below: [],
  },
  {
    name: 'spawned workers and peers',
    machine: spawning,
    events: events('SPAWN', 'ALL', 'PEERS', 'FINISH', 'STOP'),
    below: [],
  },
  {
    name: 'a child of a child, and a name of the system',
    machine: nested,
    events: events('BREAK', 'TICK', 'TELL', 'END', 'AGAIN'),
    below: [],
  },
  {
    name: 'watched and read snapshots',
    machine: watching,
    needs: 'system',
    events: [{ type: 'ADD', by: 2 }, ...events('ADD', 'CHECK', 'WORK', 'BOOM')],
    below: [],
  },
  { name: 'ping-pong', machine: playing, events: events('PLAY', 'SELF'), below: [] },
];
