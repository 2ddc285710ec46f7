// What the handlers of the goods-first run tell orders and payments: once for each call, also of a charge
// whose reply was lost, and nothing to whoever has ended.

import { type Engine, type HandlerArgs, openEngine } from 'sagawright';
import { orderMachine, paymentMachine } from 'sagawright/machines';
import { memoryStore } from 'sagawright/store';
import { expect, it, onTestFinished } from 'vitest';
import type { GatewayHandlers } from '../../examples/orders/handlers.ts';
import { recordCalls } from '../../examples/orders/recording.ts';

const [orderId, paymentId] = ['order-1', 'payment-1'];
const charge = { orderId, amountMinor: 1_999, currency: 'GBP' };
const unused = (): never => {
  throw new Error('nobody asks for it');
};

/** A gateway at which everything works at once, and which remembers everything. */
const gateway: GatewayHandlers = {
  chargeCard: {
    run: async ({ input }) => ({ chargeId: 'ch_1', ...input }),
    reconcile: async ({ input }) => ({ done: { chargeId: 'ch_1', ...input } }),
  },
  reserveStock: { run: async () => ({ reservationId: 'rs_1' }) },
  voidCharge: { run: async ({ input }) => ({ refundedMinor: input.undoes.input.amountMinor }) },
  releaseStock: { run: unused },
  refundPayment: { run: unused },
};

async function openShop(): Promise<{
  readonly engine: Engine;
  readonly handlers: GatewayHandlers;
}> {
  const engine = await openEngine({
    store: memoryStore(),
    machines: [orderMachine, paymentMachine],
  });
  onTestFinished(() => engine.stop());
  const order = { orderId, currency: 'GBP', totalMinor: 1_999, items: [] };
  await engine.start(orderMachine, { id: orderId, input: order });
  await engine.start(paymentMachine, { id: paymentId, input: { paymentId, ...charge } });
  await engine.actor(orderMachine, orderId).send({ type: 'order.process' });
  return { engine, handlers: recordCalls(gateway, () => Promise.resolve(engine)) };
}

function call<Input>(key: string, input: Input): HandlerArgs<Input> {
  const actorId = 'saga-1' as HandlerArgs<Input>['actorId'];
  return { key, input, actorId, attempt: 1, signal: new AbortController().signal };
}

const key = 'saga-1:payment/1';
const undo = call('saga-1:payment.undo/1/1', {
  undoes: { key, input: charge, outcome: 'unknown' } as const,
});

it('goods and money are told to the order and its payment once, however often the call is made', async () => {
  const { engine, handlers } = await openShop();
  for (let time = 1; time <= 2; time++) {
    await handlers.reserveStock.run(call('saga-1:inventory/1', { orderId, items: [] }));
    await handlers.chargeCard.run(call(key, charge));
    await handlers.chargeCard.reconcile?.(call(key, charge));
  }
  const order = await engine.actor(orderMachine, orderId).snapshot();
  expect(order.context.history).toEqual([
    'PENDING',
    'PROCESSING',
    'INVENTORY_RESERVED',
    'PAYMENT_PROCESSING',
    'PAYMENT_COMPLETED',
  ]);
  expect(order.context).toMatchObject({ capturedMinor: 1_999, chargeKey: key });
  const payment = await engine.actor(paymentMachine, paymentId).snapshot();
  expect(payment.context).toMatchObject({ capturedMinor: 1_999, captureKey: key });
});

it('a charge that only its undo has shown is on record as taken and given back', async () => {
  const { engine, handlers } = await openShop();
  await handlers.voidCharge.run(undo);
  await handlers.voidCharge.run(undo);
  const { value, context } = await engine.actor(paymentMachine, paymentId).snapshot();
  expect(value).toBe('REFUNDED');
  expect(context).toMatchObject({ capturedMinor: 1_999, refundedMinor: 1_999 });
});

it('a charge on record is given back, and what comes too late changes nothing', async () => {
  const { engine, handlers } = await openShop();
  await handlers.chargeCard.run(call(key, charge));
  await handlers.voidCharge.run(undo);
  const order = engine.actor(orderMachine, orderId);
  await order.send({ type: 'order.cancel', reason: 'undone' });
  await handlers.chargeCard.run(call('saga-1:payment/2', charge));
  const { context } = await engine.actor(paymentMachine, paymentId).snapshot();
  expect(context).toMatchObject({ capturedMinor: 1_999, refundedMinor: 1_999, captureKey: key });
  expect((await order.snapshot()).value).toBe('CANCELLED');
});

it('an order that should take it and refuses makes the call fail', async () => {
  const { handlers } = await openShop();
  await handlers.reserveStock.run(call('saga-1:inventory/1', { orderId, items: [] }));
  const again = handlers.reserveStock.run(call('saga-1:inventory/2', { orderId, items: [] }));
  await expect(again).rejects.toThrow('order-1: expected order.reserveInventory to be taken');
});
