// The deadline of a saga: as CANCEL, as long as there is a way back.

import { describe, expect, it } from 'vitest';
import { CALLS, CAPTURE_CALLS, createCapture, createOrder } from './order-saga.ts';
import { SagaWorld } from './saga-world.ts';

const order = createOrder({ deadline: '10m' });
const TEN_MINUTES_MS = 600_000;

describe('the deadline', () => {
  it('stops the running call and turns the saga back', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.done('pay');
    await s.advance(TEN_MINUTES_MS - 1);
    expect(await s.value()).toEqual({ fulfilling: 'reserve' });
    await s.advance(1);
    expect(s.on('reserve').last.signal.aborted).toBe(true);
    await s.reject('reserve');
    await s.done('pay.compensate');
    expect(await s.actor.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'deadline', code: 'DEADLINE' },
    });
  });

  it('that passed while nobody ran is kept at the next start', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.world.abandon();
    s.world.time.stall(TEN_MINUTES_MS);
    await s.world.open();
    await s.advance(0);
    expect(await s.value()).toBe('stopping');
  });

  it('turns a held saga back', async () => {
    await using s = new SagaWorld(createOrder({ deadline: '10m', onFailure: 'hold' }), CALLS);
    await s.start();
    await s.done('pay');
    await s.reject('reserve');
    expect(await s.value()).toBe('held');
    await s.advance(TEN_MINUTES_MS);
    expect(await s.value()).toEqual({ compensating: 'pay' });
  });

  it('changes nothing past the pivot, nor while things are undone', async () => {
    await using s = new SagaWorld(createCapture({ deadline: '10m' }), CAPTURE_CALLS);
    await s.start();
    await s.done('pay');
    await s.advance(TEN_MINUTES_MS);
    expect(await s.value()).toEqual({ fulfilling: 'capture' });
    await s.reject('capture');
    await s.advance(TEN_MINUTES_MS);
    expect(await s.value()).toEqual({ compensating: 'pay' });
    await s.done('pay.compensate');
    expect(await s.actor.result()).toMatchObject({ failure: { step: 'capture' } });
  });
});
