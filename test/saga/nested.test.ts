// Sagas as steps of a saga: they undo themselves, and are undone from above after they have completed.

import { effect, type SagaOptions, saga } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { SagaWorld } from './saga-world.ts';

const call = () => effect<unknown, unknown>({ timeout: '9h' });

const below = saga<{ readonly parcel: string }>('below')
  .step('book', { run: call(), compensate: call(), input: ({ input }) => input })
  .step('load', { run: call(), compensate: call(), input: () => 'load' })
  .build();

function above(options: SagaOptions<unknown> = {}, critical = true) {
  return saga<unknown>('above', options)
    .step('pay', { run: call(), compensate: call(), input: () => 'pay' })
    .step('send', { run: below, critical, input: () => ({ parcel: 'p' }) })
    .step('thank', { run: call(), input: () => 'thank' })
    .build();
}

const CALLS = [
  ...['pay', 'pay.compensate', 'thank'],
  ...['book', 'book.compensate', 'load', 'load.compensate'],
];

function open(machine = above()): SagaWorld {
  return new SagaWorld(machine, CALLS, [below]);
}

async function startUntilLoad(s: SagaWorld): Promise<void> {
  await s.start();
  await s.done('pay');
  await s.done('book', 'booked');
}

describe('a saga below', () => {
  it('completes, and its results are the step’s', async () => {
    await using s = open();
    await startUntilLoad(s);
    expect(s.on('load').last.key).toBe('s/send:load/1');
    await s.done('load', 'loaded');
    await s.done('thank');
    expect(await s.actor.result()).toMatchObject({
      status: 'completed',
      results: { send: { status: 'completed', results: { book: 'booked', load: 'loaded' } } },
    });
  });

  it('that is run again has keys of its own: what was undone is done anew', async () => {
    await using s = open(above({ onFailure: 'hold' }));
    await startUntilLoad(s);
    await s.reject('load', 'FULL');
    await s.done('book.compensate');
    expect(await s.value()).toBe('held');
    await s.send({ type: 'RETRY' });
    await s.done('book', 'booked again');
    expect(s.on('book').calls.map(({ key }) => key)).toEqual(['s/send:book/1', 's/send:2/book/1']);
    await s.done('load', 'loaded');
    expect(s.on('load').last.key).toBe('s/send:2/load/1');
    await s.done('thank');
    expect(await s.actor.result()).toMatchObject({
      status: 'completed',
      results: { send: { results: { book: 'booked again', load: 'loaded' } } },
    });
  });

  it('that is past a pivot of its own could not be undone, and is refused as a step', () => {
    const final = saga<unknown>('final')
      .pivot('pay', { run: call(), input: () => 'pay' })
      .build();
    const builder = saga<unknown>('above').step('book', { run: call(), input: () => 'book' });
    expect(() => builder.step('final', { run: final, input: () => null })).toThrow(
      /a saga without a pivot, or a pivot itself/,
    );
    expect(() => builder.pivot('final', { run: final, input: () => null })).not.toThrow();
  });

  it('that has turned back counts as rejected: it is not undone again', async () => {
    await using s = open();
    await startUntilLoad(s);
    await s.reject('load', 'FULL');
    await s.done('book.compensate');
    expect(await s.value()).toEqual({ compensating: 'pay' });
    await s.done('pay.compensate');
    expect(await s.actor.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'send', code: 'FULL' },
    });
    expect(s.on('book.compensate').calls).toHaveLength(1);
  });

  it('that is not critical turns back alone, and the one above goes on', async () => {
    await using s = open(above({}, false));
    await startUntilLoad(s);
    await s.reject('load', 'FULL');
    await s.done('book.compensate');
    await s.done('thank');
    expect(await s.actor.result()).toMatchObject({
      status: 'completed',
      ignored: [{ step: 'send', code: 'FULL' }],
    });
  });

  it.each([
    ['critical', true],
    ['not critical', false],
  ])(
    'that is %s is told of a CANCEL above, turns back, and then the one above does',
    async (_, critical) => {
      await using s = open(above({}, critical));
      await startUntilLoad(s);
      expect(await s.send({ type: 'CANCEL', reason: 'enough' })).toBe('accepted');
      await s.fail('load');
      await s.done('load.compensate');
      expect(s.on('pay.compensate').calls).toHaveLength(0);
      await s.done('book.compensate');
      await s.done('pay.compensate');
      expect(await s.actor.result()).toMatchObject({
        status: 'compensated',
        failure: { step: 'cancel', message: 'enough' },
      });
      expect(s.on('thank').calls).toHaveLength(0);
      expect(await s.world.deadLetters()).toEqual([]);
    },
  );

  it('cancelled in a saga that holds is not held', async () => {
    await using s = open(above({ onFailure: 'hold' }));
    await startUntilLoad(s);
    await s.send({ type: 'CANCEL' });
    await s.reject('load');
    await s.done('book.compensate');
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });

  it('is told of the deadline above', async () => {
    await using s = open(above({ deadline: '1m' }));
    await startUntilLoad(s);
    await s.advance(60_000);
    await s.reject('load');
    await s.done('book.compensate');
    await s.done('pay.compensate');
    expect(await s.actor.result()).toMatchObject({ failure: { step: 'deadline' } });
  });

  it('is undone from above after it has completed, last step first, by its forward keys', async () => {
    await using s = open();
    await startUntilLoad(s);
    await s.done('load', 'loaded');
    await s.reject('thank');
    expect(s.on('load.compensate').last).toMatchObject({
      key: 's/send.compensate:1.1/load/1/undo/1',
      input: { undoes: { key: 's/send:load/1', input: 'load', output: 'loaded', outcome: 'done' } },
    });
    await s.done('load.compensate');
    expect(s.on('book.compensate').last.input).toMatchObject({
      undoes: { key: 's/send:book/1', input: { parcel: 'p' }, output: 'booked' },
    });
    await s.done('book.compensate');
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });

  it('in needsAttention keeps the one above waiting until somebody helps it', async () => {
    await using s = open();
    await startUntilLoad(s);
    await s.reject('load');
    await s.fail('book.compensate');
    const child = s.world.engine.actor(below, 's/send');
    expect((await child.snapshot()).value).toBe('needsAttention');
    expect(await s.value()).toEqual({ fulfilling: 'send' });
    await child.send({ type: 'RETRY' });
    await s.settle();
    await s.done('book.compensate');
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });

  it('being undone from above keeps that waiting when it needs attention', async () => {
    await using s = open();
    await startUntilLoad(s);
    await s.done('load');
    await s.reject('thank');
    await s.fail('load.compensate');
    await s.done('book.compensate');
    const child = s.world.engine.actor(below, 's/send.compensate');
    expect((await child.snapshot()).value).toBe('needsAttention');
    expect(await s.value()).toEqual({ compensating: 'send' });
    await child.send({ type: 'RETRY' });
    await s.settle();
    expect(new Set(s.on('load.compensate').calls.map(({ key }) => key)).size).toBe(1);
    await s.done('load.compensate');
    await s.done('pay.compensate');
    expect(await s.status()).toBe('compensated');
  });

  it.each(['load', 'thank'])(
    'goes on after crashes in between, when %s is refused',
    async (name) => {
      await using s = open();
      await s.start();
      const crash = async (next: string): Promise<void> => {
        await s.world.restart('abandon');
        await s.settle();
        expect(s.on(next).calls.length).toBeGreaterThan(0);
      };
      await crash('pay');
      await s.done('pay');
      await crash('book');
      await s.done('book');
      if (name === 'thank') {
        await crash('load');
        await s.done('load');
      }
      await s.reject(name);
      if (name === 'thank') {
        await crash('load.compensate');
        await s.done('load.compensate');
      }
      await crash('book.compensate');
      await s.done('book.compensate');
      await crash('pay.compensate');
      await s.done('pay.compensate');
      expect(await s.status()).toBe('compensated');
      expect(new Set(s.on('book.compensate').calls.map(({ key }) => key)).size).toBe(1);
    },
  );

  it('that somebody has resolved does not let the one above say it is rolled back whole', async () => {
    await using s = open();
    await startUntilLoad(s);
    await s.reject('load');
    await s.fail('book.compensate');
    const child = s.world.engine.actor(below, 's/send');
    await child.send({ type: 'RESOLVE', by: 'ann', why: 'by hand' });
    await s.settle();
    await s.done('pay.compensate');
    expect(await s.actor.result()).toMatchObject({
      status: 'resolved',
      resolution: { by: 'ann', why: 'by hand' },
    });
  });

  it('resolved while it is undone from above is not rolled back whole either', async () => {
    await using s = open();
    await startUntilLoad(s);
    await s.done('load');
    await s.reject('thank');
    await s.fail('load.compensate');
    await s.done('book.compensate');
    const child = s.world.engine.actor(below, 's/send.compensate');
    await child.send({ type: 'RESOLVE', by: 'ann', why: 'by hand' });
    await s.settle();
    await s.done('pay.compensate');
    expect(await s.actor.snapshot()).toMatchObject({
      value: 'resolved',
      output: { status: 'resolved', resolution: { by: 'ann' } },
    });
  });
});
