// Random operations with few keys, so that they meet: replays, conflicts, undo before do, faults
// and scarce stock. Whatever the order, the ledger adds up and agrees with the replies.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { type Gateway, openGateway } from '../../examples/gateway/gateway.ts';
import { createLedgerPath, get, postUntilAnswered, type Reply } from './gateway-client.ts';

interface Sent {
  readonly path: string;
  readonly key: string;
  readonly body: object;
}

const someKey = fc.integer({ min: 1, max: 9 }).map((index) => `key-${index}`);
const someOrder = fc.constantFrom('order-1', 'order-2', 'order-3');
const someSku = fc.constantFrom('A', 'B', 'C', 'D');
const someAmount = fc.integer({ min: 1, max: 300 });
const someItem = fc.record({ sku: someSku, quantity: fc.integer({ min: 1, max: 3 }) });

const someOperation: fc.Arbitrary<Sent> = fc.oneof(
  createOperation('/charges', {
    orderId: someOrder,
    amountMinor: someAmount,
    currency: fc.constant('GBP'),
  }),
  createOperation('/voids', { chargeKey: someKey }),
  createOperation('/refunds', { chargeKey: someKey, amountMinor: someAmount }),
  createOperation('/reservations', {
    orderId: someOrder,
    items: fc.array(someItem, { maxLength: 4 }),
  }),
  createOperation('/releases', { reservationKey: someKey }),
);

function createOperation(
  path: string,
  body: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Sent> {
  return fc.record({ path: fc.constant(path), key: someKey, body: fc.record(body) });
}

const orderPage = z.object({
  orders: z.array(
    z.object({
      orderId: z.string(),
      capturedMinor: z.int(),
      refundedMinor: z.int(),
      charges: z.array(
        z.object({ amountMinor: z.int(), refundedMinor: z.int(), status: z.string() }),
      ),
      reservations: z.array(
        z.object({
          status: z.string(),
          items: z.array(z.object({ sku: z.string(), quantity: z.int() })),
        }),
      ),
    }),
  ),
});
const money = z.object({ amountMinor: z.int().optional(), refundedMinor: z.int().optional() });

it('keeps its invariants under random operations, faults and retries', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.array(someOperation, { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
    fc.integer(),
    async (groups, seed) => {
      const rates = { errorRate: 0.2, declineRate: 0.2, outOfStockRate: 0.5 };
      const gateway = await openGateway({ db: createLedgerPath(), seed, ...rates });
      try {
        const answered: (readonly [Sent, Reply])[] = [];
        for (const group of groups) {
          const sent = group.map(async (each): Promise<readonly [Sent, Reply]> => {
            return [each, await postUntilAnswered(gateway, each.path, each.key, each.body)];
          });
          answered.push(...(await Promise.all(sent)));
        }
        checkReplies(gateway, answered);
        await checkOrders(gateway);
        await checkKeys(gateway, answered);
      } finally {
        await gateway.close();
      }
    },
  );
  await fc.assert(property, { numRuns: 40 });
}, 60_000);

/** One success per key, the same reply each time, and money as the replies say. */
function checkReplies(gateway: Gateway, answered: readonly (readonly [Sent, Reply])[]): void {
  const byRequest = new Map<string, Reply>();
  for (const [sent, reply] of answered) {
    const request = JSON.stringify(sent);
    expect(byRequest.get(request)?.body ?? reply.body).toEqual(reply.body);
    byRequest.set(request, reply);
  }
  const totals = { captured: 0, refunded: 0 };
  const done = new Set<string>();
  for (const [request, reply] of byRequest) {
    if (reply.status >= 300) continue;
    const sent = z.object({ path: z.string(), key: z.string() }).parse(JSON.parse(request));
    expect(done.has(sent.key)).toBe(false);
    done.add(sent.key);
    const { amountMinor = 0, refundedMinor = 0 } = money.parse(reply.body);
    if (sent.path === '/charges') totals.captured += amountMinor;
    if (sent.path === '/refunds') totals.refunded += amountMinor;
    totals.refunded += refundedMinor;
  }
  const ledger = gateway.ledger();
  expect(ledger.capturedMinor).toBe(totals.captured);
  expect(ledger.refundedMinor).toBe(totals.refunded);
  expect(ledger.heldMinor).toBe(totals.captured - totals.refunded);
}

/** The orders, one by one, add up to the totals; stock is where the reservations say. */
async function checkOrders(gateway: Gateway): Promise<void> {
  const { orders } = orderPage.parse((await get(gateway, '/ledger/orders')).body);
  const ledger = gateway.ledger();
  let doubleCharges = 0;
  let reserved = 0;
  for (const order of orders) {
    const captured = order.charges.filter((each) => /captured|voided/.test(each.status));
    for (const charge of order.charges) {
      expect(charge.refundedMinor).toBeGreaterThanOrEqual(0);
      expect(charge.refundedMinor).toBeLessThanOrEqual(charge.amountMinor);
      if (!captured.includes(charge)) expect(charge.refundedMinor).toBe(0);
    }
    expect(order.capturedMinor).toBe(sum(captured.map((each) => each.amountMinor)));
    if (captured.filter((each) => each.refundedMinor < each.amountMinor).length > 1) {
      doubleCharges += 1;
    }
    const kept = order.reservations.filter((each) => each.status === 'reserved');
    reserved += sum(kept.flatMap((each) => each.items.map((item) => item.quantity)));
  }
  expect(ledger.capturedMinor).toBe(sum(orders.map((order) => order.capturedMinor)));
  expect(ledger.refundedMinor).toBe(sum(orders.map((order) => order.refundedMinor)));
  expect(ledger.doubleCharges).toBe(doubleCharges);
  expect(ledger.stock.reserved).toBe(reserved);
  expect(ledger.stock.initial).toBe(ledger.stock.available + reserved);
}

async function checkKeys(
  gateway: Gateway,
  answered: readonly (readonly [Sent, Reply])[],
): Promise<void> {
  for (const key of new Set(answered.map(([sent]) => sent.key))) {
    const bodies = answered.filter(([sent]) => sent.key === key).map(([sent]) => sent);
    const { body: operation } = await get(gateway, `/operations/${key}`);
    const isDone = z.object({ state: z.string() }).parse(operation).state === 'done';
    expect((await get(gateway, `/ledger/keys/${key}`)).body).toMatchObject({
      applied: isDone ? 1 : 0,
      distinctBodies: new Set(bodies.map((each) => JSON.stringify(each))).size,
    });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
