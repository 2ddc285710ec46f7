// Trees about spawned children: by assign, by action, in the context factory, stopped and replaced,
// finished and spoken to later, with children of their own.

import {
  type AnyStateMachine,
  assign,
  enqueueActions,
  forwardTo,
  type MachineContext,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';
import { task } from '../../conformance/calls.ts';
import type { Chart } from './chart.ts';
import {
  actions,
  breakWith,
  counter,
  endings,
  events,
  listener,
  note,
  noteType,
  worker,
} from './noted.ts';

/** A finished child stays known: what it is sent is dropped, and its snapshot is still there. */
const finished: AnyStateMachine = setup({ actions, actors: { worker } }).createMachine({
  id: 'finished',
  context: ({ spawn }) => ({ log: [], w: spawn('worker', { id: 'w', input: { name: 'w' } }) }),
  on: {
    DO: { actions: [sendTo(({ context }) => context['w'], { type: 'DO' }), note('sent')] },
    BY_ID: { actions: [sendTo('w', { type: 'DO' }), note('sent by id')] },
    FINISH: { actions: forwardTo('w') },
    STOP: { actions: [stopChild('w'), note('stopped')] },
    BYE: { actions: note('bye') },
    REPORT: { actions: note('report') },
    'xstate.done.actor.w': {
      actions: note(({ event }) => event['output']),
    },
  },
});

/** An id that is free again is used again, by the same logic and by another. */
const again: AnyStateMachine = setup({
  actions,
  actors: { worker, listener, counter },
}).createMachine({
  id: 'again',
  context: { log: [], round: 0 },
  initial: 'none',
  on: { '*': { actions: noteType } },
  states: {
    none: {
      on: {
        SPAWN: [
          {
            guard: ({ context }) => context['round'] % 2 === 0,
            target: 'some',
            actions: spawnChild('worker', { id: 'x', input: { name: 'x' } }),
          },
          { target: 'some', actions: spawnChild('listener', { id: 'x' }) },
        ],
      },
    },
    some: {
      exit: [assign({ round: ({ context }) => context['round'] + 1 })],
      on: {
        TELL: { actions: sendTo('x', { type: 'DO' }) },
        FINISH: { actions: sendTo('x', { type: 'FINISH' }) },
        STOP: { target: 'none', actions: [sendTo('x', { type: 'DO' }), stopChild('x')] },
        'xstate.done.actor.x': { target: 'none', actions: note('done') },
      },
    },
  },
});

/** A child of each level, each started by the one above, and each telling its parent of it. */
const leafOf = (name: string): AnyStateMachine =>
  setup({ actions }).createMachine({
    id: name,
    context: { log: [] },
    entry: sendParent({ type: 'BORN', name }),
    on: { STOP_ME: { actions: sendParent({ type: 'STOP', name }) }, '*': { actions: noteType } },
  });

const branch: AnyStateMachine = setup({
  actions,
  actors: { left: leafOf('left'), right: leafOf('right'), task },
}).createMachine({
  id: 'branch',
  context: ({ spawn }) => ({ log: [], left: spawn('left', { id: 'left' }) }),
  entry: spawnChild('right', { id: 'right' }),
  invoke: { src: 'task', id: 'call', onDone: '.over', onError: { actions: noteType } },
  initial: 'growing',
  on: {
    BORN: { actions: [note(({ event }) => event['name']), sendParent(({ event }) => event)] },
    SHAKE: { actions: [sendTo('left', { type: 'SHAKEN' }), sendTo('right', { type: 'SHAKEN' })] },
    STOP: { actions: stopChild(({ event }) => event['name']) },
  },
  states: { growing: {}, over: { type: 'final' } },
  output: ({ context }) => context['log'],
});

const growing: AnyStateMachine = setup({ actions, actors: { branch } }).createMachine({
  id: 'growing',
  context: { log: [], n: 0 },
  on: {
    BORN: { actions: note(({ event }) => event['name']) },
    GROW: {
      guard: ({ context }) => context['n'] < 3,
      actions: [
        assign({ n: ({ context }) => context['n'] + 1 }),
        spawnChild('branch', {
          id: ({ context }: { context: MachineContext }) => `b${context['n']}`,
        }),
      ],
    },
    CUT: {
      guard: ({ context }) => context['n'] > 0,
      actions: [
        stopChild(({ context }: { context: MachineContext }) => `b${context['n']}`),
        assign({ n: ({ context }) => context['n'] - 1 }),
      ],
    },
    SHAKE: {
      guard: ({ context }) => context['n'] > 0,
      actions: forwardTo(({ context }) => `b${context['n']}`),
    },
    'xstate.done.actor.*': { actions: note(({ event }) => event['output']) },
  },
});

/** Children without ids, kept by reference. */
const unnamed: AnyStateMachine = setup({
  actions,
  actors: { listener, worker, task },
}).createMachine({
  id: 'unnamed',
  context: { log: [], refs: [] },
  on: {
    SPAWN: {
      guard: ({ context }) => context['refs'].length < 4,
      actions: assign({
        refs: ({ context, spawn }) => [
          ...context['refs'],
          context['refs'].length % 2 === 0
            ? spawn('listener')
            : spawn('worker', { input: { name: 'unnamed' } }),
        ],
      }),
    },
    CALL: { actions: assign(({ spawn }) => ({ call: spawn('task', { input: 'call' }) })) },
    TELL: {
      actions: enqueueActions(({ context, enqueue }) => {
        for (const ref of context['refs']) enqueue.sendTo(ref, { type: 'DO' });
      }),
    },
    DROP: {
      guard: ({ context }) => context['refs'].length > 0,
      actions: [
        stopChild(({ context }) => context['refs'][0]),
        assign({ refs: ({ context }) => context['refs'].slice(1) }),
      ],
    },
    REPORT: { actions: note('report') },
    'xstate.error.*': { actions: note(({ event }) => event['error'].message) },
    'xstate.done.*': { actions: note(({ event }) => event['output']) },
  },
});

/** Each step is enqueued by what the one before has left. */
const enqueuing: AnyStateMachine = setup({
  actions,
  actors: { worker, counter },
  guards: { hasMany: ({ context }) => context['ids'].length > 2 },
}).createMachine({
  id: 'enqueuing',
  context: { log: [], ids: [] },
  on: {
    GO: {
      actions: enqueueActions(({ context, enqueue, check, self }) => {
        const id = `w${context['ids'].length}`;
        if (check('hasMany')) {
          for (const known of context['ids']) enqueue.stopChild(known);
          enqueue.assign({ ids: [] });
          enqueue.sendTo(self, { type: 'CLEARED' });
          return;
        }
        enqueue.assign({ ids: [...context['ids'], id] });
        enqueue.spawnChild('worker', { id, input: { name: id } });
        enqueue.sendTo(id, { type: 'TWICE' });
        const [told, spawned] = [
          { type: 'spawned', id },
          { type: 'SPAWNED', id },
        ];
        enqueue.emit(told);
        enqueue.raise(spawned);
      }),
    },
    SPAWNED: { actions: note(({ event }) => `${event['id']} is there`) },
    CLEARED: { actions: note('cleared') },
    REPORT: { actions: note(({ event }) => event['n']) },
    UP: { actions: note('up') },
  },
});

/** What was stopped in a step is not sent anything any more, by reference or through another. */
const stopping: AnyStateMachine = setup({
  actions,
  actors: { listener, worker },
}).createMachine({
  id: 'stopping',
  context: ({ spawn }) => ({
    log: [],
    a: spawn('listener', { id: 'a' }),
    b: spawn('worker', { id: 'b', input: { name: 'b' } }),
  }),
  on: {
    STOP_A: {
      actions: [
        sendTo(({ context }) => context['a'], { type: 'BEFORE' }),
        stopChild(({ context }) => context['a']),
        sendTo(({ context }) => context['a'], { type: 'AFTER' }),
        note('stopped a'),
      ],
    },
    STOP_B: { actions: [stopChild(({ context }) => context['b']), note('stopped b')] },
    ANEW: {
      actions: [
        stopChild(({ context }) => context['a']),
        assign({ a: ({ spawn }) => spawn('listener', { id: 'a' }) }),
        sendTo(({ context }) => context['a'], { type: 'WELCOME' }),
      ],
    },
    PEER: {
      actions: sendTo(
        ({ context }) => context['b'],
        ({ context }) => ({ type: 'PEER', ref: context['a'] }),
      ),
    },
    BREAK: { actions: sendTo(({ context }) => context['b'], { type: 'BREAK' }) },
    'xstate.error.actor.b': { actions: noteType },
  },
});

/** A parent that stops its child while the child is still telling it something. */
const chatty: AnyStateMachine = setup({ actions }).createMachine({
  id: 'chatty',
  context: { log: [] },
  on: {
    TALK: {
      actions: [
        sendParent({ type: 'ENOUGH' }),
        note('said one'),
        sendParent({ type: 'MORE' }),
        sendTo(({ self }) => self, { type: 'LATER' }),
      ],
    },
    END: '.ended',
    LATER: { actions: [note('later'), sendParent({ type: 'LATER' })] },
  },
  initial: 'on',
  states: { on: {}, ended: { type: 'final', entry: sendParent({ type: 'ENDING' }) } },
});

const impatient: AnyStateMachine = setup({ actions, actors: { chatty } }).createMachine({
  id: 'impatient',
  context: { log: [] },
  initial: 'hearing',
  on: { '*': { actions: noteType } },
  states: {
    hearing: {
      invoke: { src: 'chatty', id: 'c', onDone: { actions: note('done') } },
      on: {
        TALK: { actions: sendTo('c', { type: 'TALK' }) },
        END: { actions: sendTo('c', { type: 'END' }) },
        ENOUGH: { target: 'resting', actions: note('enough') },
      },
    },
    resting: { on: { AGAIN: 'hearing' } },
  },
});

/** The context factory breaks, or an action does, while children were made already. */
const unborn: AnyStateMachine = setup({
  actions,
  actors: { worker },
  types: { input: {} as { readonly breakAt: string } },
}).createMachine({
  id: 'unborn',
  context: ({ spawn, input }) => {
    const w = spawn('worker', { id: 'w', input: { name: 'w' } });
    if (input.breakAt === 'context') throw new Error('context broke');
    return { log: [], w, breakAt: input.breakAt };
  },
  entry: assign(({ context }) => {
    if (context['breakAt'] === 'entry') throw new Error('entry broke');
    return {};
  }),
  on: { UP: { actions: note('up') } },
});

const bearing: AnyStateMachine = setup({ actions, actors: { unborn } }).createMachine({
  id: 'bearing',
  context: { log: [], n: 0 },
  on: {
    BEAR: {
      actions: [
        assign({ n: ({ context }) => context['n'] + 1 }),
        spawnChild('unborn', {
          id: ({ context }: { context: MachineContext }) => `u${context['n']}`,
          input: ({ event }: { event: { breakAt?: string } }) => ({
            breakAt: event.breakAt ?? 'nowhere',
          }),
        }),
      ],
    },
    'xstate.error.actor.*': { actions: noteType },
  },
});

const brokenStart: AnyStateMachine = setup({ actions, actors: { listener } }).createMachine({
  id: 'broken-start',
  context: ({ spawn }) => ({ log: [], l: spawn('listener', { id: 'l' }) }),
  entry: [sendTo('l', { type: 'HI' }), assign(breakWith('never started'))],
});

const below: readonly string[] = [];

export const spawnTrees: readonly Chart[] = [
  {
    name: 'a finished child that is spoken to',
    machine: finished,
    events: events('DO', 'FINISH'),
    below: ['w'],
  },
  {
    name: 'a spawned child that is stopped and spoken to',
    machine: finished,
    events: events('DO', 'STOP', 'BY_ID'),
    below,
  },
  {
    name: 'ids that are used again',
    machine: again,
    events: events('SPAWN', 'TELL', 'FINISH', 'STOP'),
    below,
  },
  {
    name: 'children of children',
    machine: growing,
    events: events('GROW', 'CUT', 'SHAKE'),
    endings: endings.slice(0, 2),
    below: ['b1'],
  },
  {
    name: 'children without ids',
    machine: unnamed,
    events: events('SPAWN', 'CALL', 'TELL', 'DROP'),
    endings,
    below,
  },
  { name: 'children spawned in enqueued steps', machine: enqueuing, events: events('GO'), below },
  {
    name: 'children stopped and spoken to in one step',
    machine: stopping,
    events: events('STOP_A', 'STOP_B', 'ANEW', 'PEER', 'BREAK'),
    below,
  },
  {
    name: 'a child stopped while it speaks',
    machine: impatient,
    events: events('TALK', 'END', 'AGAIN'),
    below: ['c'],
  },
  {
    name: 'children of a child that breaks at its start',
    machine: bearing,
    events: [
      ...events('BEAR'),
      { type: 'BEAR', breakAt: 'context' },
      { type: 'BEAR', breakAt: 'entry' },
    ],
    below,
  },
  { name: 'a root that breaks at its start', machine: brokenStart, events: events('X'), below },
];
