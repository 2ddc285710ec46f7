// Orders whose charge names its key itself: one alone, two effects at once, and one that its parent stops
// and starts again.

import { type EffectLogic, effect } from 'sagawright';
import { type AnyStateMachine, assign, setup } from 'xstate';
import { failing } from '../support/scripted-handler.ts';

interface Charge {
  readonly epoch: number | string;
}

export const charge: EffectLogic<Charge, unknown> = effect<Charge, unknown>(
  {
    timeout: '1d',
    retry: { attempts: 2, jitter: false, initial: '1s' },
    key: ({ input }) => `payment/${input.epoch}`,
  },
  failing,
);

export const order: AnyStateMachine = setup({
  types: {
    context: {} as { readonly epoch: number; readonly results: readonly unknown[] },
    events: {} as { readonly type: 'AGAIN' } | { readonly type: 'NEXT' },
  },
  actors: { charge },
  actions: {
    keep: assign({
      results: ({ context }, { result }: { readonly result: unknown }) => [
        ...context.results,
        result,
      ],
    }),
  },
}).createMachine({
  id: 'order',
  context: { epoch: 1, results: [] },
  initial: 'paying',
  on: {
    AGAIN: '.paying',
    NEXT: { target: '.paying', actions: assign({ epoch: ({ context }) => context.epoch + 1 }) },
  },
  states: {
    paying: {
      invoke: {
        id: 'pay',
        src: 'charge',
        input: ({ context }) => ({ epoch: context.epoch }),
        onDone: {
          target: 'rest',
          actions: { type: 'keep', params: ({ event }) => ({ result: event.output }) },
        },
        onError: {
          target: 'rest',
          actions: { type: 'keep', params: ({ event }) => ({ result: event.error }) },
        },
      },
    },
    rest: {},
  },
});

export const twins: AnyStateMachine = setup({
  types: { context: {} as { readonly a: unknown; readonly b: unknown } },
  actors: { charge },
}).createMachine({
  id: 'twins',
  context: { a: null, b: null },
  type: 'parallel',
  states: {
    a: {
      invoke: {
        src: 'charge',
        input: { epoch: 1 },
        onDone: { actions: assign({ a: ({ event }) => event.output }) },
      },
    },
    b: {
      invoke: {
        src: 'charge',
        input: { epoch: 1 },
        onDone: { actions: assign({ b: ({ event }) => event.output }) },
      },
    },
  },
});

/** Has the order as a child that it stops, and starts again at the same address. */
export const buyer: AnyStateMachine = setup({
  types: { events: {} as { readonly type: 'OFF' | 'ON' } },
  actors: { order },
}).createMachine({
  id: 'buyer',
  initial: 'on',
  states: {
    on: { invoke: { src: 'order', id: 'order' }, on: { OFF: 'off' } },
    off: { on: { ON: 'on' } },
  },
});

export const machines: readonly AnyStateMachine[] = [order, twins, buyer];
