// What an order says has happened, made of what it remembers and what it was told: one function for each
// fact. The chart's action `tell` calls it once the actions before it are done. Never decides when.

import { finishOrder, type OrderContext } from './order-context.ts';
import type { OrderCommand, OrderFact } from './order-contract.ts';
import type { Told } from './order-policy.ts';

interface Moment {
  readonly context: OrderContext;
}

/** The moment in which a command of this name is taken. */
interface Taking<Type extends OrderCommand['type']> extends Moment {
  readonly event: Told<Type>;
}

export function placed({ context: { orderId, totalMinor } }: Moment): OrderFact {
  return { type: 'order.placed', orderId, totalMinor };
}

export function processingStarted({ context: { orderId } }: Moment): OrderFact {
  return { type: 'order.processingStarted', orderId };
}

export function paymentStarted({ context: { orderId } }: Moment): OrderFact {
  return { type: 'order.paymentStarted', orderId };
}

export function paymentAuthorized({
  context: { orderId },
  event: { authorizationKey, amountMinor },
}: Taking<'order.authorizePayment'>): OrderFact {
  return { type: 'order.paymentAuthorized', orderId, authorizationKey, amountMinor };
}

export function paymentCompleted({
  context: { orderId },
  event: { chargeKey, amountMinor },
}: Taking<'order.completePayment'>): OrderFact {
  return { type: 'order.paymentCompleted', orderId, chargeKey, amountMinor };
}

export function inventoryReserved({
  context: { orderId },
  event: { reservationKey },
}: Taking<'order.reserveInventory'>): OrderFact {
  return { type: 'order.inventoryReserved', orderId, reservationKey };
}

export function shipmentNoted({
  context: { orderId },
  event: { shipmentId, trackingNumber },
}: Taking<'order.noteShipment'>): OrderFact {
  return { type: 'order.shipmentNoted', orderId, shipmentId, trackingNumber };
}

export function confirmed({ context: { orderId, totalMinor } }: Moment): OrderFact {
  return { type: 'order.confirmed', orderId, totalMinor };
}

export function shipped({
  context: { orderId },
  event: { shipmentId, trackingNumber },
}: Taking<'order.ship'>): OrderFact {
  return { type: 'order.shipped', orderId, shipmentId, trackingNumber };
}

export function delivered({ context: { orderId } }: Moment): OrderFact {
  return { type: 'order.delivered', orderId };
}

export function cancellationRequested({
  context: { orderId, cancellation },
  event: { reason },
}: Taking<'order.requestCancellation'>): OrderFact {
  const feeMinor = cancellation?.feeMinor ?? 0;
  return { type: 'order.cancellationRequested', orderId, reason, feeMinor };
}

export function refundRequested({
  context: { orderId },
  event: { refundId, amountMinor },
}: Taking<'order.requestRefund'>): OrderFact {
  return { type: 'order.refundRequested', orderId, refundId, amountMinor };
}

export function refunded({
  context: { orderId, refunds },
  event: { refundId },
}: Taking<'order.completeRefund'>): OrderFact {
  const amountMinor = refunds[refundId]?.amountMinor ?? 0;
  return { type: 'order.refunded', orderId, refundId, amountMinor };
}

export function refundFailed({
  context: { orderId },
  event: { refundId, reason },
}: Taking<'order.failRefund'>): OrderFact {
  return { type: 'order.refundFailed', orderId, refundId, reason };
}

export function returnRequested({
  context: { orderId },
  event: { returnId, reason },
}: Taking<'order.requestReturn'>): OrderFact {
  return { type: 'order.returnRequested', orderId, returnId, reason };
}

export function returnRejected({
  context: { orderId },
  event: { returnId, reason },
}: Taking<'order.rejectReturn'>): OrderFact {
  return { type: 'order.returnRejected', orderId, returnId, reason };
}

export function returned({
  context: { orderId },
  event: { returnId, refundedMinor },
}: Taking<'order.completeReturn'>): OrderFact {
  return { type: 'order.returned', orderId, returnId, refundedMinor };
}

/** The fact with which an order ends. A return tells more: see {@link returned}. */
export function ended({ context }: Moment): OrderFact {
  const { orderId, outcome, reason } = finishOrder(context);
  switch (outcome) {
    case 'COMPLETED':
      return { type: 'order.completed', orderId };
    case 'EXPIRED':
      return { type: 'order.expired', orderId };
    case 'CANCELLED':
      return { type: 'order.cancelled', orderId, reason };
    case 'FAILED':
      return { type: 'order.failed', orderId, reason };
    case 'PAYMENT_FAILED':
      return { type: 'order.paymentFailed', orderId, reason };
    case 'RETURNED':
      throw new Error(`order ${orderId}: a return is told by the command that completes it.`);
  }
}
