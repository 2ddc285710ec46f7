// What an order is told and what it tells: the words that the order, its sagas and their readers share.
// Commands are requests and may be refused; facts have happened. Money is in integer minor units of one
// currency. Types only.

/** A product and how many pieces of it. */
export interface OrderItem {
  readonly sku: string;
  /** A positive integer, at most `MAX_QUANTITY`. */
  readonly quantity: number;
  /** What one piece costs, in minor units; an integer of 0 and above. */
  readonly unitPriceMinor?: number;
}

/** Where the goods go. Every member is a text with something in it. */
export interface ShippingAddress {
  readonly name?: string;
  readonly street: string;
  readonly city: string;
  readonly state?: string;
  readonly postalCode?: string;
  readonly country: string;
}

/** What an order is started with. What is left out means what it says there. */
export interface OrderInput {
  /** The order's own address: the id that it is started under. */
  readonly orderId: string;
  /** Null, the default, for a guest. */
  readonly customerId?: string | null;
  /** ISO 4217: three capital letters. */
  readonly currency: string;
  /**
   * What is charged, in minor units; a positive integer. When every item has a price, it is the sum of
   * them with tax and shipping.
   */
  readonly totalMinor: number;
  /** The part of the total that no item's price holds; default 0. */
  readonly taxMinor?: number;
  /** The same for what shipping costs; default 0. */
  readonly shippingMinor?: number;
  /** What is reserved; empty when the order sells no goods. */
  readonly items: readonly OrderItem[];
  readonly shippingAddress?: ShippingAddress;
  /** How long the order waits in PENDING; null, the default, for ever. */
  readonly expiresAfterMs?: number | null;
  /**
   * How long after its delivery it can be returned; default 30 days. In a plain `createActor`, whose
   * clock is `setTimeout`, at most 2^31 - 1; in an engine up to a century.
   */
  readonly returnWindowMs?: number;
  /** What a cancellation costs the customer once the order is being processed. */
  readonly cancellation?: CancellationPolicy;
}

export interface CancellationPolicy {
  /** Of the total, as decimal text: `'0'`, the default, to `'100'`; `'2.5'`. */
  readonly feePercent: string;
}

/** The states of an order, in the words of the trade: the last milestone that it has passed. */
export type OrderState =
  | 'PENDING'
  | 'PROCESSING'
  | 'PAYMENT_PROCESSING'
  | 'PAYMENT_COMPLETED'
  | 'INVENTORY_RESERVED'
  | 'CONFIRMED'
  | 'SHIPPED'
  | 'DELIVERED'
  | 'RETURN_REQUESTED'
  | 'CANCELLING'
  | OrderOutcome;

/** The states in which it has ended. */
export type OrderOutcome =
  | 'COMPLETED'
  | 'RETURNED'
  | 'PAYMENT_FAILED'
  | 'FAILED'
  | 'CANCELLED'
  | 'EXPIRED';

export interface OrderEnding {
  readonly outcome: OrderOutcome;
  readonly reason: string;
}

/** What is left of an order that has ended. */
export interface OrderOutput extends OrderEnding {
  readonly orderId: string;
}

/** An authorization or a charge, as the gateway reports it. */
interface Payment {
  /** All of the order's total. */
  readonly amountMinor: number;
  readonly currency: string;
}

/** A shipment, under the id that its own aggregate has. */
export interface OrderShipment {
  readonly shipmentId: string;
  readonly trackingNumber: string;
}

/** What an order can be told. It refuses what does not fit its state. */
export type OrderCommand =
  /** Work on it begins: from here on it does not expire. */
  | { readonly type: 'order.process' }
  | { readonly type: 'order.startPayment' }
  /** The money is set aside on the card; it still has to be captured. */
  | ({ readonly type: 'order.authorizePayment'; readonly authorizationKey: string } & Payment)
  /** The money was captured in full. */
  | ({ readonly type: 'order.completePayment'; readonly chargeKey: string } & Payment)
  | { readonly type: 'order.reserveInventory'; readonly reservationKey: string }
  /** There is a shipment; it has not left yet. */
  | ({ readonly type: 'order.noteShipment' } & OrderShipment)
  /** Binding from here on: paid, or authorized, and reserved. */
  | { readonly type: 'order.confirm' }
  /** The goods have left; the shipment is the one that was noted, if one was. */
  | ({ readonly type: 'order.ship' } & OrderShipment)
  | { readonly type: 'order.deliver' }
  /** The customer's wish: free at first, later to be settled by a saga, refused once shipped. */
  | { readonly type: 'order.requestCancellation'; readonly reason: string }
  /** What a saga says when it has undone all that was done: why it turned back. */
  | { readonly type: 'order.cancel'; readonly reason: string }
  | { readonly type: 'order.fail'; readonly reason: string }
  | { readonly type: 'order.failPayment'; readonly reason: string }
  /** Sets an amount aside before money moves, so that two refunds cannot both pass the limit. */
  | {
      readonly type: 'order.requestRefund';
      readonly refundId: string;
      readonly amountMinor: number;
    }
  | { readonly type: 'order.completeRefund'; readonly refundId: string }
  | { readonly type: 'order.failRefund'; readonly refundId: string; readonly reason: string }
  | { readonly type: 'order.requestReturn'; readonly returnId: string; readonly reason: string }
  | { readonly type: 'order.rejectReturn'; readonly returnId: string; readonly reason: string }
  | {
      readonly type: 'order.completeReturn';
      readonly returnId: string;
      /** What the return itself gave back; 0 when that was recorded as a refund. */
      readonly refundedMinor: number;
    };

/** The order's own timers. Whoever sends one ends the waiting at once. */
export type OrderTimer =
  | { readonly type: 'order.expire' }
  | { readonly type: 'order.closeReturns' };

/** What has happened to an order, for whoever listens. */
export type OrderFact = { readonly orderId: string } & (
  | { readonly type: 'order.placed' | 'order.confirmed'; readonly totalMinor: number }
  /** Once for each change of the status, beside the fact that tells what has changed it. */
  | { readonly type: 'order.statusUpdated'; readonly from: OrderState; readonly to: OrderState }
  | {
      readonly type:
        | 'order.processingStarted'
        | 'order.paymentStarted'
        | 'order.delivered'
        | 'order.completed'
        | 'order.expired';
    }
  | {
      readonly type: 'order.paymentAuthorized';
      readonly authorizationKey: string;
      readonly amountMinor: number;
    }
  | {
      readonly type: 'order.paymentCompleted';
      readonly chargeKey: string;
      readonly amountMinor: number;
    }
  | { readonly type: 'order.inventoryReserved'; readonly reservationKey: string }
  | ({ readonly type: 'order.shipmentNoted' | 'order.shipped' } & OrderShipment)
  | {
      readonly type: 'order.cancellationRequested';
      readonly reason: string;
      readonly feeMinor: number;
    }
  | {
      readonly type: 'order.cancelled' | 'order.failed' | 'order.paymentFailed';
      readonly reason: string;
    }
  | {
      readonly type: 'order.refundRequested' | 'order.refunded';
      readonly refundId: string;
      readonly amountMinor: number;
    }
  | { readonly type: 'order.refundFailed'; readonly refundId: string; readonly reason: string }
  | {
      readonly type: 'order.returnRequested' | 'order.returnRejected';
      readonly returnId: string;
      readonly reason: string;
    }
  | {
      readonly type: 'order.returned';
      readonly returnId: string;
      readonly refundedMinor: number;
    }
);
