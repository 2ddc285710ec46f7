// The stock of one SKU as a statechart: pieces are available, reserved or sold, and never more than there
// are. Several SKUs of one order are changed together by `engine.transact`; one actor sees its own only.
// The state is the level of what is available; reservations and their timers are in the context. Pure.

import { produce } from 'immer';
import { assign, emit, enqueueActions, setup, type UnknownActorLogic } from 'xstate';
import { isKey, isPositiveInteger, isQuantity } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import {
  checkStockInput,
  type DeliveryFact,
  type LevelFact,
  MAX_EXPIRY_MS,
  type ReservationFact,
  type ReservationName,
  type ReserveRequest,
  type StockCommand,
  type StockContext,
  type StockFact,
  type StockInput,
  type StockQuantity,
} from './stock-contract.ts';

/** How much is available: more than `lowAt`, some, none. */
export type StockState = 'IN_STOCK' | 'LOW_STOCK' | 'OUT_OF_STOCK';

export type StockMachine = WrittenMachine<{
  context: StockContext;
  event: StockCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: never;
  state: StockState;
  input: StockInput;
  output: undefined;
  emitted: StockFact;
}>;

/** @throws TypeError for an input that is no stock */
function createStock(input: StockInput): StockContext {
  const checked = checkStockInput(input);
  const counts = { available: checked.initial, reserved: 0, sold: 0, received: 0 };
  return { ...checked, ...counts, reservations: {} };
}

function findReservation(
  { reservations }: StockContext,
  { reservationId }: ReservationName,
): StockContext['reservations'][string] | null {
  if (!Object.hasOwn(reservations, reservationId)) return null;
  return reservations[reservationId] ?? null;
}

function quantityOf(stock: StockContext, name: ReservationName): number {
  return findReservation(stock, name)?.quantity ?? 0;
}

/** One reservation at a time has this timer: ended under its id, the id may be used again. */
function expiryOf({ reservationId }: ReservationName): string {
  return `expiry:${reservationId}`;
}

/** The reservation ends, and its pieces are what `becomes` says. */
function closeReservation(
  stock: StockContext,
  name: ReservationName,
  becomes: 'available' | 'sold',
): StockContext {
  const quantity = quantityOf(stock, name);
  return produce(stock, (draft) => {
    delete draft.reservations[name.reservationId];
    draft.reserved -= quantity;
    draft[becomes] += quantity;
  });
}

/** The thresholds that were passed downwards when so many pieces were taken. */
function computeLevelFacts(stock: StockContext, taken: number): readonly LevelFact[] {
  const { sku, available, lowAt, reorderAt } = stock;
  const hasFallenTo = (level: number): boolean => available <= level && available + taken > level;
  const facts: LevelFact[] = [];
  if (lowAt > 0 && hasFallenTo(lowAt)) facts.push({ type: 'stock.low', sku, available });
  if (reorderAt > 0 && hasFallenTo(reorderAt)) {
    facts.push({ type: 'stock.reorder', sku, available });
  }
  if (hasFallenTo(0)) facts.push({ type: 'stock.outOfStock', sku, available });
  return facts;
}

const stockSetup = setup({
  types: {} as {
    context: StockContext;
    events: StockCommand;
    input: StockInput;
    output: undefined;
    emitted: StockFact;
  },
  guards: {
    isReceivable: ({ context }, { quantity }: StockQuantity) =>
      isQuantity(quantity, context.maxQuantity) &&
      Number.isSafeInteger(context.initial + context.received + quantity),
    isReservable: ({ context }, request: ReserveRequest) =>
      isKey(request.reservationId) &&
      isQuantity(request.quantity, context.maxQuantity) &&
      request.quantity <= context.available &&
      (request.expiresInMs === undefined ||
        (isPositiveInteger(request.expiresInMs) && request.expiresInMs <= MAX_EXPIRY_MS)) &&
      findReservation(context, request) === null &&
      Object.keys(context.reservations).length < context.maxReservations,
    isOpen: ({ context }, name: ReservationName) => findReservation(context, name) !== null,
    isUnconfirmed: ({ context }, name: ReservationName) =>
      findReservation(context, name)?.isConfirmed === false,
    isExpiring: ({ context }, name: ReservationName) => {
      const found = findReservation(context, name);
      return found !== null && found.expiresInMs !== null && !found.isConfirmed;
    },
    isReturnable: ({ context }, { quantity }: StockQuantity) =>
      isQuantity(quantity, context.maxQuantity) && quantity <= context.sold,
    isPlentiful: ({ context: { available, lowAt } }) => available > lowAt,
    isLow: ({ context: { available, lowAt } }) => available > 0 && available <= lowAt,
    isOut: ({ context: { available } }) => available === 0,
  },
  actions: {
    receive: assign({
      received: ({ context }, { quantity }: StockQuantity) => context.received + quantity,
      available: ({ context }, { quantity }: StockQuantity) => context.available + quantity,
    }),
    takeBack: assign({
      sold: ({ context }, { quantity }: StockQuantity) => context.sold - quantity,
      available: ({ context }, { quantity }: StockQuantity) => context.available + quantity,
    }),
    reserve: assign(({ context }, { reservationId, quantity, expiresInMs }: ReserveRequest) =>
      produce(context, (stock) => {
        stock.available -= quantity;
        stock.reserved += quantity;
        const expiry = expiresInMs ?? null;
        stock.reservations[reservationId] = { quantity, expiresInMs: expiry, isConfirmed: false };
      }),
    ),
    armExpiry: enqueueActions(({ enqueue }, { reservationId, expiresInMs }: ReserveRequest) => {
      if (expiresInMs === undefined) return;
      const id = expiryOf({ reservationId });
      enqueue.raise({ type: 'stock.expire', reservationId }, { id, delay: expiresInMs });
    }),
    disarmExpiry: enqueueActions(({ enqueue }, name: ReservationName) => {
      enqueue.cancel(expiryOf(name));
    }),
    confirm: assign(({ context }, { reservationId }: ReservationName) =>
      produce(context, ({ reservations }) => {
        const reservation = reservations[reservationId];
        if (reservation !== undefined) reservation.isConfirmed = true;
      }),
    ),
    sell: assign(({ context }, name: ReservationName) => closeReservation(context, name, 'sold')),
    putBack: assign(({ context }, name: ReservationName) =>
      closeReservation(context, name, 'available'),
    ),
    /** Before the reservation is closed: afterwards its quantity is forgotten. */
    tellReservation: emit(
      ({ context }, { type, reservationId }: Pick<ReservationFact, 'type' | 'reservationId'>) => {
        const quantity = quantityOf(context, { reservationId });
        return { type, sku: context.sku, reservationId, quantity };
      },
    ),
    tellDelivery: emit(
      ({ context }, { type, quantity }: Pick<DeliveryFact, 'type' | 'quantity'>) => {
        return { type, sku: context.sku, quantity };
      },
    ),
    tellLevels: enqueueActions(({ context, enqueue }, { quantity }: StockQuantity) => {
      for (const fact of computeLevelFacts(context, quantity)) enqueue.emit(fact);
    }),
  },
});

/**
 * The stock of one SKU, a virtual actor: `virtual(stockMachine, { prefix: STOCK_PREFIX, input: (id) =>
 * ({ sku: skuOf(id), initial: 12 }) })`. Never ends.
 */
export const stockMachine: StockMachine = stockSetup.createMachine({
  id: 'stock',
  version: '1',
  context: ({ input }) => createStock(input),
  on: {
    'stock.receive': {
      guard: { type: 'isReceivable', params: ({ event }) => event },
      actions: [
        { type: 'receive', params: ({ event }) => event },
        {
          type: 'tellDelivery',
          params: ({ event: { quantity } }) => ({ type: 'stock.received', quantity }),
        },
      ],
    },
    'stock.reserve': {
      guard: { type: 'isReservable', params: ({ event }) => event },
      actions: [
        { type: 'reserve', params: ({ event }) => event },
        { type: 'armExpiry', params: ({ event }) => event },
        {
          type: 'tellReservation',
          params: ({ event: { reservationId } }) => ({ type: 'stock.reserved', reservationId }),
        },
        { type: 'tellLevels', params: ({ event }) => event },
      ],
    },
    'stock.confirm': {
      guard: { type: 'isUnconfirmed', params: ({ event }) => event },
      actions: [
        { type: 'disarmExpiry', params: ({ event }) => event },
        { type: 'confirm', params: ({ event }) => event },
        {
          type: 'tellReservation',
          params: ({ event: { reservationId } }) => ({
            type: 'stock.reservationConfirmed',
            reservationId,
          }),
        },
      ],
    },
    'stock.fulfil': {
      guard: { type: 'isOpen', params: ({ event }) => event },
      actions: [
        { type: 'disarmExpiry', params: ({ event }) => event },
        {
          type: 'tellReservation',
          params: ({ event: { reservationId } }) => ({ type: 'stock.fulfilled', reservationId }),
        },
        { type: 'sell', params: ({ event }) => event },
      ],
    },
    'stock.release': {
      guard: { type: 'isOpen', params: ({ event }) => event },
      actions: [
        { type: 'disarmExpiry', params: ({ event }) => event },
        {
          type: 'tellReservation',
          params: ({ event: { reservationId } }) => ({ type: 'stock.released', reservationId }),
        },
        { type: 'putBack', params: ({ event }) => event },
      ],
    },
    'stock.expire': {
      guard: { type: 'isExpiring', params: ({ event }) => event },
      actions: [
        {
          type: 'tellReservation',
          params: ({ event: { reservationId } }) => ({
            type: 'stock.reservationExpired',
            reservationId,
          }),
        },
        { type: 'putBack', params: ({ event }) => event },
      ],
    },
    'stock.return': {
      guard: { type: 'isReturnable', params: ({ event }) => event },
      actions: [
        { type: 'takeBack', params: ({ event }) => event },
        {
          type: 'tellDelivery',
          params: ({ event: { quantity } }) => ({ type: 'stock.returned', quantity }),
        },
      ],
    },
  },
  initial: 'IN_STOCK',
  states: {
    IN_STOCK: {
      always: [
        { guard: 'isOut', target: 'OUT_OF_STOCK' },
        { guard: 'isLow', target: 'LOW_STOCK' },
      ],
    },
    LOW_STOCK: {
      always: [
        { guard: 'isOut', target: 'OUT_OF_STOCK' },
        { guard: 'isPlentiful', target: 'IN_STOCK' },
      ],
    },
    OUT_OF_STOCK: {
      always: [
        { guard: 'isPlentiful', target: 'IN_STOCK' },
        { guard: 'isLow', target: 'LOW_STOCK' },
      ],
    },
  },
});
