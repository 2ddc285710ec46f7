// Steps side by side: payment and inventory start at once, shipping waits for both. Inventory fails while
// the payment is still on its way: the payment is waited for, then undone.

import { type SagaMachine, saga } from 'sagawright';
import {
  charge,
  type Order,
  openShop,
  type Print,
  refund,
  release,
  reserve,
  type Samples,
  samples,
  ship,
} from './shop.ts';

/** @public for `sagawright check` */
export const checkOptions: Samples = { order: samples };

export const order: SagaMachine<Order, object> = saga<Order>('order')
  .step('payment', {
    run: charge,
    compensate: refund,
    input: ({ input }) => ({ pence: input.pence }),
    after: [],
  })
  .step('inventory', {
    run: reserve,
    compensate: release,
    input: ({ input }) => ({ sku: input.sku }),
    after: [],
  })
  .step('shipping', {
    run: ship,
    input: ({ input, results }) => ({ sku: input.sku, chargeId: results.payment.chargeId }),
    after: ['payment', 'inventory'],
  })
  .build();

export async function run(print: Print): Promise<void> {
  const services = ['charge', 'refund', 'reserve', 'release', 'ship'];
  const engine = await openShop([order], services, print, { reserve: 'declines' });
  const actor = await engine.start(order, { id: 'o', input: { pence: 1250, sku: 'tea' } });
  const { status, failure } = await actor.result();
  print(`  ${status} because of ${failure?.step}`);
  await engine.stop();
}
