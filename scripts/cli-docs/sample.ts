// A database of the shop, the same each time: purchases that went well, were undone, wait for a retry and
// wait for people; a subscription that pays. On a clock of its own.

import { type Handler, type HandlerArgs, openEngine, Rejected } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { VirtualPlatform } from '../../test/support/virtual-platform.ts';
import { checkout, type Purchase, subscription } from './shop.ts';

/** What is bought, and what becomes of it. */
const PURCHASES: readonly (readonly [id: string, purchase: Purchase])[] = [
  ['checkout-1001', { sku: 'tea', pence: 450 }],
  ['checkout-1002', { sku: 'tea', pence: 900 }],
  ['checkout-1003', { sku: 'lamp', pence: 3_900 }],
  ['checkout-1004', { sku: 'desk', pence: 18_000 }],
];
const LATEST = ['checkout-1005', { sku: 'sofa', pence: 42_000 }] as const;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Writes the database. Answers with the moment at which it stands still, in milliseconds since the epoch. */
export async function writeSample(path: string): Promise<number> {
  const time = new VirtualPlatform();
  const engine = await openEngine({
    store: sqliteStore(path),
    machines: [checkout, subscription],
    platform: time.startProcess().platform,
    handlers,
  });
  const input = { plan: 'monthly' };
  await engine.start(subscription, { id: 'subscription-7', input });
  await time.advance(14 * DAY_MS);
  for (const [id, purchase] of PURCHASES) {
    await engine.start(checkout, { id, input: purchase });
    await time.advance(10 * MINUTE_MS);
  }
  await engine.start(checkout, { id: LATEST[0], input: LATEST[1] });
  // Its third attempt is due in a quarter of a minute.
  await time.advance(45_000);
  await engine.stop();
  return time.now;
}

/** The lamp is sold out, the desk cannot be shipped, and its money not paid back; the sofa takes a while. */
const handlers: Readonly<Record<string, Handler<unknown, unknown>>> = {
  charge: async ({ key }) => ({ chargeId: `ch-${key.split(':')[0]}` }),
  refund: async ({ input }) => {
    const { undoes } = input as { readonly undoes: { readonly input: Purchase } };
    if (undoes.input.sku === 'desk') throw new Error('the bank does not answer');
    return 'refunded';
  },
  reserve: async (call) => {
    if (skuOf(call) === 'lamp') throw new Rejected('OUT_OF_STOCK', { message: 'no lamp is left' });
    return 'shelf 3';
  },
  release: async () => 'released',
  ship: async (call) => {
    if (skuOf(call) === 'desk')
      throw new Rejected('TOO_LARGE', { message: 'no van is that large' });
    if (skuOf(call) === 'sofa') throw new Error('the carrier is closed');
    return 'parcel 7';
  },
};

function skuOf({ input }: HandlerArgs<unknown>): string {
  return (input as Purchase).sku;
}
