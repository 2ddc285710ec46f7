// A stock item as a statechart: what transactions, virtual actors and revisions are tested with. Counts
// are whole; a reservation that is too large is refused by a guard.

import { type AnyStateMachine, assign, emit, setup } from 'xstate';

interface Shelf {
  readonly sku: string;
  readonly available: number;
}

type StockEvent =
  | { readonly type: 'reserve' | 'release'; readonly quantity: number }
  | { readonly type: 'break' | 'close' };

interface Reserved {
  readonly type: 'reserved';
  readonly quantity: number;
}

export const stock: AnyStateMachine = setup({
  types: {
    context: {} as Shelf,
    input: {} as Shelf,
    events: {} as StockEvent,
    emitted: {} as Reserved,
  },
  guards: {
    enough: ({ context }, { quantity }: { readonly quantity: number }) =>
      quantity <= context.available,
  },
}).createMachine({
  id: 'stock',
  context: ({ input }) => ({ ...input }),
  initial: 'open',
  states: {
    open: {
      on: {
        reserve: {
          guard: { type: 'enough', params: ({ event }) => ({ quantity: event.quantity }) },
          actions: [
            assign({ available: ({ context, event }) => context.available - event.quantity }),
            emit(({ event }) => ({ type: 'reserved', quantity: event.quantity })),
          ],
        },
        release: {
          actions: assign({
            available: ({ context, event }) => context.available + event.quantity,
          }),
        },
        break: {
          actions: assign(() => {
            throw new Error('The shelf fell.');
          }),
        },
        close: 'closed',
      },
    },
    closed: { type: 'final' },
  },
});
