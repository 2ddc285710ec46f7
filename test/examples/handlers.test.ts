// The handlers of the order run against a real gateway: what is a definite no, what leaves it open
// whether something happened, and what they find out about it afterwards.

import type { HandlerArgs, Reconciled } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { createHandlers, type GatewayHandlers } from '../../examples/orders/handlers.ts';
import { openTestGateway } from './gateway-client.ts';

const chargeInput = { epoch: 1, orderId: 'order-1', amountMinor: 1_999, currency: 'GBP' };

type Args<Input> = HandlerArgs<Input>;

function call<Input, Output>(
  handler: { readonly run: (args: Args<Input>) => Promise<Output> },
  key: string,
  input: Input,
  signal: AbortSignal = new AbortController().signal,
): Promise<Output> {
  const actorId = 'saga-1' as Args<Input>['actorId'];
  return handler.run({ input, key, attempt: 1, signal, actorId });
}

function askFor(handlers: GatewayHandlers, key: string): Promise<Reconciled<unknown>> {
  const { signal } = new AbortController();
  const actorId = 'saga-1' as Args<unknown>['actorId'];
  const asked = handlers.chargeCard.reconcile?.({ input: chargeInput, key, signal, actorId });
  return asked ?? Promise.reject(new Error('expected a reconcile'));
}

const rejected = (code: string): object => ({ name: 'Rejected', code });

describe('the handlers', () => {
  it('charge, void, reserve, release and refund, once per key', async () => {
    const gateway = await openTestGateway();
    const handlers = createHandlers(gateway.url);
    const items = [{ sku: '85123A', quantity: 6 }];
    const reserveInput = { epoch: 1, orderId: 'order-1', items };
    for (let time = 1; time <= 2; time += 1) {
      expect(await call(handlers.chargeCard, 'saga-1:payment/1', chargeInput)).toEqual({
        chargeId: expect.stringMatching(/^ch_/),
        amountMinor: 1_999,
        currency: 'GBP',
      });
      const reserved = await call(handlers.reserveStock, 'saga-1:inventory/1', reserveInput);
      expect(reserved).toEqual({ reservationId: expect.stringMatching(/^rs_/) });
    }
    const refundInput = { refundId: 'r-1', chargeKey: 'saga-1:payment/1', amountMinor: 500 };
    expect(await call(handlers.refundPayment, 'saga-2:refund', refundInput)).toEqual({
      paymentId: expect.stringMatching(/^re_/),
      amountMinor: 500,
    });
    const undoesCharge = { key: 'saga-1:payment/1', input: chargeInput, outcome: 'done' } as const;
    const voidInput = { epoch: 1, count: 1, undoes: undoesCharge };
    expect(await call(handlers.voidCharge, 'saga-1:payment.undo/1/1', voidInput)).toEqual({
      refundedMinor: 1_499,
    });
    const undoesGoods = {
      key: 'saga-1:inventory/1',
      input: reserveInput,
      outcome: 'done',
    } as const;
    const releaseInput = { epoch: 1, count: 1, undoes: undoesGoods };
    expect(await call(handlers.releaseStock, 'saga-1:inventory.undo/1/1', releaseInput)).toEqual({
      status: 'released',
    });
    expect(gateway.ledger()).toMatchObject({
      charges: 1,
      reservations: 1,
      heldMinor: 0,
      stock: { reserved: 0 },
    });
  });

  it('take a refusal by a rule of money or stock for a definite no', async () => {
    const declining = createHandlers((await openTestGateway({ declineRate: 1 })).url);
    await expect(call(declining.chargeCard, 'k1', chargeInput)).rejects.toMatchObject(
      rejected('CARD_DECLINED'),
    );
    const empty = createHandlers((await openTestGateway({ outOfStockRate: 1 })).url);
    const items = [{ sku: '85123A', quantity: 4 }];
    const reserveInput = { epoch: 1, orderId: 'order-1', items };
    await expect(call(empty.reserveStock, 'k2', reserveInput)).rejects.toMatchObject({
      ...rejected('OUT_OF_STOCK'),
      details: { sku: '85123A', wanted: 4, status: 422 },
    });
    const refundInput = { refundId: 'r-1', chargeKey: 'nobody', amountMinor: 1 };
    await expect(call(empty.refundPayment, 'k3', refundInput)).rejects.toMatchObject(
      rejected('CHARGE_UNKNOWN'),
    );
  });

  it('take a charge whose void came first for a definite no', async () => {
    const handlers = createHandlers((await openTestGateway()).url);
    const undoes = { key: 'saga-1:payment/1', input: chargeInput, outcome: 'unknown' } as const;
    const voidInput = { epoch: 1, count: 1, undoes };
    expect(await call(handlers.voidCharge, 'saga-1:payment.undo/1/1', voidInput)).toEqual({
      refundedMinor: 0,
    });
    await expect(call(handlers.chargeCard, 'saga-1:payment/1', chargeInput)).rejects.toMatchObject(
      rejected('CHARGE_VOIDED'),
    );
  });

  it('take a fault, a lost reply, a reused key and no gateway for no answer at all', async () => {
    const faulty = createHandlers((await openTestGateway({ errorRate: 1 })).url);
    await expect(call(faulty.chargeCard, 'k1', chargeInput)).rejects.toThrow(/got 50\d/);

    const silent = createHandlers((await openTestGateway({ lostRate: 1 })).url);
    const lost = call(silent.chargeCard, 'k2', chargeInput, AbortSignal.timeout(100));
    await expect(lost).rejects.toMatchObject({ name: 'TimeoutError' });

    const gateway = await openTestGateway();
    const handlers = createHandlers(gateway.url);
    await call(handlers.chargeCard, 'k3', chargeInput);
    const other = call(handlers.chargeCard, 'k3', { ...chargeInput, amountMinor: 1 });
    await expect(other).rejects.toMatchObject({ name: 'Error' });

    await gateway.close();
    const unheard = call(handlers.chargeCard, 'k4', chargeInput);
    await expect(unheard).rejects.toMatchObject({ name: 'TypeError' });
  });
});

describe('asked what became of a call, the handlers', () => {
  it('know what was done, what was refused, and that the rest may still come', async () => {
    const declining = createHandlers((await openTestGateway({ declineRate: 1 })).url);
    await call(declining.chargeCard, 'k1', chargeInput).catch(() => undefined);
    expect(await askFor(declining, 'k1')).toBe('absent');

    const handlers = createHandlers((await openTestGateway()).url);
    expect(await askFor(handlers, 'saga-1:payment/1')).toBe('unknown');
    const done = await call(handlers.chargeCard, 'saga-1:payment/1', chargeInput);
    expect(await askFor(handlers, 'saga-1:payment/1')).toEqual({ done });

    const undoes = { key: 'k2', input: chargeInput, outcome: 'unknown' } as const;
    await call(handlers.voidCharge, 'k2.undo', { epoch: 1, count: 1, undoes });
    expect(await askFor(handlers, 'k2')).toBe('absent');
  });

  it('find a charge whose reply was lost or spoilt', async () => {
    const gateway = await openTestGateway({ errorRate: 1, seed: 4 });
    const handlers = createHandlers(gateway.url);
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await Promise.allSettled(keys.map((key) => call(handlers.chargeCard, key, chargeInput)));
    const found = await Promise.all(keys.map((key) => askFor(handlers, key)));
    const done = found.filter((answer) => typeof answer === 'object');
    expect(done).toHaveLength(gateway.ledger().charges);
    expect(done.length).toBeGreaterThan(0);
    expect(found.filter((answer) => answer === 'unknown')).toHaveLength(20 - done.length);
  });
});
