// Trees about the order in which several actors are heard: at their start, and when all of them emit.

import { type AnyStateMachine, emit, log, sendParent, sendTo, setup, spawnChild } from 'xstate';
import type { Chart } from './chart.ts';
import { actions, events, note, noteType, worker } from './noted.ts';

/** Everybody emits and logs, and the order is kept. */
const loud = setup({
  actions: { ...actions, shout: (_, _params: { readonly what: string }) => undefined },
}).createMachine({
  id: 'loud',
  context: { log: [] },
  entry: emit({ type: 'born' }),
  on: {
    SAY: {
      actions: [
        emit({ type: 'one' }),
        sendParent({ type: 'HEARD' }),
        log('said'),
        emit({ type: 'two' }),
        { type: 'shout', params: { what: 'two' } },
      ],
    },
  },
  exit: emit({ type: 'gone' }),
});

const choir: AnyStateMachine = setup({
  actions: { ...actions, shout: (_, _params: { readonly n: number }) => undefined },
  actors: { loud },
}).createMachine({
  id: 'choir',
  context: { log: [] },
  initial: 'sing',
  states: {
    sing: {
      invoke: [
        { src: 'loud', id: 'a' },
        { src: 'loud', id: 'b' },
      ],
      entry: [emit({ type: 'starting' }), log('starting', 'choir')],
      exit: emit({ type: 'ending' }),
      on: {
        SING: {
          actions: [
            emit({ type: 'first' }),
            sendTo('b', { type: 'SAY' }),
            sendTo('a', { type: 'SAY' }),
            emit({ type: 'second' }),
          ],
        },
        HEARD: {
          actions: [
            emit(({ context }) => ({ type: 'heard', n: context['log'].length })),
            note('heard'),
            { type: 'shout', params: ({ context }) => ({ n: context['log'].length }) },
          ],
        },
        NEXT: 'rest',
      },
    },
    rest: { entry: emit({ type: 'resting' }), on: { NEXT: 'sing' } },
  },
});

/** At the start of an actor its children come first, then what it does itself. */
const greeter = setup({ actions, actors: { worker } }).createMachine({
  id: 'greeter',
  context: ({ spawn }) => ({
    log: [],
    spawned: spawn('worker', { id: 'spawned', input: { name: 'spawned' } }),
  }),
  entry: [
    sendTo(({ self }) => self, { type: 'SELF' }),
    sendTo('invoked', { type: 'DO' }),
    spawnChild('worker', { id: 'by action', input: { name: 'by action' } }),
    sendParent({ type: 'GREETER' }),
  ],
  invoke: { src: 'worker', id: 'invoked', input: { name: 'invoked' } },
  on: {
    REPORT: { actions: [note('report'), sendParent(({ event }) => event)] },
    '*': { actions: note(({ event }) => `${event.type} ${event['from']}`) },
  },
});

const greeting: AnyStateMachine = setup({ actions, actors: { greeter } }).createMachine({
  id: 'greeting',
  context: { log: [] },
  initial: 'on',
  entry: sendTo(({ self }) => self, { type: 'ROOT' }),
  on: { '*': { actions: noteType } },
  states: {
    on: {
      entry: sendTo(({ self }) => self, { type: 'ENTERED' }),
      invoke: { src: 'greeter', id: 'g' },
      on: { AGAIN: { target: 'on', reenter: true }, NEXT: 'off' },
    },
    off: { on: { NEXT: 'on' } },
  },
});

export const orderTrees: readonly Chart[] = [
  {
    name: 'greetings at the start',
    machine: greeting,
    events: events('AGAIN', 'NEXT'),
    below: ['g'],
  },
  {
    name: 'emitted events and logs of several actors',
    machine: choir,
    events: events('SING', 'NEXT', 'SAY'),
    below: ['a'],
  },
];
