// A deadline for the whole saga: a step that takes too long is stopped, and what was done is undone.

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
} from './shop.ts';

/** @public for `sagawright check` */
export const checkOptions: Samples = { order: samples };

export const order: SagaMachine<Order, object> = saga<Order>('order', {
  deadline: '50ms',
  stopWait: '1s',
  settleWait: '1s',
})
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

export async function run(print: Print): Promise<void> {
  const services = ['charge', 'refund', 'reserve', 'release'];
  const engine = await openShop([order], services, print, { reserve: 'hangs' });
  const actor = await engine.start(order, { id: 'o', input: { pence: 1250, sku: 'tea' } });
  const { status, failure } = await actor.result();
  print(`  ${status}: ${failure?.code}`);
  await engine.stop();
}
