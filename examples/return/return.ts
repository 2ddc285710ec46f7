// The return that is processed here, as data: all of an order that was delivered, and the saga of
// sagawright/machines that sees to it. `sagawright check examples/return/return.ts` proves that saga.

import type { CheckOptions } from 'sagawright';
import { type ReturnInput, type ReturnSaga, returnSaga } from 'sagawright/machines';
import { FULFILMENT } from '../fulfilment/basket.ts';

/** The address of the saga. */
export const RETURN_ID = 'return-123';

/** What the saga is started with, but for the charge that is given back: the order knows it. */
export const RETURN: Omit<ReturnInput, 'chargeKey'> = {
  orderId: FULFILMENT.orderId,
  returnId: 'R-1',
  paymentId: FULFILMENT.paymentId,
  customerEmail: FULFILMENT.customerEmail,
  currency: FULFILMENT.currency,
  items: FULFILMENT.items,
  refundMinor: FULFILMENT.totalMinor,
  reason: 'does not fit',
  inspectionMs: 60_000,
};

export const processing: ReturnSaga = returnSaga;

const ends = ['completed', 'compensated'].map((status) => ({
  status,
  failure: null,
  resolution: null,
}));

/** @public for `sagawright check` */
export const checkOptions: Readonly<Record<string, CheckOptions>> = {
  processing: { inputs: [{ ...RETURN, chargeKey: 'k' }], outputs: { inspection: ends } },
};
