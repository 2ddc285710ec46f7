// The order under the engine, on a clock that the test moves: its timers survive restarts and what is
// due while nothing runs, and its journal folds to what is stored.

import { type OrderInput, orderMachine } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import {
  completeRefund,
  input,
  type OrderMessage,
  rejectReturn,
  requestCancellation,
  requestRefund,
  requestReturn,
  startPayment,
  toConfirmed,
  toDelivered,
} from './order-commands.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

async function openOrder(
  changes: Partial<OrderInput>,
  told: readonly OrderMessage[],
): Promise<EngineWorld> {
  const world = await openWorld({ machines: [orderMachine] });
  const order = { ...input, ...changes };
  await world.engine.start(orderMachine, { id: 'order-1', input: order });
  for (const message of told) await send(world, message);
  return world;
}

async function send({ engine }: EngineWorld, message: OrderMessage): Promise<string> {
  return (await engine.actor(orderMachine, 'order-1').send(message)).status;
}

async function stateOf({ engine }: EngineWorld): Promise<unknown> {
  return (await engine.actor(orderMachine, 'order-1').snapshot()).value;
}

async function expectFolded({ engine }: EngineWorld): Promise<void> {
  const { mismatches } = await engine.verify();
  expect(mismatches).toEqual([]);
}

describe('an order that nobody works on', () => {
  it('expires to the millisecond, across a crash and a restart', async () => {
    await using world = await openOrder({ expiresAfterMs: 60_000 }, []);
    await world.time.advance(20_000);
    await world.restart('abandon');
    await world.time.advance(39_000);
    await world.restart('stop');
    await world.time.advance(999);
    expect(await stateOf(world)).toBe('PENDING');
    await world.time.advance(1);
    expect(await stateOf(world)).toBe('EXPIRED');
    expect(await send(world, startPayment)).toBe('rejected');
    expect(await world.history('order-1')).toEqual([
      'started xstate.init',
      'emitted order.placed',
      'received order.expire',
      'emitted order.statusUpdated',
      'emitted order.expired',
    ]);
    await expectFolded(world);
  });

  it('expires at the next open when its time came while nothing ran', async () => {
    await using world = await openOrder({ expiresAfterMs: 60_000 }, []);
    await world.abandon();
    world.time.stall(DAY_MS);
    await world.open();
    await world.time.advance(0);
    expect(await stateOf(world)).toBe('EXPIRED');
    await expectFolded(world);
  });

  it('waits for ever when it has no time set', async () => {
    await using world = await openOrder({}, []);
    await world.time.advance(2 * DAY_MS);
    expect(await stateOf(world)).toBe('PENDING');
  });

  it('expires no more once its payment has begun', async () => {
    await using world = await openOrder({ expiresAfterMs: 60_000 }, [startPayment]);
    const { timers } = await world.engine.actor(orderMachine, 'order-1').snapshot();
    expect(timers).toEqual([]);
    await world.time.advance(DAY_MS);
    await world.restart('abandon');
    await world.time.advance(DAY_MS);
    expect(await stateOf(world)).toBe('PAYMENT_PROCESSING');
    await expectFolded(world);
  });
});

describe('a delivered order', () => {
  it('is completed after 30 days, across crashes and restarts', async () => {
    await using world = await openOrder({}, toDelivered);
    for (const how of ['abandon', 'stop', 'abandon'] as const) {
      await world.time.advance(9 * DAY_MS);
      await world.restart(how);
    }
    await world.time.advance(3 * DAY_MS - 1);
    expect(await stateOf(world)).toBe('DELIVERED');
    await world.time.advance(1);
    expect(await stateOf(world)).toBe('COMPLETED');
    await expectFolded(world);
  });

  it('counts its days from the delivery, whatever becomes of a return', async () => {
    await using world = await openOrder({ returnWindowMs: 10 * DAY_MS }, toDelivered);
    await world.time.advance(4 * DAY_MS);
    await send(world, requestReturn);
    await world.restart('abandon');
    await world.time.advance(4 * DAY_MS);
    await send(world, rejectReturn);
    await world.time.advance(2 * DAY_MS - 1);
    expect(await stateOf(world)).toBe('DELIVERED');
    await world.time.advance(1);
    expect(await stateOf(world)).toBe('COMPLETED');
    await expectFolded(world);
  });

  it('stays open after its days for a return and a refund that had begun within them', async () => {
    const told = [...toDelivered, requestRefund, requestReturn];
    await using world = await openOrder({ returnWindowMs: DAY_MS }, told);
    await world.time.advance(2 * DAY_MS);
    await world.restart('abandon');
    expect(await stateOf(world)).toBe('RETURN_REQUESTED');
    await send(world, rejectReturn);
    expect(await stateOf(world)).toBe('DELIVERED');
    expect(await send(world, { ...requestReturn, returnId: 'return-2' } as OrderMessage)).toBe(
      'rejected',
    );
    await send(world, completeRefund);
    expect(await stateOf(world)).toBe('COMPLETED');
    await expectFolded(world);
  });
});

describe('a cancellation under the engine', () => {
  it('keeps the fee of the moment when it was asked for', async () => {
    const changes = { cancellation: { feePercent: '10' } };
    await using world = await openOrder(changes, [...toConfirmed, requestCancellation]);
    await world.restart('abandon');
    const { context } = await world.engine.actor(orderMachine, 'order-1').snapshot();
    expect(context.cancellation).toEqual({ reason: 'changed my mind', feeMinor: 1_391 });
    expect(await send(world, { type: 'order.cancel', reason: 'settled' })).toBe('accepted');
    expect(await stateOf(world)).toBe('CANCELLED');
    await expectFolded(world);
  });
});
