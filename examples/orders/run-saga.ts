// One order through the saga that was chosen: how it is started, what its machines and handlers are, and
// what our books say of it at its end. Starting attaches to what is there. Knows no other order.

import type { ActorSnapshot, Engine } from 'sagawright';
import type { OrderInput } from 'sagawright/machines';
import type { AnyStateMachine } from 'xstate';
import type { OurOrder } from './books.ts';
import type { SagaName } from './engine-messages.ts';
import { createHandlers, type GatewayHandlers } from './handlers.ts';
import { paymentIdOf, recordCalls } from './recording.ts';
import {
  orderMachine,
  paymentMachine,
  runInventoryFirst,
  runRefund,
  runSaga,
} from './run-machines.ts';

/** What a saga and its order came to. */
type SagaEnd = Pick<OurOrder, 'sagaState' | 'failure' | 'chargedMinor' | 'refundedMinor'>;

export interface ChosenSaga {
  /** All that the run needs, the saga's own first. */
  readonly machines: readonly [AnyStateMachine, ...AnyStateMachine[]];
  readonly createHandlers: (
    gatewayUrl: string,
    getEngine: () => Promise<Engine>,
  ) => GatewayHandlers;
  /** Starts it, or finds it there, and waits until it is at rest. The order is there. */
  readonly run: (engine: Engine, input: OrderInput) => Promise<{ readonly started: boolean }>;
  readonly readEnd: (engine: Engine, orderId: string) => Promise<SagaEnd>;
}

/** `order-536365` as `saga-536365`. */
export function sagaIdOf(orderId: string): string {
  return orderId.replace(/^order-/, 'saga-');
}

/** At its end, or waiting for people. */
export function isAtRest({ status, value }: Pick<ActorSnapshot, 'status' | 'value'>): boolean {
  return status !== 'active' || value === 'needsAttention';
}

const paymentFirst: ChosenSaga = {
  machines: [runSaga, orderMachine, runRefund],
  createHandlers,
  run: async (engine, { orderId, currency, totalMinor, items }) => {
    const saga = await engine.start(runSaga, {
      id: sagaIdOf(orderId),
      input: { orderId, currency, totalMinor, items },
      ifExists: 'attach',
      correlation: orderId,
    });
    await saga.waitFor(isAtRest);
    return { started: saga.created };
  },
  readEnd: async (engine, orderId) => {
    const order = await engine.actor(orderMachine, orderId).snapshot();
    const { value, context } = await engine.actor(runSaga, sagaIdOf(orderId)).snapshot();
    const { capturedMinor, refundedMinor } = order.context;
    const { failure, voidedMinor } = context;
    const isConfirmed = order.value === 'CONFIRMED';
    return {
      sagaState: String(value),
      failure: failure?.code ?? null,
      // An order that was turned back may not know of its charge: the saga knows what it undid.
      chargedMinor: isConfirmed ? capturedMinor : voidedMinor,
      refundedMinor: isConfirmed ? refundedMinor : voidedMinor,
    };
  },
};

const inventoryFirst: ChosenSaga = {
  machines: [runInventoryFirst, orderMachine, paymentMachine, runRefund],
  createHandlers: (gatewayUrl, getEngine) => recordCalls(createHandlers(gatewayUrl), getEngine),
  run: async (engine, { orderId, customerId, currency, totalMinor, items }) => {
    const paymentId = paymentIdOf(orderId);
    await engine.start(paymentMachine, {
      id: paymentId,
      input: { paymentId, orderId, amountMinor: totalMinor, currency },
      ifExists: 'attach',
      correlation: orderId,
    });
    const saga = await engine.start(runInventoryFirst, {
      id: sagaIdOf(orderId),
      input: {
        orderId,
        paymentId,
        // This run sends neither parcels nor mails.
        shipmentId: orderId.replace(/^order-/, 'shipment-'),
        customerEmail: `${customerId ?? 'guest'}@customers.invalid`,
        currency,
        totalMinor,
        items,
      },
      ifExists: 'attach',
      correlation: orderId,
    });
    await saga.waitFor(isAtRest);
    return { started: saga.created };
  },
  readEnd: async (engine, orderId) => {
    const { value, context } = await engine.actor(runInventoryFirst, sagaIdOf(orderId)).snapshot();
    const payment = await engine.actor(paymentMachine, paymentIdOf(orderId)).snapshot();
    const { capturedMinor, refundedMinor } = payment.context;
    return {
      sagaState: String(value),
      failure: context.failure?.code ?? null,
      chargedMinor: capturedMinor,
      refundedMinor,
    };
  },
};

export const CHOSEN_SAGAS: Readonly<Record<SagaName, ChosenSaga>> = {
  'payment-first': paymentFirst,
  'inventory-first': inventoryFirst,
};
