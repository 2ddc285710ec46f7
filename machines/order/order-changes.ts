// What an order's memory becomes of what it is told: pure functions of its context. Which of them
// applies when is the chart's business, and whether it may, the policy's.

import { produce } from 'immer';
import type { OrderContext } from './order-context.ts';
import type { OrderShipment } from './order-contract.ts';
import { computeFeeMinor, type Said } from './order-policy.ts';

type Changes = Partial<OrderContext>;

export function noteAuthorization(said: Said<'order.authorizePayment'>): Changes {
  return { authorizedMinor: said.amountMinor, authorizationKey: said.authorizationKey };
}

export function notePayment({ amountMinor, chargeKey }: Said<'order.completePayment'>): Changes {
  return { capturedMinor: amountMinor, chargeKey };
}

export function noteShipment({ shipmentId, trackingNumber }: OrderShipment): Changes {
  return { shipment: { shipmentId, trackingNumber } };
}

/** The fee is fixed when the cancellation is asked for. */
export function noteCancellation(context: OrderContext, reason: string): Changes {
  return { cancellation: { reason, feeMinor: computeFeeMinor(context) } };
}

export function reserveRefund(
  context: OrderContext,
  { refundId, amountMinor }: Said<'order.requestRefund'>,
): Changes {
  return produce(context, (order) => {
    order.refunds[refundId] = { amountMinor, status: 'requested' };
  });
}

export function settleRefund(context: OrderContext, refundId: string): Changes {
  return produce(context, (order) => {
    const refund = order.refunds[refundId];
    if (refund === undefined) return;
    refund.status = 'completed';
    order.refundedMinor += refund.amountMinor;
  });
}

export function forgetRefund(context: OrderContext, refundId: string): Changes {
  return produce(context, (order) => {
    delete order.refunds[refundId];
  });
}

export function noteReturn(
  context: OrderContext,
  { returnId, reason }: Said<'order.requestReturn'>,
): Changes {
  return produce(context, (order) => {
    order.returns[returnId] = { reason, status: 'requested' };
  });
}

export function rejectReturn(context: OrderContext, returnId: string): Changes {
  return produce(context, (order) => {
    const returned = order.returns[returnId];
    if (returned !== undefined) returned.status = 'rejected';
  });
}

/** The return that ends the order, for the reason that it was asked for. */
export function completeReturn(
  context: OrderContext,
  { returnId, refundedMinor }: Said<'order.completeReturn'>,
): Changes {
  return produce(context, (order) => {
    const returned = order.returns[returnId];
    if (returned === undefined) return;
    returned.status = 'completed';
    order.refundedMinor += refundedMinor;
    order.ending = { outcome: 'RETURNED', reason: returned.reason };
  });
}
