// A shop of some SKUs on an engine: opened, asked for orders as its callers would, and counted. Tests
// reserve through it; it decides nothing about stock.

import { Rejected, type Transaction, virtual } from 'sagawright';
import {
  reserveItems,
  STOCK_PREFIX,
  type StockContext,
  type StockInput,
  type StockItem,
  type StockRequest,
  skuOf,
  stockId,
  stockMachine,
} from 'sagawright/machines';
import { type EngineWorld, openWorld, type WorldOptions } from '../support/engine-world.ts';

/** Pieces by SKU. */
export type Pieces = Readonly<Record<string, number>>;

export function openShop(
  pieces: Pieces,
  {
    levels = {},
    ...options
  }: Partial<WorldOptions> & { readonly levels?: Partial<StockInput> } = {},
): Promise<EngineWorld> {
  const shelves = virtual(stockMachine, {
    prefix: STOCK_PREFIX,
    input: (id) => ({ ...levels, sku: skuOf(id), initial: pieces[skuOf(id)] ?? 0 }),
  });
  return openWorld({ machines: [shelves], ...options });
}

/** All of the requests, or none: a refused one gives the transaction up. */
export function sendAll(transaction: Transaction, requests: readonly StockRequest[]): void {
  for (const { to, event } of requests) {
    const { status } = transaction.send<typeof stockMachine>(to, event);
    if (status === 'rejected') {
      throw new Rejected('OUT_OF_STOCK', { details: { sku: skuOf(to) } });
    }
  }
}

/** Reserves a whole order under its own key; whether it was accepted. */
export async function reserveOrder(
  { engine }: EngineWorld,
  orderId: string,
  items: readonly StockItem[],
  expiresInMs?: number,
): Promise<boolean> {
  const requests = reserveItems(items, orderId, expiresInMs);
  const options = { key: orderId, actors: requests.map(({ to }) => to) };
  try {
    await engine.transact((transaction) => sendAll(transaction, requests), options);
    return true;
  } catch (error) {
    if (error instanceof Rejected && error.code === 'OUT_OF_STOCK') return false;
    throw error;
  }
}

export async function stockOf({ engine }: EngineWorld, sku: string): Promise<StockContext> {
  return (await engine.actor(stockMachine, stockId(sku)).snapshot()).context;
}

/** Available, reserved, sold. */
export async function countsOf(world: EngineWorld, sku: string): Promise<readonly number[]> {
  const { available, reserved, sold } = await stockOf(world, sku);
  return [available, reserved, sold];
}
