// The pivot: refused, the saga turns back; done or in doubt, it only goes forward.

import { effect, saga } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { CAPTURE_CALLS, createCapture } from './order-saga.ts';
import { SagaWorld } from './saga-world.ts';

const capture = createCapture();

describe('a pivot', () => {
  it('that is rejected turns the saga back', async () => {
    await using s = new SagaWorld(capture, CAPTURE_CALLS);
    await s.start();
    await s.done('pay');
    await s.reject('capture');
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });

  it('in doubt is only tried again, under its key', async () => {
    await using s = new SagaWorld(capture, CAPTURE_CALLS);
    await s.start();
    await s.done('pay');
    await s.fail('capture');
    expect(await s.value()).toBe('needsAttention');
    expect(await s.send({ type: 'CANCEL' })).toBe('rejected');
    expect(await s.send({ type: 'COMPENSATE' })).toBe('rejected');
    expect(await s.send({ type: 'RETRY', input: {} })).toBe('rejected');
    expect(await s.send({ type: 'RETRY' })).toBe('accepted');
    expect(s.keys('capture')).toEqual(['capture/1', 'capture/1']);
    await s.done('capture');
    await s.done('ship');
    expect(await s.status()).toBe('completed');
    expect(s.on('pay.compensate').calls).toHaveLength(0);
  });

  it('in doubt and heard to be done late undoes nothing', async () => {
    const slow = saga<unknown>('slow')
      .step('pay', { run: effect<null, null>(), compensate: effect(), input: () => null })
      .pivot('capture', { run: effect<null, null>({ timeout: '1s' }), input: () => null })
      .step('ship', { run: effect<null, null>(), input: () => null })
      .build();
    await using s = new SagaWorld(slow, CAPTURE_CALLS);
    await s.start();
    await s.done('pay');
    await s.advance(1_000);
    expect(await s.value()).toBe('needsAttention');
    await s.done('capture', 'captured');
    expect(s.on('pay.compensate').calls).toHaveLength(0);
    await s.send({ type: 'RETRY' });
    expect(new Set(s.keys('capture'))).toEqual(new Set(['capture/1']));
    await s.done('capture', 'captured');
    await s.done('ship');
    expect(await s.status()).toBe('completed');
    expect(s.on('pay.compensate').calls).toHaveLength(0);
  });

  it('refuses CANCEL while it runs and after it is done', async () => {
    await using s = new SagaWorld(capture, CAPTURE_CALLS);
    await s.start();
    await s.done('pay');
    expect(await s.send({ type: 'CANCEL' })).toBe('rejected');
    await s.done('capture');
    expect(await s.send({ type: 'CANCEL' })).toBe('rejected');
    await s.done('ship');
    expect(await s.status()).toBe('completed');
  });

  it('past, a step that is rejected waits for a forward RETRY', async () => {
    await using s = new SagaWorld(capture, CAPTURE_CALLS);
    await s.start();
    await s.done('pay');
    await s.done('capture');
    await s.reject('ship');
    expect(await s.value()).toBe('needsAttention');
    expect(await s.send({ type: 'RETRY', input: { by: 'sea' } })).toBe('accepted');
    expect(s.on('ship').last).toMatchObject({ key: 's:ship/2', input: { by: 'sea' } });
    await s.done('ship');
    expect(await s.status()).toBe('completed');
    expect(s.on('pay.compensate').calls).toHaveLength(0);
  });

  it('in a hold saga asks people without a way back', async () => {
    await using s = new SagaWorld(createCapture({ onFailure: 'hold' }), CAPTURE_CALLS);
    await s.start();
    await s.done('pay');
    await s.fail('capture');
    expect(await s.value()).toBe('needsAttention');
  });
});
