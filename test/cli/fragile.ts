// A machine that throws on what its call brings, and on one of its events: as it is at first, and once
// people have mended it under the same version.

import { effect } from 'sagawright';
import { type AnyStateMachine, assign, setup } from 'xstate';

const charge = effect<null, number>({ name: 'charge' }, () => Promise.resolve(5));

export function createFragile(isMended: boolean): AnyStateMachine {
  const add = (amount: number): number => {
    if (isMended) return amount;
    throw new RangeError('The sum is wrong.');
  };
  return setup({
    types: { context: {} as { readonly sum: number } },
    actors: { charge },
    actions: {
      add: assign({ sum: ({ context }) => add(context.sum + 5) }),
    },
  }).createMachine({
    id: 'fragile',
    context: { sum: 0 },
    initial: 'open',
    on: { POKE: { actions: 'add' } },
    states: {
      open: { on: { PAY: 'paying' } },
      paying: {
        invoke: {
          id: 'pay',
          src: 'charge',
          input: null,
          onDone: { target: 'paid', actions: 'add' },
        },
      },
      paid: {},
    },
  });
}
