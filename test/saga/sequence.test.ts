// A saga whose steps run one after the other: forward, back, and everything in between.

import { effect, Rejected, saga } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

interface Charge {
  readonly chargeId: string;
}
const charge = effect<{ readonly pence: number }, Charge>({ name: 'chargeCard' });
const refund = effect<{ readonly undoes: { readonly output?: Charge } }, null>({ name: 'refund' });
const reserve = effect<{ readonly sku: string; readonly chargeId: string }, string>({
  name: 'reserve',
});
const release = effect<{ readonly undoes: { readonly key: string } }, null>({ name: 'release' });
const ship = effect<{ readonly sku: string }, null>({ name: 'ship' });

interface Input {
  readonly sku: string;
  readonly pence: number;
}

const order = saga<Input>('order')
  .step('payment', {
    run: charge,
    compensate: refund,
    input: ({ input }) => ({ pence: input.pence }),
    states: ['PAYMENT_PROCESSING', 'PAYMENT_COMPLETED'],
  })
  .step('inventory', {
    run: reserve,
    compensate: release,
    input: ({ input, results }) => ({ sku: input.sku, chargeId: results.payment.chargeId }),
  })
  .step('shipping', { run: ship, input: ({ input }) => ({ sku: input.sku }) })
  .build();

function handlers() {
  const names = ['chargeCard', 'refund', 'reserve', 'release', 'ship'] as const;
  const scripted = Object.fromEntries(names.map((name) => [name, new ScriptedHandler()])) as Record<
    (typeof names)[number],
    ScriptedHandler
  >;
  const runs = Object.fromEntries(names.map((name) => [name, scripted[name].run]));
  return { ...scripted, runs };
}

const input = { sku: 'tea', pence: 500 };

describe('a sequence', () => {
  it('runs its steps one after the other, with results of earlier ones as input', async () => {
    const { chargeCard, reserve, ship, runs } = handlers();
    await using world = await openWorld({ machines: [order], handlers: runs });
    const actor = await world.engine.start(order, { id: 'o', input });
    expect((await actor.snapshot()).value).toEqual({ fulfilling: 'PAYMENT_PROCESSING' });
    await world.time.settle();
    expect(chargeCard.last).toMatchObject({ input: { pence: 500 }, key: 'o:payment/1' });
    chargeCard.last.resolve({ chargeId: 'c1' });
    await world.time.settle();
    expect(reserve.last).toMatchObject({ input: { sku: 'tea', chargeId: 'c1' } });
    reserve.last.resolve('r1');
    await world.time.settle();
    ship.last.resolve(null);
    await world.time.settle();
    expect(await actor.result()).toMatchObject({
      status: 'completed',
      results: { payment: { chargeId: 'c1' }, inventory: 'r1', shipping: null },
    });
  });

  it('undoes the last one first when a step is rejected', async () => {
    const { chargeCard, reserve, ship, refund, release, runs } = handlers();
    await using world = await openWorld({ machines: [order], handlers: runs });
    const actor = await world.engine.start(order, { id: 'o', input });
    await world.time.settle();
    chargeCard.last.resolve({ chargeId: 'c1' });
    await world.time.settle();
    reserve.last.resolve('r1');
    await world.time.settle();
    ship.last.reject(new Rejected('NO_TRUCK'));
    await world.time.settle();
    expect((await actor.snapshot()).value).toEqual({ compensating: 'inventory' });
    expect(release.last).toMatchObject({
      input: {
        undoes: {
          key: 'o:inventory/1',
          input: { sku: 'tea', chargeId: 'c1' },
          output: 'r1',
          outcome: 'done',
        },
      },
      key: 'o:inventory/1/undo/1',
    });
    release.last.resolve(null);
    await world.time.settle();
    refund.last.resolve(null);
    await world.time.settle();
    expect(await actor.result()).toMatchObject({
      status: 'compensated',
      results: {},
      failure: { step: 'shipping', code: 'NO_TRUCK' },
    });
  });
});
