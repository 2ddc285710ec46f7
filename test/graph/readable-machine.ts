// One machine with every kind of thing that a chart can hold, for the tests of the model and of the
// renderers. Never run.

import {
  type AnyStateMachine,
  and,
  assign,
  emit,
  fromPromise,
  not,
  or,
  raise,
  sendParent,
  setup,
} from 'xstate';

const work = fromPromise(() => Promise.resolve(1));

/** Escapes are needed for its names. */
export const readableMachine: AnyStateMachine = setup({
  actors: { work },
  guards: {
    isOpen: () => true,
    isPaid: () => true,
    hasFailed: (_, _params: { step: string }) => true,
  },
  delays: { wait: 90_000, later: () => 5 },
}).createMachine({
  id: 'readable',
  version: '3',
  description: 'Everything once.',
  initial: 'idle',
  context: { total: 0 },
  on: { RESET: '.idle' },
  states: {
    idle: {
      tags: ['calm'],
      description: 'Waits for "work" & <more>.',
      entry: emit({ type: 'work.awaited' }),
      exit: 'leave',
      on: {
        START: [
          { guard: and(['isOpen', not('isPaid')]), target: 'busy', actions: 'begin' },
          { guard: { type: 'hasFailed', params: { step: 'payment' } }, target: 'busy.right' },
        ],
        NOTE: { actions: assign({ total: 1 }) },
        AGAIN: { target: 'idle', reenter: true },
        IGNORED: {},
        SPLIT: { target: ['busy.left.two', 'busy.right'] },
        BACK: 'busy.last',
      },
    },
    busy: {
      type: 'parallel',
      onDone: 'ended',
      after: { wait: 'ended', 250: { guard: or(['isOpen', 'isPaid']), target: 'idle' } },
      states: {
        left: {
          initial: 'one',
          states: {
            one: {
              invoke: {
                id: 'w',
                src: 'work',
                onDone: 'two',
                onError: { actions: raise({ type: 'OUT' }) },
              },
            },
            two: { after: { later: '#end-left' } },
            over: { id: 'end-left', type: 'final' },
          },
        },
        right: { always: { guard: 'isPaid', actions: sendParent({ type: 'told' }) } },
        last: { type: 'history', history: 'deep' },
      },
    },
    ended: { type: 'final' },
  },
} as never) as unknown as AnyStateMachine;
