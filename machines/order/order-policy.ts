// What an order may do, as questions about what it remembers: paid in full, refundable, returnable, what
// a cancellation costs. Pure functions that never throw on what a command says; which of them is asked
// in which state is the chart's business.

import { isKey, isPositiveInteger, isText } from '../identifiers.ts';
import { percentOf } from '../money.ts';
import type { OrderContext } from './order-context.ts';
import type { OrderCommand, OrderShipment } from './order-contract.ts';

/** Bound the row of one order. */
export const MAX_ORDER_REFUNDS = 1_000;
export const MAX_ORDER_RETURNS = 100;

/** The command with this name. */
export type Told<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;
/** What a command says, without its name. */
export type Said<Type extends OrderCommand['type']> = Omit<Told<Type>, 'type'>;
type Paid = Said<'order.completePayment'>;

/** A payment is started once; one that was not started has nothing to report. */
export function isPaymentStarted({ history }: OrderContext): boolean {
  return history.includes('PAYMENT_PROCESSING');
}

/** All of the total, in its currency, of a payment that was started and is not over. */
function isDue(context: OrderContext, paid: Pick<Paid, 'amountMinor' | 'currency'>): boolean {
  return (
    isPaymentStarted(context) &&
    context.capturedMinor === 0 &&
    paid.amountMinor === context.totalMinor &&
    paid.currency === context.currency
  );
}

export function isAuthorization(
  context: OrderContext,
  paid: Said<'order.authorizePayment'>,
): boolean {
  return isText(paid.authorizationKey) && context.authorizedMinor === 0 && isDue(context, paid);
}

export function isPayment(context: OrderContext, paid: Paid): boolean {
  return isText(paid.chargeKey) && isDue(context, paid);
}

/** Whether it can be promised: the money is there or set aside, and so are the goods. */
export function isConfirmable(context: OrderContext): boolean {
  const { capturedMinor, authorizedMinor, reservationKey } = context;
  return (capturedMinor > 0 || authorizedMinor > 0) && reservationKey !== null;
}

/** A shipment is noted once. */
export function isNewShipment({ shipment }: OrderContext, told: OrderShipment): boolean {
  return shipment === null && isShipment(told);
}

/** Whether it was confirmed, whatever has become of it. */
export function isConfirmed({ history }: OrderContext): boolean {
  return history.includes('CONFIRMED');
}

/** No goods leave unpaid, and none but those of the shipment that was noted. */
export function isShippable(
  { shipment, capturedMinor }: OrderContext,
  told: OrderShipment,
): boolean {
  const isItsOwn = shipment === null || shipment.shipmentId === told.shipmentId;
  return capturedMinor > 0 && isItsOwn && isShipment(told);
}

function isShipment({ shipmentId, trackingNumber }: OrderShipment): boolean {
  return isText(shipmentId) && isText(trackingNumber);
}

/**
 * What a cancellation costs: a percentage of the total, rounded once to the nearest minor unit, half of
 * one upwards; never more than the total.
 */
export function computeFeeMinor({ terms, totalMinor, currency }: OrderContext): number {
  const total = { amountMinor: totalMinor, currency };
  return percentOf(total, terms.cancellationFeePercent).amountMinor;
}

/**
 * What may still be given back: captured, less what was refunded, what is about to be, and what a
 * cancellation costs. In minor units, never below 0.
 */
export function computeRefundableMinor(context: OrderContext): number {
  const { capturedMinor, refundedMinor, cancellation } = context;
  const leftMinor = capturedMinor - refundedMinor - (cancellation?.feeMinor ?? 0);
  const openMinor = Object.values(context.refunds)
    .filter(({ status }) => status === 'requested')
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return Math.max(0, leftMinor - openMinor);
}

export function isRefundable(
  context: OrderContext,
  { refundId, amountMinor }: Said<'order.requestRefund'>,
): boolean {
  return (
    isKey(refundId) &&
    !Object.hasOwn(context.refunds, refundId) &&
    Object.keys(context.refunds).length < MAX_ORDER_REFUNDS &&
    isPositiveInteger(amountMinor) &&
    amountMinor <= computeRefundableMinor(context)
  );
}

export function isRefundOpen({ refunds }: OrderContext, refundId: string): boolean {
  return Object.hasOwn(refunds, refundId) && refunds[refundId]?.status === 'requested';
}

/** Money that is on its way back has to arrive in the books before they are closed. */
export function hasOpenRefund({ refunds }: OrderContext): boolean {
  return Object.values(refunds).some(({ status }) => status === 'requested');
}

/** An order ends for a reason, and with its refunds settled. */
export function isEndable(context: OrderContext, reason: string): boolean {
  return isText(reason) && !hasOpenRefund(context);
}

export function isReturnable(
  { returns, areReturnsClosed }: OrderContext,
  { returnId, reason }: Said<'order.requestReturn'>,
): boolean {
  return (
    !areReturnsClosed &&
    isKey(returnId) &&
    isText(reason) &&
    !Object.hasOwn(returns, returnId) &&
    Object.keys(returns).length < MAX_ORDER_RETURNS
  );
}

export function isReturnOpen({ returns }: OrderContext, returnId: string): boolean {
  return Object.hasOwn(returns, returnId) && returns[returnId]?.status === 'requested';
}

/** A return ends the order: it gives back at most what is left, and nothing else is on its way. */
export function isReturnPayable(
  context: OrderContext,
  { returnId, refundedMinor }: Said<'order.completeReturn'>,
): boolean {
  return (
    isReturnOpen(context, returnId) &&
    !hasOpenRefund(context) &&
    (refundedMinor === 0 || isPositiveInteger(refundedMinor)) &&
    refundedMinor <= computeRefundableMinor(context)
  );
}
