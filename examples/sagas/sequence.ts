// Steps one after the other. The last one is declined: what was done is undone, the last one first, and
// each undo is told the key, the input and the output of the call that it undoes.

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
    states: ['PAYMENT_PROCESSING', 'PAYMENT_COMPLETED'],
  })
  .step('inventory', {
    run: reserve,
    compensate: release,
    input: ({ input }) => ({ sku: input.sku }),
    states: ['RESERVING', 'INVENTORY_RESERVED'],
  })
  .step('shipping', {
    run: ship,
    input: ({ input, results }) => ({ sku: input.sku, chargeId: results.payment.chargeId }),
  })
  .build();

const SERVICES = ['charge', 'refund', 'reserve', 'release', 'ship'];

export async function run(print: Print): Promise<void> {
  for (const ship of ['works', 'declines'] as const) {
    print(`shipping ${ship}:`);
    const behaviour = ship === 'declines' ? { ship } : {};
    const engine = await openShop([order], SERVICES, print, behaviour);
    const actor = await engine.start(order, { id: 'o', input: { pence: 1250, sku: 'tea' } });
    const { status, results, failure } = await actor.result();
    print(`  ${status} ${JSON.stringify(results)} ${failure?.code ?? ''}`.trimEnd());
    await engine.stop();
  }
}
