// CANCEL while a call is under way: it is stopped, and counts as one that may have happened. So it is
// undone too, by its key: the service then knows to refuse the call should it still come.

import { type SagaMachine, saga } from 'sagawright';
import { charge, type Order, openShop, type Print, refund, type Samples, samples } from './shop.ts';

/** @public for `sagawright check` */
export const checkOptions: Samples = { order: samples };

export const order: SagaMachine<Order, object> = saga<Order>('order', {
  stopWait: '1s',
  settleWait: '1s',
})
  .step('payment', {
    run: charge,
    compensate: refund,
    input: ({ input }) => ({ pence: input.pence }),
  })
  .build();

export async function run(print: Print): Promise<void> {
  const engine = await openShop([order], ['charge', 'refund'], print, { charge: 'hangs' });
  const actor = await engine.start(order, { id: 'o', input: { pence: 1250, sku: 'tea' } });
  await actor.waitFor({ fulfilling: 'payment' });
  await actor.send({ type: 'CANCEL', reason: 'changed my mind' });
  const { status, failure } = await actor.result();
  print(`  ${status}: ${failure?.message}`);
  await engine.stop();
}
