// From the items of an order to what each SKU's stock is told, for the callback of `engine.transact`:
// `for (const { to, event } of reserveItems(items, key)) transaction.send(to, event)`. Sends nothing.

import type { StockCommand } from './stock-contract.ts';

/** What the ids of stocks start with. */
export const STOCK_PREFIX = 'stock-';

/** A product and how many pieces of it, such as an order's item. */
export interface StockItem {
  readonly sku: string;
  /** A positive integer. */
  readonly quantity: number;
}

/** A command and whom it is for. */
export interface StockRequest {
  readonly to: string;
  readonly event: StockCommand;
}

/** The address of a SKU's stock. */
export function stockId(sku: string): string {
  return `${STOCK_PREFIX}${sku}`;
}

/** The SKU of a stock's address. */
export function skuOf(id: string): string {
  return id.slice(STOCK_PREFIX.length);
}

/**
 * Reserves all items under one name. A SKU that is listed twice is reserved once, with the sum.
 * @param expiresInMs the reservations end after it unless they are confirmed
 */
export function reserveItems(
  items: readonly StockItem[],
  reservationId: string,
  expiresInMs?: number,
): readonly StockRequest[] {
  const expiry = expiresInMs === undefined ? {} : { expiresInMs };
  return requestsOf(items, (quantity) => ({
    type: 'stock.reserve',
    reservationId,
    quantity,
    ...expiry,
  }));
}

/** What was reserved under the name expires no more. */
export function confirmItems(
  items: readonly StockItem[],
  reservationId: string,
): readonly StockRequest[] {
  return requestsOf(items, () => ({ type: 'stock.confirm', reservationId }));
}

/** What was reserved under the name is sold. */
export function fulfilItems(
  items: readonly StockItem[],
  reservationId: string,
): readonly StockRequest[] {
  return requestsOf(items, () => ({ type: 'stock.fulfil', reservationId }));
}

/** What was reserved under the name is available again. */
export function releaseItems(
  items: readonly StockItem[],
  reservationId: string,
): readonly StockRequest[] {
  return requestsOf(items, () => ({ type: 'stock.release', reservationId }));
}

/** Sold items come back. */
export function returnItems(items: readonly StockItem[]): readonly StockRequest[] {
  return requestsOf(items, (quantity) => ({ type: 'stock.return', quantity }));
}

/** One request for each SKU, in the order in which they are first listed. */
function requestsOf(
  items: readonly StockItem[],
  eventOf: (quantity: number) => StockCommand,
): readonly StockRequest[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of items) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ to: stockId(sku), event: eventOf(quantity) }));
}
