// A machine that counts, pure and small, and what verify says of actors that are as they should be.

import type { VerifyReport } from 'sagawright';
import { type AnyStateMachine, assign, emit, setup } from 'xstate';

export const nothing: Pick<VerifyReport, 'mismatches' | 'omitted' | 'unverifiable'> = {
  mismatches: [],
  unverifiable: [],
  omitted: 0,
};

export const counter: AnyStateMachine = setup({
  types: {
    context: {} as { readonly count: number; readonly note: string },
    events: {} as { readonly type: 'ADD'; readonly by: number } | { readonly type: 'END' },
    emitted: {} as { readonly type: 'added'; readonly by: number },
  },
}).createMachine({
  id: 'counter',
  context: { count: 0, note: 'fine' },
  initial: 'open',
  states: {
    open: {
      after: { 60000: 'late' },
      on: {
        ADD: {
          actions: [
            assign({ count: ({ context, event }) => context.count + event.by }),
            emit(({ event }) => ({ type: 'added', by: event.by }) as const),
          ],
        },
        END: 'ended',
      },
    },
    late: {},
    ended: { type: 'final' },
  },
});
