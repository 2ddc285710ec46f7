// The statecharts of the trade that every shop here has, whatever saga fulfils its orders.

import { type EngineOptions, virtual } from 'sagawright';
import {
  notificationMachine,
  orderMachine,
  paymentMachine,
  STOCK_PREFIX,
  shipmentMachine,
  skuOf,
  stockMachine,
} from 'sagawright/machines';

export const SHOP_MACHINES: EngineOptions['machines'] = [
  orderMachine,
  paymentMachine,
  shipmentMachine,
  notificationMachine,
  virtual(stockMachine, { prefix: STOCK_PREFIX, input: (id) => ({ sku: skuOf(id) }) }),
];
