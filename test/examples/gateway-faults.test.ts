// Faults on purpose: which requests they hit depends on the seed alone, they hide a success as
// often as they prevent one, and a caller that retries gets through.

import { describe, expect, it } from 'vitest';
import { createFaults, type FaultOptions, noFaults } from '../../examples/gateway/faults.ts';
import { type GatewayOptions, openGateway } from '../../examples/gateway/gateway.ts';
import {
  createCharge,
  createLedgerPath,
  get,
  openTestGateway,
  post,
  postUntilAnswered,
} from './gateway-client.ts';

const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`);

function computePlans(options: Partial<FaultOptions>): string[] {
  const faults = createFaults({ ...noFaults, ...options });
  return keys.flatMap((key) =>
    [1, 2, 3, 4, 5].map((arrival) => JSON.stringify(faults.plan(key, arrival))),
  );
}

describe('planned faults', () => {
  const rates = { errorRate: 0.3, lostRate: 0.2, latencyMs: { min: 5, max: 50 } };

  it('are the same for the same seed and others for another', () => {
    expect(computePlans({ ...rates, seed: 7 })).toEqual(computePlans({ ...rates, seed: 7 }));
    expect(computePlans({ ...rates, seed: 7 })).not.toEqual(computePlans({ ...rates, seed: 8 }));
    const faults = createFaults({ ...noFaults, declineRate: 0.2, outOfStockRate: 0.2, seed: 7 });
    const declined = keys.filter((orderId) => faults.declines(orderId));
    const scarce = keys.filter((sku) => faults.initialStock(sku) < 1_000_000);
    expect(declined.length).toBeGreaterThan(20);
    expect(declined.length).toBeLessThan(60);
    expect(scarce.length).toBeGreaterThan(20);
    expect(scarce.length).toBeLessThan(60);
    expect(scarce).not.toEqual(declined);
  });

  it('come in every kind, before and after, and about as often as asked', () => {
    const plans = computePlans({ ...rates, seed: 7 });
    const count = (part: string): number => plans.filter((plan) => plan.includes(part)).length;
    for (const kind of ['error', 'lost']) {
      for (const moment of ['before', 'after']) {
        expect(count(`"kind":"${kind}","moment":"${moment}"`)).toBeGreaterThan(50);
      }
    }
    for (const status of [500, 502, 503]) expect(count(`"status":${status}`)).toBeGreaterThan(50);
    expect(count('"delayBeforeMs":0')).toBeGreaterThan(400);
    expect(count('"delayAfterMs":0')).toBeGreaterThan(400);
  });

  it('leave every fourth arrival of a key alone', () => {
    const faults = createFaults({ ...noFaults, errorRate: 1 });
    const kinds = [1, 2, 3, 4, 5].map((arrival) => faults.plan('k', arrival).fault.kind);
    expect(kinds).toEqual(['error', 'error', 'error', 'none', 'error']);
  });

  it('are refused when a rate, a range or the seed makes no sense', async () => {
    const wrong: readonly Partial<GatewayOptions>[] = [
      { declineRate: 1.1 },
      { errorRate: -0.1 },
      { errorRate: 0.6, lostRate: 0.6 },
      { outOfStockRate: Number.NaN },
      { latencyMs: { min: 2, max: 1 } },
      { seed: 0.5 },
    ];
    for (const options of wrong) {
      const opened = openGateway({ db: createLedgerPath(), ...options });
      await expect(opened, JSON.stringify(options)).rejects.toThrow(RangeError);
    }
  });
});

describe('a gateway with faults', () => {
  it('repeats a run from its seed, and every charge is made once all the same', async () => {
    const run = async (): Promise<{ statuses: number[][]; ledger: object }> => {
      const gateway = await openTestGateway({ seed: 3, errorRate: 0.6, declineRate: 0.2 });
      const statuses = keys.slice(0, 60).map(async (key) => {
        const body = createCharge(`order-of-${key}`, 100);
        const seen: number[] = [];
        do seen.push((await post(gateway, '/charges', key, body)).status);
        while ((seen.at(-1) ?? 0) >= 500);
        return seen;
      });
      return { statuses: await Promise.all(statuses), ledger: gateway.ledger() };
    };
    const first = await run();
    expect(await run()).toEqual(first);
    const captured = first.statuses.filter((seen) => seen.at(-1) === 201).length;
    expect(captured).toBeLessThan(60);
    expect(first.ledger).toMatchObject({ charges: captured, capturedMinor: captured * 100 });
    expect(first.ledger).toHaveProperty(
      'replays',
      expect.toSatisfy((count) => count > 5),
    );
    expect(first.ledger).toHaveProperty('doubleCharges', 0);
  });

  it('hides a success, or prevents it, and tells which only to those who ask', async () => {
    const options = { errorRate: 1, seed: 5 };
    const faults = createFaults({ ...noFaults, ...options });
    const gateway = await openTestGateway(options);
    const found = { before: '', after: '' };
    for (const key of keys) {
      const { fault } = faults.plan(key, 1);
      if (fault.kind === 'error') found[fault.moment] = key;
    }
    for (const [moment, status] of [
      ['before', 404],
      ['after', 200],
    ] as const) {
      const body = createCharge(`order-${moment}`, 100);
      const reply = await post(gateway, '/charges', found[moment], body);
      expect(reply.status).toBeGreaterThanOrEqual(500);
      expect((await get(gateway, `/operations/${found[moment]}`)).status).toBe(status);
      const answer = await postUntilAnswered(gateway, '/charges', found[moment], body);
      expect(answer.status).toBe(201);
    }
    expect(gateway.ledger()).toMatchObject({ charges: 2, capturedMinor: 200 });
  });

  it('counts arrivals that are on their way together, each for itself', async () => {
    const gateway = await openTestGateway({ errorRate: 1 });
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        post(gateway, '/charges', 'k1', createCharge('order-1', 100)),
      ),
    );
    expect(replies.filter((reply) => reply.status === 201)).toHaveLength(2);
    expect(gateway.ledger()).toMatchObject({ charges: 1, requests: 8, faults: 6 });
  });

  it('loses a reply, answers the retry, and ends the silence when it closes', async () => {
    const gateway = await openTestGateway({ lostRate: 1 });
    let settled = 0;
    const lost = [1, 2, 3].map(() => {
      const reply = post(gateway, '/charges', 'k1', createCharge('order-1', 100));
      return reply.finally(() => {
        settled += 1;
      });
    });
    const silent = Promise.allSettled(lost);
    await untilFaults(gateway, 3);
    const answer = await post(gateway, '/charges', 'k1', createCharge('order-1', 100));
    expect(answer.status).toBe(201);
    expect(gateway.ledger()).toMatchObject({ charges: 1, requests: 4, faults: 3 });
    expect(settled).toBe(0);
    await gateway.close();
    expect((await silent).map((each) => each.status)).toEqual(Array(3).fill('rejected'));
  });

  it('delays a request before or after it takes effect, and closes without waiting', async () => {
    const db = createLedgerPath();
    const options = { latencyMs: { min: 500_000, max: 600_000 } };
    const faults = createFaults({ ...noFaults, ...options });
    const early = keys.find((key) => faults.plan(key, 1).delayBeforeMs > 0) ?? '';
    const late = keys.find((key) => faults.plan(key, 1).delayAfterMs > 0) ?? '';
    const slow = await openTestGateway({ db, ...options });
    const replies = Promise.allSettled(
      [early, late].map((key) => post(slow, '/charges', key, createCharge(key, 100))),
    );
    while (slow.ledger().charges < 1) await get(slow, '/health');
    await slow.close();
    expect((await replies).map((each) => each.status)).toEqual(['rejected', 'rejected']);

    const quick = await openTestGateway({ db });
    expect((await get(quick, `/operations/${early}`)).status).toBe(404);
    expect((await get(quick, `/operations/${late}`)).body).toMatchObject({ state: 'done' });
  });

  it('goes on counting the arrivals of a key after it was closed and opened', async () => {
    const db = createLedgerPath();
    const statuses: number[] = [];
    for (let arrival = 1; arrival <= 5; arrival += 1) {
      const gateway = await openTestGateway({ db, errorRate: 1 });
      const reply = await post(gateway, '/charges', 'k1', createCharge('order-1', 100));
      statuses.push(reply.status < 500 ? reply.status : 500);
      await gateway.close();
    }
    expect(statuses).toEqual([500, 500, 500, 201, 500]);
  });
});

/** Each look is a round trip, so the gateway gets to work in between. */
async function untilFaults(
  gateway: Awaited<ReturnType<typeof openTestGateway>>,
  count: number,
): Promise<void> {
  while (gateway.ledger().faults < count) await get(gateway, '/health');
}
