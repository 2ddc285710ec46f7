// What happens to an order after its delivery: it can be returned as long as the window is open, and is
// over when that has closed and nothing is on its way any more.

import { MAX_ORDER_RETURNS } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import {
  closeReturns,
  completeRefund,
  completeReturn,
  factsOf,
  failRefund,
  type Order,
  type OrderMessage,
  placeOrder,
  rejectReturn,
  requestRefund,
  requestReturn,
  statusesOf,
  takes,
  tell,
  toDelivered,
} from './order-commands.ts';

const delivered = tell(placeOrder(), ...toDelivered);
const returning = tell(delivered, requestReturn);

function ask(returnId: string, reason = 'too small'): OrderMessage {
  return { type: 'order.requestReturn', returnId, reason };
}

describe('the return of a delivered order', () => {
  it('ends it when the goods are back, and what it gave back is in the books', () => {
    const order = tell(returning, completeReturn);
    expect(order.value).toBe('RETURNED');
    expect(order.context).toMatchObject({
      refundedMinor: 8_912,
      returns: { 'return-1': { reason: 'too small', status: 'completed' } },
    });
    expect(factsOf(returning, completeReturn)[0]).toEqual({
      type: 'order.returned',
      orderId: 'order-1',
      returnId: 'return-1',
      refundedMinor: 8_912,
    });
  });

  it('leaves it delivered when it is rejected, and another one may be asked for', () => {
    const order = tell(returning, rejectReturn);
    expect(order.value).toBe('DELIVERED');
    expect(order.context.returns['return-1']?.status).toBe('rejected');
    expect(takes(order, requestReturn)).toBe(false);
    expect(takes(order, ask('return-2'))).toBe(true);
    expect(factsOf(returning, rejectReturn)[0]).toMatchObject({ type: 'order.returnRejected' });
  });

  it('is asked for with an id and a reason, and answered under that id', () => {
    for (const [id, reason] of [
      ['', 'too small'],
      ['__proto__', 'too small'],
      ['return-1', ''],
    ] as const) {
      expect(takes(delivered, ask(id, reason))).toBe(false);
    }
    for (const returnId of ['return-2', 'constructor']) {
      expect(takes(returning, { ...rejectReturn, returnId } as OrderMessage)).toBe(false);
      expect(takes(returning, { ...completeReturn, returnId } as OrderMessage)).toBe(false);
    }
    expect(takes(returning, { ...rejectReturn, reason: '' } as OrderMessage)).toBe(false);
    const again = tell(returning, rejectReturn, ask('return-2'));
    expect(takes(again, completeReturn)).toBe(false);
  });

  it('gives back at most what is left of the charge, and may give back nothing', () => {
    const giving = (order: Order, refundedMinor: number): boolean =>
      takes(order, { ...completeReturn, refundedMinor } as OrderMessage);
    const refunded = tell(returning, requestRefund, completeRefund);
    expect(giving(refunded, 8_912)).toBe(true);
    expect(giving(refunded, 8_913)).toBe(false);
    expect(giving(returning, 0)).toBe(true);
    for (const amount of [-1, 0.5, Number.NaN, 13_913])
      expect(giving(returning, amount)).toBe(false);
  });

  it('waits for a refund that is on its way: a returned order could not note it', () => {
    const waiting = tell(returning, requestRefund);
    expect(takes(waiting, completeReturn)).toBe(false);
    expect(tell(waiting, completeRefund, completeReturn).context.refundedMinor).toBe(13_912);
    expect(tell(waiting, failRefund, completeReturn).context.refundedMinor).toBe(8_912);
  });

  it('can be asked for only so often, which bounds the history', () => {
    let order = delivered;
    for (let count = 1; count <= MAX_ORDER_RETURNS; count++) {
      const returnId = `return-${count}`;
      order = tell(order, ask(returnId), { type: 'order.rejectReturn', returnId, reason: 'worn' });
    }
    expect(order.value).toBe('DELIVERED');
    expect(order.context.history).toHaveLength(7 + 2 * MAX_ORDER_RETURNS);
    expect(takes(order, ask('one-more'))).toBe(false);
  });
});

describe('the end of the time for returns', () => {
  it('completes a delivered order', () => {
    expect(tell(delivered, closeReturns).value).toBe('COMPLETED');
  });

  it('does not cut off a return that is being looked at', () => {
    const late = tell(returning, closeReturns);
    expect(late.value).toBe('RETURN_REQUESTED');
    expect(takes(late, closeReturns)).toBe(false);
    expect(tell(late, completeReturn).value).toBe('RETURNED');
    const rejected = tell(late, rejectReturn);
    expect(rejected.value).toBe('COMPLETED');
    expect(rejected.context.history.slice(-3)).toEqual([
      'RETURN_REQUESTED',
      'DELIVERED',
      'COMPLETED',
    ]);
    expect(factsOf(late, rejectReturn).map(({ type }) => type)).toEqual([
      'order.returnRejected',
      'order.statusUpdated',
      'order.statusUpdated',
      'order.completed',
    ]);
  });

  it('waits for a refund that is on its way, and takes no return any more', () => {
    const waiting = tell(delivered, requestRefund, closeReturns);
    expect(waiting.value).toBe('DELIVERED');
    expect(takes(waiting, requestReturn)).toBe(false);
    expect(takes(waiting, closeReturns)).toBe(false);
    expect(statusesOf(waiting, [completeRefund])).toEqual(['COMPLETED']);
    expect(statusesOf(waiting, [failRefund])).toEqual(['COMPLETED']);
  });
});
