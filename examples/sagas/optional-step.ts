// A step that is not critical: its failure is noted and the saga goes on.

import { type SagaMachine, saga } from 'sagawright';
import {
  charge,
  email,
  type Order,
  openShop,
  type Print,
  refund,
  type Samples,
  samples,
} from './shop.ts';

/** @public for `sagawright check` */
export const checkOptions: Samples = { order: samples };

export const order: SagaMachine<Order, object> = saga<Order>('order')
  .step('payment', {
    run: charge,
    compensate: refund,
    input: ({ input }) => ({ pence: input.pence }),
  })
  .step('receipt', {
    run: email,
    input: ({ results }) => ({ text: `Paid: ${results.payment.chargeId}` }),
    critical: false,
  })
  .build();

export async function run(print: Print): Promise<void> {
  const engine = await openShop([order], ['charge', 'refund', 'email'], print, {
    email: 'breaks',
  });
  const actor = await engine.start(order, { id: 'o', input: { pence: 1250, sku: 'tea' } });
  const { status, ignored } = await actor.result();
  print(`  ${status}, ignored: ${ignored.map(({ step, code }) => `${step} ${code}`).join(', ')}`);
  await engine.stop();
}
