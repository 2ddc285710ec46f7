// The waits for calls that were stopped: before their undo, and before the end.

import { describe, expect, it } from 'vitest';
import { CALLS, createOrder } from './order-saga.ts';
import { SagaWorld } from './saga-world.ts';

const order = createOrder({ stopWait: '2s', settleWait: '3s' });

describe('waiting for a stopped call', () => {
  it('ends with its first news', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    await s.advance(1_999);
    expect(await s.value()).toBe('stopping');
    await s.fail('pay');
    expect(await s.value()).toEqual({ compensating: 'pay' });
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });

  it('ends after stopWait, and again after settleWait', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    await s.advance(2_000);
    await s.done('pay.compensate');
    await s.advance(2_999);
    expect(await s.value()).toBe('settling');
    await s.advance(1);
    expect(await s.status()).toBe('compensated');
  });

  it('ends at once when the call turns out to have been rejected', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    await s.advance(2_000);
    await s.done('pay.compensate');
    await s.reject('pay');
    expect(await s.status()).toBe('compensated');
    expect(s.on('pay.compensate').calls).toHaveLength(1);
  });

  it('is not needed when nothing was stopped', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.reject('pay');
    expect(await s.status()).toBe('compensated');
  });

  it('goes on over a restart', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    await s.advance(2_000);
    await s.done('pay.compensate');
    await s.world.restart('abandon');
    await s.advance(3_000);
    expect(await s.status()).toBe('compensated');
  });
});
