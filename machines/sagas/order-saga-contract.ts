// What the order saga is started with, what it can be told, what it remembers and how it ends. The
// saga's status and the order's status are different things: the order knows what it is, the saga
// what it still has to do. And its type, written down. Never holds behaviour beyond checking what
// comes in.

import type { AskReceipt, EffectError } from 'sagawright';
import { IDLE_STEP, type LateOutcome, type SagaStep } from 'sagawright';
import type { EventObject, PromiseActorLogic } from 'xstate';
import { isDuration } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import type { OrderItem } from '../order/order-contract.ts';
import { checkOrderFields } from '../order/order-fields.ts';
import type {
  Charge,
  ChargeInput,
  ReleasedStock,
  ReleaseInput,
  Reservation,
  ReserveInput,
  VoidedCharge,
  VoidInput,
} from './gateway-effects.ts';
import type { OrderRequest } from './order-request.ts';

export interface OrderSagaInput {
  /** The address of the order that it drives; the order must be there. */
  readonly orderId: string;
  /** ISO 4217: three capital letters. */
  readonly currency: string;
  readonly totalMinor: number;
  readonly items: readonly OrderItem[];
  /** Undoes everything when the order is not confirmed by then. Default: no deadline. */
  readonly deadlineMs?: number;
  /**
   * What a failed charge or reservation leads to. `hold` waits for RETRY, COMPENSATE or CANCEL.
   * Default: `compensate`.
   */
  readonly onFailure?: 'compensate' | 'hold';
}

/** Why a saga turned back. */
export interface SagaFailure {
  readonly step: 'order' | 'payment' | 'inventory' | 'cancel' | 'deadline';
  readonly code: string;
  readonly message: string;
}

/** Who settled by hand what the saga could not, and on what grounds. */
export interface SagaResolution {
  readonly by: string;
  readonly why: string;
}

export interface OrderSagaContext {
  readonly orderId: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly items: readonly OrderItem[];
  readonly deadlineMs: number | null;
  readonly onFailure: 'compensate' | 'hold';
  readonly payment: SagaStep<Charge>;
  readonly inventory: SagaStep<Reservation>;
  /** What the undo calls of the payment gave back, as the gateway said. */
  readonly voidedMinor: number;
  readonly failure: SagaFailure | null;
  /** Why the order could not be cancelled; null as long as it was not refused. */
  readonly orderRefusal: EffectError | null;
  /** Whether the order is known to have ended. */
  readonly isOrderEnded: boolean;
  readonly resolution: SagaResolution | null;
}

export type OrderSagaEvent =
  /** Turns back, in any state before the order is confirmed. */
  | { readonly type: 'CANCEL'; readonly reason?: string }
  /** Runs a held step again, or what could not be undone. */
  | { readonly type: 'RETRY' }
  /** Turns back from a held step. */
  | { readonly type: 'COMPENSATE' }
  /** Ends a saga that needs attention: what it still holds was settled by hand. */
  | { readonly type: 'RESOLVE'; readonly by: string; readonly why: string }
  /** The saga's own timer. */
  | { readonly type: 'saga.deadline' }
  | LateOutcome<'chargeCard', Charge>
  | LateOutcome<'reserveStock', Reservation>
  | LateOutcome<'voidCharge', VoidedCharge>
  | LateOutcome<'releaseStock', ReleasedStock>;

export interface OrderSagaOutput {
  /** `compensated`: nothing is held. `resolved`: a person settled what could not be undone. */
  readonly outcome: 'completed' | 'compensated' | 'resolved';
  readonly orderId: string;
  /** What a partial refund names; null when the order was not charged for good. */
  readonly chargeKey: string | null;
  readonly reservationKey: string | null;
  /** Money that was taken and given back on the way; 0 when none was. */
  readonly voidedMinor: number;
  readonly failure: SagaFailure | null;
  readonly resolution: SagaResolution | null;
}

/** The calls of an order saga as stand-ins may be given for them by `machine.provide`. */
export type OrderSagaActors = {
  readonly askOrder: PromiseActorLogic<AskReceipt, OrderRequest>;
  readonly chargeCard: PromiseActorLogic<Charge, ChargeInput>;
  readonly reserveStock: PromiseActorLogic<Reservation, ReserveInput>;
  readonly voidCharge: PromiseActorLogic<VoidedCharge, VoidInput>;
  readonly releaseStock: PromiseActorLogic<ReleasedStock, ReleaseInput>;
};

/** The states of an order saga. It can be cancelled in all of `fulfilling`. */
export type OrderSagaState =
  | {
      fulfilling:
        | 'starting'
        | 'charging'
        | 'recordingPayment'
        | 'reserving'
        | 'recordingInventory'
        | 'held';
    }
  | 'confirming'
  | 'stopping'
  | { undoing: 'choosing' | 'releasing' | 'voiding' }
  | 'cancellingOrder'
  | 'needsAttention'
  | 'resolving'
  | 'settling'
  | 'completed'
  | 'compensated'
  | 'resolved';

export type OrderSagaMachine = WrittenMachine<{
  context: OrderSagaContext;
  event: OrderSagaEvent;
  actors: OrderSagaActors;
  delay: 'stopWait' | 'settleWait';
  state: OrderSagaState;
  input: OrderSagaInput;
  output: OrderSagaOutput;
  emitted: EventObject;
}>;

/** @throws TypeError for an input that is no order to drive */
export function createOrderSaga(input: OrderSagaInput): OrderSagaContext {
  checkOrderFields('order saga', input);
  const { orderId, currency, totalMinor, items, deadlineMs = null, onFailure } = input;
  if (deadlineMs !== null && !isDuration(deadlineMs)) {
    throw new TypeError(
      `order saga: expected deadlineMs to be a positive integer or left out, got ${String(deadlineMs)}.`,
    );
  }
  if (onFailure !== undefined && onFailure !== 'compensate' && onFailure !== 'hold') {
    throw new TypeError(
      `order saga: expected onFailure to be 'compensate' or 'hold', got ${String(onFailure)}.`,
    );
  }
  return {
    orderId,
    currency,
    totalMinor,
    items,
    deadlineMs,
    onFailure: onFailure ?? 'compensate',
    payment: IDLE_STEP,
    inventory: IDLE_STEP,
    voidedMinor: 0,
    failure: null,
    orderRefusal: null,
    isOrderEnded: false,
    resolution: null,
  };
}

/** How the saga ended: with what it was told in its last state. */
export function finishOrderSaga(context: OrderSagaContext): OrderSagaOutput {
  const { orderId, payment, inventory, voidedMinor, failure, resolution } = context;
  const isCompleted = failure === null && resolution === null;
  return {
    outcome: isCompleted ? 'completed' : resolution === null ? 'compensated' : 'resolved',
    orderId,
    chargeKey: isCompleted ? payment.key : null,
    reservationKey: isCompleted ? inventory.key : null,
    voidedMinor,
    failure,
    resolution,
  };
}
