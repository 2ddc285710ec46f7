// The five ways to fulfil an order, each a saga of sagawright/machines: as documents of order systems
// describe them. Their times are short here, so that everything can be watched in a second or two.

import type { ActorSnapshot } from 'sagawright';
import { effect } from 'sagawright';
import {
  AUTHORIZE_CAPTURE_PLAN,
  CHARGE_CARD,
  CONFIGURED_PLAN,
  createFulfilmentSaga,
  deliveryMachine,
  type FulfilmentPlan,
  INVENTORY_FIRST_PLAN,
  orderSaga,
  PARALLEL_PLAN,
  RELEASE_STOCK,
  RESERVE_STOCK,
  VOID_CHARGE,
} from 'sagawright/machines';
import { FULFILMENT, ORDER, SAGA_ID } from './basket.ts';
import type { Fulfilment, Shop } from './shop.ts';

const QUICK = {
  timeout: 200,
  retry: { attempts: 2, initial: 10, backoff: 'constant', jitter: false },
} as const;

function planned(plan: FulfilmentPlan): Fulfilment {
  const saga = createFulfilmentSaga({ calls: QUICK, compensations: QUICK, ...plan });
  return { saga, input: FULFILMENT };
}

/** A fulfilment, what it is called and described by. */
export interface Example extends Fulfilment {
  readonly title: string;
  /** The steps whose calls can be made to go wrong; `<step>.undo` where there is a compensation. */
  readonly steps: readonly string[];
}

export const EXAMPLES: Readonly<Record<string, Example>> = {
  'payment-first': {
    title: 'Charge, reserve, confirm: a statechart written by hand',
    steps: ['payment', 'payment.undo', 'inventory', 'inventory.undo'],
    tellsOrder: true,
    saga: orderSaga.provide({
      actors: {
        chargeCard: effect({ ...CHARGE_CARD, ...QUICK }),
        reserveStock: effect({ ...RESERVE_STOCK, ...QUICK }),
        voidCharge: effect({ ...VOID_CHARGE, ...QUICK }),
        releaseStock: effect({ ...RELEASE_STOCK, ...QUICK }),
      },
    }),
    input: {
      orderId: ORDER.orderId,
      currency: ORDER.currency,
      totalMinor: ORDER.totalMinor,
      items: ORDER.items,
    },
  },
  'authorize-capture': {
    title: 'Set the amount aside, reserve, order a parcel; capture, and there is no way back',
    steps: [
      'authorization',
      'authorization.undo',
      'inventory',
      'inventory.undo',
      'shipment',
      'shipment.undo',
      'capture',
      'dispatch',
      'receipt',
    ],
    ...planned(AUTHORIZE_CAPTURE_PLAN),
  },
  'inventory-first': {
    title: 'Reserve, charge, order a parcel, write to the customer; confirm',
    steps: [
      'inventory',
      'inventory.undo',
      'payment',
      'payment.undo',
      'shipment',
      'shipment.undo',
      'confirmationMail',
      'confirmationMail.undo',
    ],
    ...planned(INVENTORY_FIRST_PLAN),
  },
  configured: {
    title: 'Reserve, charge, order a parcel, confirm: by the times of a configuration',
    steps: ['inventory', 'inventory.undo', 'payment', 'payment.undo', 'shipment', 'shipment.undo'],
    saga: createFulfilmentSaga({
      ...CONFIGURED_PLAN({ timeoutMs: 1_500, retryAttempts: 3, retryDelayMs: 50 }),
      // Of its own it tries a compensation for ten minutes.
      compensations: QUICK,
    }),
    input: FULFILMENT,
  },
  parallel: {
    title: 'Charge and reserve side by side, and follow the parcel to the door',
    steps: [
      'payment',
      'payment.undo',
      'inventory',
      'inventory.undo',
      'shipment',
      'shipment.undo',
      'dispatch',
      'shippingNotice',
      'deliveryNotice',
    ],
    ...planned(PARALLEL_PLAN),
    accompany: bringParcel,
  },
};

/** The carrier brings the parcel as soon as it is waited for. */
function bringParcel({ engine }: Shop, { value }: ActorSnapshot): void {
  if (typeof value !== 'object' || value['fulfilling'] !== 'IN_TRANSIT') return;
  const watch = engine.actor(deliveryMachine, `${SAGA_ID}/delivery`);
  void watch.send({ type: 'delivery.arrived' }, { key: 'the door bell' }).catch(() => undefined);
}
