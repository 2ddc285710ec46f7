// CANCEL: stops what runs, waits for it a while, and undoes; it races the saga's end in one order.

import { describe, expect, it } from 'vitest';
import { CALLS, createOrder } from './order-saga.ts';
import { SagaWorld } from './saga-world.ts';

const order = createOrder();

describe('CANCEL', () => {
  it('stops the running call and undoes it with all before it, saying why', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.done('pay', 'charge-1');
    await s.send({ type: 'CANCEL', reason: 'too late' });
    expect(s.on('reserve').last.signal.aborted).toBe(true);
    expect(await s.value()).toBe('stopping');
    await s.fail('reserve');
    expect(s.on('reserve.compensate').last.input).toMatchObject({ undoes: { outcome: 'unknown' } });
    await s.done('reserve.compensate');
    await s.done('pay.compensate');
    expect(await s.actor.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'cancel', code: 'CANCELLED', message: 'too late' },
      results: {},
    });
  });

  it('does not undo a stopped call that is heard to be rejected', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.done('pay');
    await s.send({ type: 'CANCEL' });
    await s.reject('reserve');
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
    expect(s.on('reserve.compensate').calls).toHaveLength(0);
  });

  it('is refused a second time, and at every later moment', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    expect(await s.send({ type: 'CANCEL' })).toBe('accepted');
    expect(await s.send({ type: 'CANCEL' })).toBe('rejected');
    await s.fail('pay');
    expect(await s.send({ type: 'CANCEL' })).toBe('rejected');
    await s.done('pay.compensate');
    for (const type of ['CANCEL', 'RETRY', 'COMPENSATE', 'RESOLVE']) {
      expect(await s.send({ type, by: 'ann', why: 'x' })).toBe('rejected');
    }
  });

  it('loses against a completion that is in the mailbox before it (F27)', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.done('pay');
    await s.done('reserve');
    s.on('ship').last.resolve(null);
    const release = s.world.store.hold();
    await s.settle();
    const sent = s.actor.send({ type: 'CANCEL' });
    release();
    expect(await sent).toMatchObject({ status: 'rejected' });
    expect(await s.status()).toBe('completed');
    expect(s.on('pay.compensate').calls).toHaveLength(0);
  });

  it('wins against a completion that comes behind it (F27)', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.done('pay');
    await s.done('reserve');
    const release = s.world.store.hold();
    const sent = s.actor.send({ type: 'CANCEL' });
    await s.settle();
    s.on('ship').last.resolve(null);
    release();
    expect(await sent).toMatchObject({ status: 'accepted' });
    await s.settle();
    await s.done('reserve.compensate');
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
    expect(await s.world.deadLetters()).toEqual([]);
  });

  it('leaves a call of an earlier process unheard, waits for it, and undoes it', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    await s.world.restart('abandon');
    await s.advance(15_000);
    expect(s.on('pay.compensate').last.input).toMatchObject({ undoes: { outcome: 'unknown' } });
    await s.done('pay.compensate');
    expect(await s.value()).toBe('settling');
    await s.advance(30_000);
    expect(await s.status()).toBe('compensated');
  });
});
