// A world for one order saga: a real order machine to ask, and stand-ins for the gateway that do as
// they are told and remember what they were asked. No engine and no clock but a simulated one.

import { type AskReceipt, type EffectError, effectKey } from 'sagawright';
import {
  CHARGE_CARD,
  type Charge,
  type ChargeInput,
  type OrderCommand,
  type OrderInput,
  type OrderRequest,
  type OrderSagaEvent,
  type OrderSagaInput,
  orderMachine,
  orderSaga,
  RELEASE_STOCK,
  RESERVE_STOCK,
  type ReleasedStock,
  type ReleaseInput,
  type Reservation,
  type ReserveInput,
  VOID_CHARGE,
  type VoidedCharge,
  type VoidInput,
} from 'sagawright/machines';
import {
  type Actor,
  createActor,
  fromPromise,
  SimulatedClock,
  type SnapshotFrom,
  waitFor,
} from 'xstate';

/** How the gateway answers one call; `later`: as done, but only when told to, if ever. */
export type Reply = 'done' | 'rejected' | 'unknown' | 'later';

export type CallName = 'chargeCard' | 'reserveStock' | 'voidCharge' | 'releaseStock';

/** One call of the gateway, under the key that the engine would give it. */
export interface Call {
  readonly src: CallName;
  readonly key: string;
  readonly input: unknown;
}

export interface WorldOptions {
  /** Replies to the calls of a name, one after another; afterwards all is done. */
  readonly replies?: Partial<Readonly<Record<CallName, readonly Reply[]>>>;
  readonly input?: Partial<OrderSagaInput>;
  /** Called before the order is told something: the moment for somebody else to tell it something. */
  readonly beforeCommand?: (command: OrderCommand, tell: (command: OrderCommand) => void) => void;
  /** What the gateway says it charged. */
  readonly charge?: Charge;
  /** The order is not there. */
  readonly isOrderMissing?: boolean;
}

export interface World {
  readonly saga: Actor<typeof orderSaga>;
  readonly order: Actor<typeof orderMachine>;
  readonly clock: SimulatedClock;
  readonly calls: readonly Call[];
  readonly asked: readonly OrderCommand['type'][];
  /** The saga once it is final, held, waiting for people, or in a call that is not answered. */
  rest(): Promise<SnapshotFrom<typeof orderSaga>>;
  /** Tells the saga something; calls that were not answered by then never will be. */
  send(event: OrderSagaEvent): void;
  /** Answers the calls that were to be answered later. */
  answer(): void;
}

export const orderInput: OrderInput = {
  orderId: 'order-1',
  customerId: '17850',
  currency: 'GBP',
  totalMinor: 13_912,
  items: [{ sku: '85123A', quantity: 6 }],
};

export const charge: Charge = { chargeId: 'ch-1', amountMinor: 13_912, currency: 'GBP' };

export const reservation: Reservation = { reservationId: 'rs-1' };

export function createError(
  outcome: 'rejected' | 'unknown',
  code: string,
  details: Readonly<Record<string, unknown>> = {},
): EffectError {
  const name = outcome === 'rejected' ? 'Rejected' : 'Error';
  return { name, message: code.toLowerCase(), code, outcome, attempts: 1, key: '', details };
}

const chargeInput = { epoch: 1, orderId: 'order-1', amountMinor: 13_912, currency: 'GBP' };
const reserveInput = { epoch: 1, orderId: 'order-1', items: [{ sku: '85123A', quantity: 6 }] };

/** The calls forward of the order, as they are to be made. */
export const charged: Call = { src: 'chargeCard', key: 'saga-1:payment/1', input: chargeInput };
export const reserved: Call = {
  src: 'reserveStock',
  key: 'saga-1:inventory/1',
  input: reserveInput,
};

/** The undo call number `count` of the charge. */
export function voided(outcome: 'done' | 'unknown', count = 1): Call {
  const known = { key: 'saga-1:payment/1', input: chargeInput, outcome };
  const undoes = outcome === 'done' ? { ...known, output: charge } : known;
  return {
    src: 'voidCharge',
    key: `saga-1:payment.undo/1/${count}`,
    input: { epoch: 1, count, undoes },
  };
}

/** The undo call number `count` of the reservation. */
export function released(outcome: 'done' | 'unknown', count = 1): Call {
  const known = { key: 'saga-1:inventory/1', input: reserveInput, outcome };
  const undoes = outcome === 'done' ? { ...known, output: reservation } : known;
  return {
    src: 'releaseStock',
    key: `saga-1:inventory.undo/1/${count}`,
    input: { epoch: 1, count, undoes },
  };
}

/** What the engine tells the saga of a call that it had stopped. */
export function hear(
  src: 'chargeCard' | 'reserveStock',
  outcome: 'done' | 'rejected' | 'unknown',
): OrderSagaEvent {
  const type = 'effect.late';
  const error = createError(outcome === 'rejected' ? 'rejected' : 'unknown', 'LATE');
  if (src === 'chargeCard') {
    const late = { type, id: src, src, key: 'saga-1:payment/1', outcome } as const;
    return outcome === 'done' ? { ...late, output: charge } : { ...late, error };
  }
  const late = { type, id: src, src, key: 'saga-1:inventory/1', outcome } as const;
  return outcome === 'done' ? { ...late, output: reservation } : { ...late, error };
}

const REFUSALS: Readonly<Record<CallName, string>> = {
  chargeCard: 'CARD_DECLINED',
  reserveStock: 'OUT_OF_STOCK',
  voidCharge: 'VOID_REFUSED',
  releaseStock: 'RELEASE_REFUSED',
};

/** Starts an order and the saga that drives it. */
export function openWorld(options: WorldOptions = {}): World {
  const calls: Call[] = [];
  const asked: OrderCommand['type'][] = [];
  const clock = new SimulatedClock();
  const order = createActor(orderMachine, { id: 'order-1', input: orderInput }).start();
  const left = new Map(
    Object.entries(options.replies ?? {}).map(([src, replies]) => [src, [...replies]]),
  );
  let unanswered: (() => void)[] = [];

  const call = async <Output>(
    src: CallName,
    key: string | undefined,
    input: unknown,
    output: Output,
  ): Promise<Output> => {
    calls.push({ src, key: effectKey({ id: 'saga-1' }, key ?? ''), input });
    const reply = left.get(src)?.shift() ?? 'done';
    if (reply === 'rejected') throw createError('rejected', REFUSALS[src]);
    if (reply === 'unknown') throw createError('unknown', 'TIMEOUT');
    if (reply === 'later') {
      await new Promise<void>((resolve) => {
        unanswered.push(resolve);
      });
    }
    return output;
  };
  const tell = (command: OrderCommand): void => order.send(command);

  const actors = {
    askOrder: fromPromise<AskReceipt, OrderRequest>(({ input }) => {
      const { command } = input;
      options.beforeCommand?.(command, tell);
      asked.push(command.type);
      const { value, status } = order.getSnapshot();
      if (options.isOrderMissing) return Promise.reject(createError('rejected', 'ACTOR_NOT_FOUND'));
      if (status !== 'active' || !order.getSnapshot().can(command)) {
        return Promise.reject(createError('rejected', 'REFUSED', { value }));
      }
      order.send(command);
      return Promise.resolve({ revision: 1, value: order.getSnapshot().value });
    }),
    chargeCard: fromPromise<Charge, ChargeInput>(({ input }) =>
      call('chargeCard', CHARGE_CARD.key?.({ input }), input, options.charge ?? charge),
    ),
    reserveStock: fromPromise<Reservation, ReserveInput>(({ input }) =>
      call('reserveStock', RESERVE_STOCK.key?.({ input }), input, reservation),
    ),
    voidCharge: fromPromise<VoidedCharge, VoidInput>(({ input }) =>
      call('voidCharge', VOID_CHARGE.key?.({ input }), input, { refundedMinor: 13_912 }),
    ),
    releaseStock: fromPromise<ReleasedStock, ReleaseInput>(({ input }) =>
      call('releaseStock', RELEASE_STOCK.key?.({ input }), input, { status: 'released' }),
    ),
  };
  const { orderId, currency, totalMinor, items } = orderInput;
  const saga = createActor(orderSaga.provide({ actors }), {
    id: 'saga-1',
    clock,
    input: { orderId, currency, totalMinor, items, ...options.input },
  });

  const isAtRest = (snapshot: SnapshotFrom<typeof orderSaga>): boolean =>
    snapshot.status !== 'active' ||
    snapshot.matches('needsAttention') ||
    snapshot.matches('stopping') ||
    snapshot.matches('settling') ||
    snapshot.matches({ fulfilling: 'held' }) ||
    unanswered.length > 0;
  const world: World = {
    saga,
    order,
    clock,
    calls,
    asked,
    rest: () => waitFor(saga, isAtRest, { timeout: 2_000 }),
    send: (event) => {
      unanswered = [];
      saga.send(event);
    },
    answer: () => {
      for (const resolve of unanswered.splice(0)) resolve();
    },
  };
  saga.start();
  return world;
}
