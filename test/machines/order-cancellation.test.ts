// The customer's cancellation of an order: free at first, then for a fee that is fixed when it is asked
// for and settled by a saga, refused once the goods have left.

import type { OrderInput, OrderState } from 'sagawright/machines';
import { computeRefundableMinor } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import {
  authorizePayment,
  beginWork,
  cancel,
  completePayment,
  completeRefund,
  confirm,
  factsOf,
  fail,
  failPayment,
  failRefund,
  noteShipment,
  type Order,
  type OrderMessage,
  placeOrder,
  requestCancellation,
  requestRefund,
  reserveInventory,
  ship,
  startPayment,
  takes,
  tell,
  toConfirmed,
  ways,
} from './order-commands.ts';

function charging(feePercent: string, changes: Partial<OrderInput> = {}): Order {
  return placeOrder({ cancellation: { feePercent }, ...changes });
}

describe('a cancellation that the customer asks for', () => {
  it('is free and immediate as long as nothing has begun', () => {
    const order = tell(charging('10'), requestCancellation);
    expect(order.value).toBe('CANCELLED');
    expect(order.context.cancellation).toBeNull();
    expect(factsOf(charging('10'), requestCancellation).map(({ type }) => type)).toEqual([
      'order.statusUpdated',
      'order.cancelled',
    ]);
  });

  it.each<OrderState>([
    'PROCESSING',
    'PAYMENT_PROCESSING',
    'PAYMENT_COMPLETED',
    'INVENTORY_RESERVED',
    'CONFIRMED',
  ])('out of %s is noted with its fee, and waits for a saga to settle it', (state) => {
    const before = tell(charging('10'), ...ways[state]);
    const order = tell(before, requestCancellation);
    expect(order.value).toBe('CANCELLING');
    expect(order.context.cancellation).toEqual({ reason: 'changed my mind', feeMinor: 1_391 });
    expect(factsOf(before, requestCancellation)).toContainEqual({
      type: 'order.cancellationRequested',
      orderId: 'order-1',
      reason: 'changed my mind',
      feeMinor: 1_391,
    });
  });

  it.each<OrderState>([
    ...(['SHIPPED', 'DELIVERED', 'RETURN_REQUESTED'] as const),
    ...(['CANCELLING', 'CANCELLED', 'COMPLETED'] as const),
  ])('is refused in %s', (state) => {
    expect(takes(tell(charging('10'), ...ways[state]), requestCancellation)).toBe(false);
  });

  it.each<readonly [string, number, number]>([
    ['0', 13_912, 0],
    ['2.5', 13_912, 348],
    ['0.005', 10_000, 1],
    ['0.004', 10_000, 0],
    ['33.333333', 3, 1],
    ['50', 1, 1],
    ['100', 13_912, 13_912],
    ['99.999999', Number.MAX_SAFE_INTEGER, 9_007_199_164_668_998],
  ])('at %s percent of %i costs %i, half a penny being one', (feePercent, totalMinor, feeMinor) => {
    const order = tell(charging(feePercent, { totalMinor }), beginWork, requestCancellation);
    expect(order.context.cancellation?.feeMinor).toBe(feeMinor);
  });

  it('costs nothing unless the terms say so', () => {
    const order = tell(placeOrder(), ...toConfirmed, requestCancellation);
    expect(order.context.cancellation?.feeMinor).toBe(0);
  });
});

describe('an order that is being cancelled', () => {
  const reports = [authorizePayment, completePayment, reserveInventory, noteShipment];

  it('notes what was on its way already, without a change of its status', () => {
    const order = tell(placeOrder(), startPayment, requestCancellation, ...reports);
    expect(order.value).toBe('CANCELLING');
    expect(order.context).toMatchObject({
      authorizedMinor: 13_912,
      capturedMinor: 13_912,
      reservationKey: 'saga-1:inventory/1',
      shipment: { shipmentId: 'shipment-1' },
    });
    for (const report of reports) expect(takes(order, report), report.type).toBe(false);
  });

  it('is not confirmed any more, nor shipped before that, and starts no payment', () => {
    const order = tell(placeOrder(), beginWork, requestCancellation);
    expect(takes(order, startPayment)).toBe(false);
    expect(takes(order, completePayment)).toBe(false);
    const full = tell(placeOrder(), startPayment, requestCancellation, ...reports);
    expect(takes(full, confirm)).toBe(false);
    expect(takes(full, ship)).toBe(false);
  });

  it('is shipped after all when the parcel had left before: the cancellation is void', () => {
    const order = tell(placeOrder(), ...toConfirmed, requestCancellation, ship);
    expect(order.value).toBe('SHIPPED');
    expect(order.context.cancellation).toBeNull();
    expect(takes(order, cancel)).toBe(false);
  });

  it.each<readonly [OrderState, OrderMessage]>([
    ['CANCELLED', cancel],
    ['FAILED', fail],
    ['PAYMENT_FAILED', failPayment],
  ])('ends as %s when its saga says so', (state, message) => {
    const order = tell(placeOrder(), startPayment, requestCancellation, message);
    expect(order.value).toBe(state);
    expect(order.context.history).toEqual(['PENDING', 'PAYMENT_PROCESSING', 'CANCELLING', state]);
  });

  it('gives back what was captured less the fee, and no more', () => {
    const order = tell(charging('10'), ...toConfirmed, requestCancellation);
    expect(computeRefundableMinor(order.context)).toBe(12_521);
    const refund = (amountMinor: number): OrderMessage => ({
      type: 'order.requestRefund',
      refundId: 'cancellation',
      amountMinor,
    });
    expect(takes(order, refund(12_522))).toBe(false);
    const done = tell(order, refund(12_521), {
      type: 'order.completeRefund',
      refundId: 'cancellation',
    });
    expect(done.context.refundedMinor).toBe(12_521);
    expect(tell(done, cancel).value).toBe('CANCELLED');
  });

  it('owes nothing when the fee is more than what is left of the charge', () => {
    const refunded = tell(charging('90'), ...toConfirmed, requestRefund, completeRefund);
    const order = tell(refunded, requestCancellation);
    expect(computeRefundableMinor(order.context)).toBe(0);
  });

  it('keeps its books open for a refund that is on its way', () => {
    const order = tell(placeOrder(), ...toConfirmed, requestRefund, requestCancellation);
    for (const end of [cancel, fail, failPayment]) expect(takes(order, end)).toBe(false);
    expect(tell(order, completeRefund, cancel).context.refundedMinor).toBe(5_000);
    expect(tell(order, failRefund, cancel).value).toBe('CANCELLED');
  });
});
