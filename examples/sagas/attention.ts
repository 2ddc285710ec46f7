// An undo that keeps failing ends in needsAttention, never in "compensated". People mend the cause and
// RETRY, under the key that it had; or they RESOLVE it, and say who and why.

import { type SagaMachine, saga } from 'sagawright';
import {
  charge,
  type Order,
  openShop,
  type Print,
  refund,
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
  })
  .step('shipping', {
    run: ship,
    input: ({ input, results }) => ({ sku: input.sku, chargeId: results.payment.chargeId }),
  })
  .build();

export async function run(print: Print): Promise<void> {
  const engine = await openShop([order], ['charge', 'refund', 'ship'], print, {
    ship: 'declines',
    refund: 'breaks',
  });
  const actor = await engine.start(order, { id: 'o', input: { pence: 1250, sku: 'tea' } });
  await actor.waitFor('needsAttention');
  print(
    `  needsAttention; RESOLVE unsigned is ${(await actor.send({ type: 'RESOLVE', by: '', why: '' })).status}`,
  );
  await actor.send({ type: 'RESOLVE', by: 'accounts', why: 'refunded by hand' });
  const { status, resolution } = await actor.result();
  print(`  ${status} by ${resolution?.by}: ${resolution?.why}`);
  await engine.stop();
}
