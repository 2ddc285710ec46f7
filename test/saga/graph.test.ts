// Steps side by side: what runs when, and that a failed branch waits for the others.

import { effect, saga } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { SagaWorld } from './saga-world.ts';

const call = () => effect<unknown, unknown>({ timeout: '9h' });

const order = saga<unknown>('graph')
  .step('pay', { run: call(), compensate: call(), input: () => 'pay', after: [] })
  .step('pick', { run: call(), compensate: call(), input: () => 'pick', after: [] })
  .step('pack', {
    run: call(),
    compensate: call(),
    input: ({ results }) => results.pick,
    after: ['pick'],
  })
  .step('ship', {
    run: call(),
    input: ({ results }) => [results.pay, results.pack],
    after: ['pay', 'pack'],
  })
  .build();

const CALLS = ['pay', 'pick', 'pack'].flatMap((name) => [name, `${name}.compensate`]);

const open = () => new SagaWorld(order, [...CALLS, 'ship']);

describe('steps side by side', () => {
  it('start as soon as those they wait for are done', async () => {
    await using s = open();
    await s.start();
    expect(s.on('pay').calls).toHaveLength(1);
    expect(s.on('pick').calls).toHaveLength(1);
    await s.done('pick', 'picked');
    expect(s.on('pack').last.input).toBe('picked');
    await s.done('pack', 'packed');
    expect(s.on('ship').calls).toHaveLength(0);
    await s.done('pay', 'paid');
    expect(s.on('ship').last.input).toEqual(['paid', 'packed']);
    await s.done('ship');
    expect(await s.status()).toBe('completed');
  });

  it('wait for each other when one has failed; nothing new starts, and then all are undone', async () => {
    await using s = open();
    await s.start();
    await s.reject('pay');
    expect(s.on('pick.compensate').calls).toHaveLength(0);
    await s.done('pick', 'picked');
    expect(s.on('pack').calls).toHaveLength(0);
    await s.done('pick.compensate');
    expect(await s.actor.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'pay' },
    });
    expect(s.on('pay.compensate').calls).toHaveLength(0);
  });

  it('tell the first failure as the reason when several fail', async () => {
    await using s = open();
    await s.start();
    await s.reject('pay', 'FIRST');
    await s.fail('pick');
    await s.done('pick.compensate');
    expect(await s.actor.result()).toMatchObject({ failure: { step: 'pay', code: 'FIRST' } });
  });

  it('are undone in the reverse of the order in which they were done', async () => {
    await using s = open();
    await s.start();
    await s.done('pick');
    await s.done('pay');
    await s.done('pack');
    await s.reject('ship');
    for (const name of ['pack', 'pay', 'pick']) {
      expect(await s.value()).toEqual({ compensating: name });
      await s.done(`${name}.compensate`);
    }
    expect(await s.status()).toBe('compensated');
  });

  it('are all stopped by CANCEL', async () => {
    await using s = open();
    await s.start();
    await s.send({ type: 'CANCEL' });
    expect(s.on('pay').last.signal.aborted).toBe(true);
    expect(s.on('pick').last.signal.aborted).toBe(true);
    await s.reject('pay');
    expect(await s.value()).toBe('stopping');
    await s.reject('pick');
    expect(await s.status()).toBe('compensated');
  });

  it('that failed are tried again by RETRY, and the others are not', async () => {
    const holding = saga<unknown>('graph', { onFailure: 'hold' })
      .step('pay', { run: call(), compensate: call(), input: () => 'pay', after: [] })
      .step('pick', { run: call(), compensate: call(), input: () => 'pick', after: [] })
      .step('ship', { run: call(), input: () => 'ship' })
      .build();
    await using s = new SagaWorld(holding, [...CALLS.slice(0, 4), 'ship']);
    await s.start();
    await s.reject('pay');
    await s.done('pick');
    expect(await s.value()).toBe('held');
    await s.send({ type: 'RETRY' });
    expect(s.keys('pay')).toEqual(['pay/1', 'pay/2']);
    expect(s.on('pick').calls).toHaveLength(1);
    await s.done('pay');
    await s.done('ship');
    expect(await s.status()).toBe('completed');
  });
});

describe('a step that is not critical', () => {
  const machine = saga<unknown>('kind')
    .step('wrap', { run: call(), compensate: call(), critical: false, input: () => 'wrap' })
    .step('ship', { run: call(), input: ({ results }) => results.wrap ?? 'bare' })
    .build();
  const openKind = () => new SagaWorld(machine, ['wrap', 'wrap.compensate', 'ship']);

  it('fails, is noted, and the saga goes on without its result', async () => {
    await using s = openKind();
    await s.start();
    await s.reject('wrap', 'NO_PAPER');
    expect(s.on('ship').last.input).toBe('bare');
    await s.done('ship');
    expect(await s.actor.result()).toMatchObject({
      status: 'completed',
      failure: null,
      ignored: [{ step: 'wrap', code: 'NO_PAPER' }],
    });
  });

  it('in doubt is undone when the saga turns back after it', async () => {
    await using s = openKind();
    await s.start();
    await s.fail('wrap');
    await s.reject('ship');
    expect(s.on('wrap.compensate').last.input).toMatchObject({ undoes: { outcome: 'unknown' } });
    await s.done('wrap.compensate');
    expect(await s.status()).toBe('compensated');
  });
});
