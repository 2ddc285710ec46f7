// The order as an aggregate: which command it takes in which state, and what it says happened. Sagas
// charge, reserve and ship, in the order that suits them, and tell it. Pure.

import { assign, cancel, emit, enqueueActions, setup, type UnknownActorLogic } from 'xstate';
import { isText } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import * as changes from './order-changes.ts';
import { createOrder, finishOrder, type OrderContext } from './order-context.ts';
import type {
  OrderCommand,
  OrderEnding,
  OrderFact,
  OrderInput,
  OrderOutcome,
  OrderOutput,
  OrderShipment,
  OrderState,
  OrderTimer,
} from './order-contract.ts';
import * as facts from './order-facts.ts';
import type { Said } from './order-policy.ts';
import * as policy from './order-policy.ts';

export type OrderMachine = WrittenMachine<{
  context: OrderContext;
  event: OrderCommand | OrderTimer;
  actors: Record<string, UnknownActorLogic>;
  delay: never;
  state: OrderState;
  input: OrderInput;
  output: OrderOutput;
  emitted: OrderFact;
}>;

interface Reason {
  readonly reason: string;
}
interface RefundId {
  readonly refundId: string;
}

const orderSetup = setup({
  types: {} as {
    context: OrderContext;
    events: OrderCommand | OrderTimer;
    input: OrderInput;
    output: OrderOutput;
    emitted: OrderFact;
  },
  guards: {
    isPaymentAhead: ({ context }) => !policy.isPaymentStarted(context),
    authorizesInFull: ({ context }, said: Said<'order.authorizePayment'>) =>
      policy.isAuthorization(context, said),
    paysInFull: ({ context }, said: Said<'order.completePayment'>) =>
      policy.isPayment(context, said),
    namesReservation: ({ context }, { reservationKey }: Said<'order.reserveInventory'>) =>
      context.reservationKey === null && isText(reservationKey),
    isNewShipment: ({ context }, said: OrderShipment) => policy.isNewShipment(context, said),
    isConfirmable: ({ context }) => policy.isConfirmable(context),
    isShippable: ({ context }, said: OrderShipment) => policy.isShippable(context, said),
    isShippedAlready: ({ context }, said: OrderShipment) =>
      policy.isConfirmed(context) && policy.isShippable(context, said),
    saysWhy: (_, { reason }: Reason) => isText(reason),
    isEndable: ({ context }, { reason }: Reason) => policy.isEndable(context, reason),
    isRefundable: ({ context }, said: Said<'order.requestRefund'>) =>
      policy.isRefundable(context, said),
    isRefundOpen: ({ context }, { refundId }: RefundId) => policy.isRefundOpen(context, refundId),
    isReturnable: ({ context }, said: Said<'order.requestReturn'>) =>
      policy.isReturnable(context, said),
    isReturnPayable: ({ context }, said: Said<'order.completeReturn'>) =>
      policy.isReturnPayable(context, said),
    isReturnRefusable: ({ context }, { returnId, reason }: Said<'order.rejectReturn'>) =>
      policy.isReturnOpen(context, returnId) && isText(reason),
    areReturnsOpen: ({ context }) => !context.areReturnsClosed,
    isOver: ({ context }) => context.areReturnsClosed && !policy.hasOpenRefund(context),
  },
  actions: {
    enter: enqueueActions(({ context, enqueue }, { status }: { status: OrderState }) => {
      const { orderId, history } = context;
      const from = history.at(-1);
      enqueue.assign({ history: [...history, status] });
      // An order begins in its first state: that is no change.
      if (from === undefined) return;
      enqueue.emit({ type: 'order.statusUpdated', orderId, from, to: status });
    }),
    tell: emit((_, fact: OrderFact) => fact),
    armExpiry: enqueueActions(({ context: { terms }, enqueue }) => {
      if (terms.expiresAfterMs === null) return;
      enqueue.raise({ type: 'order.expire' }, { id: 'expiry', delay: terms.expiresAfterMs });
    }),
    disarmExpiry: cancel('expiry'),
    armReturns: enqueueActions(({ context: { terms }, enqueue }) => {
      enqueue.raise({ type: 'order.closeReturns' }, { id: 'returns', delay: terms.returnWindowMs });
    }),
    closeReturns: assign({ areReturnsClosed: true }),
    noteAuthorization: assign((_, said: Said<'order.authorizePayment'>) =>
      changes.noteAuthorization(said),
    ),
    notePayment: assign((_, said: Said<'order.completePayment'>) => changes.notePayment(said)),
    noteReservation: assign((_, { reservationKey }: Said<'order.reserveInventory'>) => ({
      reservationKey,
    })),
    noteShipment: assign((_, said: OrderShipment) => changes.noteShipment(said)),
    noteCancellation: assign(({ context }, { reason }: Reason) =>
      changes.noteCancellation(context, reason),
    ),
    forgetCancellation: assign({ cancellation: null }),
    noteEnding: assign({ ending: (_, ending: OrderEnding) => ending }),
    reserveRefund: assign(({ context }, said: Said<'order.requestRefund'>) =>
      changes.reserveRefund(context, said),
    ),
    settleRefund: assign(({ context }, { refundId }: RefundId) =>
      changes.settleRefund(context, refundId),
    ),
    forgetRefund: assign(({ context }, { refundId }: RefundId) =>
      changes.forgetRefund(context, refundId),
    ),
    noteReturn: assign(({ context }, said: Said<'order.requestReturn'>) =>
      changes.noteReturn(context, said),
    ),
    rejectReturn: assign(({ context }, { returnId }: Said<'order.rejectReturn'>) =>
      changes.rejectReturn(context, returnId),
    ),
    completeReturn: assign(({ context }, said: Said<'order.completeReturn'>) =>
      changes.completeReturn(context, said),
    ),
  },
});

/** Guards and actions are given what the command says. */
const said = <Event>({ event }: { readonly event: Event }): Event => event;

/** What a transition does that takes a command: it asks, remembers what was said, and tells it. */
const taking = <Guard extends string, Change extends string, Tell>(
  guard: Guard,
  change: Change,
  tell: Tell,
) =>
  ({
    guard: { type: guard, params: said },
    actions: [
      { type: change, params: said },
      { type: 'tell', params: tell },
    ],
  }) as const;

/** Reports of payment, goods and shipment, each taken once, that leave the order where it is. */
const noting = {
  'order.authorizePayment': taking(
    'authorizesInFull',
    'noteAuthorization',
    facts.paymentAuthorized,
  ),
  'order.completePayment': taking('paysInFull', 'notePayment', facts.paymentCompleted),
  'order.reserveInventory': taking('namesReservation', 'noteReservation', facts.inventoryReserved),
  'order.noteShipment': taking('isNewShipment', 'noteShipment', facts.shipmentNoted),
} as const;
const {
  'order.authorizePayment': authorizing,
  'order.completePayment': capturing,
  'order.reserveInventory': reserving,
  'order.noteShipment': notingShipment,
} = noting;

/** The same reports where they are milestones. Payment and goods may come in either order. */
const startingPayment = {
  'order.startPayment': {
    guard: 'isPaymentAhead',
    target: 'PAYMENT_PROCESSING',
    actions: { type: 'tell', params: facts.paymentStarted },
  },
} as const;
const paying = {
  'order.authorizePayment': authorizing,
  'order.completePayment': { ...capturing, target: 'PAYMENT_COMPLETED' },
} as const;
const reservingInventory = {
  'order.reserveInventory': { ...reserving, target: 'INVENTORY_RESERVED' },
} as const;
const confirming = {
  'order.confirm': {
    guard: 'isConfirmable',
    target: 'CONFIRMED',
    actions: { type: 'tell', params: facts.confirmed },
  },
} as const;

/** How an order ends for a reason. */
const ending = <Outcome extends OrderOutcome>(outcome: Outcome) =>
  ({
    guard: { type: 'isEndable', params: said<Reason> },
    target: outcome,
    actions: {
      type: 'noteEnding',
      params: ({ event: { reason } }: { event: Reason }): OrderEnding => ({ outcome, reason }),
    },
  }) as const;

/** What a saga says when it has undone everything. */
const undone = {
  'order.cancel': ending('CANCELLED'),
  'order.fail': ending('FAILED'),
  'order.failPayment': ending('PAYMENT_FAILED'),
} as const;

/** What the customer may ask for as long as the goods are here. */
const cancelling = {
  'order.requestCancellation': {
    target: 'CANCELLING',
    ...taking('saysWhy', 'noteCancellation', facts.cancellationRequested),
  },
} as const;

/** In every state of being processed. */
const processing = { 'order.noteShipment': notingShipment, ...cancelling, ...undone } as const;

/** Partial refunds: each is set aside before money moves, so that two cannot both pass the limit. */
const refunding = {
  'order.requestRefund': taking('isRefundable', 'reserveRefund', facts.refundRequested),
  'order.completeRefund': taking('isRefundOpen', 'settleRefund', facts.refunded),
  'order.failRefund': taking('isRefundOpen', 'forgetRefund', facts.refundFailed),
} as const;

/** The window began with the delivery; a return that is being looked at does not stop it. */
const closingReturns = {
  'order.closeReturns': { guard: 'areReturnsOpen', actions: 'closeReturns' },
} as const;

/** Every state begins so. */
const enter = (status: OrderState) => ({ type: 'enter', params: { status } }) as const;
const tellEnded = { type: 'tell', params: facts.ended } as const;

/** The order aggregate, started under the id that its input names. It ends when nothing can come any more. */
export const orderMachine: OrderMachine = orderSetup.createMachine({
  id: 'order',
  version: '1',
  context: ({ input }) => createOrder(input),
  initial: 'PENDING',
  states: {
    PENDING: {
      entry: [enter('PENDING'), { type: 'tell', params: facts.placed }, 'armExpiry'],
      exit: 'disarmExpiry',
      on: {
        'order.process': {
          target: 'PROCESSING',
          actions: { type: 'tell', params: facts.processingStarted },
        },
        ...startingPayment,
        'order.requestCancellation': ending('CANCELLED'),
        'order.cancel': ending('CANCELLED'),
        'order.expire': {
          target: 'EXPIRED',
          actions: { type: 'noteEnding', params: { outcome: 'EXPIRED', reason: 'EXPIRED' } },
        },
      },
    },
    PROCESSING: {
      entry: enter('PROCESSING'),
      on: { ...startingPayment, ...reservingInventory, ...processing },
    },
    PAYMENT_PROCESSING: {
      entry: enter('PAYMENT_PROCESSING'),
      on: { ...paying, ...reservingInventory, ...confirming, ...processing },
    },
    PAYMENT_COMPLETED: {
      entry: enter('PAYMENT_COMPLETED'),
      on: { ...reservingInventory, ...confirming, ...processing },
    },
    INVENTORY_RESERVED: {
      entry: enter('INVENTORY_RESERVED'),
      on: { ...startingPayment, ...paying, ...confirming, ...processing },
    },
    CONFIRMED: {
      entry: enter('CONFIRMED'),
      on: {
        'order.completePayment': capturing,
        'order.noteShipment': notingShipment,
        'order.ship': {
          target: 'SHIPPED',
          ...taking('isShippable', 'noteShipment', facts.shipped),
        },
        ...cancelling,
        ...refunding,
      },
    },
    SHIPPED: {
      entry: enter('SHIPPED'),
      on: {
        'order.deliver': {
          target: 'DELIVERED',
          actions: ['armReturns', { type: 'tell', params: facts.delivered }],
        },
        ...refunding,
      },
    },
    DELIVERED: {
      entry: enter('DELIVERED'),
      always: {
        guard: 'isOver',
        target: 'COMPLETED',
        actions: {
          type: 'noteEnding',
          params: { outcome: 'COMPLETED', reason: 'RETURNS_CLOSED' },
        },
      },
      on: {
        'order.requestReturn': {
          target: 'RETURN_REQUESTED',
          ...taking('isReturnable', 'noteReturn', facts.returnRequested),
        },
        ...closingReturns,
        ...refunding,
      },
    },
    RETURN_REQUESTED: {
      entry: enter('RETURN_REQUESTED'),
      on: {
        'order.completeReturn': {
          target: 'RETURNED',
          ...taking('isReturnPayable', 'completeReturn', facts.returned),
        },
        'order.rejectReturn': {
          target: 'DELIVERED',
          ...taking('isReturnRefusable', 'rejectReturn', facts.returnRejected),
        },
        ...closingReturns,
        ...refunding,
      },
    },
    CANCELLING: {
      entry: enter('CANCELLING'),
      on: {
        ...noting,
        ...refunding,
        ...undone,
        // The parcel was on its way already: it is too late to cancel.
        'order.ship': {
          guard: { type: 'isShippedAlready', params: said },
          target: 'SHIPPED',
          actions: [
            { type: 'noteShipment', params: said },
            'forgetCancellation',
            { type: 'tell', params: facts.shipped },
          ],
        },
      },
    },
    COMPLETED: { type: 'final', entry: [enter('COMPLETED'), tellEnded] },
    RETURNED: { type: 'final', entry: enter('RETURNED') },
    PAYMENT_FAILED: { type: 'final', entry: [enter('PAYMENT_FAILED'), tellEnded] },
    FAILED: { type: 'final', entry: [enter('FAILED'), tellEnded] },
    CANCELLED: { type: 'final', entry: [enter('CANCELLED'), tellEnded] },
    EXPIRED: { type: 'final', entry: [enter('EXPIRED'), tellEnded] },
  },
  output: ({ context }) => finishOrder(context),
});
