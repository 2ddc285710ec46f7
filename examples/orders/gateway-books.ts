// Reads the gateway's ledger over HTTP, all of it, page by page: the other side of the books. What it
// reads is checked before anything is concluded from it. Never writes.

import { z } from 'zod';
import type { GatewayBooks, GatewayOrder } from './books.ts';
import { runBounded } from './bounded-work.ts';

const PAGE = 200;
/** Questions to the gateway at one time. */
const CONCURRENCY = 16;

const item = z.object({ sku: z.string(), quantity: z.int() });

const totals = z
  .object({
    capturedMinor: z.int(),
    refundedMinor: z.int(),
    heldMinor: z.int(),
    doubleCharges: z.int(),
    requests: z.int(),
    replays: z.int(),
    faults: z.int(),
    stock: z.object({ reserved: z.int() }),
  })
  .transform(({ stock, ...sums }) => ({ ...sums, reserved: stock.reserved }));

const orderPage = z.object({
  orders: z.array(
    z.object({
      orderId: z.string(),
      capturedMinor: z.int(),
      refundedMinor: z.int(),
      charges: z.array(z.object({ key: z.string(), status: z.string() })),
      reservations: z.array(
        z.object({ key: z.string(), status: z.string(), items: z.array(item) }),
      ),
    }),
  ),
  next: z.string().nullable(),
});

const keyReport = z.object({ applied: z.int() });

async function read<Value>(url: URL, schema: z.ZodType<Value>): Promise<Value> {
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`GET ${url.pathname}: expected the ledger, got ${response.status}`);
  return schema.parse(await response.json());
}

async function readOrders(gatewayUrl: string): Promise<readonly GatewayOrder[]> {
  const orders: GatewayOrder[] = [];
  let after: string | null = '';
  while (after !== null) {
    const url = new URL('/ledger/orders', gatewayUrl);
    url.searchParams.set('after', after);
    url.searchParams.set('limit', String(PAGE));
    const page: z.infer<typeof orderPage> = await read(url, orderPage);
    orders.push(...page.orders);
    after = page.next;
  }
  return orders;
}

/** Those of the keys under which more than one operation was carried out. */
async function findRepeated(
  gatewayUrl: string,
  keys: readonly string[],
): Promise<readonly string[]> {
  const repeated: string[] = [];
  await runBounded(keys, CONCURRENCY, async (key) => {
    const url = new URL(`/ledger/keys/${encodeURIComponent(key)}`, gatewayUrl);
    const { applied } = await read(url, keyReport);
    if (applied > 1) repeated.push(key);
  });
  return repeated.sort();
}

/** The whole ledger, as it stands. */
export async function readGatewayBooks(gatewayUrl: string): Promise<GatewayBooks> {
  const orders = await readOrders(gatewayUrl);
  const keys = orders.flatMap(({ charges, reservations }) =>
    [...charges, ...reservations].map(({ key }) => key),
  );
  return {
    orders,
    repeatedKeys: await findRepeated(gatewayUrl, keys),
    totals: await read(new URL('/ledger', gatewayUrl), totals),
  };
}
