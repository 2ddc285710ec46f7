// What a refund saga is started with, what it can be told, what it remembers and how it ends; and its
// type, written down. Never holds behaviour beyond checking what comes in.

import type { AskReceipt, EffectError, LateOutcome } from 'sagawright';
import type { EventObject, PromiseActorLogic } from 'xstate';
import { isPositiveInteger, isText } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import type { PaidRefund, RefundInput } from './gateway-effects.ts';
import type { OrderRequest } from './order-request.ts';

export interface RefundSagaInput {
  /** The address of the confirmed order. */
  readonly orderId: string;
  /** One order knows a refund by it. */
  readonly refundId: string;
  /** The order's charge, as its `chargeKey` says. */
  readonly chargeKey: string;
  /** What is given back, in minor units; a positive integer. */
  readonly amountMinor: number;
}

export interface RefundSagaContext extends RefundSagaInput {
  /** The full key of the payment back; empty before it is asked for. */
  readonly key: string;
  readonly paid: PaidRefund | null;
  /** The definite no of the order or the gateway. */
  readonly refusal: EffectError | null;
  /** What needs attention. */
  readonly error: EffectError | null;
  readonly resolution: RefundResolution | null;
}

/** How a person settled a refund of which the saga does not know whether it was paid. */
export interface RefundResolution {
  readonly by: string;
  readonly why: string;
  /** Whether the money was given back, by whatever way. */
  readonly isPaid: boolean;
}

export type RefundSagaEvent =
  /** Tries again what needs attention, under the key that it had. */
  | { readonly type: 'RETRY' }
  | ({ readonly type: 'RESOLVE' } & RefundResolution)
  | LateOutcome<'refundPayment', PaidRefund>;

export interface RefundSagaOutput {
  /** `rejected`: the order or the gateway refused it, and nothing was given back. */
  readonly outcome: 'completed' | 'rejected' | 'resolved';
  readonly orderId: string;
  readonly refundId: string;
  readonly amountMinor: number;
  /** Why it was rejected. */
  readonly refusal: EffectError | null;
  readonly resolution: RefundResolution | null;
}

export type RefundSagaActors = {
  readonly askOrder: PromiseActorLogic<AskReceipt, OrderRequest>;
  readonly refundPayment: PromiseActorLogic<PaidRefund, RefundInput>;
};

export type RefundSagaState =
  | 'requesting'
  | 'refunding'
  | 'recording'
  | 'withdrawing'
  | 'needsAttention'
  | 'resolving'
  | 'completed'
  | 'rejected'
  | 'resolved';

export type RefundSagaMachine = WrittenMachine<{
  context: RefundSagaContext;
  event: RefundSagaEvent;
  actors: RefundSagaActors;
  delay: never;
  state: RefundSagaState;
  input: RefundSagaInput;
  output: RefundSagaOutput;
  emitted: EventObject;
}>;

/** @throws TypeError for an input that is no refund */
export function createRefundSaga(input: RefundSagaInput): RefundSagaContext {
  const { orderId, refundId, chargeKey, amountMinor } = input;
  for (const [field, value] of Object.entries({ orderId, refundId, chargeKey })) {
    if (isText(value)) continue;
    throw new TypeError(`refund saga: expected ${field} to be a text, got ${String(value)}.`);
  }
  if (!isPositiveInteger(amountMinor)) {
    throw new TypeError(
      `refund saga: expected amountMinor to be a positive integer of pence, got ${String(amountMinor)}.`,
    );
  }
  const request = { orderId, refundId, chargeKey, amountMinor };
  return { ...request, key: '', paid: null, refusal: null, error: null, resolution: null };
}

export function finishRefundSaga(context: RefundSagaContext): RefundSagaOutput {
  const { orderId, refundId, amountMinor, refusal, resolution, paid } = context;
  const outcome = resolution !== null ? 'resolved' : paid !== null ? 'completed' : 'rejected';
  return { outcome, orderId, refundId, amountMinor, refusal, resolution };
}
