// A machine of names that nobody would choose: with spaces, and with what a terminal acts on.

import type { AnyStateMachine } from 'xstate';
import { createMachine } from 'xstate';

export const odd: AnyStateMachine = createMachine({
  id: 'odd',
  type: 'parallel',
  states: {
    'the card': {
      initial: 'not yet paid',
      states: { 'not yet paid': { on: { pay: 'paid' } }, paid: {} },
    },
    '\u001b[2J\u009b31m\u202e': {},
  },
});
