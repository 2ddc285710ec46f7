// The order saga with a gateway that does as it is told: what is called under which key, what is
// undone after which failure, and what the order is left as.

import { orderSaga } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor, transition } from 'xstate';
import {
  type Call,
  charge,
  charged,
  hear,
  openWorld,
  orderInput,
  released,
  reserved,
  voided,
  type World,
  type WorldOptions,
} from './order-world.ts';

function orderState(world: World): unknown {
  return world.order.getSnapshot().value;
}

describe('an order saga', () => {
  it('charges, reserves and confirms, telling the order each step', async () => {
    const world = openWorld();
    const { output } = await world.rest();
    expect(world.calls).toEqual([charged, reserved]);
    expect(world.asked).toEqual([
      'order.startPayment',
      'order.completePayment',
      'order.reserveInventory',
      'order.confirm',
    ]);
    expect(output).toEqual({
      outcome: 'completed',
      orderId: 'order-1',
      chargeKey: 'saga-1:payment/1',
      reservationKey: 'saga-1:inventory/1',
      voidedMinor: 0,
      failure: null,
      resolution: null,
    });
    expect(orderState(world)).toBe('CONFIRMED');
    expect(world.order.getSnapshot().context).toMatchObject({
      capturedMinor: 13_912,
      chargeKey: 'saga-1:payment/1',
    });
  });

  type Failing = readonly [
    name: string,
    options: WorldOptions,
    calls: readonly Call[],
    code: string,
    order: 'PAYMENT_FAILED' | 'CANCELLED',
  ];
  const failing: readonly Failing[] = [
    [
      'a charge that was rejected is not undone',
      { replies: { chargeCard: ['rejected'] } },
      [charged],
      'CARD_DECLINED',
      'PAYMENT_FAILED',
    ],
    [
      'a charge that may have happened is undone',
      { replies: { chargeCard: ['unknown'] } },
      [charged, voided('unknown')],
      'TIMEOUT',
      'CANCELLED',
    ],
    [
      'a reservation that was rejected leaves only the charge to undo',
      { replies: { reserveStock: ['rejected'] } },
      [charged, reserved, voided('done')],
      'OUT_OF_STOCK',
      'CANCELLED',
    ],
    [
      'a reservation that may have happened is released, then the charge undone',
      { replies: { reserveStock: ['unknown'] } },
      [charged, reserved, released('unknown'), voided('done')],
      'TIMEOUT',
      'CANCELLED',
    ],
    [
      'an order that was cancelled before its confirmation has everything undone',
      {
        beforeCommand: ({ type }, tell) => {
          if (type === 'order.confirm') tell({ type: 'order.cancel', reason: 'by phone' });
        },
      },
      [charged, reserved, released('done'), voided('done')],
      'REFUSED',
      'CANCELLED',
    ],
    [
      'an order that was cancelled while it was charged has the charge undone',
      {
        beforeCommand: ({ type }, tell) => {
          if (type === 'order.completePayment') tell({ type: 'order.cancel', reason: 'by phone' });
        },
      },
      [charged, voided('done')],
      'REFUSED',
      'CANCELLED',
    ],
    [
      'an order that was cancelled before it began is not charged',
      {
        beforeCommand: ({ type }, tell) => {
          if (type === 'order.startPayment') tell({ type: 'order.cancel', reason: 'by phone' });
        },
      },
      [],
      'REFUSED',
      'CANCELLED',
    ],
  ];

  it.each(failing)('%s', async (_, options, calls, code, order) => {
    const world = openWorld(options);
    const { value, output } = await world.rest();
    expect(world.calls).toEqual(calls);
    expect(value).toBe('compensated');
    expect(output).toMatchObject({ outcome: 'compensated', failure: { code }, chargeKey: null });
    expect(orderState(world)).toBe(order);
  });

  it('says at its end how much its undo calls gave back', async () => {
    const refused = openWorld({ replies: { reserveStock: ['rejected'] } });
    expect((await refused.rest()).output?.voidedMinor).toBe(13_912);
    const declined = openWorld({ replies: { chargeCard: ['rejected'] } });
    expect((await declined.rest()).output?.voidedMinor).toBe(0);
  });

  it('does not go on to confirm an order that was cancelled while its goods were reserved', async () => {
    const world = openWorld({
      beforeCommand: ({ type }, tell) => {
        if (type === 'order.reserveInventory') tell({ type: 'order.cancel', reason: 'by phone' });
      },
    });
    await world.rest();
    expect(world.calls).toEqual([charged, reserved, released('done'), voided('done')]);
    expect(world.asked).not.toContain('order.confirm');
  });

  it('undoes a charge of another amount than it asked for', async () => {
    const world = openWorld({ charge: { ...charge, amountMinor: 13_911 } });
    const { value } = await world.rest();
    expect(value).toBe('compensated');
    expect(world.calls.map((call) => call.src)).toEqual(['chargeCard', 'voidCharge']);
  });

  it('needs attention, having charged nothing, when its order is not there', async () => {
    const world = openWorld({ isOrderMissing: true });
    const { value, context } = await world.rest();
    expect(value).toBe('needsAttention');
    expect(context.orderRefusal?.code).toBe('ACTOR_NOT_FOUND');
    expect(world.calls).toEqual([]);
  });

  it.each([
    [{ totalMinor: -1 }, 'order saga: expected totalMinor'],
    [{ deadlineMs: 0 }, 'expected deadlineMs to be a positive integer or left out, got 0'],
  ])('is not started with %j', (wrong, message) => {
    const { orderId, currency, totalMinor, items } = orderInput;
    const input = { orderId, currency, totalMinor, items, ...wrong };
    expect(String(createActor(orderSaga, { input }).getSnapshot().error)).toContain(message);
  });
});

describe('cancelling an order saga', () => {
  it('stops a running charge, hears that nothing is known of it, and undoes it', async () => {
    const world = openWorld({ replies: { chargeCard: ['later'] } });
    await world.rest();
    world.send({ type: 'CANCEL', reason: 'too slow' });
    expect(world.saga.getSnapshot().value).toBe('stopping');
    world.send(hear('chargeCard', 'unknown'));
    const { output } = await world.rest();
    expect(world.calls).toEqual([charged, voided('unknown')]);
    expect(output).toMatchObject({
      outcome: 'compensated',
      failure: { step: 'cancel', code: 'CANCELLED', message: 'too slow' },
    });
    expect(orderState(world)).toBe('CANCELLED');
  });

  it('undoes a stopped charge that was done after all, knowing its output', async () => {
    const world = openWorld({ replies: { chargeCard: ['later'] } });
    await world.rest();
    world.send({ type: 'CANCEL' });
    world.send(hear('chargeCard', 'done'));
    await world.rest();
    expect(world.calls).toEqual([charged, voided('done')]);
  });

  it('undoes nothing of a stopped charge that was definitely refused', async () => {
    const world = openWorld({ replies: { chargeCard: ['later'] } });
    await world.rest();
    world.send({ type: 'CANCEL' });
    world.send(hear('chargeCard', 'rejected'));
    await world.rest();
    expect(world.calls).toEqual([charged]);
    expect(orderState(world)).toBe('PAYMENT_FAILED');
  });

  it('undoes a stopped reservation, and before it nothing that was not done', async () => {
    const world = openWorld({ replies: { reserveStock: ['later'] } });
    await world.rest();
    world.send({ type: 'CANCEL' });
    world.send(hear('reserveStock', 'unknown'));
    await world.rest();
    expect(world.calls).toEqual([charged, reserved, released('unknown'), voided('done')]);
    expect(orderState(world)).toBe('CANCELLED');
  });

  it('undoes unheard what it has waited for long enough, and stays open a while for news', async () => {
    const world = openWorld({ replies: { chargeCard: ['later'] } });
    await world.rest();
    world.send({ type: 'CANCEL' });
    world.clock.increment(14_999);
    expect(world.saga.getSnapshot().value).toBe('stopping');
    world.clock.increment(1);
    expect((await world.rest()).value).toBe('settling');
    expect(world.calls).toEqual([charged, voided('unknown')]);
    world.clock.increment(30_000);
    expect(world.saga.getSnapshot().value).toBe('compensated');
  });

  it('is refused once the order is being confirmed', () => {
    const world = openWorld();
    const confirming = world.saga.logic.resolveState({
      value: 'confirming',
      context: world.saga.getSnapshot().context,
    });
    expect(confirming.can({ type: 'CANCEL' })).toBe(false);
  });

  it('happens by itself at the deadline', async () => {
    const world = openWorld({
      replies: { chargeCard: ['later'] },
      input: { deadlineMs: 30_000 },
    });
    await world.rest();
    world.clock.increment(29_999);
    expect(world.saga.getSnapshot().value).toEqual({ fulfilling: 'charging' });
    world.clock.increment(1);
    world.send(hear('chargeCard', 'unknown'));
    const { output } = await world.rest();
    expect(output).toMatchObject({ outcome: 'compensated', failure: { step: 'deadline' } });
  });

  it('leaves no timer behind when it happens before the deadline', async () => {
    const world = openWorld({
      replies: { chargeCard: ['later'] },
      input: { deadlineMs: 30_000 },
    });
    const [, actions] = transition(orderSaga, await world.rest(), { type: 'CANCEL' });
    expect(actions.map((action) => action.type)).toContain('xstate.cancel');
  });

  it('does not happen at the deadline when the order was confirmed before', async () => {
    const world = openWorld({ input: { deadlineMs: 30_000 } });
    await world.rest();
    world.clock.increment(60_000);
    expect(world.saga.getSnapshot().value).toBe('completed');
  });
});
