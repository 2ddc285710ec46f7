// One order and all that it can be told, stepped as the pure function that it is: the commands of the
// tests, the ways to each state, and what a step says. Checks nothing itself.

import {
  type OrderCommand,
  type OrderFact,
  type OrderInput,
  type OrderMachine,
  type OrderState,
  type OrderTimer,
  orderMachine,
} from 'sagawright/machines';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';

export type Order = SnapshotFrom<OrderMachine>;
export type OrderMessage = OrderCommand | OrderTimer;

export const input: OrderInput = {
  orderId: 'order-1',
  customerId: '17850',
  currency: 'GBP',
  totalMinor: 13_912,
  items: [{ sku: '85123A', quantity: 6 }],
};

export const beginWork: OrderCommand = { type: 'order.process' };
export const startPayment: OrderCommand = { type: 'order.startPayment' };
const paid = { amountMinor: 13_912, currency: 'GBP' } as const;
export const authorizePayment: OrderCommand = {
  type: 'order.authorizePayment',
  authorizationKey: 'saga-1:authorization/1',
  ...paid,
};
export const completePayment: OrderCommand = {
  type: 'order.completePayment',
  chargeKey: 'saga-1:payment/1',
  ...paid,
};
export const failPayment: OrderCommand = { type: 'order.failPayment', reason: 'CARD_DECLINED' };
export const reserveInventory: OrderCommand = {
  type: 'order.reserveInventory',
  reservationKey: 'saga-1:inventory/1',
};
export const noteShipment: OrderCommand = {
  type: 'order.noteShipment',
  shipmentId: 'shipment-1',
  trackingNumber: 'TRK-1',
};
export const confirm: OrderCommand = { type: 'order.confirm' };
export const ship: OrderCommand = { ...noteShipment, type: 'order.ship' };
export const deliver: OrderCommand = { type: 'order.deliver' };
export const requestCancellation: OrderCommand = {
  type: 'order.requestCancellation',
  reason: 'changed my mind',
};
export const cancel: OrderCommand = { type: 'order.cancel', reason: 'changed my mind' };
export const fail: OrderCommand = { type: 'order.fail', reason: 'OUT_OF_STOCK' };
export const requestRefund: OrderCommand = {
  type: 'order.requestRefund',
  refundId: 'refund-1',
  amountMinor: 5_000,
};
export const completeRefund: OrderCommand = { type: 'order.completeRefund', refundId: 'refund-1' };
export const failRefund: OrderCommand = {
  type: 'order.failRefund',
  refundId: 'refund-1',
  reason: 'REFUND_EXCEEDS_CHARGE',
};
export const requestReturn: OrderCommand = {
  type: 'order.requestReturn',
  returnId: 'return-1',
  reason: 'too small',
};
export const completeReturn: OrderCommand = {
  type: 'order.completeReturn',
  returnId: 'return-1',
  refundedMinor: 8_912,
};
export const rejectReturn: OrderCommand = {
  type: 'order.rejectReturn',
  returnId: 'return-1',
  reason: 'worn',
};
export const expire: OrderTimer = { type: 'order.expire' };
export const closeReturns: OrderTimer = { type: 'order.closeReturns' };

/** All that an order can be told, its own timers included. */
export const messages: readonly OrderMessage[] = [
  beginWork,
  startPayment,
  authorizePayment,
  completePayment,
  failPayment,
  reserveInventory,
  noteShipment,
  confirm,
  ship,
  deliver,
  requestCancellation,
  cancel,
  fail,
  requestRefund,
  completeRefund,
  failRefund,
  requestReturn,
  completeReturn,
  rejectReturn,
  expire,
  closeReturns,
];

/** Payment first: the way of the order saga. */
export const toConfirmed: readonly OrderCommand[] = [
  startPayment,
  completePayment,
  reserveInventory,
  confirm,
];
export const toDelivered: readonly OrderCommand[] = [...toConfirmed, ship, deliver];

/** The shortest way to each state. */
export const ways: Readonly<Record<OrderState, readonly OrderMessage[]>> = {
  PENDING: [],
  PROCESSING: [beginWork],
  PAYMENT_PROCESSING: [startPayment],
  PAYMENT_COMPLETED: [startPayment, completePayment],
  INVENTORY_RESERVED: [startPayment, completePayment, reserveInventory],
  CONFIRMED: toConfirmed,
  SHIPPED: [...toConfirmed, ship],
  DELIVERED: toDelivered,
  RETURN_REQUESTED: [...toDelivered, requestReturn],
  CANCELLING: [...toConfirmed, requestCancellation],
  COMPLETED: [...toDelivered, closeReturns],
  RETURNED: [...toDelivered, requestReturn, completeReturn],
  PAYMENT_FAILED: [startPayment, failPayment],
  FAILED: [startPayment, fail],
  CANCELLED: [cancel],
  EXPIRED: [expire],
};

export function placeOrder(changes: Partial<OrderInput> = {}): Order {
  return initialTransition(orderMachine, { ...input, ...changes })[0];
}

export function tell(order: Order, ...told: readonly OrderMessage[]): Order {
  return told.reduce((state, message) => transition(orderMachine, state, message)[0], order);
}

/** The statuses that an order passes through. */
export function statusesOf(order: Order, told: readonly OrderMessage[]): readonly string[] {
  return told.map((_, index) => String(tell(order, ...told.slice(0, index + 1)).value));
}

/** What an order is when it was told something, and what it says happened. */
export function step(order: Order, message: OrderMessage): [Order, readonly OrderFact[]] {
  const [next, actions] = transition(orderMachine, order, message);
  return [next, emittedBy(actions)];
}

export function factsOf(order: Order, message: OrderMessage): readonly OrderFact[] {
  return step(order, message)[1];
}

/** The names of all that an order says from its first moment on, changes of status apart. */
export function storyOf(told: readonly OrderMessage[]): readonly string[] {
  const facts = told.flatMap((message, index) =>
    factsOf(tell(placeOrder(), ...told.slice(0, index)), message),
  );
  return [...emittedBy(initialTransition(orderMachine, input)[1]), ...facts]
    .map(({ type }) => type)
    .filter((type) => type !== 'order.statusUpdated');
}

/** Whether an order takes it; one that has ended takes nothing. */
export function takes(order: Order, message: OrderMessage): boolean {
  return order.status === 'active' && order.can(message);
}

/** XState's types do not say that emitted events are among the actions. */
function emittedBy(
  actions: readonly { readonly type: string; readonly params?: unknown }[],
): readonly OrderFact[] {
  return actions.flatMap(({ type, params }) =>
    type === 'xstate.emit' ? [(params as { readonly event: OrderFact }).event] : [],
  );
}
