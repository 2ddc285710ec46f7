// The machines of a small shop, for the pages of the command line and its tests: a saga that charges,
// reserves and ships, and a subscription with its invoice as a child. Small enough to be read in full.

import { type EffectLogic, effect, type SagaMachine, saga, type Undoes } from 'sagawright';
import type { AnyStateMachine } from 'xstate';
import { setup } from 'xstate';

export interface Purchase {
  readonly sku: string;
  readonly pence: number;
}

const policy = {
  timeout: '10s',
  retry: { attempts: 3, initial: '1m', max: '1m', backoff: 'constant', jitter: false },
} as const;

const charge: EffectLogic<Purchase, { readonly chargeId: string }> = effect({
  ...policy,
  name: 'charge',
});
const refund: EffectLogic<{ readonly undoes: Undoes<Purchase, object> }, string> = effect({
  ...policy,
  name: 'refund',
});
const reserve: EffectLogic<Purchase, string> = effect({ ...policy, name: 'reserve' });
const release: EffectLogic<{ readonly undoes: Undoes<Purchase, string> }, string> = effect({
  ...policy,
  name: 'release',
});
const ship: EffectLogic<Purchase, string> = effect({ ...policy, name: 'ship' });

export const checkout: SagaMachine<Purchase, object> = saga<Purchase>('checkout', { version: '2' })
  .step('payment', { run: charge, compensate: refund, input: ({ input }) => input })
  .step('inventory', { run: reserve, compensate: release, input: ({ input }) => input })
  .step('shipment', { run: ship, input: ({ input }) => input })
  .build();

const invoice: AnyStateMachine = setup({
  types: { events: {} as { readonly type: 'invoice.pay' } },
  delays: { term: 30 * 86_400_000 },
}).createMachine({
  id: 'invoice',
  initial: 'OPEN',
  states: {
    OPEN: { after: { term: 'OVERDUE' }, on: { 'invoice.pay': 'PAID' } },
    OVERDUE: { on: { 'invoice.pay': 'PAID' } },
    PAID: { type: 'final' },
  },
});

export const subscription: AnyStateMachine = setup({
  types: {
    context: {} as { readonly plan: string },
    input: {} as { readonly plan: string },
    events: {} as { readonly type: 'subscription.end' },
  },
  actors: { invoice },
  delays: { trial: 14 * 86_400_000 },
}).createMachine({
  id: 'subscription',
  context: ({ input }) => ({ plan: input.plan }),
  initial: 'TRIAL',
  states: {
    TRIAL: { after: { trial: 'PAYING' } },
    PAYING: {
      invoke: { src: 'invoice', id: 'invoice' },
      on: { 'subscription.end': 'ENDED' },
    },
    ENDED: { type: 'final' },
  },
});
