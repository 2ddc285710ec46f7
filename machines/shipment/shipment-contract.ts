// What a shipment is told, what it tells, and what it remembers. Commands are requests and may be
// refused; facts have happened. Never holds behaviour beyond checking what comes in.

import { isText } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';

/** What a shipment is started with, under the id `shipment-<orderId>`. */
export interface ShipmentInput {
  readonly shipmentId: string;
  readonly orderId: string;
}

/** What is on the parcel. */
export interface ShipmentLabel {
  readonly carrier: string;
  readonly trackingNumber: string;
  /** The day on which the carrier expects to deliver, `YYYY-MM-DD`; null if it does not say. */
  readonly estimatedDelivery: string | null;
}

export interface ShipmentContext extends ShipmentInput {
  /** Null until there is one. */
  readonly label: ShipmentLabel | null;
  /** Why it was cancelled. */
  readonly reason: string | null;
}

export interface ShipmentOutput extends ShipmentInput {
  readonly outcome: 'DELIVERED' | 'CANCELLED';
}

/** What a shipment can be told. It refuses what does not fit its state. */
export type ShipmentCommand =
  | {
      readonly type: 'shipment.label';
      readonly carrier: string;
      readonly trackingNumber: string;
      readonly estimatedDelivery?: string | null;
    }
  | { readonly type: 'shipment.dispatch' }
  | { readonly type: 'shipment.deliver' }
  /** Only before it is dispatched: what is under way comes back as a return. */
  | { readonly type: 'shipment.cancel'; readonly reason: string };

/** What has happened to a shipment, for whoever listens. */
export type ShipmentFact = ShipmentInput &
  (
    | { readonly type: 'shipment.created' | 'shipment.dispatched' | 'shipment.delivered' }
    | ({ readonly type: 'shipment.labelled' } & ShipmentLabel)
    | { readonly type: 'shipment.cancelled'; readonly reason: string }
  );

/** @throws TypeError for an input that is no shipment */
export function createShipment({ shipmentId, orderId }: ShipmentInput): ShipmentContext {
  const expect = createFieldCheck('shipment');
  expect(isText(shipmentId), 'shipmentId', 'the id of the shipment', shipmentId);
  expect(isText(orderId), 'orderId', "the order's id", orderId);
  return { shipmentId, orderId, label: null, reason: null };
}

/** A day of the calendar as `YYYY-MM-DD`; not the 30th of February. */
export function isCalendarDay(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}
