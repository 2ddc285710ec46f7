// What a payment is told, what it tells, and what it remembers. Commands are requests and may be
// refused; facts have happened. Money is in integer minor units of one currency. The payment is the
// book of an order's money, never the way to it: a saga's calls move money, and are recorded here.

import { isPositiveInteger, isText } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';
import { isCurrency } from '../money.ts';

/** What is paid with, as far as a receipt may say it. */
export interface PaymentMethod {
  readonly kind: 'card';
  /** Four digits; never more of a card's number. */
  readonly lastFour: string;
}

/** What a payment is started with, under the id `payment-<orderId>`. */
export interface PaymentInput {
  readonly paymentId: string;
  readonly orderId: string;
  /** What is to be paid, in minor units; a positive integer. */
  readonly amountMinor: number;
  /** ISO 4217: three capital letters. */
  readonly currency: string;
  readonly method?: PaymentMethod;
}

/** One refund. A requested one already counts against what can be given back. */
export interface PaymentRefund {
  readonly amountMinor: number;
  readonly status: 'requested' | 'completed';
}

/** At every moment: 0 <= requested + refunded <= captured <= authorized, and that is 0 or the amount. */
export interface PaymentContext {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly method: PaymentMethod | null;
  /** What the card was authorized for: 0, or `amountMinor`. A voided payment still says it. */
  readonly authorizedMinor: number;
  /** The idempotency key of the authorization; that of the charge, if one call did both. */
  readonly authorizationKey: string | null;
  /** What was taken; 0 before. */
  readonly capturedMinor: number;
  /** The idempotency key of the capture: what a refund of it names. */
  readonly captureKey: string | null;
  /** Sum of the completed refunds. */
  readonly refundedMinor: number;
  /** Requested and completed refunds by their id; a failed one is forgotten. */
  readonly refunds: Readonly<Record<string, PaymentRefund>>;
  /** How often the card was declined. */
  readonly declines: number;
  /** Why it was voided, or declined the last time. */
  readonly reason: string | null;
}

export interface PaymentOutput {
  readonly paymentId: string;
  readonly orderId: string;
  /** `VOIDED`: nothing was taken. `REFUNDED`: all that was taken is given back. */
  readonly outcome: 'VOIDED' | 'REFUNDED';
  readonly refundedMinor: number;
}

/** What a payment can be told. It refuses what does not fit its state. */
export type PaymentCommand =
  /** The amount is set aside on the card: all of it, in the payment's currency. */
  | {
      readonly type: 'payment.authorize';
      readonly authorizationKey: string;
      readonly amountMinor: number;
      readonly currency: string;
    }
  /** Authorized and captured in full, in one call. */
  | {
      readonly type: 'payment.charge';
      readonly chargeKey: string;
      readonly amountMinor: number;
      readonly currency: string;
    }
  | { readonly type: 'payment.decline'; readonly reason: string }
  /** Once, and at most what was authorized; the rest of the authorization lapses. */
  | {
      readonly type: 'payment.capture';
      readonly captureKey: string;
      readonly amountMinor: number;
    }
  /** Nothing is captured, and nothing will be. */
  | { readonly type: 'payment.void'; readonly reason: string }
  /** Sets an amount aside before money moves, so that two refunds cannot both pass the limit. */
  | {
      readonly type: 'payment.requestRefund';
      readonly refundId: string;
      readonly amountMinor: number;
    }
  | { readonly type: 'payment.completeRefund'; readonly refundId: string }
  | { readonly type: 'payment.failRefund'; readonly refundId: string; readonly reason: string };

/** Whose fact it is. */
interface OfPayment {
  readonly paymentId: string;
  readonly orderId: string;
}

/** What has happened to a payment, for whoever listens. */
export type PaymentFact = OfPayment &
  (
    | {
        readonly type: 'payment.authorized';
        readonly authorizationKey: string;
        readonly amountMinor: number;
      }
    | {
        readonly type: 'payment.captured';
        readonly captureKey: string;
        readonly amountMinor: number;
      }
    | { readonly type: 'payment.declined'; readonly reason: string }
    | { readonly type: 'payment.voided'; readonly reason: string }
    | {
        readonly type: 'payment.refundRequested' | 'payment.refunded';
        readonly refundId: string;
        readonly amountMinor: number;
      }
    | {
        readonly type: 'payment.refundFailed';
        readonly refundId: string;
        readonly reason: string;
      }
  );

/** Bounds the row of one payment. */
export const MAX_PAYMENT_REFUNDS = 1_000;

/** @throws TypeError for an input that is no payment */
export function createPayment(input: PaymentInput): PaymentContext {
  const expect = createFieldCheck('payment');
  const { paymentId, orderId, amountMinor, currency, method = null } = input;
  expect(isText(paymentId), 'paymentId', 'the id of the payment', paymentId);
  expect(isText(orderId), 'orderId', "the order's id", orderId);
  expect(isPositiveInteger(amountMinor), 'amountMinor', 'a positive integer', amountMinor);
  expect(isCurrency(currency), 'currency', 'an ISO 4217 code such as GBP', currency);
  expect(method === null || isMethod(method), 'method', 'a card and its last four digits', method);
  return {
    paymentId,
    orderId,
    amountMinor,
    currency,
    method,
    authorizedMinor: 0,
    authorizationKey: null,
    capturedMinor: 0,
    captureKey: null,
    refundedMinor: 0,
    refunds: {},
    declines: 0,
    reason: null,
  };
}

function isMethod({ kind, lastFour }: PaymentMethod): boolean {
  return kind === 'card' && typeof lastFour === 'string' && /^\d{4}$/.test(lastFour);
}

/** What may still be given back: captured, less what was refunded and what is about to be. */
export function computeUnrefundedMinor({ capturedMinor, refunds }: PaymentContext): number {
  return Object.values(refunds).reduce((left, refund) => left - refund.amountMinor, capturedMinor);
}
