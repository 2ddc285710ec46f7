// What a watch over a delivery is told, what it tells, and how it ends. It is told news, so events from
// outside read like facts: the parcel is where it is, whoever says so. Never holds behaviour beyond
// checking what comes in.

import { isDuration, isText } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';
import { type GiveUp, isUndoRun, type StepEnding, type UndoRun } from '../waiting-step.ts';

/** Whose parcel is waited for. */
export interface DeliveryInput {
  readonly orderId: string;
  readonly shipmentId: string;
  /** After how many milliseconds without news it is overdue; a positive integer. */
  readonly overdueAfterMs: number;
}

/** `WITHDRAWN`: nobody wants to know any more. */
export type DeliveryOutcome = 'ARRIVED' | 'LOST' | 'WITHDRAWN';

/** Empty texts and 0 in a run that takes a watch back. */
export interface DeliveryContext extends DeliveryInput {
  readonly isUndo: boolean;
  /** It was waited for longer than was expected. */
  readonly wasOverdue: boolean;
  readonly outcome: DeliveryOutcome | null;
  /** Why it is lost. */
  readonly reason: string | null;
}

/** The news of a carrier. */
export type DeliveryCommand =
  | { readonly type: 'delivery.arrived' }
  | { readonly type: 'delivery.lost'; readonly reason: string }
  | GiveUp;

/** What has happened to a delivery, for whoever listens. */
export type DeliveryWatchFact = { readonly orderId: string; readonly shipmentId: string } & (
  | { readonly type: 'delivery.overdue'; readonly overdueAfterMs: number }
  | { readonly type: 'delivery.arrived' }
  | { readonly type: 'delivery.lost'; readonly reason: string }
);

/** Only an arrival lets a saga above go on. */
export interface DeliveryOutput extends StepEnding {
  readonly outcome: DeliveryOutcome;
  readonly wasOverdue: boolean;
}

/** @throws TypeError for an input that names no delivery */
export function createDelivery(input: DeliveryInput | UndoRun): DeliveryContext {
  const open = { wasOverdue: false, outcome: null, reason: null };
  if (isUndoRun(input)) {
    return { orderId: '', shipmentId: '', overdueAfterMs: 0, isUndo: true, ...open };
  }
  const expect = createFieldCheck('delivery');
  const { orderId, shipmentId, overdueAfterMs } = input;
  expect(isText(orderId), 'orderId', "the order's id", orderId);
  expect(isText(shipmentId), 'shipmentId', 'the id of the shipment', shipmentId);
  expect(
    isDuration(overdueAfterMs),
    'overdueAfterMs',
    'milliseconds, up to a century',
    overdueAfterMs,
  );
  return { orderId, shipmentId, overdueAfterMs, isUndo: false, ...open };
}
