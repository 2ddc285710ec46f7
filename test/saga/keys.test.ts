// Keys: one epoch as long as a call may have happened, the next one only when it surely holds nothing.

import { describe, expect, it } from 'vitest';
import { CALLS, createOrder } from './order-saga.ts';
import { SagaWorld } from './saga-world.ts';

const holding = createOrder({ onFailure: 'hold' });

describe('the epoch of a step', () => {
  it('stays after unknown, so that a RETRY of a charge cannot pay twice', async () => {
    await using s = new SagaWorld(holding, CALLS);
    await s.start();
    await s.fail('pay');
    expect(await s.value()).toBe('held');
    expect(await s.send({ type: 'RETRY' })).toBe('accepted');
    await s.fail('pay');
    await s.send({ type: 'RETRY' });
    expect(s.keys('pay')).toEqual(['pay/1', 'pay/1', 'pay/1']);
    expect(s.on('pay').last.input).toEqual(s.on('pay').call(1).input);
  });

  it('rises after a definite rejection', async () => {
    await using s = new SagaWorld(holding, CALLS);
    await s.start();
    await s.reject('pay');
    await s.send({ type: 'RETRY' });
    await s.reject('pay');
    await s.send({ type: 'RETRY' });
    expect(s.keys('pay')).toEqual(['pay/1', 'pay/2', 'pay/3']);
  });

  it('stays after a rejection that follows a doubt (F28c)', async () => {
    await using s = new SagaWorld(holding, CALLS);
    await s.start();
    await s.fail('pay');
    await s.send({ type: 'RETRY' });
    await s.reject('pay');
    expect((await s.actor.snapshot()).context).toMatchObject({
      steps: { pay: { outcome: 'unknown' } },
    });
    await s.send({ type: 'RETRY' });
    expect(s.keys('pay')).toEqual(['pay/1', 'pay/1', 'pay/1']);
  });

  it('is doubted when a rejection follows an attempt that timed out (F28c)', async () => {
    const slow = { timeout: '1s', retry: { attempts: 2, jitter: false } } as const;
    await using s = new SagaWorld(createOrder({}, slow), CALLS);
    await s.start();
    await s.advance(1_500);
    expect(s.on('pay').calls).toHaveLength(2);
    await s.reject('pay');
    expect(await s.value()).toEqual({ compensating: 'pay' });
    expect(s.on('pay.compensate').last.input).toMatchObject({ undoes: { outcome: 'unknown' } });
  });
});

describe('RETRY with another input', () => {
  it('is taken after a rejection, and kept for later tries', async () => {
    await using s = new SagaWorld(holding, CALLS);
    await s.start({ pence: 1 });
    await s.reject('pay');
    expect(await s.send({ type: 'RETRY', input: { card: 'other' } })).toBe('accepted');
    expect(s.on('pay').last).toMatchObject({ input: { card: 'other' }, key: 's:pay/2' });
    await s.reject('pay');
    await s.send({ type: 'RETRY' });
    expect(s.on('pay').last).toMatchObject({ input: { card: 'other' }, key: 's:pay/3' });
  });

  it('is refused after unknown, as it would be another charge under the same key', async () => {
    await using s = new SagaWorld(holding, CALLS);
    await s.start();
    await s.fail('pay');
    expect(await s.send({ type: 'RETRY', input: { card: 'other' } })).toBe('rejected');
    expect(s.on('pay').calls).toHaveLength(1);
    expect(await s.value()).toBe('held');
  });
});
