// A small saga for crash tests: wait for a go, charge, reserve, ship; a refused reservation gives the
// money back. Its effects have the engine's own keys, which must be the same after every restart. Pure.

import { type EffectError, type EffectLogic, effect, effectError } from 'sagawright';
import { type AnyStateMachine, assign, setup } from 'xstate';

export interface PurchaseInput {
  readonly orderId: string;
  readonly amountMinor: number;
  readonly sku: string;
  readonly quantity: number;
}

/** What each of the gateway's operations comes down to here: the key that it ran under. */
export interface Done {
  readonly key: string;
}

const policy = {
  timeout: '2s',
  retry: { attempts: 8, initial: 10, max: 100 },
} as const;

const chargeCard: EffectLogic<PurchaseInput, Done> = effect(policy);
const reserveStock: EffectLogic<PurchaseInput, Done> = effect(policy);
const voidCharge: EffectLogic<{ readonly chargeKey: string }, Done> = effect(policy);

const withError = ({ event }: { event: { error?: unknown } }): EffectError =>
  effectError(event.error);

function createCall({ orderId, amountMinor, sku, quantity }: PurchaseInput): PurchaseInput {
  return { orderId, amountMinor, sku, quantity };
}

/** Ends in `confirmed` or `cancelled`; starts with `PAY`. */
export const purchase: AnyStateMachine = setup({
  types: {} as {
    context: PurchaseInput & { readonly chargeKey: string; readonly payments: number };
    input: PurchaseInput;
    events: { type: 'PAY' };
  },
  actors: { chargeCard, reserveStock, voidCharge },
  guards: { isRejected: (_, { outcome }: EffectError) => outcome === 'rejected' },
  actions: {
    noteCharge: assign({ chargeKey: (_, { key }: { readonly key: string }) => key }),
  },
}).createMachine({
  id: 'purchase',
  version: '1',
  context: ({ input }) => ({ ...input, chargeKey: '', payments: 0 }),
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        PAY: {
          target: 'charging',
          actions: assign({ payments: ({ context }) => context.payments + 1 }),
        },
      },
    },
    charging: {
      invoke: {
        id: 'charge',
        src: 'chargeCard',
        input: ({ context }) => createCall(context),
        onDone: {
          target: 'reserving',
          actions: { type: 'noteCharge', params: ({ event }) => event.output },
        },
        onError: [
          { guard: { type: 'isRejected', params: withError }, target: 'cancelled' },
          { target: 'voiding', actions: { type: 'noteCharge', params: withError } },
        ],
      },
      // Two payments would be two charges; the message that asks for a second one must change nothing.
      on: { PAY: { actions: assign({ payments: ({ context }) => context.payments + 1 }) } },
    },
    reserving: {
      invoke: {
        id: 'reserve',
        src: 'reserveStock',
        input: ({ context }) => createCall(context),
        onDone: 'confirmed',
        onError: 'voiding',
      },
    },
    voiding: {
      invoke: {
        id: 'void',
        src: 'voidCharge',
        input: ({ context: { chargeKey } }) => ({ chargeKey }),
        onDone: 'cancelled',
        onError: 'stuck',
      },
    },
    confirmed: { type: 'final' },
    cancelled: { type: 'final' },
    stuck: {},
  },
});
