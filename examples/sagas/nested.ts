// A step that is a saga itself runs as a child actor. When the saga above turns back later, the one below
// is undone as a whole, with the keys and outputs of its own steps.

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
export const checkOptions: Samples = { purchase: samples, delivery: samples };

export const purchase: SagaMachine<Order, object> = saga<Order>('purchase')
  .step('payment', {
    run: charge,
    compensate: refund,
    input: ({ input }) => ({ pence: input.pence }),
  })
  .step('inventory', {
    run: reserve,
    compensate: release,
    input: ({ input }) => ({ sku: input.sku }),
  })
  .build();

export const delivery: SagaMachine<Order, object> = saga<Order>('delivery')
  .step('purchase', { run: purchase, input: ({ input }) => input })
  .step('shipping', { run: ship, input: ({ input }) => ({ sku: input.sku, chargeId: 'c-1' }) })
  .build();

export async function run(print: Print): Promise<void> {
  const services = ['charge', 'refund', 'reserve', 'release', 'ship'];
  const engine = await openShop([delivery], services, print, { ship: 'declines' });
  const actor = await engine.start(delivery, { id: 'd', input: { pence: 1250, sku: 'tea' } });
  const { status } = await actor.result();
  print(`  ${status}`);
  await engine.stop();
}
