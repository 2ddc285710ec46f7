// Undoing: what a compensation is told, how often it is tried, and successes that come late.

import { effect, saga } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { CALLS, createOrder } from './order-saga.ts';
import { SagaWorld } from './saga-world.ts';

const order = createOrder();

async function startUntilShip(s: SagaWorld): Promise<void> {
  await s.start({ pence: 5 });
  await s.done('pay', 'charge-1');
  await s.done('reserve', 'held-1');
}

describe('a compensation', () => {
  it('is told the forward key, its input, its output and its outcome', async () => {
    await using s = new SagaWorld(order, CALLS);
    await startUntilShip(s);
    await s.reject('ship');
    await s.done('reserve.compensate');
    expect(s.on('pay.compensate').last.input).toEqual({
      undoes: {
        key: 's:pay/1',
        input: { order: { pence: 5 } },
        output: 'charge-1',
        outcome: 'done',
      },
    });
  });

  it('is told of no output when the call is in doubt', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start({});
    await s.fail('pay');
    expect(s.on('pay.compensate').last.input).toEqual({
      undoes: { key: 's:pay/1', input: { order: {} }, outcome: 'unknown' },
    });
  });

  it('gets an input of its own where the saga makes one', async () => {
    const own = saga<{ readonly id: string }>('own')
      .step('pay', {
        run: effect<{ readonly id: string }, number>(),
        compensate: effect<{ readonly refund: number | null; readonly of: string }, null>(),
        input: ({ input }) => input,
        compensateInput: ({ input, undoes }) => ({ refund: undoes.output ?? null, of: input.id }),
      })
      .step('ship', { run: effect<null, null>(), input: () => null })
      .build();
    await using s = new SagaWorld(own, ['pay', 'pay.compensate', 'ship']);
    await s.start({ id: 'o1' });
    await s.done('pay', 7);
    await s.reject('ship');
    expect(s.on('pay.compensate').last.input).toEqual({ refund: 7, of: 'o1' });
  });

  it('that keeps failing is tried with capped backoff, then needs attention (F26)', async () => {
    const retry = { attempts: 6, initial: '1s', max: '4s', jitter: false } as const;
    const machine = saga<null>('stubborn')
      .step('pay', {
        run: effect<null, null>(),
        compensate: effect<unknown, null>({ retry }),
        input: () => null,
      })
      .step('ship', { run: effect<null, null>(), input: () => null })
      .build();
    await using s = new SagaWorld(machine, ['pay', 'pay.compensate', 'ship']);
    await s.start(null);
    await s.done('pay');
    await s.reject('ship');
    for (const delayMs of [1_000, 2_000, 4_000, 4_000, 4_000]) {
      const made = s.on('pay.compensate').calls.length;
      await s.fail('pay.compensate');
      await s.advance(delayMs - 1);
      expect(s.on('pay.compensate').calls).toHaveLength(made);
      await s.advance(1);
      expect(s.on('pay.compensate').calls).toHaveLength(made + 1);
    }
    await s.fail('pay.compensate');
    expect(await s.value()).toBe('needsAttention');
    expect(new Set(s.keys('pay.compensate'))).toEqual(new Set(['pay/1/undo/1']));
  });

  it('given up in doubt is tried again under its key, so that it never pays twice (F28b)', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.fail('pay');
    await s.fail('pay.compensate');
    expect(await s.value()).toBe('needsAttention');
    await s.send({ type: 'RETRY' });
    await s.fail('pay.compensate');
    await s.send({ type: 'RETRY' });
    expect(s.keys('pay.compensate')).toEqual(['pay/1/undo/1', 'pay/1/undo/1', 'pay/1/undo/1']);
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });

  it('refused is tried again under another key, which is not answered by the stored no', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.fail('pay');
    await s.reject('pay.compensate');
    await s.send({ type: 'RETRY' });
    expect(s.keys('pay.compensate')).toEqual(['pay/1/undo/1', 'pay/1/undo/2']);
  });

  it('given up and heard to be done after all needs nobody any more', async () => {
    const slow = { timeout: '1s' } as const;
    const machine = saga<null>('late-undo')
      .step('pay', {
        run: effect<null, null>(),
        compensate: effect<unknown, null>(slow),
        input: () => null,
      })
      .build();
    await using s = new SagaWorld(machine, ['pay', 'pay.compensate']);
    await s.start(null);
    await s.fail('pay');
    await s.advance(1_000);
    expect(await s.value()).toBe('needsAttention');
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });
});

describe('needsAttention', () => {
  it('is settled by somebody who says who they are and why, and ends as resolved', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.fail('pay');
    await s.reject('pay.compensate');
    expect(await s.send({ type: 'RESOLVE' })).toBe('rejected');
    expect(await s.send({ type: 'RESOLVE', by: 'ann' })).toBe('rejected');
    expect(await s.send({ type: 'RESOLVE', by: ' ', why: 'x' })).toBe('rejected');
    expect(await s.send({ type: 'CANCEL' })).toBe('rejected');
    expect(await s.send({ type: 'RESOLVE', by: 'ann', why: 'paid by hand' })).toBe('accepted');
    expect(await s.actor.result()).toMatchObject({
      status: 'resolved',
      resolution: { by: 'ann', why: 'paid by hand' },
    });
    expect((await s.world.history('s')).at(-1)).toBe('received RESOLVE');
  });
});

// The reply of the cancelled charge comes while the saga waits for it, while the undo runs, and after.
const DELAYS_MS = [0, 1, 14_999, 15_000, 15_001, 20_000, 30_000, 44_000, 44_999];

describe('a charge that succeeds after it was stopped', () => {
  it.each(DELAYS_MS)('is undone again exactly once after %d ms (F23, F24)', async (delayMs) => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    const charge = s.on('pay').last;
    const undo = s.on('pay.compensate');
    let left = delayMs;
    if (left >= 15_000) {
      await s.advance(15_000);
      left -= 15_000;
      expect(undo.last.input).toMatchObject({ undoes: { outcome: 'unknown' } });
      await s.done('pay.compensate');
      expect(await s.value()).toBe('settling');
    }
    await s.advance(left);
    if (delayMs < 15_000) expect(await s.value()).toBe('stopping');
    charge.resolve('charge-1');
    await s.settle();
    expect(undo.last.input).toMatchObject({ undoes: { outcome: 'done', output: 'charge-1' } });
    const count = delayMs < 15_000 ? 1 : 2;
    expect(s.keys('pay.compensate').at(-1)).toBe(`pay/1/undo/${count}`);
    await s.done('pay.compensate');
    await s.advance(60_000);
    expect(undo.calls).toHaveLength(count);
    expect(await s.status()).toBe('compensated');
    expect(await s.world.deadLetters()).toEqual([]);
  });

  it('while its undo is under way is undone once more when that has ended', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    await s.advance(15_000);
    await s.done('pay', 'charge-1');
    expect(s.on('pay.compensate').calls).toHaveLength(1);
    await s.done('pay.compensate');
    expect(s.keys('pay.compensate')).toEqual(['pay/1/undo/1', 'pay/1/undo/2']);
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });

  it('after the end is not lost: people are told', async () => {
    await using s = new SagaWorld(order, CALLS);
    await s.start();
    await s.send({ type: 'CANCEL' });
    await s.advance(15_000);
    await s.done('pay.compensate');
    await s.advance(30_000);
    expect(await s.status()).toBe('compensated');
    await s.done('pay', 'charge-1');
    expect((await s.world.deadLetters()).map(({ reason }) => reason)).toEqual(['LATE_SUCCESS']);
    expect((await s.world.engine.health()).level).toBe('red');
  });

  it('after it timed out, while its undo is under way, is undone once more', async () => {
    await using s = new SagaWorld(createOrder({}, { timeout: '1s' }), CALLS);
    await s.start();
    await s.advance(1_000);
    await s.done('pay', 'charge-1');
    await s.done('pay.compensate');
    expect(s.keys('pay.compensate')).toEqual(['pay/1/undo/1', 'pay/1/undo/2']);
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });
});
