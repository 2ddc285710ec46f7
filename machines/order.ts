// The order as an aggregate: which command it takes in which state, and what it says happened. It
// charges and reserves nothing itself; a saga does, and tells it. CONFIRMED stays open for partial
// refunds, each reserved before money moves so that two cannot both pass the limit. Pure.

import { produce } from 'immer';
import { assign, emit, setup, type UnknownActorLogic } from 'xstate';
import type { WrittenMachine } from './machine-type.ts';
import {
  checkOrderFields,
  isPositiveInteger,
  isText,
  MAX_ORDER_REFUNDS,
  type OrderCommand,
  type OrderContext,
  type OrderEnding,
  type OrderFact,
  type OrderInput,
  type OrderOutput,
} from './order-contract.ts';

/** The states of an order, in the words of the trade. */
export type OrderState =
  | 'PENDING'
  | 'PAYMENT_PROCESSING'
  | 'PAYMENT_COMPLETED'
  | 'INVENTORY_RESERVED'
  | 'CONFIRMED'
  | 'PAYMENT_FAILED'
  | 'CANCELLED';

export type OrderMachine = WrittenMachine<{
  context: OrderContext;
  event: OrderCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: never;
  state: OrderState;
  input: OrderInput;
  output: OrderOutput;
  emitted: OrderFact;
}>;

/** @throws TypeError for an input that is no order */
function createOrder(input: OrderInput): OrderContext {
  checkOrderFields('order', input);
  const { orderId, customerId, currency, totalMinor, items } = input;
  return {
    orderId,
    customerId,
    currency,
    totalMinor,
    items,
    capturedMinor: 0,
    refundedMinor: 0,
    refunds: {},
    chargeKey: null,
    reservationKey: null,
    ending: null,
  };
}

function finishOrder({ orderId, ending }: OrderContext): OrderOutput {
  if (ending === null) throw new Error(`order ${orderId}: expected an ending in a final state.`);
  return { orderId, ...ending };
}

/** What may still be given back: captured, less what was refunded and what is about to be. */
export function computeRefundableMinor({ capturedMinor, refunds }: OrderContext): number {
  return Object.values(refunds).reduce((left, refund) => left - refund.amountMinor, capturedMinor);
}

/** Refunds are kept by their id, and one name is not a member like the others. */
function isRefundId(value: unknown): boolean {
  return isText(value) && value !== '__proto__';
}

interface RefundRequest {
  readonly refundId: string;
  readonly amountMinor: number;
}

interface Paid {
  readonly chargeKey: string;
  readonly amountMinor: number;
  readonly currency: string;
}

const orderSetup = setup({
  types: {} as {
    context: OrderContext;
    events: OrderCommand;
    input: OrderInput;
    output: OrderOutput;
    emitted: OrderFact;
  },
  guards: {
    paysInFull: ({ context }, paid: Paid) =>
      isText(paid.chargeKey) &&
      paid.amountMinor === context.totalMinor &&
      paid.currency === context.currency,
    namesReservation: (_, { reservationKey }: { reservationKey: string }) => isText(reservationKey),
    saysWhy: (_, { reason }: { reason: string }) => isText(reason),
    isRefundable: ({ context }, { refundId, amountMinor }: RefundRequest) =>
      isRefundId(refundId) &&
      !Object.hasOwn(context.refunds, refundId) &&
      Object.keys(context.refunds).length < MAX_ORDER_REFUNDS &&
      isPositiveInteger(amountMinor) &&
      amountMinor <= computeRefundableMinor(context),
    isRequested: ({ context }, { refundId }: { refundId: string }) =>
      Object.hasOwn(context.refunds, refundId) && context.refunds[refundId]?.status === 'requested',
  },
  actions: {
    notePayment: assign({
      capturedMinor: (_, paid: Paid) => paid.amountMinor,
      chargeKey: (_, paid: Paid) => paid.chargeKey,
    }),
    noteReservation: assign({
      reservationKey: (_, { reservationKey }: { reservationKey: string }) => reservationKey,
    }),
    noteEnding: assign({ ending: (_, ending: OrderEnding) => ending }),
    reserveRefund: assign(({ context }, { refundId, amountMinor }: RefundRequest) =>
      produce(context, (order) => {
        order.refunds[refundId] = { amountMinor, status: 'requested' };
      }),
    ),
    settleRefund: assign(({ context }, { refundId }: { refundId: string }) =>
      produce(context, (order) => {
        const refund = order.refunds[refundId];
        if (refund === undefined) return;
        refund.status = 'completed';
        order.refundedMinor += refund.amountMinor;
      }),
    ),
    forgetRefund: assign(({ context }, { refundId }: { refundId: string }) =>
      produce(context, (order) => {
        delete order.refunds[refundId];
      }),
    ),
  },
});

/** `order.cancel`, wherever it is taken. */
const cancelling = {
  guard: { type: 'saysWhy', params: ({ event }: { event: { reason: string } }) => event },
  target: 'CANCELLED',
  actions: {
    type: 'noteEnding',
    params: ({ event }: { event: { reason: string } }): OrderEnding => ({
      outcome: 'CANCELLED',
      reason: event.reason,
    }),
  },
} as const;

/** The order aggregate, started under the id that its input names. `CONFIRMED` does not end it. */
export const orderMachine: OrderMachine = orderSetup.createMachine({
  id: 'order',
  version: '1',
  context: ({ input }) => createOrder(input),
  initial: 'PENDING',
  states: {
    PENDING: {
      entry: emit(({ context: { orderId, totalMinor } }) => ({
        type: 'order.placed',
        orderId,
        totalMinor,
      })),
      on: { 'order.startPayment': 'PAYMENT_PROCESSING', 'order.cancel': cancelling },
    },
    PAYMENT_PROCESSING: {
      entry: emit(({ context: { orderId } }) => ({ type: 'order.paymentStarted', orderId })),
      on: {
        'order.completePayment': {
          guard: { type: 'paysInFull', params: ({ event }) => event },
          target: 'PAYMENT_COMPLETED',
          actions: [
            { type: 'notePayment', params: ({ event }) => event },
            emit(({ context: { orderId }, event: { chargeKey, amountMinor } }) => ({
              type: 'order.paymentCompleted',
              orderId,
              chargeKey,
              amountMinor,
            })),
          ],
        },
        'order.failPayment': {
          guard: { type: 'saysWhy', params: ({ event }) => event },
          target: 'PAYMENT_FAILED',
          actions: {
            type: 'noteEnding',
            params: ({ event }) => ({ outcome: 'PAYMENT_FAILED', reason: event.reason }),
          },
        },
        'order.cancel': cancelling,
      },
    },
    PAYMENT_COMPLETED: {
      on: {
        'order.reserveInventory': {
          guard: { type: 'namesReservation', params: ({ event }) => event },
          target: 'INVENTORY_RESERVED',
          actions: [
            { type: 'noteReservation', params: ({ event }) => event },
            emit(({ context: { orderId }, event: { reservationKey } }) => ({
              type: 'order.inventoryReserved',
              orderId,
              reservationKey,
            })),
          ],
        },
        'order.cancel': cancelling,
      },
    },
    INVENTORY_RESERVED: {
      on: { 'order.confirm': 'CONFIRMED', 'order.cancel': cancelling },
    },
    CONFIRMED: {
      entry: emit(({ context: { orderId, totalMinor } }) => ({
        type: 'order.confirmed',
        orderId,
        totalMinor,
      })),
      on: {
        'order.requestRefund': {
          guard: { type: 'isRefundable', params: ({ event }) => event },
          actions: [
            { type: 'reserveRefund', params: ({ event }) => event },
            emit(({ context: { orderId }, event: { refundId, amountMinor } }) => ({
              type: 'order.refundRequested',
              orderId,
              refundId,
              amountMinor,
            })),
          ],
        },
        'order.completeRefund': {
          guard: { type: 'isRequested', params: ({ event }) => event },
          actions: [
            { type: 'settleRefund', params: ({ event }) => event },
            emit(({ context: { orderId, refunds }, event: { refundId } }) => ({
              type: 'order.refunded',
              orderId,
              refundId,
              amountMinor: refunds[refundId]?.amountMinor ?? 0,
            })),
          ],
        },
        'order.failRefund': {
          guard: { type: 'isRequested', params: ({ event }) => event },
          actions: [
            { type: 'forgetRefund', params: ({ event }) => event },
            emit(({ context: { orderId }, event: { refundId, reason } }) => ({
              type: 'order.refundFailed',
              orderId,
              refundId,
              reason,
            })),
          ],
        },
      },
    },
    PAYMENT_FAILED: {
      type: 'final',
      entry: emit(({ context }) => ({
        type: 'order.paymentFailed',
        orderId: context.orderId,
        reason: finishOrder(context).reason,
      })),
    },
    CANCELLED: {
      type: 'final',
      entry: emit(({ context }) => ({
        type: 'order.cancelled',
        orderId: context.orderId,
        reason: finishOrder(context).reason,
      })),
    },
  },
  output: ({ context }) => finishOrder(context),
});
