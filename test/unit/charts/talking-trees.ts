// Trees about messages in time: to references that were handed over, to names of the system, delayed
// ones with and without ids, timers of children.

import {
  type AnyStateMachine,
  assign,
  cancel,
  enqueueActions,
  forwardTo,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { task } from '../../conformance/calls.ts';
import type { Chart } from './chart.ts';
import { actions, endings, events, listener, note, noteType, worker } from './noted.ts';

/** Answers whoever asks, by the reference in the question. */
const answering = setup({ actions }).createMachine({
  id: 'answering',
  context: { log: [], asked: 0 },
  on: {
    ASK: {
      actions: [
        assign({ asked: ({ context }) => context['asked'] + 1 }),
        sendTo(
          ({ event }) => event['from'],
          ({ context }) => ({ type: 'ANSWER', n: context['asked'] }),
        ),
      ],
    },
  },
});

const asking = setup({
  actions,
  types: { input: {} as { readonly whom: unknown } },
}).createMachine({
  id: 'asking',
  context: ({ input }) => ({ log: [], whom: input.whom }),
  on: {
    GO: {
      actions: sendTo(
        ({ context }) => context['whom'],
        ({ self }) => ({ type: 'ASK', from: self }),
      ),
    },
    ANSWER: {
      actions: [
        note(({ event }) => event['n']),
        sendParent(({ event, self }) => ({ ...event, self })),
      ],
    },
  },
});

const conversation: AnyStateMachine = setup({
  actions,
  actors: { answering, asking },
}).createMachine({
  id: 'conversation',
  context: ({ spawn }) => {
    const whom = spawn('answering', { id: 'whom' });
    return {
      log: [],
      last: null,
      whom,
      a: spawn('asking', { id: 'a', input: { whom } }),
      b: spawn('asking', { id: 'b', input: { whom } }),
    };
  },
  on: {
    BOTH: { actions: [sendTo('a', { type: 'GO' }), sendTo('b', { type: 'GO' }), note('both')] },
    SELF: { actions: sendTo('whom', ({ self }) => ({ type: 'ASK', from: self })) },
    ANSWER: {
      actions: [note(({ event }) => event['n']), assign({ last: ({ event }) => event['self'] })],
    },
    LAST: {
      guard: ({ context }) => context['last'] != null,
      actions: sendTo(({ context }) => context['last'], { type: 'GO' }),
    },
  },
});

/** A name of the system that moves from one actor to the next. */
const named: AnyStateMachine = setup({
  actions,
  actors: { listener, worker, answering },
}).createMachine({
  id: 'named',
  context: { log: [] },
  initial: 'one',
  on: {
    TELL: {
      actions: enqueueActions(({ system, enqueue }) => {
        const it = system.get('it');
        if (it === undefined) enqueue(note('nobody'));
        else enqueue.sendTo(it, { type: 'HELLO' });
      }),
    },
    'xstate.done.actor.*': { actions: note('done') },
  },
  states: {
    one: {
      invoke: { src: 'listener', id: 'one', systemId: 'it' },
      on: { NEXT: 'two' },
    },
    two: {
      invoke: { src: 'worker', id: 'two', systemId: 'it', input: { name: 'two' } },
      on: { NEXT: 'three', FINISH: { actions: sendTo('two', { type: 'FINISH' }) } },
    },
    three: {
      entry: spawnChild('listener', { id: 'three', systemId: 'it' }),
      exit: stopChild('three'),
      on: { NEXT: 'one', AGAIN: { target: 'three', reenter: true } },
    },
  },
});

/** Delayed events that nobody can name, some of them due together. */
const unnamedDelays: AnyStateMachine = setup({ actions, actors: { listener } }).createMachine({
  id: 'unnamed-delays',
  context: { log: [] },
  invoke: { src: 'listener', id: 'l' },
  initial: 'on',
  states: {
    on: {
      on: {
        ARM: {
          actions: [
            raise({ type: 'R30' }, { delay: 30 }),
            sendTo('l', { type: 'S30' }, { delay: 30 }),
            sendTo(({ self }) => self, { type: 'S20' }, { delay: 20 }),
            raise({ type: 'R30 too' }, { delay: 30 }),
            raise({ type: 'R10' }, { delay: 10 }),
          ],
        },
        OFF: 'off',
      },
    },
    off: { on: { OFF: 'on' } },
  },
  on: { '*': { actions: noteType } },
});

/** Many at one moment, armed in an order that is not that of their ids. */
const together: AnyStateMachine = setup({ actions }).createMachine({
  id: 'together',
  context: { log: [] },
  on: {
    ARM: {
      actions: enqueueActions(({ enqueue }) => {
        for (const id of ['m', 'z', 'a', 'q', 'b', 'y', 'c', 'x', 'd']) {
          enqueue.cancel(id);
          enqueue.raise({ type: `due ${id}` }, { id, delay: 25 });
        }
        enqueue.cancel('q');
      }),
    },
    'due m': { actions: [cancel('b'), note('m')] },
    '*': { actions: noteType },
  },
});

const ticking = setup({
  actions,
  types: { input: {} as { readonly everyMs: number } },
  delays: { every: ({ context }) => context['everyMs'] },
}).createMachine({
  id: 'ticking',
  context: ({ input }) => ({ log: [], everyMs: input.everyMs, ticks: 0 }),
  initial: 'on',
  states: {
    on: {
      after: { every: { target: 'on', reenter: true } },
      entry: assign({ ticks: ({ context }) => context['ticks'] + 1 }),
      exit: sendParent(({ context }) => ({ type: 'TICK', n: context['ticks'] })),
      on: {
        SLOWER: { actions: assign({ everyMs: ({ context }) => context['everyMs'] + 7 }) },
      },
      always: { guard: ({ context }) => context['ticks'] > 6, target: 'off' },
    },
    off: { type: 'final' },
  },
});

/** A child's clock, which its parent slows down, stops in the middle and starts again. */
const clocked: AnyStateMachine = setup({ actions, actors: { ticking } }).createMachine({
  id: 'clocked',
  context: { log: [] },
  initial: 'on',
  on: { TICK: { actions: note(({ event }) => event['n']) } },
  states: {
    on: {
      invoke: {
        src: 'ticking',
        id: 'clock',
        input: { everyMs: 20 },
        onDone: { target: 'off', actions: note('done') },
      },
      after: { 333: 'off' },
      on: { STOP: 'off', SLOWER: { actions: forwardTo('clock') } },
    },
    off: { on: { START: 'on' }, after: { 55: 'on' } },
  },
});

/** Later messages of a child that is gone, and to one that is gone. */
const lateTalker = setup({ actions }).createMachine({
  id: 'late-talker',
  context: { log: [] },
  on: {
    ARM: {
      actions: [
        cancel('later'),
        sendParent({ type: 'LATE' }, { id: 'later', delay: 30 }),
        note('armed'),
      ],
    },
    HUSH: { actions: cancel('later') },
    '*': { actions: noteType },
  },
});

const tooLate: AnyStateMachine = setup({ actions, actors: { lateTalker } }).createMachine({
  id: 'too-late',
  context: { log: [] },
  initial: 'on',
  on: { LATE: { actions: note('late') } },
  states: {
    on: {
      invoke: { src: 'lateTalker', id: 't' },
      entry: sendTo('t', { type: 'OLD' }, { id: 'to old', delay: 40 }),
      on: {
        ARM: { actions: forwardTo('t') },
        HUSH: { actions: forwardTo('t') },
        SWAP: { target: 'on', reenter: true, actions: cancel('to old') },
        OFF: 'off',
      },
    },
    off: { on: { OFF: { target: 'on', actions: cancel('to old') } } },
  },
});

/** A call's end meets timers, and messages in between. */
const deadline: AnyStateMachine = setup({ actions, actors: { task } }).createMachine({
  id: 'deadline',
  context: { log: [], limit: 40 },
  initial: 'calling',
  states: {
    calling: {
      invoke: {
        src: 'task',
        id: 'call',
        onDone: { target: 'answered', actions: note(({ event }) => event['output']) },
        onError: { target: 'failed', actions: noteType },
      },
      initial: 'patient',
      states: {
        patient: { after: { 25: 'worried' } },
        worried: { entry: note('worried'), after: { 10: { actions: note('still') } } },
      },
      after: { 60: 'failed' },
      on: { CANCEL: 'failed' },
    },
    answered: { after: { 15: 'calling' } },
    failed: { on: { CANCEL: 'calling' }, after: { 500: { target: 'calling' } } },
  },
});

const below: readonly string[] = [];

export const talkingTrees: readonly Chart[] = [
  {
    name: 'references handed over in events',
    machine: conversation,
    events: events('BOTH', 'SELF', 'LAST'),
    below,
  },
  {
    name: 'a child sent to directly',
    machine: conversation,
    events: events('GO'),
    below: ['a', 'b'],
  },
  {
    name: 'a name of the system that changes hands',
    machine: named,
    events: events('TELL', 'NEXT', 'FINISH', 'TELL', 'AGAIN'),
    needs: 'system',
    below,
  },
  {
    name: 'delayed events without ids',
    machine: unnamedDelays,
    events: events('ARM', 'OFF'),
    advances: [10, 15, 35],
    below,
  },
  {
    name: 'events that fall due together',
    machine: together,
    events: events('ARM'),
    advances: [5, 25],
    below,
  },
  {
    name: 'the clock of a child',
    machine: clocked,
    events: events('STOP', 'START', 'SLOWER'),
    advances: [13, 41, 200],
    below,
  },
  {
    name: 'delayed events of and to a child that is gone',
    machine: tooLate,
    events: events('ARM', 'HUSH', 'SWAP', 'OFF'),
    advances: [11, 31, 45],
    below,
  },
  {
    name: 'a call against a deadline',
    machine: deadline,
    events: events('CANCEL'),
    advances: [14, 26, 61],
    endings,
    below,
  },
];
