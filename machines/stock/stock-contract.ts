// What a SKU's stock is told, what it tells, and what it remembers. Quantities are pieces. Commands are
// requests and may be refused; facts have happened. Never holds behaviour beyond checking what it is
// started with.

import { isPositiveInteger, isSku, MAX_QUANTITY } from '../identifiers.ts';

/** Open reservations of one SKU, where nothing else is configured: its row is rewritten at each change. */
export const MAX_RESERVATIONS = 1_000;
/** Longest time until a reservation expires: a year. What has to last longer is confirmed. */
export const MAX_EXPIRY_MS: number = 365 * 24 * 60 * 60 * 1_000;

/** What a SKU's stock is started with. */
export interface StockInput {
  readonly sku: string;
  /** Pieces on the shelf; default 0. */
  readonly initial?: number;
  /** `stock.low` is told when no more than these are available; default 0: never. */
  readonly lowAt?: number;
  /** `stock.reorder` is told when no more than these are available; default 0: never. */
  readonly reorderAt?: number;
  /** Most pieces of one command; default `MAX_QUANTITY`. */
  readonly maxQuantity?: number;
  /** Most open reservations; default `MAX_RESERVATIONS`. */
  readonly maxReservations?: number;
}

/** Pieces that are set aside and not yet sold. */
export interface StockReservation {
  readonly quantity: number;
  /** Milliseconds from the reservation to its end; null: it stays until somebody ends it. */
  readonly expiresInMs: number | null;
}

/** At every moment: `initial + received = available + reserved + sold`, and none of them negative. */
export interface StockContext extends Required<StockInput> {
  readonly received: number;
  readonly available: number;
  /** Sum of the open reservations. */
  readonly reserved: number;
  /** Fulfilled and not returned. */
  readonly sold: number;
  /** Open reservations by their id; one that ended is forgotten. */
  readonly reservations: Readonly<
    Record<string, StockReservation & { readonly isConfirmed: boolean }>
  >;
}

/** Names a reservation. A saga uses the key of the call that reserves. */
export interface ReservationName {
  readonly reservationId: string;
}

export interface StockQuantity {
  /** A positive integer. */
  readonly quantity: number;
}

export interface ReserveRequest extends ReservationName, StockQuantity {
  /** Milliseconds after which it ends unless it is confirmed, up to `MAX_EXPIRY_MS`. Default: never. */
  readonly expiresInMs?: number;
}

/** What a stock can be told. It refuses what does not fit its counts. */
export type StockCommand =
  | ({ readonly type: 'stock.receive' } & StockQuantity)
  | ({ readonly type: 'stock.reserve' } & ReserveRequest)
  /** From here on it does not expire; said once. */
  | ({ readonly type: 'stock.confirm' } & ReservationName)
  /** The pieces leave the house: sold. */
  | ({ readonly type: 'stock.fulfil' } & ReservationName)
  | ({ readonly type: 'stock.release' } & ReservationName)
  /** Sold pieces come back and can be sold again. */
  | ({ readonly type: 'stock.return' } & StockQuantity)
  /** The stock's own timer. */
  | ({ readonly type: 'stock.expire' } & ReservationName);

/** What has happened to a reservation. */
export interface ReservationFact {
  readonly type:
    | 'stock.reserved'
    | 'stock.reservationConfirmed'
    | 'stock.reservationExpired'
    | 'stock.fulfilled'
    | 'stock.released';
  readonly sku: string;
  readonly reservationId: string;
  readonly quantity: number;
}

/** Pieces that came into the house. */
export interface DeliveryFact {
  readonly type: 'stock.received' | 'stock.returned';
  readonly sku: string;
  readonly quantity: number;
}

/** Told once each time that the available pieces fall to a threshold or below it. */
export interface LevelFact {
  readonly type: 'stock.low' | 'stock.reorder' | 'stock.outOfStock';
  readonly sku: string;
  readonly available: number;
}

export type StockFact = ReservationFact | DeliveryFact | LevelFact;

/** @throws TypeError for an input that is no stock, naming the field */
export function checkStockInput(input: StockInput): Required<StockInput> {
  const {
    sku,
    initial = 0,
    lowAt = 0,
    reorderAt = 0,
    maxQuantity = MAX_QUANTITY,
    maxReservations = MAX_RESERVATIONS,
  } = input;
  const expect = (isFit: boolean, field: string, expected: string, got: unknown): void => {
    if (isFit) return;
    throw new TypeError(`stock: expected ${field} to be ${expected}, got ${JSON.stringify(got)}.`);
  };
  expect(isSku(sku), 'sku', 'a SKU', sku);
  for (const [field, count] of Object.entries({ initial, lowAt, reorderAt })) {
    expect(count === 0 || isPositiveInteger(count), field, '0 or a positive integer', count);
  }
  for (const [field, maximum] of Object.entries({ maxQuantity, maxReservations })) {
    expect(isPositiveInteger(maximum), field, 'a positive integer', maximum);
  }
  return { sku, initial, lowAt, reorderAt, maxQuantity, maxReservations };
}
