// The machines of the shop of examples/fulfilment, as the command line takes them by `--machines`: what a
// program that runs that shop would export.

import { virtual } from 'sagawright';
import {
  notificationMachine,
  orderMachine,
  paymentMachine,
  STOCK_PREFIX,
  shipmentMachine,
  skuOf,
  stockMachine,
} from 'sagawright/machines';
import { EXAMPLES } from '../../examples/fulfilment/fulfilments.ts';

export const machines: readonly unknown[] = [
  orderMachine,
  paymentMachine,
  shipmentMachine,
  notificationMachine,
  virtual(stockMachine, { prefix: STOCK_PREFIX, input: (id) => ({ sku: skuOf(id) }) }),
  ...Object.values(EXAMPLES).map(({ saga }) => saga),
];
