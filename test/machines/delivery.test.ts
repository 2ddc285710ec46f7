// A watch over a delivery: on its own, as the pure function that it is; and as a step of a saga on the
// engine, which waits for the parcel however long that takes, restarts or no restarts.

import {
  type DeliveryCommand,
  type DeliveryInput,
  type DeliveryWatchFact,
  deliveryMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, type SnapshotFrom, transition } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import { WaitingWorld } from './waiting-world.ts';

type Delivery = SnapshotFrom<typeof deliveryMachine>;

const DAY_MS = 86_400_000;
const input: DeliveryInput = {
  orderId: 'order-1',
  shipmentId: 'shipment-order-1',
  overdueAfterMs: 5 * DAY_MS,
};
const arrived: DeliveryCommand = { type: 'delivery.arrived' };
const lost: DeliveryCommand = { type: 'delivery.lost', reason: 'the van burnt' };
const giveUp: DeliveryCommand = { type: 'CANCEL' };
const OVERDUE = { type: 'xstate.after.overdueAfter.delivery.AWAITING' } as const;

function watch(): Delivery {
  return initialTransition(deliveryMachine, input)[0];
}

function tell(delivery: Delivery, event: DeliveryCommand | typeof OVERDUE): Delivery {
  return transition(deliveryMachine, delivery, event as DeliveryCommand)[0];
}

function factsOf(delivery: Delivery, event: DeliveryCommand): readonly DeliveryWatchFact[] {
  const facts: DeliveryWatchFact[] = [];
  const actor = createActor(deliveryMachine, { input, snapshot: delivery });
  actor.on('*', (fact) => facts.push(fact));
  actor.start();
  actor.send(event);
  return facts;
}

describe('a watch over a delivery', () => {
  it('waits in time and beyond it, and hears the same news in both', () => {
    const overdue = tell(watch(), OVERDUE);
    expect([watch().value, overdue.value]).toEqual(['AWAITING', 'OVERDUE']);
    for (const [delivery, wasOverdue] of [
      [watch(), false],
      [overdue, true],
    ] as const) {
      expect(tell(delivery, arrived).output).toEqual({
        status: 'completed',
        outcome: 'ARRIVED',
        wasOverdue,
        failure: null,
        resolution: null,
      });
      expect(tell(delivery, lost).output).toMatchObject({
        status: 'compensated',
        outcome: 'LOST',
        wasOverdue,
        failure: { code: 'DELIVERY_LOST', message: 'shipment-order-1 is lost: the van burnt' },
      });
      expect(tell(delivery, giveUp).output).toMatchObject({
        status: 'compensated',
        outcome: 'WITHDRAWN',
        failure: { code: 'DELIVERY_WITHDRAWN' },
      });
    }
  });

  it('tells what it has heard once, with whose it is', () => {
    const whose = { orderId: 'order-1', shipmentId: 'shipment-order-1' };
    expect(factsOf(watch(), arrived)).toEqual([{ type: 'delivery.arrived', ...whose }]);
    expect(factsOf(tell(watch(), OVERDUE), lost)).toEqual([
      { type: 'delivery.lost', ...whose, reason: 'the van burnt' },
    ]);
    expect(factsOf(watch(), giveUp)).toEqual([]);
  });

  it('does not give a parcel up without a reason', () => {
    expect(watch().can({ ...lost, reason: ' ' })).toBe(false);
  });

  it.each<readonly [string, object]>([
    ['orderId', { orderId: '' }],
    ['shipmentId', { shipmentId: ' ' }],
    ['overdueAfterMs', { overdueAfterMs: -1 }],
    ['overdueAfterMs', { overdueAfterMs: 2 ** 53 - 1 }],
  ])('is not started with a bad %s', (field, wrong) => {
    const { error } = createActor(deliveryMachine, { input: { ...input, ...wrong } }).getSnapshot();
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(`delivery: expected ${field} to be`);
  });

  it('takes every transition of its chart on some path', () => {
    const coverage = coverChart(deliveryMachine, {
      inputs: [input, { '~undoes': null }],
      events: () => [arrived, lost, giveUp, OVERDUE],
    });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});

describe('a delivery as a step of a saga', () => {
  const open = (): WaitingWorld => new WaitingWorld('delivery', deliveryMachine, input);

  it('that arrives lets it go on', async () => {
    await using s = open();
    await s.start();
    expect(await s.value()).toEqual({ fulfilling: 'delivery' });
    expect(await s.tell(arrived)).toBe('accepted');
    expect(await s.saga.result()).toMatchObject({
      status: 'completed',
      results: { delivery: { outcome: 'ARRIVED', wasOverdue: false }, shipping: 'ship' },
    });
    expect(await s.verify()).toEqual([]);
  });

  it('that is overdue is said to be so once, and still waited for, through crashes', async () => {
    await using s = open();
    await s.start();
    await s.sleepThrough(2 * DAY_MS);
    await s.advance(3 * DAY_MS - 1);
    expect(await s.waiting.snapshot()).toMatchObject({ value: 'AWAITING' });
    await s.advance(1);
    expect(await s.waiting.snapshot()).toMatchObject({ value: 'OVERDUE' });
    await s.sleepThrough(30 * DAY_MS);
    expect(await s.value()).toEqual({ fulfilling: 'delivery' });
    expect(s.calls).toEqual(['book']);
    expect(await s.tell(arrived)).toBe('accepted');
    expect(await s.saga.result()).toMatchObject({
      status: 'completed',
      results: { delivery: { outcome: 'ARRIVED', wasOverdue: true } },
    });
    const told = await s.world.history('s/delivery');
    expect(told.filter((line) => line.startsWith('emitted'))).toEqual([
      'emitted delivery.overdue',
      'emitted delivery.arrived',
    ]);
    expect(await s.verify()).toEqual([]);
  });

  it('that fell overdue while no engine ran is said to be so at the next start', async () => {
    await using s = open();
    await s.start();
    await s.sleepThrough(6 * DAY_MS);
    expect(await s.waiting.snapshot()).toMatchObject({ value: 'OVERDUE' });
    expect(await s.verify()).toEqual([]);
  });

  it('that is lost turns it back, and what came before is undone', async () => {
    await using s = open();
    await s.start();
    await s.advance(6 * DAY_MS);
    expect(await s.tell(lost)).toBe('accepted');
    expect(s.calls).toEqual(['book', 'unbook']);
    expect(await s.saga.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'delivery', code: 'DELIVERY_LOST' },
      resolution: null,
    });
    expect(await s.verify()).toEqual([]);
  });

  it('that is lost past the pivot calls for people, who may have it waited for anew', async () => {
    await using s = new WaitingWorld('delivery', deliveryMachine, input, true);
    await s.start();
    await s.tell(lost);
    expect(await s.value()).toBe('needsAttention');
    await s.saga.send({ type: 'RETRY' });
    await s.world.time.settle();
    expect(await s.waiting.snapshot()).toMatchObject({ value: 'AWAITING' });
    await s.tell(arrived);
    expect(s.calls).toEqual(['book', 'ship']);
    expect(await s.saga.result()).toMatchObject({ status: 'completed' });
    expect(await s.verify()).toEqual([]);
  });
});
