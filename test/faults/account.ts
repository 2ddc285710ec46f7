// The machine of the fault tests: an account that adds up, arms a timer and posts itself to the outside.
// Small, so that what a fault leaves can be told to the last entry. Pure.

import { type EffectLogic, effect } from 'sagawright';
import { type AnyStateMachine, assign, raise, setup } from 'xstate';

export type AccountEvent =
  | { readonly type: 'ADD'; readonly amount: number; readonly fill?: string }
  | { readonly type: 'ARM'; readonly delayMs: number }
  | { readonly type: 'POST' };

/** What the outside is asked to note. */
export interface Post {
  readonly total: number;
}

const post: EffectLogic<Post, { readonly key: string }> = effect(
  { timeout: '1h', retry: { attempts: 3, jitter: false, initial: 50 } },
  ({ key }) => Promise.resolve({ key }),
);

export const account: AnyStateMachine = setup({
  types: {} as {
    context: { readonly total: number; readonly rings: number; readonly posted: string };
    events: AccountEvent | { readonly type: 'RING' };
  },
  actors: { post },
  actions: {
    notePost: assign({ posted: (_, { key }: { readonly key: string }) => key }),
  },
}).createMachine({
  id: 'account',
  version: '1',
  context: { total: 0, rings: 0, posted: '' },
  initial: 'open',
  on: {
    ADD: { actions: assign({ total: ({ context, event }) => context.total + event.amount }) },
    ARM: { actions: raise({ type: 'RING' }, { id: 'bell', delay: ({ event }) => event.delayMs }) },
    RING: { actions: assign({ rings: ({ context }) => context.rings + 1 }) },
  },
  states: {
    open: { on: { POST: 'posting' } },
    posting: {
      invoke: {
        id: 'post',
        src: 'post',
        input: ({ context: { total } }) => ({ total }),
        onDone: {
          target: 'posted',
          actions: { type: 'notePost', params: ({ event }) => event.output },
        },
        onError: 'failed',
      },
    },
    posted: {},
    failed: {},
  },
});
