// The saga of one partial refund: the order first sets the amount aside, then the money moves, then
// the order hears of it. A refund of which nobody knows whether it was paid waits for people, under the
// key that it had, so that trying again cannot pay twice. Pure.

import { type EffectError, effectError, effectKey, sagaMeta } from 'sagawright';
import { assign, setup } from 'xstate';
import { isText } from '../identifiers.ts';
import { type PaidRefund, REFUND_KEY, refundPayment } from './gateway-effects.ts';
import { askOrder } from './order-request.ts';
import {
  createRefundSaga,
  finishRefundSaga,
  type RefundResolution,
  type RefundSagaActors,
  type RefundSagaContext,
  type RefundSagaEvent,
  type RefundSagaInput,
  type RefundSagaMachine,
  type RefundSagaOutput,
} from './refund-saga-contract.ts';

type LateRefund = Extract<RefundSagaEvent, { readonly type: 'effect.late' }>;

const actors: RefundSagaActors = { askOrder, refundPayment };

const sagaSetup = setup({
  types: {} as {
    context: RefundSagaContext;
    events: RefundSagaEvent;
    input: RefundSagaInput;
    output: RefundSagaOutput;
  },
  actors,
  guards: {
    isRejected: (_, { outcome }: EffectError) => outcome === 'rejected',
    isOwnLate: ({ context }, { key, outcome }: LateRefund) =>
      key === context.key && outcome !== 'unknown',
    isLateSuccess: ({ context }, { key, outcome }: LateRefund) =>
      key === context.key && outcome === 'done',
    mustRecord: ({ context: { paid, resolution } }) => paid !== null || resolution?.isPaid === true,
    mustWithdraw: ({ context: { refusal, resolution } }) =>
      refusal !== null || resolution?.isPaid === false,
    isResolved: ({ context }) => context.resolution !== null,
    isSigned: (_, { by, why, isPaid }: RefundResolution) =>
      isText(by) && isText(why) && typeof isPaid === 'boolean',
  },
  actions: {
    noteKey: assign({ key: ({ self }) => effectKey(self, REFUND_KEY) }),
    notePaid: assign({ paid: (_, paid: PaidRefund | null) => paid, error: null }),
    noteRefusal: assign({ refusal: (_, error: EffectError) => error, error: null }),
    noteError: assign({ error: (_, error: EffectError) => error }),
    noteResolution: assign({
      resolution: (_, { by, why, isPaid }: RefundResolution) => ({ by, why, isPaid }),
    }),
  },
});

const withError = ({ event }: { event: { error?: unknown } }): EffectError =>
  effectError(event.error);
/** The saga of one partial refund. Start it for an order that is confirmed. */
export const refundSaga: RefundSagaMachine = sagaSetup.createMachine({
  id: 'refund-saga',
  version: '1',
  context: ({ input }) => createRefundSaga(input),
  initial: 'requesting',
  states: {
    requesting: {
      meta: sagaMeta({ step: 'request', role: 'run' }),
      entry: 'noteKey',
      invoke: {
        id: 'askOrder',
        src: 'askOrder',
        input: ({ context: { orderId, refundId, amountMinor } }) => ({
          orderId,
          command: { type: 'order.requestRefund', refundId, amountMinor },
        }),
        onDone: 'refunding',
        onError: { target: 'rejected', actions: { type: 'noteRefusal', params: withError } },
      },
    },
    refunding: {
      meta: sagaMeta({ step: 'refund', role: 'pivot' }),
      invoke: {
        id: 'refundPayment',
        src: 'refundPayment',
        input: ({ context: { refundId, chargeKey, amountMinor } }) => ({
          refundId,
          chargeKey,
          amountMinor,
        }),
        onDone: {
          target: 'recording',
          actions: { type: 'notePaid', params: ({ event }) => event.output },
        },
        onError: [
          {
            guard: { type: 'isRejected', params: withError },
            target: 'withdrawing',
            actions: { type: 'noteRefusal', params: withError },
          },
          { target: 'needsAttention', actions: { type: 'noteError', params: withError } },
        ],
      },
    },
    recording: {
      invoke: {
        id: 'askOrder',
        src: 'askOrder',
        input: ({ context: { orderId, refundId } }) => ({
          orderId,
          command: { type: 'order.completeRefund', refundId },
        }),
        onDone: [{ guard: 'isResolved', target: 'resolved' }, { target: 'completed' }],
        onError: [
          { guard: 'isResolved', target: 'resolved' },
          { target: 'needsAttention', actions: { type: 'noteError', params: withError } },
        ],
      },
    },
    withdrawing: {
      meta: sagaMeta({ step: 'request', role: 'compensate' }),
      invoke: {
        id: 'askOrder',
        src: 'askOrder',
        input: ({ context: { orderId, refundId, refusal, resolution } }) => ({
          orderId,
          command: {
            type: 'order.failRefund',
            refundId,
            reason: refusal?.code ?? resolution?.why ?? 'REFUSED',
          },
        }),
        onDone: [{ guard: 'isResolved', target: 'resolved' }, { target: 'rejected' }],
        onError: [
          { guard: 'isResolved', target: 'resolved' },
          { target: 'needsAttention', actions: { type: 'noteError', params: withError } },
        ],
      },
    },
    needsAttention: {
      on: {
        RETRY: [
          { guard: 'mustRecord', target: 'recording' },
          { guard: 'mustWithdraw', target: 'withdrawing' },
          { target: 'refunding' },
        ],
        RESOLVE: {
          guard: { type: 'isSigned', params: ({ event }) => event },
          target: 'resolving',
          actions: { type: 'noteResolution', params: ({ event }) => event },
        },
        'effect.late': [
          {
            guard: { type: 'isLateSuccess', params: ({ event }) => event },
            target: 'recording',
            actions: { type: 'notePaid', params: ({ event }) => event.output ?? null },
          },
          {
            guard: { type: 'isOwnLate', params: ({ event }) => event },
            target: 'withdrawing',
            actions: { type: 'noteRefusal', params: withError },
          },
        ],
      },
    },
    resolving: {
      always: [{ guard: 'mustRecord', target: 'recording' }, { target: 'withdrawing' }],
    },
    completed: { type: 'final', meta: sagaMeta({ end: 'completed' }) },
    rejected: { type: 'final', meta: sagaMeta({ end: 'compensated' }) },
    resolved: { type: 'final', meta: sagaMeta({ end: 'resolved' }) },
  },
  output: ({ context }) => finishRefundSaga(context),
});
