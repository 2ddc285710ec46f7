// What comes after an order's confirmation: its cancellation, which is finished once it has begun, and
// returns, which can be rejected until the money has gone back. With real orders, and every call going
// wrong in every way.

import { cancellationSaga, type OrderCommand, returnSaga } from 'sagawright/machines';
import { afterAll, describe, expect, it } from 'vitest';
import {
  cancellationInput,
  FulfilmentWorld,
  orderInput,
  returnInput,
  WAYS,
  type Way,
} from './fulfilment-world.ts';

/** Longer than all attempts of a call. */
const LONG_MS = 60 * 60_000;

let runs = 0;
afterAll(() => console.log(`cancellations and returns: ${runs} runs on the engine`));

const money = { amountMinor: orderInput.totalMinor, currency: orderInput.currency };
const parcel = { shipmentId: 'shipment-order-1', trackingNumber: 'track-1' };
const toConfirmed: readonly OrderCommand[] = [
  { type: 'order.startPayment' },
  { type: 'order.completePayment', chargeKey: cancellationInput.chargeKey, ...money },
  { type: 'order.reserveInventory', reservationKey: cancellationInput.reservationKey },
  { type: 'order.confirm' },
];
const toCancelling: readonly OrderCommand[] = [
  ...toConfirmed,
  { type: 'order.requestCancellation', reason: 'too late' },
];
const toDelivered: readonly OrderCommand[] = [
  ...toConfirmed,
  { type: 'order.ship', ...parcel },
  { type: 'order.deliver' },
];

function open(saga: object): FulfilmentWorld {
  runs += 1;
  return new FulfilmentWorld(saga);
}

function faultsOf(names: readonly string[]): readonly (readonly [string, Way])[] {
  return names.flatMap((name) => WAYS.map((way) => [name, way] as const));
}

describe('a cancellation saga', () => {
  function openCancellation(): FulfilmentWorld {
    const world = open(cancellationSaga);
    world.ledger.take('inventory', cancellationInput.reservationKey);
    world.ledger.take('shipment', 'saga-0:shipment/1');
    return world;
  }

  async function expectCancelled(world: FulfilmentWorld): Promise<void> {
    expect(await world.end()).toBe('completed');
    expect(world.ledger.held.filter((name) => name !== 'confirmationMail')).toEqual([]);
    // What was paid, less a tenth.
    expect(world.ledger.refundedMinor).toBe(12_521);
    expect(await world.order()).toEqual({ state: 'CANCELLED', reason: 'too late' });
  }

  it('gives everything up, pays back what is left after the fee, and ends the order', async () => {
    await using world = openCancellation();
    await world.start(cancellationInput, toCancelling);
    await expectCancelled(world);
    expect(world.ledger.givenBack).toEqual(['shipment', 'inventory']);
    expect(world.ledger.held).toEqual(['confirmationMail']);
  });

  it('pays back no more than partial refunds and the fee have left', async () => {
    await using world = openCancellation();
    await world.start({ ...cancellationInput, refundedMinor: 1_000 }, [
      ...toConfirmed,
      { type: 'order.requestRefund', refundId: 'refund-1', amountMinor: 1_000 },
      { type: 'order.completeRefund', refundId: 'refund-1' },
      { type: 'order.requestCancellation', reason: 'too late' },
    ]);
    expect(await world.end()).toBe('completed');
    expect(world.ledger.refundedMinor).toBe(11_521);
  });

  it.each([
    [-1, 'refundedMinor'],
    [0.5, 'refundedMinor'],
    [13_913, 'refundedMinor'],
    [12_521, 'feeMinor to be less'],
  ])('is not started when %s pence were refunded', async (refundedMinor, field) => {
    await using world = openCancellation();
    const input = { ...cancellationInput, refundedMinor };
    await expect(world.start(input, toCancelling)).rejects.toThrow(field);
  });

  it.each(faultsOf(['undo inventory', 'refund']))(
    'cannot be cancelled any more and is finished when %s %s',
    async (name, way) => {
      await using world = openCancellation();
      world.faults.set(name, way);
      await world.start(cancellationInput, toCancelling);
      await world.advance(LONG_MS);
      expect(await world.end()).toBe('needsAttention');
      expect((await world.order()).state).toBe('CANCELLING');
      expect(await world.send({ type: 'CANCEL' })).toBe('rejected');
      world.faults.clear();
      expect(await world.send({ type: 'RETRY' })).toBe('accepted');
      await world.advance(LONG_MS);
      await expectCancelled(world);
    },
  );

  it.each(faultsOf(['shipment']))('is finished, or given up, when %s %s', async (name, way) => {
    await using world = openCancellation();
    world.faults.set(name, way);
    await world.start(cancellationInput, toCancelling);
    await world.advance(LONG_MS);
    const isRefused = way === 'is refused';
    expect(await world.end()).toBe(isRefused ? '"held"' : 'needsAttention');
    expect(world.ledger.refundedMinor).toBe(0);
    world.faults.clear();
    expect(await world.send({ type: 'RETRY' })).toBe('accepted');
    await world.advance(LONG_MS);
    await expectCancelled(world);
  });

  it('has done nothing when it is given up at its first step', async () => {
    await using world = openCancellation();
    world.faults.set('shipment', 'is refused');
    await world.start(cancellationInput, toCancelling);
    await world.advance(LONG_MS);
    expect(await world.send({ type: 'CANCEL' })).toBe('accepted');
    expect(await world.end()).toBe('compensated');
    expect(world.ledger.held).toEqual(['inventory', 'shipment']);
    expect((await world.order()).state).toBe('CANCELLING');
  });

  it('does not mind when its mail cannot be sent', async () => {
    await using world = openCancellation();
    world.faults.set('confirmationMail', 'is refused');
    await world.start(cancellationInput, toCancelling);
    await world.advance(LONG_MS);
    await expectCancelled(world);
  });

  it('waits for people when the order is not one that was to be cancelled', async () => {
    await using world = openCancellation();
    await world.start(cancellationInput, toConfirmed);
    expect(await world.end()).toBe('needsAttention');
    await world.engine.transact(
      (tx) => void tx.send('order-1', { type: 'order.requestCancellation', reason: 'too late' }),
    );
    expect(await world.send({ type: 'RETRY' })).toBe('accepted');
    await expectCancelled(world);
  });
});

describe('a return saga', () => {
  const accept = { type: 'approval.approve', by: 'ana' };
  const inspect = (world: FulfilmentWorld, event: { type: string }): Promise<string> =>
    world.send(event, 'saga-1/inspection');

  it('pays back and restocks what was accepted, and ends the order', async () => {
    await using world = open(returnSaga);
    await world.start(returnInput, toDelivered);
    expect((await world.order()).state).toBe('RETURN_REQUESTED');
    expect(world.ledger.refundedMinor).toBe(0);
    expect(await inspect(world, accept)).toBe('accepted');
    expect(await world.end()).toBe('completed');
    expect(world.ledger.refundedMinor).toBe(13_912);
    expect(world.ledger.held).toEqual(['mail', 'restock']);
    expect((await world.order()).state).toBe('RETURNED');
  });

  it.each([
    ['rejected', { type: 'approval.reject', by: 'ana', reason: 'worn' }],
    ['not decided in time', null],
    ['cancelled', { type: 'CANCEL' }],
  ] as const)('pays nothing back for one that is %s', async (_, event) => {
    await using world = open(returnSaga);
    await world.start(returnInput, toDelivered);
    if (event === null) await world.advance(returnInput.inspectionMs);
    else if (event.type === 'CANCEL') await world.send(event);
    else await inspect(world, event);
    await world.advance(LONG_MS);
    expect(await world.end()).toBe('compensated');
    expect(world.ledger.taken).toEqual([]);
    expect(world.ledger.refundedMinor).toBe(0);
    expect((await world.order()).state).toBe('DELIVERED');
  });

  it('pays nothing back when the order refuses it', async () => {
    await using world = open(returnSaga);
    await world.start(returnInput, toConfirmed);
    expect(await world.end()).toBe('compensated');
    expect((await world.order()).state).toBe('CONFIRMED');
  });

  it.each(faultsOf(['refund', 'restock']))(
    'when %s %s: back, or only forward',
    async (name, way) => {
      await using world = open(returnSaga);
      world.faults.set(name, way);
      await world.start(returnInput, toDelivered);
      await inspect(world, accept);
      await world.advance(LONG_MS);
      if (name === 'refund' && way === 'is refused') {
        expect(await world.end()).toBe('compensated');
        expect((await world.order()).state).toBe('DELIVERED');
        return;
      }
      expect(await world.end()).toBe('needsAttention');
      expect(await world.send({ type: 'CANCEL' })).toBe('rejected');
      world.faults.clear();
      expect(await world.send({ type: 'RETRY' })).toBe('accepted');
      await world.advance(LONG_MS);
      expect(await world.end()).toBe('completed');
      expect(world.ledger.refundedMinor).toBe(13_912);
      expect(world.ledger.held).toEqual(['mail', 'restock']);
      expect((await world.order()).state).toBe('RETURNED');
    },
  );
});
