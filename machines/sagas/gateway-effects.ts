// The calls to the payment and stock gateway that the sagas ask for: what each takes and gives, under
// which key it runs, and how often it is tried. No handler is here: whoever opens an engine brings
// them. A call may have other bounds by `machine.provide({ actors: { chargeCard: effect(...) } })`.

import { type EffectLogic, type EffectOptions, effect, type Undoes } from 'sagawright';
import type { OrderItem } from '../order/order-contract.ts';

/** What a charge is made of, whichever saga asks for it: handlers take this. */
export interface ChargeRequest {
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The payment that it is recorded on; absent: nobody keeps one. */
  readonly paymentId?: string;
}

/** Tells the runs of one step apart: the epoch rises only when the run before is known to hold nothing. */
export interface ChargeInput extends ChargeRequest {
  readonly epoch: number;
}

export interface Charge {
  /** The gateway's own id of it. */
  readonly chargeId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** What a reservation is made of, whichever saga asks for it: handlers take this. */
export interface ReservationRequest {
  readonly orderId: string;
  /** All or nothing. */
  readonly items: readonly OrderItem[];
}

export interface ReserveInput extends ReservationRequest {
  readonly epoch: number;
}

export interface Reservation {
  readonly reservationId: string;
}

/** What every compensation of a charge takes, whichever saga makes it. */
export interface VoidRequest {
  readonly undoes: Undoes<ChargeRequest, Charge>;
}

/** What every compensation of a reservation takes. */
export interface ReleaseRequest {
  readonly undoes: Undoes<ReservationRequest, Reservation>;
}

/** What a compensation takes by hand: with `count`, the same call can be undone again after a late success. */
export interface UndoInput<Input, Output> {
  readonly epoch: number;
  readonly count: number;
  readonly undoes: Undoes<Input, Output>;
}

export type VoidInput = UndoInput<ChargeInput, Charge>;
export type ReleaseInput = UndoInput<ReserveInput, Reservation>;

export interface VoidedCharge {
  /** 0 when there was nothing to give back. */
  readonly refundedMinor: number;
}

export interface ReleasedStock {
  /** `blocked`: it had not come yet, and is refused when it comes. */
  readonly status: 'released' | 'blocked';
}

export interface RefundInput {
  readonly refundId: string;
  /** The full key of the charge that is given back in part. */
  readonly chargeKey: string;
  readonly amountMinor: number;
  /** The payment that it is recorded on; absent: nobody keeps one. */
  readonly paymentId?: string;
}

export interface PaidRefund {
  /** The gateway's own id of it. */
  readonly paymentId: string;
  readonly amountMinor: number;
}

/** A step forward: worth a few tries, then the saga turns back. */
export const STEP_POLICY: Pick<EffectOptions<unknown>, 'timeout' | 'retry' | 'concurrency'> = {
  timeout: '10s',
  retry: { attempts: 5, backoff: 'exponential', initial: '200ms', max: '10s' },
  concurrency: 64,
};

/** A way back: there is no other, so it is tried for about ten minutes before people are called. */
export const UNDO_POLICY: Pick<EffectOptions<unknown>, 'timeout' | 'retry' | 'concurrency'> = {
  timeout: '10s',
  retry: { attempts: 25, backoff: 'exponential', initial: '200ms', max: '30s' },
  concurrency: 64,
};

/** A forward key without its actor: `payment/1`. */
export function stepKey(step: 'payment' | 'inventory', epoch: number): string {
  return `${step}/${epoch}`;
}

/** An undo key without its actor: `payment.undo/1/2`. */
export function undoKey(
  step: 'payment' | 'inventory',
  { epoch, count }: { readonly epoch: number; readonly count: number },
): string {
  return `${step}.undo/${epoch}/${count}`;
}

export const CHARGE_CARD: EffectOptions<ChargeInput> = {
  ...STEP_POLICY,
  key: ({ input }) => stepKey('payment', input.epoch),
};
export const RESERVE_STOCK: EffectOptions<ReserveInput> = {
  ...STEP_POLICY,
  key: ({ input }) => stepKey('inventory', input.epoch),
};
export const VOID_CHARGE: EffectOptions<VoidInput> = {
  ...UNDO_POLICY,
  key: ({ input }) => undoKey('payment', input),
};
export const RELEASE_STOCK: EffectOptions<ReleaseInput> = {
  ...UNDO_POLICY,
  key: ({ input }) => undoKey('inventory', input),
};
/** A refund saga makes one payment, so its key needs no number. */
export const REFUND_KEY = 'refund';
export const REFUND_PAYMENT: EffectOptions<RefundInput> = { ...STEP_POLICY, key: () => REFUND_KEY };

/** Takes the money of an order; `CARD_DECLINED` is a definite no. */
export const chargeCard: EffectLogic<ChargeInput, Charge> = effect(CHARGE_CARD);
/** Sets the goods of an order aside; `OUT_OF_STOCK` is a definite no. */
export const reserveStock: EffectLogic<ReserveInput, Reservation> = effect(RESERVE_STOCK);
/** Gives back all that a charge took, and keeps one that has not arrived yet from ever being made. */
export const voidCharge: EffectLogic<VoidInput, VoidedCharge> = effect(VOID_CHARGE);
/** Puts the goods back, or keeps a reservation that has not arrived yet from ever being made. */
export const releaseStock: EffectLogic<ReleaseInput, ReleasedStock> = effect(RELEASE_STOCK);
/** Gives back a part of what a charge took. */
export const refundPayment: EffectLogic<RefundInput, PaidRefund> = effect(REFUND_PAYMENT);
