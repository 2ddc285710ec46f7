// A saga that holds: it waits for people where it failed.

import { describe, expect, it } from 'vitest';
import { CALLS, createOrder } from './order-saga.ts';
import { SagaWorld } from './saga-world.ts';

const order = createOrder({ onFailure: 'hold' });

async function hold(s: SagaWorld): Promise<void> {
  await s.start();
  await s.done('pay', 'charge-1');
  await s.reject('reserve');
  expect(await s.value()).toBe('held');
}

describe('a held saga', () => {
  it('goes on at the failed step with RETRY', async () => {
    await using s = new SagaWorld(order, CALLS);
    await hold(s);
    await s.send({ type: 'RETRY' });
    expect(await s.value()).toEqual({ fulfilling: 'reserve' });
    await s.done('reserve');
    await s.done('ship');
    expect(await s.actor.result()).toMatchObject({ status: 'completed', failure: null });
    expect(s.on('pay').calls).toHaveLength(1);
  });

  it('waits as long as it takes, over a restart', async () => {
    await using s = new SagaWorld(order, CALLS);
    await hold(s);
    await s.advance(30 * 86_400_000);
    await s.world.restart('abandon');
    expect(await s.value()).toBe('held');
  });

  it('turns back with COMPENSATE, for the reason it had', async () => {
    await using s = new SagaWorld(order, CALLS);
    await hold(s);
    await s.send({ type: 'COMPENSATE' });
    await s.done('pay.compensate');
    expect(await s.actor.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'reserve', code: 'NO' },
    });
  });

  it('turns back with CANCEL, because it was cancelled', async () => {
    await using s = new SagaWorld(order, CALLS);
    await hold(s);
    await s.send({ type: 'CANCEL' });
    await s.done('pay.compensate');
    expect(await s.actor.result()).toMatchObject({ failure: { step: 'cancel' } });
  });

  it('takes nothing else', async () => {
    await using s = new SagaWorld(order, CALLS);
    await hold(s);
    expect(await s.send({ type: 'RESOLVE', by: 'ann', why: 'x' })).toBe('rejected');
  });

  it('that is cancelled while a call runs is not held', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    await s.reject('pay');
    expect(await s.status()).toBe('compensated');
  });
});
