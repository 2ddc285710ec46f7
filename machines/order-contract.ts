// What an order is told, what it tells, and what it remembers: the words that the order, its sagas and
// their readers share. Commands are requests and may be refused; facts have happened. Money is in
// integer minor units of one currency. Never holds behaviour beyond checking what comes in.

/** A product and how many pieces of it. */
export interface OrderItem {
  readonly sku: string;
  /** A positive integer. */
  readonly quantity: number;
}

/** What an order is started with. */
export interface OrderInput {
  /** The order's own address: the id that it is started under. */
  readonly orderId: string;
  /** Null for a guest. */
  readonly customerId: string | null;
  /** ISO 4217: three capital letters. */
  readonly currency: string;
  /** What is charged, in minor units; a positive integer. */
  readonly totalMinor: number;
  /** What is reserved; empty when the order sells no goods. */
  readonly items: readonly OrderItem[];
}

/** One partial refund. A requested one already counts against what can be refunded. */
export interface OrderRefund {
  readonly amountMinor: number;
  readonly status: 'requested' | 'completed';
}

export interface OrderContext extends OrderInput {
  /** What was captured for it; 0 until it is paid. */
  readonly capturedMinor: number;
  /** Sum of the completed refunds; never above `capturedMinor`. */
  readonly refundedMinor: number;
  /** Requested and completed refunds by their id; a failed one is forgotten. */
  readonly refunds: Readonly<Record<string, OrderRefund>>;
  /** The idempotency key of the charge: what a refund of it names. */
  readonly chargeKey: string | null;
  readonly reservationKey: string | null;
  /** How it ended without being confirmed. */
  readonly ending: OrderEnding | null;
}

export interface OrderEnding {
  readonly outcome: 'PAYMENT_FAILED' | 'CANCELLED';
  readonly reason: string;
}

/** What an order can be told. It refuses what does not fit its state. */
export type OrderCommand =
  | { readonly type: 'order.startPayment' }
  | {
      readonly type: 'order.completePayment';
      readonly chargeKey: string;
      readonly amountMinor: number;
      readonly currency: string;
    }
  | { readonly type: 'order.failPayment'; readonly reason: string }
  | { readonly type: 'order.reserveInventory'; readonly reservationKey: string }
  | { readonly type: 'order.confirm' }
  | { readonly type: 'order.cancel'; readonly reason: string }
  | {
      readonly type: 'order.requestRefund';
      readonly refundId: string;
      readonly amountMinor: number;
    }
  | { readonly type: 'order.completeRefund'; readonly refundId: string }
  | { readonly type: 'order.failRefund'; readonly refundId: string; readonly reason: string };

/** What has happened to an order, for whoever listens. */
export type OrderFact =
  | { readonly type: 'order.placed'; readonly orderId: string; readonly totalMinor: number }
  | { readonly type: 'order.paymentStarted'; readonly orderId: string }
  | {
      readonly type: 'order.paymentCompleted';
      readonly orderId: string;
      readonly chargeKey: string;
      readonly amountMinor: number;
    }
  | { readonly type: 'order.paymentFailed'; readonly orderId: string; readonly reason: string }
  | {
      readonly type: 'order.inventoryReserved';
      readonly orderId: string;
      readonly reservationKey: string;
    }
  | { readonly type: 'order.confirmed'; readonly orderId: string; readonly totalMinor: number }
  | { readonly type: 'order.cancelled'; readonly orderId: string; readonly reason: string }
  | {
      readonly type: 'order.refundRequested';
      readonly orderId: string;
      readonly refundId: string;
      readonly amountMinor: number;
    }
  | {
      readonly type: 'order.refunded';
      readonly orderId: string;
      readonly refundId: string;
      readonly amountMinor: number;
    }
  | {
      readonly type: 'order.refundFailed';
      readonly orderId: string;
      readonly refundId: string;
      readonly reason: string;
    };

/** What is left of an order that ended without being confirmed. */
export interface OrderOutput extends OrderEnding {
  readonly orderId: string;
}

/** Bounds the row of one order. */
const MAX_ORDER_ITEMS = 10_000;
export const MAX_ORDER_REFUNDS = 1_000;

/** A positive safe integer: an amount of money that moves, a number of pieces. */
export function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/**
 * Passes the fields of an order that can be run.
 * @throws TypeError naming the field, what was expected and what came
 */
export function checkOrderFields(
  what: string,
  fields: Pick<OrderInput, 'orderId' | 'currency' | 'totalMinor' | 'items'>,
): void {
  const expect = (holds: boolean, field: string, expected: string, got: unknown): void => {
    if (holds) return;
    throw new TypeError(
      `${what}: expected ${field} to be ${expected}, got ${JSON.stringify(got)}.`,
    );
  };
  const { orderId, currency, totalMinor, items } = fields;
  const isCurrency = typeof currency === 'string' && /^[A-Z]{3}$/.test(currency);
  expect(isText(orderId), 'orderId', "the order's id", orderId);
  expect(isCurrency, 'currency', 'three capital letters such as GBP', currency);
  expect(isPositiveInteger(totalMinor), 'totalMinor', 'a positive integer of pence', totalMinor);
  const isBounded = Array.isArray(items) && items.length <= MAX_ORDER_ITEMS;
  expect(isBounded, 'items', `an array of at most ${MAX_ORDER_ITEMS}`, items?.length);
  items.forEach((item, index) => {
    const isItem = isText(item?.sku) && isPositiveInteger(item.quantity);
    expect(isItem, `items[${index}]`, 'a sku and a positive integer quantity', item);
  });
}
