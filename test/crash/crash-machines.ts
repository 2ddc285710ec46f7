// The machines that crash tests run: the package's own order and its saga with bounds short enough for a
// test, and a small purchase with keys of the engine's making. No handler is here.

import { effect } from 'sagawright';
import {
  CHARGE_CARD,
  type OrderMachine,
  type OrderSagaMachine,
  orderMachine,
  orderSaga,
  RELEASE_STOCK,
  RESERVE_STOCK,
  VOID_CHARGE,
} from 'sagawright/machines';
import { purchase } from './purchase.ts';

/** A lost reply is given up soon, so that a run of many kills stays short. */
const hasty = { timeout: 400, retry: { attempts: 8, initial: 20, max: 150 } } as const;
/** The gateway leaves every fourth arrival alone, but a kill costs an attempt too. */
const stubborn = { timeout: 400, retry: { attempts: 200, initial: 20, max: 150 } } as const;

/** The order saga as it is, in a hurry. */
export const saga: OrderSagaMachine = orderSaga.provide({
  actors: {
    chargeCard: effect({ ...CHARGE_CARD, ...hasty }),
    reserveStock: effect({ ...RESERVE_STOCK, ...hasty }),
    voidCharge: effect({ ...VOID_CHARGE, ...stubborn }),
    releaseStock: effect({ ...RELEASE_STOCK, ...stubborn }),
  },
  delays: { stopWait: 300, settleWait: 300 },
});

export const order: OrderMachine = orderMachine;

export { purchase };
