// The payment of one order as an aggregate: which moves of its money fit together, and in which order.
// It moves none itself. A declined card may be tried again; a capture is made once; refunds are set
// aside before money moves, so that at no moment more goes out than came in. Pure.

import { produce } from 'immer';
import { assign, emit, setup, type UnknownActorLogic } from 'xstate';
import { isKey, isPositiveInteger, isText } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import {
  computeUnrefundedMinor,
  createPayment,
  MAX_PAYMENT_REFUNDS,
  type PaymentCommand,
  type PaymentContext,
  type PaymentFact,
  type PaymentInput,
  type PaymentOutput,
} from './payment-contract.ts';

/** The states of a payment, in the words of the trade. */
export type PaymentState =
  | 'PENDING'
  | 'AUTHORIZED'
  | 'DECLINED'
  | 'CAPTURED'
  | 'VOIDED'
  | 'REFUNDED';

export type PaymentMachine = WrittenMachine<{
  context: PaymentContext;
  event: PaymentCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: never;
  state: PaymentState;
  input: PaymentInput;
  output: PaymentOutput;
  emitted: PaymentFact;
}>;

/** An amount that was authorized or captured, under the key of the call that did it. */
interface Move {
  readonly key: string;
  readonly amountMinor: number;
}

/** The same, as a gateway reports it. */
interface Paid extends Move {
  readonly currency: string;
}

interface RefundRequest {
  readonly refundId: string;
  readonly amountMinor: number;
}

function ofPayment({
  paymentId,
  orderId,
}: PaymentContext): Pick<PaymentContext, 'paymentId' | 'orderId'> {
  return { paymentId, orderId };
}

function refundOf({ refunds }: PaymentContext, refundId: string): number {
  return Object.hasOwn(refunds, refundId) ? (refunds[refundId]?.amountMinor ?? 0) : 0;
}

function isRequested({ refunds }: PaymentContext, refundId: string): boolean {
  return Object.hasOwn(refunds, refundId) && refunds[refundId]?.status === 'requested';
}

function finishPayment({ paymentId, orderId, ...context }: PaymentContext): PaymentOutput {
  const { capturedMinor, refundedMinor } = context;
  return {
    paymentId,
    orderId,
    outcome: capturedMinor > 0 ? 'REFUNDED' : 'VOIDED',
    refundedMinor,
  };
}

const paymentSetup = setup({
  types: {} as {
    context: PaymentContext;
    events: PaymentCommand;
    input: PaymentInput;
    output: PaymentOutput;
    emitted: PaymentFact;
  },
  guards: {
    paysInFull: ({ context }, { key, amountMinor, currency }: Paid) =>
      isText(key) && amountMinor === context.amountMinor && currency === context.currency,
    isAuthorized: ({ context }, { key, amountMinor }: Move) =>
      isText(key) && isPositiveInteger(amountMinor) && amountMinor <= context.authorizedMinor,
    saysWhy: (_, { reason }: { reason: string }) => isText(reason),
    isRefundable: ({ context }, { refundId, amountMinor }: RefundRequest) =>
      isKey(refundId) &&
      !Object.hasOwn(context.refunds, refundId) &&
      Object.keys(context.refunds).length < MAX_PAYMENT_REFUNDS &&
      isPositiveInteger(amountMinor) &&
      amountMinor <= computeUnrefundedMinor(context),
    isRequested: ({ context }, { refundId }: { refundId: string }) =>
      isRequested(context, refundId),
    isLastRefund: ({ context }, { refundId }: { refundId: string }) =>
      isRequested(context, refundId) &&
      context.refundedMinor + refundOf(context, refundId) === context.capturedMinor,
    isFailedRefund: ({ context }, { refundId, reason }: { refundId: string; reason: string }) =>
      isRequested(context, refundId) && isText(reason),
  },
  actions: {
    authorize: assign({
      authorizedMinor: (_, { amountMinor }: Move) => amountMinor,
      authorizationKey: (_, { key }: Move) => key,
      reason: null,
    }),
    capture: assign({
      capturedMinor: (_, { amountMinor }: Move) => amountMinor,
      captureKey: (_, { key }: Move) => key,
    }),
    countDecline: assign({ declines: ({ context }) => context.declines + 1 }),
    noteReason: assign({ reason: (_, { reason }: { reason: string }) => reason }),
    setRefundAside: assign(({ context }, { refundId, amountMinor }: RefundRequest) =>
      produce(context, (payment) => {
        payment.refunds[refundId] = { amountMinor, status: 'requested' };
      }),
    ),
    completeRefund: assign(({ context }, { refundId }: { refundId: string }) =>
      produce(context, (payment) => {
        const refund = payment.refunds[refundId];
        if (refund === undefined) return;
        refund.status = 'completed';
        payment.refundedMinor += refund.amountMinor;
      }),
    ),
    forgetRefund: assign(({ context }, { refundId }: { refundId: string }) =>
      produce(context, (payment) => {
        delete payment.refunds[refundId];
      }),
    ),
    tellAuthorized: emit(({ context }, { key, amountMinor }: Move) => ({
      type: 'payment.authorized' as const,
      ...ofPayment(context),
      authorizationKey: key,
      amountMinor,
    })),
    tellCaptured: emit(({ context }, { key, amountMinor }: Move) => ({
      type: 'payment.captured' as const,
      ...ofPayment(context),
      captureKey: key,
      amountMinor,
    })),
    tellDeclined: emit(({ context }, { reason }: { reason: string }) => ({
      type: 'payment.declined' as const,
      ...ofPayment(context),
      reason,
    })),
    tellVoided: emit(({ context }, { reason }: { reason: string }) => ({
      type: 'payment.voided' as const,
      ...ofPayment(context),
      reason,
    })),
    tellRefunded: emit(({ context }, { refundId }: { refundId: string }) => ({
      type: 'payment.refunded' as const,
      ...ofPayment(context),
      refundId,
      amountMinor: refundOf(context, refundId),
    })),
  },
});

type Told<Type extends PaymentCommand['type']> = {
  readonly event: Extract<PaymentCommand, { readonly type: Type }>;
};

const asAuthorized = ({ event }: Told<'payment.authorize'>): Paid => ({
  key: event.authorizationKey,
  amountMinor: event.amountMinor,
  currency: event.currency,
});
const asCharged = ({ event }: Told<'payment.charge'>): Paid => ({
  key: event.chargeKey,
  amountMinor: event.amountMinor,
  currency: event.currency,
});
const asCaptured = ({ event }: Told<'payment.capture'>): Move => ({
  key: event.captureKey,
  amountMinor: event.amountMinor,
});

/** What a payment takes for which nothing is authorized: still, or after a card was declined. */
const unpaid = {
  'payment.authorize': {
    guard: { type: 'paysInFull', params: asAuthorized },
    target: 'AUTHORIZED',
    actions: [
      { type: 'authorize', params: asAuthorized },
      { type: 'tellAuthorized', params: asAuthorized },
    ],
  },
  'payment.charge': {
    guard: { type: 'paysInFull', params: asCharged },
    target: 'CAPTURED',
    actions: [
      { type: 'authorize', params: asCharged },
      { type: 'tellAuthorized', params: asCharged },
      { type: 'capture', params: asCharged },
      { type: 'tellCaptured', params: asCharged },
    ],
  },
  'payment.decline': {
    guard: { type: 'saysWhy', params: ({ event }: Told<'payment.decline'>) => event },
    target: 'DECLINED',
    actions: [
      'countDecline',
      { type: 'noteReason', params: ({ event }: Told<'payment.decline'>) => event },
      { type: 'tellDeclined', params: ({ event }: Told<'payment.decline'>) => event },
    ],
  },
} as const;

/** `payment.void`, as long as nothing is captured. */
const voiding = {
  guard: { type: 'saysWhy', params: ({ event }: Told<'payment.void'>) => event },
  target: 'VOIDED',
  actions: [
    { type: 'noteReason', params: ({ event }: Told<'payment.void'>) => event },
    { type: 'tellVoided', params: ({ event }: Told<'payment.void'>) => event },
  ],
} as const;

/** The payment aggregate, started under `payment-<orderId>`. `CAPTURED` stays open for refunds. */
export const paymentMachine: PaymentMachine = paymentSetup.createMachine({
  id: 'payment',
  version: '1',
  context: ({ input }) => createPayment(input),
  initial: 'PENDING',
  states: {
    PENDING: { on: { ...unpaid, 'payment.void': voiding } },
    DECLINED: { on: { ...unpaid, 'payment.void': voiding } },
    AUTHORIZED: {
      on: {
        'payment.capture': {
          guard: { type: 'isAuthorized', params: asCaptured },
          target: 'CAPTURED',
          actions: [
            { type: 'capture', params: asCaptured },
            { type: 'tellCaptured', params: asCaptured },
          ],
        },
        'payment.void': voiding,
      },
    },
    CAPTURED: {
      on: {
        'payment.requestRefund': {
          guard: { type: 'isRefundable', params: ({ event }) => event },
          actions: [
            { type: 'setRefundAside', params: ({ event }) => event },
            emit(({ context, event: { refundId, amountMinor } }) => ({
              type: 'payment.refundRequested',
              ...ofPayment(context),
              refundId,
              amountMinor,
            })),
          ],
        },
        'payment.completeRefund': [
          {
            guard: { type: 'isLastRefund', params: ({ event }) => event },
            target: 'REFUNDED',
            actions: [
              { type: 'completeRefund', params: ({ event }) => event },
              { type: 'tellRefunded', params: ({ event }) => event },
            ],
          },
          {
            guard: { type: 'isRequested', params: ({ event }) => event },
            actions: [
              { type: 'completeRefund', params: ({ event }) => event },
              { type: 'tellRefunded', params: ({ event }) => event },
            ],
          },
        ],
        'payment.failRefund': {
          guard: { type: 'isFailedRefund', params: ({ event }) => event },
          actions: [
            { type: 'forgetRefund', params: ({ event }) => event },
            emit(({ context, event: { refundId, reason } }) => ({
              type: 'payment.refundFailed',
              ...ofPayment(context),
              refundId,
              reason,
            })),
          ],
        },
      },
    },
    VOIDED: { type: 'final' },
    REFUNDED: { type: 'final' },
  },
  output: ({ context }) => finishPayment(context),
});
