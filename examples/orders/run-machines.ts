// The machines of this run: those of the package, with bounds that fit a gateway on the same machine
// which goes wrong on purpose. Two tries forward, so that some calls stay unknown and every path is
// seen; many tries back, so that nothing is left for people. Charts and keys are the package's own.

import { type EffectOptions, effect } from 'sagawright';
import {
  CHARGE_CARD,
  createFulfilmentSaga,
  type FulfilmentSaga,
  type OrderSagaMachine,
  orderMachine,
  orderSaga,
  paymentMachine,
  REFUND_PAYMENT,
  RELEASE_STOCK,
  RESERVE_STOCK,
  type RefundSagaMachine,
  refundSaga,
  STEP_POLICY,
  VOID_CHARGE,
} from 'sagawright/machines';

type Bounds = Pick<EffectOptions<unknown>, 'timeout' | 'retry'>;

/** Above the gateway's slowest reply, which takes 120 ms. */
const FORWARD: Bounds = {
  timeout: '500ms',
  retry: { attempts: 2, initial: '50ms', max: '200ms' },
};
const BACK: Bounds = {
  timeout: '500ms',
  retry: { attempts: 20, initial: '50ms', max: '500ms' },
};

export const runSaga: OrderSagaMachine = orderSaga.provide({
  actors: {
    chargeCard: effect({ ...CHARGE_CARD, ...FORWARD }),
    reserveStock: effect({ ...RESERVE_STOCK, ...FORWARD }),
    voidCharge: effect({ ...VOID_CHARGE, ...BACK }),
    releaseStock: effect({ ...RELEASE_STOCK, ...BACK }),
  },
});

/** The goods before the money. Parcels and mails are no business of this run's gateway: no such steps. */
export const runInventoryFirst: FulfilmentSaga = createFulfilmentSaga({
  id: 'inventory-first',
  steps: ['order', 'inventory', 'payment', 'confirmation'],
  pivot: 'confirmation',
  calls: { ...STEP_POLICY, ...FORWARD },
  compensations: { ...STEP_POLICY, ...BACK },
});

/** A refund has no way back: it is tried as long as an undo is. */
export const runRefund: RefundSagaMachine = refundSaga.provide({
  actors: { refundPayment: effect({ ...REFUND_PAYMENT, ...BACK }) },
});

export { orderMachine, paymentMachine };
