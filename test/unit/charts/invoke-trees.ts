// Trees about invoked children of every kind and about how they end: done at once or later, broken at
// their start or in a step, stopped by the state they belong to, ids used again.

import { type AnyStateMachine, assign, forwardTo, sendParent, sendTo, setup } from 'xstate';
import { task } from '../../conformance/calls.ts';
import type { Chart } from './chart.ts';
import {
  type Args,
  actions,
  counter,
  endings,
  events,
  listener,
  note,
  noteType,
  worker,
} from './noted.ts';

/** A child that ends at its first step, and one whose first step throws: where, its input says. */
const sprinter = setup({
  actions,
  types: { input: {} as { readonly breakAt: string } },
}).createMachine({
  id: 'sprinter',
  context: ({ input }) => {
    if (input.breakAt === 'context') throw new Error('broke in context');
    return { log: [], breakAt: input.breakAt };
  },
  entry: sendParent({ type: 'STARTED' }),
  initial: 'first',
  states: {
    first: {
      entry: assign(({ context }) => {
        if (context['breakAt'] === 'entry') throw new Error('broke in entry');
        return {};
      }),
      always: [
        {
          guard: ({ context }) => {
            if (context['breakAt'] === 'guard') throw new Error('broke in guard');
            return false;
          },
          target: 'second',
        },
        { guard: ({ context }) => context['breakAt'] !== 'never', target: 'second' },
      ],
    },
    second: { type: 'final', output: 'second' },
  },
  output: ({ event }) => ({ by: event.type, output: event['output'] }),
});

const sprinting: AnyStateMachine = setup({ actions, actors: { sprinter } }).createMachine({
  id: 'sprinting',
  context: { log: [], breakAt: 'nowhere' },
  initial: 'rest',
  on: { STARTED: { actions: note('started') } },
  states: {
    rest: {
      on: {
        RUN: { target: 'run', actions: assign({ breakAt: ({ event }) => event['breakAt'] }) },
      },
    },
    run: {
      entry: note('run'),
      invoke: {
        src: 'sprinter',
        id: 's',
        input: ({ context }) => ({ breakAt: context['breakAt'] }),
        onDone: { target: 'rest', actions: note(({ event }) => event['output'].by) },
        onError: { target: 'rest', actions: noteType },
      },
      on: { RUN: { target: 'run', reenter: true }, STOP: 'rest' },
    },
  },
});

/** Nobody handles the end of its children by error: it fails itself, and its parent hears of it. */
const careless: AnyStateMachine = setup({ actions, actors: { worker, task } }).createMachine({
  id: 'careless',
  context: { log: [] },
  invoke: [
    { src: 'worker', id: 'w', input: { name: 'w' } },
    { src: 'task', id: 't' },
  ],
  on: { BREAK: { actions: forwardTo('w') }, REPORT: { actions: note('report') } },
});

const escalating: AnyStateMachine = setup({ actions, actors: { careless } }).createMachine({
  id: 'escalating',
  context: { log: [] },
  initial: 'on',
  states: {
    on: {
      invoke: { src: 'careless', id: 'c', onError: { target: 'off', actions: noteType } },
      on: { BREAK: { actions: sendTo('c', { type: 'BREAK' }) } },
    },
    off: { on: { AGAIN: 'on' } },
  },
});

const retried: AnyStateMachine = setup({
  actions,
  actors: { task },
  // Never due together in two of them: between actors, the order of such timers is the engine's own.
  delays: {
    patience: ({ context }) => 90 + context['later'],
    pause: ({ context }) => 20 + context['later'],
  },
}).createMachine({
  id: 'retried',
  context: ({ input }) => ({ log: [], tries: 0, later: (input as number | undefined) ?? 0 }),
  initial: 'trying',
  states: {
    trying: {
      entry: assign({ tries: ({ context }) => context['tries'] + 1 }),
      invoke: {
        src: 'task',
        id: 'call',
        input: ({ context }: Args) => ({ try: context['tries'] }),
        onDone: { target: 'done', actions: note(({ event }) => event['output']) },
        onError: [
          {
            guard: ({ context }) => context['tries'] < 4,
            target: 'waiting',
            actions: note(({ event }) => (event['error'] as Error).message),
          },
          { target: 'given up' },
        ],
      },
      after: { patience: { target: 'waiting', actions: note('timeout') } },
    },
    waiting: { after: { pause: 'trying' }, on: { NOW: 'trying' } },
    done: { on: { NOW: { target: 'trying', actions: assign({ tries: 0 }) } } },
    'given up': { type: 'final' },
  },
  output: ({ context }) => context['tries'],
});

const deepCalls: AnyStateMachine = setup({ actions, actors: { retried } }).createMachine({
  id: 'deep-calls',
  context: { log: [] },
  initial: 'on',
  states: {
    on: {
      invoke: [
        {
          src: 'retried',
          id: 'left',
          onDone: { target: 'off', actions: note(({ event }) => event['output']) },
        },
        { src: 'retried', id: 'right', input: 1 },
      ],
      on: { TOGGLE: 'off', KICK: { target: 'on', reenter: true } },
    },
    off: { on: { TOGGLE: 'on' } },
  },
});

/** The first to end moves on and stops the others. */
const racing: AnyStateMachine = setup({ actions, actors: { task, worker } }).createMachine({
  id: 'racing',
  context: { log: [], rounds: 0 },
  initial: 'race',
  states: {
    race: {
      entry: assign({ rounds: ({ context }) => context['rounds'] + 1 }),
      invoke: ['a', 'b', 'c'].map((id) => ({
        src: 'task' as const,
        id,
        input: id,
        onDone: { target: 'over', actions: note(`${id} won`) },
        onError: { actions: note(`${id} fell`) },
      })),
    },
    over: {
      always: { guard: ({ context }) => context['rounds'] > 4, target: 'end' },
      invoke: { src: 'worker', id: 'a', input: { name: 'a' }, onDone: 'race' },
      on: { FINISH: { actions: forwardTo('a') }, RACE: 'race' },
    },
    end: { type: 'final', output: ({ context }) => context['log'].length },
  },
  output: ({ event }) => event.output,
});

/** One id, three kinds of children, one after the other; each is said goodbye on the way out. */
const sameId: AnyStateMachine = setup({
  actions,
  actors: { task, worker, counter },
}).createMachine({
  id: 'same-id',
  context: { log: [] },
  initial: 'worker',
  on: {
    TELL: { actions: [sendTo('x', { type: 'ADD', by: 3 }), note('told')] },
    REPORT: { actions: note('report') },
    UP: { actions: note('up') },
    BYE: { actions: note('bye') },
  },
  states: {
    worker: {
      invoke: { src: 'worker', id: 'x', input: { name: 'x' }, onDone: { actions: note('done') } },
      exit: sendTo('x', { type: 'DO' }),
      on: { NEXT: 'reducer', FINISH: { actions: forwardTo('x') } },
    },
    reducer: {
      invoke: { src: 'counter', id: 'x' },
      entry: sendTo('x', { type: 'ADD' }),
      on: { NEXT: 'call', FINISH: { target: 'worker' } },
    },
    call: {
      invoke: { src: 'task', id: 'x', onDone: 'worker', onError: 'reducer' },
      exit: sendTo('x', { type: 'DO' }),
      on: { NEXT: 'worker' },
    },
  },
});

/** A child gets its parent, itself is in its context, and what it was started by. */
const introduced: AnyStateMachine = setup({
  actions,
  types: { input: {} as { readonly parent: unknown; readonly by: string } },
}).createMachine({
  id: 'introduced',
  context: ({ input, self }) => ({ log: [], ...input, self }),
  on: {
    ASK: { actions: sendTo(({ context }) => context['parent'], { type: 'ANSWER' }) },
    SELF: { actions: sendTo(({ context }) => context['self'], { type: 'HEARD' }) },
    HEARD: { actions: note('heard') },
  },
});

const introducing: AnyStateMachine = setup({ actions, actors: { introduced } }).createMachine({
  id: 'introducing',
  context: { log: [] },
  initial: 'alone',
  on: { ANSWER: { actions: note('answer') } },
  states: {
    alone: { on: { MEET: 'together' } },
    together: {
      invoke: {
        src: 'introduced',
        id: 'i',
        input: ({ self, event }: Args & { readonly self: unknown }) => ({
          parent: self,
          by: event.type,
        }),
      },
      on: {
        MEET: 'alone',
        ASK: { actions: forwardTo('i') },
        SELF: { actions: forwardTo('i') },
      },
    },
  },
});

/** Ends with children, calls and timers under way. */
const leaving: AnyStateMachine = setup({
  actions,
  actors: { task, worker, listener, retried },
}).createMachine({
  id: 'leaving',
  context: { log: [] },
  initial: 'open',
  invoke: [
    { src: 'listener', id: 'l' },
    { src: 'retried', id: 'r' },
    { src: 'task', id: 't', onDone: '.closed', onError: { actions: noteType } },
  ],
  exit: [sendTo('l', { type: 'GOODBYE' }), note('exit')],
  states: {
    open: { after: { 100: 'closed' }, on: { CLOSE: 'closed', SAY: { actions: forwardTo('l') } } },
    closed: {
      type: 'final',
      invoke: { src: 'worker', id: 'w', input: { name: 'w' } },
      entry: sendTo('l', { type: 'CLOSING' }),
      output: ({ context }) => context['log'],
    },
  },
  output: ({ event, context }) => ({ by: event.type, log: context['log'] }),
});

const breaking: AnyStateMachine = setup({ actions, actors: { worker, counter } }).createMachine({
  id: 'breaking',
  context: { log: [] },
  type: 'parallel',
  states: {
    work: {
      initial: 'on',
      states: {
        on: {
          invoke: {
            src: 'worker',
            id: 'w',
            input: { name: 'w' },
            onError: { target: 'broken', actions: noteType },
          },
          on: {
            BREAK: { actions: forwardTo('w') },
            WORK: { actions: sendTo('w', { type: 'DO' }) },
          },
        },
        broken: {
          // It is still known: what it is sent is dropped.
          entry: note('broken'),
          on: { MEND: 'on' },
        },
      },
    },
    count: {
      initial: 'on',
      on: { REPORT: { actions: sendTo('c', { type: 'ADD' }) } },
      invoke: { src: 'counter', id: 'c' },
      states: {
        on: {
          on: { BOOM: { actions: forwardTo('c') }, 'xstate.error.actor.c': 'off' },
        },
        off: {
          on: { BREAK: { actions: [sendTo('c', { type: 'ADD' }), note('to a broken one')] } },
        },
      },
    },
  },
});

const below: readonly string[] = [];

export const invokeTrees: readonly Chart[] = [
  {
    name: 'children that end or break at their start',
    machine: sprinting,
    events: [
      ...['nowhere', 'context', 'entry', 'guard', 'never'].map((breakAt) => ({
        type: 'RUN',
        breakAt,
      })),
      ...events('STOP'),
    ],
    below,
  },
  {
    name: 'an error that nobody in the middle handles',
    machine: escalating,
    events: events('BREAK', 'AGAIN'),
    endings,
    below,
  },
  {
    name: 'an error that nobody handles',
    machine: careless,
    events: events('BREAK'),
    endings,
    below,
  },
  {
    name: 'calls that are tried again',
    machine: retried,
    events: events('NOW'),
    advances: [10, 21, 95],
    endings,
    below,
  },
  {
    name: 'calls of children that are stopped',
    machine: deepCalls,
    events: events('TOGGLE', 'KICK', 'NOW'),
    // Tens, as all delays on the left; on the right, up to eight delays in a row end one later each.
    advances: [30, 100],
    endings,
    below: ['left', 'right'],
  },
  { name: 'a race of calls', machine: racing, events: events('FINISH', 'RACE'), endings, below },
  {
    name: 'one id for children of three kinds',
    machine: sameId,
    events: events('TELL', 'NEXT', 'FINISH'),
    endings,
    below,
  },
  {
    name: 'references in input and context',
    machine: introducing,
    events: events('MEET', 'ASK', 'SELF'),
    below: ['i'],
  },
  {
    name: 'an end with children, calls and timers under way',
    machine: leaving,
    events: events('CLOSE', 'SAY'),
    advances: [50],
    endings,
    below: ['l'],
  },
  {
    name: 'children that break in regions',
    machine: breaking,
    events: events('BREAK', 'WORK', 'MEND', 'BOOM'),
    below,
  },
];
