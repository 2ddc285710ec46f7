// `onFailure: 'hold'`: a failed saga waits. Its step was definitely refused, so a RETRY may bring another
// input, and gets another key; after one that may have happened it would keep both.

import { Rejected, type SagaMachine, saga } from 'sagawright';
import { charge, type Order, openShop, type Print, refund, type Samples, samples } from './shop.ts';

/** @public for `sagawright check` */
export const checkOptions: Samples = { order: samples };

export const order: SagaMachine<Order, object> = saga<Order>('order', { onFailure: 'hold' })
  .step('payment', {
    run: charge,
    compensate: refund,
    input: ({ input }) => ({ pence: input.pence }),
  })
  .build();

export async function run(print: Print): Promise<void> {
  let isCovered = false;
  const engine = await openShop([order], ['charge', 'refund'], print, {
    charge: () => {
      if (isCovered) return undefined;
      throw new Rejected('NOT_COVERED');
    },
  });
  const actor = await engine.start(order, { id: 'o', input: { pence: 1250, sku: 'tea' } });
  const { context } = await actor.waitFor('held');
  print(`  held: ${context.failure?.code}`);
  isCovered = true;
  await actor.send({ type: 'RETRY', input: { pence: 1000 } });
  const { status, results } = await actor.result();
  print(`  ${status} ${JSON.stringify(results)}`);
  await engine.stop();
}
