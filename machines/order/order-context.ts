// What an order remembers: what it was started with, what is held for it, and every status that it
// had. How it begins, and what is left of it at its end. Never decides what it may do.

import type {
  OrderEnding,
  OrderInput,
  OrderItem,
  OrderOutput,
  OrderShipment,
  OrderState,
  ShippingAddress,
} from './order-contract.ts';
import { checkOrderFields, checkOrderTotal } from './order-fields.ts';

/** How long a delivered order can be returned, if its input does not say. */
const RETURN_WINDOW_MS = 30 * 24 * 60 * 60 * 1_000;

/** One partial refund. A requested one already counts against what can be refunded. */
export interface OrderRefund {
  readonly amountMinor: number;
  readonly status: 'requested' | 'completed';
}

/** One return of the goods, and how it was decided. */
export interface OrderReturn {
  readonly reason: string;
  readonly status: 'requested' | 'completed' | 'rejected';
}

/** What was agreed when the order was placed. */
export interface OrderTerms {
  /** Null: it waits for ever. */
  readonly expiresAfterMs: number | null;
  readonly returnWindowMs: number;
  /** What a cancellation costs, of the total, as decimal text. */
  readonly cancellationFeePercent: string;
}

/** The customer's cancellation. */
export interface OrderCancellation {
  readonly reason: string;
  /** What the customer is not given back; fixed when it was asked for. */
  readonly feeMinor: number;
}

/** At every moment: 0 <= requested + refunded <= captured, and that is 0 or the total. */
export interface OrderContext {
  readonly orderId: string;
  readonly customerId: string | null;
  readonly currency: string;
  readonly totalMinor: number;
  readonly taxMinor: number;
  readonly shippingMinor: number;
  readonly items: readonly OrderItem[];
  readonly shippingAddress: ShippingAddress | null;
  readonly terms: OrderTerms;
  /** What was set aside on the card for it: 0, or the total, also after its capture. */
  readonly authorizedMinor: number;
  readonly authorizationKey: string | null;
  /** What was captured for it; 0 until it is paid. */
  readonly capturedMinor: number;
  /** The idempotency key of the charge: what a refund of it names. */
  readonly chargeKey: string | null;
  readonly reservationKey: string | null;
  readonly shipment: OrderShipment | null;
  /** Sum of the completed refunds and returns; never above `capturedMinor`. */
  readonly refundedMinor: number;
  /** Requested and completed refunds by their id; a failed one is forgotten. */
  readonly refunds: Readonly<Record<string, OrderRefund>>;
  /** Null as long as the customer did not ask, or when it was free. */
  readonly cancellation: OrderCancellation | null;
  /** By their id. */
  readonly returns: Readonly<Record<string, OrderReturn>>;
  /** Whether the time for returns is over. */
  readonly areReturnsClosed: boolean;
  /** Every status it had, the present one last. Bounded, because the returns are. */
  readonly history: readonly OrderState[];
  /** How it ended. */
  readonly ending: OrderEnding | null;
}

/** @throws TypeError for an input that is no order */
export function createOrder(input: OrderInput): OrderContext {
  checkOrderFields('order', input);
  checkOrderTotal('order', input);
  return {
    orderId: input.orderId,
    customerId: input.customerId ?? null,
    currency: input.currency,
    totalMinor: input.totalMinor,
    taxMinor: input.taxMinor ?? 0,
    shippingMinor: input.shippingMinor ?? 0,
    items: input.items,
    shippingAddress: input.shippingAddress ?? null,
    terms: {
      expiresAfterMs: input.expiresAfterMs ?? null,
      returnWindowMs: input.returnWindowMs ?? RETURN_WINDOW_MS,
      cancellationFeePercent: input.cancellation?.feePercent ?? '0',
    },
    authorizedMinor: 0,
    authorizationKey: null,
    capturedMinor: 0,
    chargeKey: null,
    reservationKey: null,
    shipment: null,
    refundedMinor: 0,
    refunds: {},
    cancellation: null,
    returns: {},
    areReturnsClosed: false,
    history: [],
    ending: null,
  };
}

/** @throws Error for an order that has not ended */
export function finishOrder({ orderId, ending }: OrderContext): OrderOutput {
  if (ending === null) throw new Error(`order ${orderId}: expected an ending in a final state.`);
  return { orderId, ...ending };
}
