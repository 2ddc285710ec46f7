// The facts that an order tells, in the order in which each plan brings them about, and those of turning
// back: what whoever listens to an order hears of its saga.

import {
  AUTHORIZE_CAPTURE_PLAN,
  CONFIGURED_PLAN,
  type FulfilmentPlan,
  INVENTORY_FIRST_PLAN,
  PARALLEL_PLAN,
  PAYMENT_FIRST_PLAN,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { arrive, FORWARD_MS, open } from './fulfilment-model.ts';
import { type FulfilmentWorld, fulfilmentInput } from './fulfilment-world.ts';

/** What the order has told since its saga began, each change of status left out. */
async function factsOf(world: FulfilmentWorld): Promise<readonly string[]> {
  const facts: string[] = [];
  for await (const { actor, kind, type } of world.engine.events()) {
    if (actor === 'order-1' && kind === 'emitted') facts.push(type);
  }
  return facts
    .filter((type) => type !== 'order.placed' && type !== 'order.statusUpdated')
    .map((type) => type.replace('order.', ''));
}

const goods = 'inventoryReserved';
const money = ['paymentStarted', 'paymentCompleted'];
const flows: readonly (readonly [FulfilmentPlan, readonly string[]])[] = [
  [PAYMENT_FIRST_PLAN, [...money, goods, 'confirmed']],
  [
    AUTHORIZE_CAPTURE_PLAN,
    [
      'paymentStarted',
      'paymentAuthorized',
      goods,
      'shipmentNoted',
      'paymentCompleted',
      'confirmed',
      'shipped',
    ],
  ],
  [INVENTORY_FIRST_PLAN, [goods, ...money, 'shipmentNoted', 'confirmed']],
  [CONFIGURED_PLAN(), [goods, ...money, 'shipmentNoted', 'confirmed']],
];

describe('the facts of an order', () => {
  it.each(flows)('come in the order of the plan $id', async (plan, facts) => {
    await using world = open(plan);
    await world.start(fulfilmentInput);
    await arrive(world, plan);
    expect(await factsOf(world)).toEqual(['processingStarted', ...facts]);
  });

  it('of payment and goods come in any order where they are made ready side by side', async () => {
    for (const late of ['payment', 'inventory'] as const) {
      await using world = open(PARALLEL_PLAN);
      const gate = Promise.withResolvers<void>();
      world.gates.set(late, gate.promise);
      await world.start(fulfilmentInput);
      gate.resolve();
      await world.advance(FORWARD_MS);
      await arrive(world, PARALLEL_PLAN);
      const prepared = late === 'payment' ? ['paymentStarted', goods, money[1]] : [...money, goods];
      expect(await factsOf(world)).toEqual([
        'processingStarted',
        ...prepared,
        'shipmentNoted',
        'confirmed',
        'shipped',
        'delivered',
      ]);
    }
  });

  it('say last that it was cancelled, when its goods could not be had', async () => {
    await using world = open(PAYMENT_FIRST_PLAN);
    world.faults.set('inventory', 'is refused');
    await world.start(fulfilmentInput);
    await world.advance(FORWARD_MS);
    expect(await factsOf(world)).toEqual(['processingStarted', ...money, 'cancelled']);
    expect(world.ledger.givenBack).toEqual(['payment']);
  });
});
