// Two sagas want the last item: one gets it, the other turns back. Whoever asks first, and also when the
// process dies in between.

import { ask, effect, type SagaMachine, saga, virtual } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { openWorld } from '../support/engine-world.ts';
import { stock } from '../support/stock-machine.ts';

const change = (type: 'reserve' | 'release') =>
  ask<unknown>(() => ({ to: 'shelf-tea', event: { type, quantity: 1 } }));

const order: SagaMachine<object, object> = saga<object>('order')
  .step('payment', {
    run: effect<object, null>({ name: 'charge' }),
    compensate: effect<object, null>({ name: 'refund' }),
    input: () => ({}),
  })
  .step('item', { run: change('reserve'), compensate: change('release'), input: () => null })
  .build();

const shelf = virtual(stock, { prefix: 'shelf-', input: () => ({ sku: 'tea', available: 1 }) });

describe('the last item', () => {
  it.each([
    ['at one time', false],
    ['with a crash in between', true],
  ])('goes to exactly one of two sagas that want it, %s', async (_when, isCrashing) => {
    const paid: string[] = [];
    const refunded: string[] = [];
    const note =
      (list: string[]) =>
      ({ actorId }: { readonly actorId: string }): Promise<null> => {
        list.push(actorId);
        return Promise.resolve(null);
      };
    await using world = await openWorld({
      machines: [order, shelf],
      handlers: { charge: note(paid), refund: note(refunded) },
    });
    const ids = ['a', 'b'];
    await Promise.all(ids.map((id) => world.engine.start(order, { id, input: {} })));
    if (isCrashing) await world.restart('abandon');
    await world.time.settle();
    const ends = await Promise.all(ids.map((id) => world.engine.actor(order, id).result()));
    expect(ends.map(({ status }) => status).sort()).toEqual(['compensated', 'completed']);
    const loser = ids.filter((_, index) => ends[index]?.status === 'compensated');
    expect(refunded).toEqual(loser);
    expect([...new Set(paid)].sort()).toEqual(ids);
    const item = await world.engine.actor(stock, 'shelf-tea').snapshot();
    expect(item.context.available).toBe(0);
  });
});
