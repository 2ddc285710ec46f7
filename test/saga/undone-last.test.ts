// A step whose undo says that all is undone, such as telling an order that it is cancelled: it comes last,
// is told why the saga turned back, and does not come as long as another undo waits for people.

import { checkSaga, effect, type SagaMachine, saga } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { SagaWorld } from './saga-world.ts';

const patient = { timeout: '9h' } as const;
const call = effect<unknown, unknown>(patient);

function createOrder(): SagaMachine<unknown, object> {
  return saga<unknown>('order')
    .step('stock', { run: call, compensate: effect<unknown, unknown>(patient), input: () => null })
    .step('order', {
      run: effect<unknown, unknown>(patient),
      compensate: effect<unknown, unknown>(patient),
      input: () => null,
      compensateInput: ({ failure }) => ({ why: failure }),
      undoneLast: true,
    })
    .step('pay', {
      run: effect<unknown, unknown>(patient),
      compensate: effect<unknown, unknown>(patient),
      input: () => null,
    })
    .step('ship', { run: effect<unknown, unknown>(patient), input: () => null })
    .build();
}

const NAMES = ['stock', 'order', 'pay', 'ship'].flatMap((name) =>
  name === 'ship' ? [name] : [name, `${name}.compensate`],
);

async function turnBack(world: SagaWorld): Promise<void> {
  await world.start();
  for (const name of ['stock', 'order', 'pay']) await world.done(name);
  await world.reject('ship', 'NO_PARCELS');
}

describe('a step that is undone last', () => {
  it('waits for all others, whatever order they were done in, and hears why', async () => {
    await using world = new SagaWorld(createOrder(), NAMES);
    await turnBack(world);
    await world.done('pay.compensate');
    expect(world.on('order.compensate').calls).toHaveLength(0);
    await world.done('stock.compensate');
    expect(world.on('order.compensate').last.input).toEqual({
      why: { step: 'ship', code: 'NO_PARCELS', message: 'NO_PARCELS' },
    });
    await world.done('order.compensate');
    expect(await world.status()).toBe('compensated');
  });

  it('is not undone as long as another undo waits for people', async () => {
    await using world = new SagaWorld(createOrder(), NAMES);
    await turnBack(world);
    await world.reject('pay.compensate');
    await world.done('stock.compensate');
    expect(await world.value()).toBe('needsAttention');
    expect(world.on('order.compensate').calls).toHaveLength(0);
    await world.send({ type: 'RETRY' });
    await world.done('pay.compensate');
    await world.done('order.compensate');
    expect(await world.status()).toBe('compensated');
  });

  it('can be proven', () => {
    expect(checkSaga(createOrder(), { faults: 4 }).findings).toEqual([]);
  });
});

describe('a saga behind the pivot of another', () => {
  it('is never undone, and the chart has no state for it', () => {
    const below = saga<unknown>('below')
      .step('pay', { run: call, input: () => null })
      .build();
    const machine = saga<unknown>('above')
      .pivot('capture', { run: effect<unknown, unknown>(patient), input: () => null })
      .step('below', { run: below, input: () => null })
      .build();
    const report = checkSaga(machine);
    expect(report.findings).toEqual([]);
    expect(report.neverUndone).toEqual(['below']);
  });
});
