// A machine of two regions that change apart, for what is counted and measured of its states.

import type { AnyStateMachine } from 'xstate';
import { createMachine, setup } from 'xstate';

export const rooms: AnyStateMachine = createMachine({
  id: 'rooms',
  type: 'parallel',
  states: {
    light: {
      initial: 'off',
      states: { off: { on: { light: 'on' } }, on: { on: { light: 'off' } } },
    },
    door: {
      initial: 'shut',
      states: {
        shut: { on: { door: 'open' } },
        open: { on: { door: 'shut', 'door.lift': 'gone' } },
        gone: { type: 'final' },
      },
    },
  },
});

/** Its rooms are there by day only: each day they begin anew. */
export const house: AnyStateMachine = setup({ actors: { rooms } }).createMachine({
  id: 'house',
  initial: 'day',
  states: {
    day: {
      invoke: { src: 'rooms', id: 'inside' },
      on: { turn: 'night', again: { target: 'day', reenter: true } },
    },
    night: { on: { turn: 'day' } },
  },
});
