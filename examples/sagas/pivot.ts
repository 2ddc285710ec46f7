// The step of no return: up to it the saga turns back, past it it only goes forward. Here the step behind
// the pivot breaks; CANCEL is refused, the saga waits in needsAttention, and RETRY finishes it.

import { type SagaMachine, saga } from 'sagawright';
import {
  charge,
  type Order,
  openShop,
  type Print,
  release,
  reserve,
  type Samples,
  samples,
  ship,
} from './shop.ts';

/** @public for `sagawright check` */
export const checkOptions: Samples = { order: samples };

export const order: SagaMachine<Order, object> = saga<Order>('order')
  .step('inventory', {
    run: reserve,
    compensate: release,
    input: ({ input }) => ({ sku: input.sku }),
  })
  .pivot('payment', { run: charge, input: ({ input }) => ({ pence: input.pence }) })
  .step('shipping', {
    run: ship,
    input: ({ input, results }) => ({ sku: input.sku, chargeId: results.payment.chargeId }),
  })
  .build();

export async function run(print: Print): Promise<void> {
  let isOpen = false;
  const engine = await openShop([order], ['charge', 'reserve', 'release', 'ship'], print, {
    ship: () => {
      if (isOpen) return undefined;
      throw new Error('The depot is closed.');
    },
  });
  const actor = await engine.start(order, { id: 'o', input: { pence: 1250, sku: 'tea' } });
  const { value } = await actor.waitFor('needsAttention');
  print(`  ${value}; CANCEL is ${(await actor.send({ type: 'CANCEL' })).status}`);
  isOpen = true;
  await actor.send({ type: 'RETRY' });
  const { status } = await actor.result();
  print(`  ${status}`);
  await engine.stop();
}
