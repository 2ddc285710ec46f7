// The shop of examples/fulfilment under the inspector: an order is placed when it is time, and everything
// stays open until it is told to end. Knows neither the terminal nor the process.

import { serveInspector } from 'sagawright/inspect';
import { EXAMPLES } from '../fulfilment/fulfilments.ts';
import { openShop, placeOrder } from '../fulfilment/shop.ts';
import type { InspectorExampleOptions } from './options.ts';

export interface Session {
  readonly print: (text: string) => void;
  /** Resolves when the order is to be placed. */
  readonly placed: Promise<unknown>;
  /** Resolves when all is to end. */
  readonly ended: Promise<unknown>;
}

export async function showFulfilment(
  { isOffline, port }: InspectorExampleOptions,
  { print, placed, ended }: Session,
): Promise<void> {
  const example = EXAMPLES['parallel'];
  if (example === undefined) throw new Error('Expected the example of the parallel fulfilment.');
  const shop = await openShop(example, { db: null, faults: new Map() });
  try {
    await using inspector = await serveInspector(shop.engine, { offline: isOffline, port });
    print(`The inspector is at ${inspector.url}`);
    if (!isOffline) print(`Without stately.ai: ${inspector.url}offline`);
    const isOver = await Promise.race([placed.then(() => false), ended.then(() => true)]);
    if (isOver) return;
    const { id, value } = await placeOrder(shop, example);
    print(`${id} is ${String(value)}. Ctrl-C ends this.`);
    await ended;
  } finally {
    await shop.engine.stop({ drain: 0 });
  }
}
