// What the gateway promises about money, stock and idempotency keys, asked over real HTTP. The
// faults, crashes and random runs have files of their own beside this one.

import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openGateway } from '../../examples/gateway/gateway.ts';
import { createCharge, createLedgerPath, get, openTestGateway, post } from './gateway-client.ts';

describe('an idempotency key', () => {
  it('answers the same request with the stored reply and takes the money once', async () => {
    const gateway = await openTestGateway();
    const first = await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    const again = await post(gateway, '/charges', 'k1', {
      currency: 'GBP',
      amountMinor: 500,
      orderId: 'order-1',
    });
    expect(first).toMatchObject({
      status: 201,
      replayed: false,
      body: {
        key: 'k1',
        orderId: 'order-1',
        amountMinor: 500,
        currency: 'GBP',
        status: 'captured',
      },
    });
    expect(again).toEqual({ ...first, replayed: true });
    expect(gateway.ledger()).toMatchObject({ capturedMinor: 500, requests: 2, replays: 1 });
  });

  it('refuses another body or another path, and changes nothing', async () => {
    const gateway = await openTestGateway();
    await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    const otherBody = await post(gateway, '/charges', 'k1', createCharge('order-1', 501));
    const otherPath = await post(gateway, '/voids', 'k1', { chargeKey: 'k1' });
    for (const reply of [otherBody, otherPath]) {
      expect(reply).toMatchObject({ status: 409, body: { error: { code: 'KEY_REUSED' } } });
    }
    expect(gateway.ledger()).toMatchObject({ heldMinor: 500, conflicts: 2, charges: 1 });
    const report = await get(gateway, '/ledger/keys/k1');
    expect(report.body).toMatchObject({ arrivals: 3, applied: 1, distinctBodies: 3, conflicts: 2 });
  });

  it('keeps a refusal as it keeps a success', async () => {
    const gateway = await openTestGateway({ declineRate: 1 });
    const first = await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    const again = await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    expect(first).toMatchObject({ status: 402, body: { error: { code: 'CARD_DECLINED' } } });
    expect(again).toEqual({ ...first, replayed: true });
    const report = await get(gateway, '/operations/k1');
    expect(report.body).toMatchObject({ path: '/charges', state: 'rejected', status: 402 });
    expect(gateway.ledger()).toMatchObject({ charges: 0, declined: 1, capturedMinor: 0 });
  });

  it('is applied once when a thousand requests carry it at the same time', async () => {
    const gateway = await openTestGateway();
    const body = createCharge('order-1', 500);
    const replies = await Promise.all(
      Array.from({ length: 1000 }, () => post(gateway, '/charges', 'k1', body)),
    );
    expect(replies.filter((reply) => !reply.replayed)).toHaveLength(1);
    expect(new Set(replies.map((reply) => JSON.stringify(reply.body))).size).toBe(1);
    expect(gateway.ledger()).toMatchObject({ capturedMinor: 500, requests: 1000, replays: 999 });
  });

  it('may hold slashes, percent signs and spaces, and is found by them', async () => {
    const gateway = await openTestGateway();
    const key = 'order-1/payment 100%/charge?#1';
    const made = await post(gateway, '/charges', key, createCharge('order-1', 500));
    const report = await get(gateway, `/operations/${encodeURIComponent(key)}`);
    expect(report.body).toEqual({
      key,
      path: '/charges',
      state: 'done',
      status: 201,
      reply: made.body,
    });
    const longest = '%'.repeat(200);
    expect(await get(gateway, `/operations/${encodeURIComponent(longest)}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'OPERATION_UNKNOWN' } },
    });
  });
});

describe('a void', () => {
  it('that comes before its charge keeps the charge from ever being made', async () => {
    const gateway = await openTestGateway();
    const early = await post(gateway, '/voids', 'v1', { chargeKey: 'k1' });
    expect(early).toMatchObject({ status: 200, body: { status: 'blocked', refundedMinor: 0 } });
    const sealed = await get(gateway, '/operations/k1');
    expect(sealed.body).toMatchObject({
      key: 'k1',
      path: '/charges',
      state: 'sealed',
      status: 409,
    });

    const late = await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    expect(late).toMatchObject({ status: 409, body: { error: { code: 'CHARGE_VOIDED' } } });
    const second = await post(gateway, '/voids', 'v2', { chargeKey: 'k1' });
    expect(second.body).toMatchObject({ status: 'blocked', refundedMinor: 0 });
    expect(gateway.ledger()).toMatchObject({ capturedMinor: 0, charges: 0, voids: 2 });
    // Only that key is refused: the order may be charged under another.
    const other = await post(gateway, '/charges', 'k2', createCharge('order-1', 500));
    expect(other.status).toBe(201);
  });

  it('gives back what is still held, and a second one nothing', async () => {
    const gateway = await openTestGateway();
    await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    await post(gateway, '/refunds', 'r1', { chargeKey: 'k1', amountMinor: 120 });
    const first = await post(gateway, '/voids', 'v1', { chargeKey: 'k1' });
    const second = await post(gateway, '/voids', 'v2', { chargeKey: 'k1' });
    expect(first.body).toEqual({ chargeKey: 'k1', status: 'voided', refundedMinor: 380 });
    expect(second.body).toEqual({ chargeKey: 'k1', status: 'voided', refundedMinor: 0 });
    expect(gateway.ledger()).toMatchObject({ refundedMinor: 500, heldMinor: 0, voids: 2 });
  });

  it('of a declined charge gives nothing back', async () => {
    const gateway = await openTestGateway({ declineRate: 1 });
    await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    const reply = await post(gateway, '/voids', 'v1', { chargeKey: 'k1' });
    expect(reply.body).toEqual({ chargeKey: 'k1', status: 'voided', refundedMinor: 0 });
  });
});

describe('a refund', () => {
  it('is made in parts up to the last penny of the charge, and not one further', async () => {
    const gateway = await openTestGateway();
    await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    const part = (key: string, amountMinor: number): ReturnType<typeof post> =>
      post(gateway, '/refunds', key, { chargeKey: 'k1', amountMinor });
    expect(await part('r1', 499)).toMatchObject({ status: 201, body: { status: 'refunded' } });
    expect(await part('r2', 2)).toMatchObject({
      status: 422,
      body: { error: { code: 'REFUND_EXCEEDS_CHARGE', heldMinor: 1 } },
    });
    expect(await part('r3', 1)).toMatchObject({ status: 201, body: { amountMinor: 1 } });
    expect(await part('r4', 1)).toMatchObject({ status: 422 });
    expect(gateway.ledger()).toMatchObject({ refundedMinor: 500, heldMinor: 0, refunds: 2 });
  });

  it('of an unknown charge is refused, also when the charge is made later', async () => {
    const gateway = await openTestGateway();
    const body = { chargeKey: 'k1', amountMinor: 1 };
    const first = await post(gateway, '/refunds', 'r1', body);
    expect(first).toMatchObject({ status: 404, body: { error: { code: 'CHARGE_UNKNOWN' } } });
    await post(gateway, '/charges', 'k1', createCharge('order-1', 500));
    expect(await post(gateway, '/refunds', 'r1', body)).toEqual({ ...first, replayed: true });
    expect(gateway.ledger().heldMinor).toBe(500);
  });
});

describe('a reservation', () => {
  it('takes all of its items or none', async () => {
    const gateway = await openTestGateway();
    const reply = await post(gateway, '/reservations', 'k1', {
      orderId: 'order-1',
      items: [
        { sku: 'A', quantity: 10 },
        { sku: 'B', quantity: 600_000 },
        { sku: 'B', quantity: 400_001 },
      ],
    });
    expect(reply).toMatchObject({
      status: 422,
      body: { error: { code: 'OUT_OF_STOCK', sku: 'B', wanted: 1_000_001, available: 1_000_000 } },
    });
    expect(gateway.ledger().stock).toEqual({ initial: 2e6, available: 2e6, reserved: 0 });
  });

  it('gives its items back at the first release, once', async () => {
    const gateway = await openTestGateway();
    const items = [{ sku: 'A', quantity: 10 }];
    const made = await post(gateway, '/reservations', 'k1', { orderId: 'order-1', items });
    expect(made).toMatchObject({ status: 201, body: { key: 'k1', items, status: 'reserved' } });
    expect(gateway.ledger().stock.reserved).toBe(10);
    for (const key of ['f1', 'f2']) {
      const reply = await post(gateway, '/releases', key, { reservationKey: 'k1' });
      expect(reply.body).toEqual({ reservationKey: 'k1', status: 'released' });
    }
    expect(gateway.ledger().stock).toEqual({ initial: 1e6, available: 1e6, reserved: 0 });
  });

  it('that comes after its release is refused for ever', async () => {
    const gateway = await openTestGateway();
    const early = await post(gateway, '/releases', 'f1', { reservationKey: 'k1' });
    expect(early.body).toEqual({ reservationKey: 'k1', status: 'blocked' });
    const late = await post(gateway, '/reservations', 'k1', {
      orderId: 'order-1',
      items: [{ sku: 'A', quantity: 1 }],
    });
    expect(late).toMatchObject({ status: 409, body: { error: { code: 'RESERVATION_RELEASED' } } });
    expect(gateway.ledger().stock.reserved).toBe(0);
    expect((await get(gateway, '/operations/k1')).body).toMatchObject({ state: 'sealed' });
  });

  it('may hold 700 items, and a body over 1 MB is refused', async () => {
    const gateway = await openTestGateway();
    const reserve = (key: string, count: number): ReturnType<typeof post> => {
      const items = Array.from({ length: count }, (_, sku) => ({ sku: `sku-${sku}`, quantity: 1 }));
      return post(gateway, '/reservations', key, { orderId: 'order-1', items });
    };
    expect((await reserve('k1', 700)).status).toBe(201);
    expect((await reserve('k2', 40_000)).status).toBe(413);
    expect(gateway.ledger()).toMatchObject({ requests: 1, stock: { reserved: 700 } });
  });
});

describe('the ledger', () => {
  it('says that it is well, and for which process', async () => {
    const gateway = await openTestGateway();
    expect(await get(gateway, '/health')).toMatchObject({
      status: 200,
      body: { status: 'ok', pid: process.pid, commits: 0 },
    });
    expect((await get(gateway, '/elsewhere')).status).toBe(404);
    expect((await get(gateway, '/ledger/orders?limit=0')).status).toBe(400);
  });

  it('pages through its orders with their charges and reservations', async () => {
    const gateway = await openTestGateway();
    await post(gateway, '/charges', 'c1', createCharge('order-1', 500));
    await post(gateway, '/charges', 'c2', createCharge('order-2', 700));
    const items = [{ sku: 'A', quantity: 2 }];
    await post(gateway, '/reservations', 's2', { orderId: 'order-2', items });
    await post(gateway, '/refunds', 'r2', { chargeKey: 'c2', amountMinor: 50 });
    const first = await get(gateway, '/ledger/orders?limit=1');
    expect(first.body).toMatchObject({ orders: [{ orderId: 'order-1' }], next: 'order-1' });
    const second = await get(gateway, '/ledger/orders?limit=1&after=order-1');
    expect(second.body).toEqual({
      orders: [
        {
          orderId: 'order-2',
          capturedMinor: 700,
          refundedMinor: 50,
          charges: [{ key: 'c2', amountMinor: 700, refundedMinor: 50, status: 'captured' }],
          reservations: [{ key: 's2', status: 'reserved', items }],
        },
      ],
      next: null,
    });
  });

  it('counts an order that is charged twice until one charge is wholly given back', async () => {
    const gateway = await openTestGateway();
    await post(gateway, '/charges', 'c1', createCharge('order-1', 500));
    expect(gateway.ledger().doubleCharges).toBe(0);
    await post(gateway, '/charges', 'c2', createCharge('order-1', 500));
    await post(gateway, '/refunds', 'r1', { chargeKey: 'c1', amountMinor: 499 });
    expect(gateway.ledger().doubleCharges).toBe(1);
    await post(gateway, '/refunds', 'r2', { chargeKey: 'c1', amountMinor: 1 });
    expect(gateway.ledger().doubleCharges).toBe(0);
  });

  it('is refused where a commit would not last, and where the file is something else', async () => {
    await expect(openGateway({ db: ':memory:' })).rejects.toThrow('LEDGER_NOT_DURABLE');
    const db = createLedgerPath();
    new Database(db).exec('CREATE TABLE other (id INTEGER)').close();
    await expect(openGateway({ db })).rejects.toThrow('LEDGER_FOREIGN');
    const text = createLedgerPath();
    writeFileSync(text, 'some text that is no database, and long enough to be looked at');
    await expect(openGateway({ db: text })).rejects.toThrow('LEDGER_FOREIGN');
    await expect(openGateway({ db: join(text, 'ledger.db') })).rejects.toThrow('LEDGER_NOT_OPENED');
  });

  it('notices rows that were changed behind its back, as far as SQLite lets them change', async () => {
    const db = createLedgerPath();
    const gateway = await openTestGateway({ db });
    await post(gateway, '/charges', 'c1', createCharge('order-1', 500));
    await post(gateway, '/refunds', 'r1', { chargeKey: 'c1', amountMinor: 100 });
    const intruder = new Database(db);
    const overpay = 'UPDATE charges SET refunded_minor = captured_minor + 1';
    expect(() => intruder.exec(overpay)).toThrow('CHECK constraint failed');
    intruder.exec('UPDATE charges SET refunded_minor = 50');
    intruder.close();
    expect(() => gateway.ledger()).toThrow('LEDGER_INVARIANT');
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => stderr.mockRestore());
    // The next operation on that charge fails as a whole: nothing is built on a wrong row.
    const next = await post(gateway, '/refunds', 'r2', { chargeKey: 'c1', amountMinor: 10 });
    expect(next).toMatchObject({ status: 500, body: { error: { code: 'LEDGER_INVARIANT' } } });
    expect(stderr).toHaveBeenCalledWith(expect.stringContaining('LEDGER_INVARIANT'));
    expect((await get(gateway, '/operations/r2')).status).toBe(404);
  });
});

describe('malformed input', () => {
  const charge = { orderId: 'order-1', amountMinor: 500, currency: 'GBP' };
  const cases: readonly (readonly [path: string, where: string, body: unknown])[] = [
    ['/charges', '/amountMinor', { ...charge, amountMinor: -1 }],
    ['/charges', '/amountMinor', { ...charge, amountMinor: 0 }],
    ['/charges', '/amountMinor', { ...charge, amountMinor: 1.5 }],
    ['/charges', '/amountMinor', { ...charge, amountMinor: '500' }],
    ['/charges', '/amountMinor', { ...charge, amountMinor: 2 ** 53 }],
    ['/charges', '/amountMinor', { ...charge, amountMinor: null }],
    ['/charges', '/currency', { ...charge, currency: 'pounds' }],
    ['/charges', '/orderId', { ...charge, orderId: '' }],
    ['/charges', '/orderId', { ...charge, orderId: 'a\u0000b' }],
    ['/charges', '/orderId', { ...charge, orderId: '\ud800' }],
    ['/charges', '/orderId', { amountMinor: 1, currency: 'GBP' }],
    ['/charges', '/tip', { ...charge, tip: 1 }],
    ['/charges', '/', [charge]],
    ['/charges', '/', '{"orderId":'],
    ['/charges', '/', '{"orderId":"a","amountMinor":1,"currency":"GBP","__proto__":{}}'],
    ['/voids', '/chargeKey', { chargeKey: 'a\nb' }],
    ['/refunds', '/amountMinor', { chargeKey: 'k', amountMinor: 0.1 }],
    ['/reservations', '/items', { orderId: 'order-1', items: {} }],
    ['/reservations', '/items/1/quantity', { orderId: 'o', items: [item(1), item(-1)] }],
    ['/reservations', '/items/0/size', { orderId: 'o', items: [{ ...item(1), size: 'L' }] }],
    ['/releases', '/reservationKey', {}],
  ];

  it('is refused with the path of the wrong value, and leaves no trace', async () => {
    const gateway = await openTestGateway();
    for (const [path, where, body] of cases) {
      const reply = await post(gateway, path, 'k1', body);
      const expected = { status: 400, body: { error: { code: 'INVALID_REQUEST', path: where } } };
      expect(reply, `${path} ${JSON.stringify(body)}`).toMatchObject(expected);
    }
    expect(gateway.ledger()).toMatchObject({ requests: 0, stock: { initial: 0 } });
    expect((await post(gateway, '/charges', 'k1', charge)).status).toBe(201);
  });

  it('includes a key that is missing, empty, doubled, too long or not ASCII', async () => {
    const gateway = await openTestGateway();
    for (const keys of [[], [''], ['a', 'b'], ['x'.repeat(201)], ['caf\u00e9']]) {
      const reply = await postWithKeys(`${gateway.url}/charges`, keys, JSON.stringify(charge));
      expect(reply, JSON.stringify(keys)).toMatch(/^400 .*"path":"Idempotency-Key"/);
      expect(reply).toContain('1..200 printable ASCII');
    }
    expect(gateway.ledger().requests).toBe(0);
  });
});

function item(quantity: number): object {
  return { sku: 'A', quantity };
}

/** fetch joins and checks headers; this sends them as they are. */
function postWithKeys(url: string, keys: readonly string[], body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': [...keys] };
    const sent = request(url, { method: 'POST', headers }, (response) => {
      let text = `${response.statusCode} `;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
