// A stock item as a statechart: what transactions, virtual actors and revisions are tested with. Counts
// are whole; a reservation that is too large is refused by a guard.

import { assign, emit, setup } from 'xstate';

export const stock = setup({
  types: {
    context: {} as { readonly sku: string; readonly available: number },
    input: {} as { readonly sku: string; readonly available: number },
    events: {} as
      | { readonly type: 'reserve'; readonly quantity: number }
      | { readonly type: 'release'; readonly quantity: number }
      | { readonly type: 'break' }
      | { readonly type: 'close' },
    emitted: {} as { readonly type: 'reserved'; readonly quantity: number },
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
