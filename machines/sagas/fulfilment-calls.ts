// The calls that fulfilment sagas make besides those of gateway-effects.ts: what each takes and gives,
// and the effects of one plan, under the names that handlers are found by. A key is the saga's business:
// `payment/1` under its address. No handler is here.

import { type EffectLogic, type EffectOptions, effect, type Undoes } from 'sagawright';
import type { OrderItem, ShippingAddress } from '../order/order-contract.ts';
import type {
  Charge,
  ChargeRequest,
  ReleasedStock,
  ReleaseRequest,
  Reservation,
  ReservationRequest,
  VoidedCharge,
  VoidRequest,
} from './gateway-effects.ts';

/** Sets an amount aside on the customer's card. */
export interface AuthorizeRequest extends ChargeRequest {
  readonly paymentId: string;
}

export interface Authorization {
  /** The bank's own id of it. */
  readonly authorizationId: string;
  /** The key that it ran under: what a capture names. */
  readonly authorizationKey: string;
  readonly amountMinor: number;
  readonly currency: string;
}

export interface VoidAuthorizationRequest {
  readonly undoes: Undoes<AuthorizeRequest, Authorization>;
}

export interface VoidedAuthorization {
  /** `blocked`: it had not come yet, and is refused when it comes. */
  readonly status: 'voided' | 'blocked';
}

/** Takes what was set aside, all of it. */
export interface CaptureRequest extends AuthorizeRequest {
  readonly authorizationId: string;
  readonly authorizationKey: string;
}

export interface Capture {
  readonly captureId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** Orders a parcel from a carrier; it does not leave yet. */
export interface ShipmentRequest {
  readonly orderId: string;
  readonly shipmentId: string;
  readonly items: readonly OrderItem[];
  readonly shippingAddress?: ShippingAddress;
}

export interface CreatedShipment {
  readonly carrier: string;
  readonly trackingNumber: string;
  /** `YYYY-MM-DD`; null if the carrier does not say. */
  readonly estimatedDelivery: string | null;
}

export interface CancelShipmentRequest {
  readonly orderId: string;
  readonly shipmentId: string;
  /** The call that ordered it; absent when a confirmed order is cancelled. */
  readonly undoes?: Undoes<ShipmentRequest, CreatedShipment>;
}

export interface CancelledShipment {
  /** `blocked`: it had not come yet, and is refused when it comes. */
  readonly status: 'cancelled' | 'blocked';
}

/** Hands the parcel over. */
export interface DispatchRequest {
  readonly orderId: string;
  readonly shipmentId: string;
  readonly trackingNumber: string;
}

export interface DispatchedShipment {
  readonly trackingNumber: string;
}

export type MailKind =
  | 'confirmation'
  | 'cancellation'
  | 'receipt'
  | 'shippingNotice'
  | 'deliveryNotice'
  | 'returned';

export interface MailRequest {
  readonly orderId: string;
  readonly to: string;
  readonly kind: MailKind;
  /** Present in a cancellation that makes up for a confirmation: that one must go out no more. */
  readonly undoes?: Undoes<MailRequest, SentMail>;
}

export interface SentMail {
  readonly mailId: string;
}

/** How long a try of a call may take, and how often it is tried. */
export type CallPolicy = Pick<EffectOptions<unknown>, 'timeout' | 'retry' | 'concurrency'>;

/** The names of all calls of fulfilment sagas: what handlers are given under. */
export type CallName = keyof FulfilmentCalls;

export interface FulfilmentCalls {
  readonly chargeCard: EffectLogic<ChargeRequest, Charge>;
  readonly voidCharge: EffectLogic<VoidRequest, VoidedCharge>;
  readonly authorizePayment: EffectLogic<AuthorizeRequest, Authorization>;
  readonly voidAuthorization: EffectLogic<VoidAuthorizationRequest, VoidedAuthorization>;
  readonly capturePayment: EffectLogic<CaptureRequest, Capture>;
  readonly reserveStock: EffectLogic<ReservationRequest, Reservation>;
  readonly releaseStock: EffectLogic<ReleaseRequest, ReleasedStock>;
  readonly createShipment: EffectLogic<ShipmentRequest, CreatedShipment>;
  readonly cancelShipment: EffectLogic<CancelShipmentRequest, CancelledShipment>;
  readonly dispatchShipment: EffectLogic<DispatchRequest, DispatchedShipment>;
  readonly sendMail: EffectLogic<MailRequest, SentMail>;
}

/** The effects of one plan. A saga finds a handler by an effect's name, so each is made once. */
export function createFulfilmentCalls(forward: CallPolicy, back: CallPolicy): FulfilmentCalls {
  return {
    chargeCard: effect({ ...forward, name: 'chargeCard' }),
    voidCharge: effect({ ...back, name: 'voidCharge' }),
    authorizePayment: effect({ ...forward, name: 'authorizePayment' }),
    voidAuthorization: effect({ ...back, name: 'voidAuthorization' }),
    capturePayment: effect({ ...forward, name: 'capturePayment' }),
    reserveStock: effect({ ...forward, name: 'reserveStock' }),
    releaseStock: effect({ ...back, name: 'releaseStock' }),
    createShipment: effect({ ...forward, name: 'createShipment' }),
    cancelShipment: effect({ ...back, name: 'cancelShipment' }),
    dispatchShipment: effect({ ...forward, name: 'dispatchShipment' }),
    sendMail: effect({ ...forward, name: 'sendMail' }),
  };
}
