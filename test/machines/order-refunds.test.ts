// The partial refunds of an order: each is set aside before money moves, counts once, and all of them
// together never exceed what was captured.

import { computeRefundableMinor, MAX_ORDER_REFUNDS, type OrderState } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import {
  completeRefund,
  failRefund,
  type OrderMessage,
  placeOrder,
  requestRefund,
  takes,
  tell,
  toConfirmed,
  ways,
} from './order-commands.ts';

describe('the refunds of a confirmed order', () => {
  const confirmed = tell(placeOrder(), ...toConfirmed);
  const request = (refundId: string, amountMinor: number): OrderMessage => ({
    type: 'order.requestRefund',
    refundId,
    amountMinor,
  });

  it('set their amount aside when requested, so that two cannot both pass', () => {
    const once = tell(confirmed, request('a', 10_000));
    expect(computeRefundableMinor(once.context)).toBe(3_912);
    expect(once.context.refundedMinor).toBe(0);
    expect(once.can(request('b', 3_913))).toBe(false);
    expect(once.can(request('b', 3_912))).toBe(true);
  });

  it('give the amount back to the limit when they fail', () => {
    const failed = tell(confirmed, requestRefund, failRefund);
    expect(failed.context.refunds).toEqual({});
    expect(failed.can(request('b', 13_912))).toBe(true);
  });

  it('count once, however often they are completed', () => {
    const done = tell(confirmed, requestRefund, completeRefund);
    expect(done.context).toMatchObject({
      refundedMinor: 5_000,
      refunds: { 'refund-1': { amountMinor: 5_000, status: 'completed' } },
    });
    expect(computeRefundableMinor(done.context)).toBe(8_912);
    expect(done.can(completeRefund)).toBe(false);
    expect(done.can(failRefund)).toBe(false);
    expect(done.can(requestRefund)).toBe(false);
  });

  it('refuse an amount that is no positive integer, and an id that belongs to every object', () => {
    for (const amountMinor of [0, -1, 0.5, Number.NaN, 13_913]) {
      expect(confirmed.can(request('a', amountMinor))).toBe(false);
    }
    expect(confirmed.can({ type: 'order.completeRefund', refundId: 'constructor' })).toBe(false);
    expect(confirmed.can(request('__proto__', 1))).toBe(false);
  });

  it('are no more than the row of an order has room for', () => {
    const full = tell(
      confirmed,
      ...Array.from({ length: MAX_ORDER_REFUNDS }, (_, count) => request(`refund-${count}`, 1)),
    );
    expect(Object.keys(full.context.refunds)).toHaveLength(1_000);
    expect(full.can(request('one-more', 1))).toBe(false);
  });

  it.each<OrderState>(['CONFIRMED', 'SHIPPED', 'DELIVERED', 'RETURN_REQUESTED'])(
    'are made in %s as well, and leave it where it is',
    (state) => {
      const order = tell(placeOrder(), ...ways[state], requestRefund, completeRefund);
      expect(order.value).toBe(state);
      expect(order.context.refundedMinor).toBe(5_000);
    },
  );

  it.each<OrderState>(['PENDING', 'PAYMENT_COMPLETED', 'INVENTORY_RESERVED'])(
    'are refused in %s, where the whole charge is undone instead',
    (state) => {
      expect(takes(tell(placeOrder(), ...ways[state]), requestRefund)).toBe(false);
    },
  );
});
