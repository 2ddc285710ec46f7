// One kill at each step between a request and its effects, by SIGKILL inside the host's own process. What
// the client is told, what is on disk and what the gateway has done must fit together afterwards.

import { describe, expect, it } from 'vitest';
import { ProcessGone } from '../support/asked-process.ts';
import { type CrashWorld, createCrashWorld } from './crash-world.ts';
import { startHost } from './engine-host.ts';
import type { Answer, KillPlan } from './host-protocol.ts';
import { readKey, readOrders } from './ledger-reading.ts';
import { type Entry, readStore, type StoreContents } from './store-reading.ts';

const CHARGED = 'xstate.done.actor.charge';
const input = { orderId: 'order-1', amountMinor: 1_250, sku: 'sku-1', quantity: 1 };
const pay = { what: 'pay', id: 'purchase-1', key: 'pay-1' } as const;
const start = { what: 'start-purchase', id: 'purchase-1', input } as const;
const end = { what: 'end', id: 'purchase-1' } as const;

interface Crash {
  /** What the client got for its payment before the crash: null if nothing. */
  readonly acked: Answer | null;
  /** The database between the crash and the restart. */
  readonly left: StoreContents;
}

/** Starts a purchase and pays it, in a host that dies at the point planned. */
async function crashWhilePaying(world: CrashWorld, plan: KillPlan): Promise<Crash> {
  const host = await startHost(world, plan);
  await host.ask(start);
  const acked = await host.ask(pay).catch((error: unknown) => {
    expect(error).toBeInstanceOf(ProcessGone);
    return null;
  });
  expect(await host.gone).toBe('SIGKILL');
  expect(host.violations).toEqual([]);
  return { acked, left: await readStore(world.db) };
}

/** A new host on the same database, after the purchase has ended there. */
async function restart(
  world: CrashWorld,
): Promise<{ readonly again: Answer; readonly after: StoreContents }> {
  const host = await startHost(world);
  const again = await host.ask(pay);
  const { ended } = await host.ask(end);
  expect(ended?.value).toBe('confirmed');
  await host.stop();
  expect(host.violations).toEqual([]);
  return { again, after: await readStore(world.db) };
}

function typesOf({ journal }: StoreContents): readonly string[] {
  return (journal.get('purchase-1') ?? []).map(({ type }) => type);
}

function paid({ journal }: StoreContents): Entry | undefined {
  return journal.get('purchase-1')?.find(({ key }) => key === 'pay-1');
}

/** The whole life of a purchase, every step of it once. */
const WHOLE = ['xstate.init', 'PAY', CHARGED, 'xstate.done.actor.reserve'];

/** One charge and one reservation, each carried out once, however often it was asked for. */
async function expectOnce(world: CrashWorld, arrivals: readonly [number, number]): Promise<void> {
  const order = (await readOrders(world.gateway)).get('order-1');
  expect(order).toMatchObject({
    capturedMinor: 1_250,
    refundedMinor: 0,
    charges: [{ status: 'captured' }],
    reservations: [{ status: 'reserved', items: [{ sku: 'sku-1', quantity: 1 }] }],
  });
  const keys = [order?.charges[0]?.key ?? '', order?.reservations[0]?.key ?? ''];
  const reports = await Promise.all(keys.map((key) => readKey(world.gateway, key)));
  expect(reports).toMatchObject(
    arrivals.map((times) => ({ arrivals: times, applied: 1, distinctBodies: 1, conflicts: 0 })),
  );
}

describe('a host killed', () => {
  it('before the commit (F1) has done nothing: the client asks again, and it is done once', async () => {
    const world = await createCrashWorld();
    const { acked, left } = await crashWhilePaying(world, {
      point: 'before-commit',
      match: 'PAY',
      count: 1,
    });
    expect(acked).toBeNull();
    expect(typesOf(left)).toEqual(['xstate.init']);
    expect((await readOrders(world.gateway)).size).toBe(0);

    const { again, after } = await restart(world);
    expect(again.receipt).toMatchObject({ status: 'accepted', revision: 2 });
    expect(typesOf(after)).toEqual(WHOLE);
    await expectOnce(world, [1, 1]);
  });

  it('after the commit, before the answer (F3), has done it: asking again gets the first receipt', async () => {
    const world = await createCrashWorld();
    const { acked, left } = await crashWhilePaying(world, {
      point: 'after-commit',
      match: 'PAY',
      count: 1,
    });
    expect(acked).toBeNull();
    expect(typesOf(left)).toEqual(['xstate.init', 'PAY']);

    const { again, after } = await restart(world);
    const entry = paid(left);
    expect(again.receipt).toEqual({
      status: 'duplicate',
      first: {
        status: 'accepted',
        revision: entry?.revision,
        position: entry?.position,
        value: 'charging',
      },
    });
    expect(typesOf(after)).toEqual(WHOLE);
    await expectOnce(world, [1, 1]);
  });

  it('after the answer, before the effect (F4), runs the effect when it is back', async () => {
    const world = await createCrashWorld();
    const { acked, left } = await crashWhilePaying(world, {
      point: 'before-call',
      match: 'chargeCard',
      count: 1,
      afterAcks: true,
    });
    expect(acked?.receipt).toMatchObject({ status: 'accepted', position: paid(left)?.position });
    expect((await readOrders(world.gateway)).size).toBe(0);

    const { again, after } = await restart(world);
    expect(again.receipt).toEqual({ status: 'duplicate', first: acked?.receipt });
    expect(typesOf(after)).toEqual(WHOLE);
    await expectOnce(world, [1, 1]);
  });

  it('with an effect done, its outcome not on disk (F5), repeats it under the same key', async () => {
    const world = await createCrashWorld();
    const { left } = await crashWhilePaying(world, {
      point: 'before-commit',
      match: CHARGED,
      count: 1,
    });
    expect(typesOf(left)).toEqual(['xstate.init', 'PAY']);
    expect((await readOrders(world.gateway)).get('order-1')?.capturedMinor).toBe(1_250);

    const { after } = await restart(world);
    expect(typesOf(after)).toEqual(WHOLE);
    await expectOnce(world, [2, 1]);
  });

  it('between the call and its return (F5) repeats it under the same key, as the next attempt', async () => {
    const world = await createCrashWorld();
    const { left } = await crashWhilePaying(world, {
      point: 'after-call',
      match: 'reserveStock',
      count: 1,
    });
    expect(typesOf(left)).toEqual(['xstate.init', 'PAY', CHARGED]);

    const { after } = await restart(world);
    expect(typesOf(after)).toEqual(WHOLE);
    await expectOnce(world, [1, 2]);
  });

  it('with an outcome on disk, the next effect not begun (F6), goes on with the chain', async () => {
    const world = await createCrashWorld();
    const { left } = await crashWhilePaying(world, {
      point: 'after-commit',
      match: CHARGED,
      count: 1,
    });
    expect(typesOf(left)).toEqual(['xstate.init', 'PAY', CHARGED]);
    const { pending, running } = left.actors.get('purchase-1') ?? { pending: '{}' };
    expect(JSON.parse(pending)).toMatchObject({ effects: { reserve: { attempt: 1 } } });
    expect(running).toBe(true);

    const { after } = await restart(world);
    expect(typesOf(after)).toEqual(WHOLE);
    await expectOnce(world, [1, 1]);
  });

  it('again and again at the same effect goes on with it each time, and still does it once', async () => {
    const world = await createCrashWorld();
    await crashWhilePaying(world, { point: 'after-call', match: 'chargeCard', count: 1 });
    for (let life = 2; life <= 4; life++) {
      const host = await startHost(world, { point: 'after-call', match: 'chargeCard', count: 1 });
      expect(await host.gone).toBe('SIGKILL');
    }
    const left = await readStore(world.db);
    const { pending } = left.actors.get('purchase-1') ?? { pending: '{}' };
    expect(JSON.parse(pending)).toMatchObject({ effects: { charge: { attempt: 4, cuts: 3 } } });

    const { after } = await restart(world);
    expect(typesOf(after)).toEqual(WHOLE);
    await expectOnce(world, [5, 1]);
  });

  it('in the middle of undoing goes on undoing, and gives the money back once', async () => {
    // Every stock code is scarce: three pieces at most.
    const world = await createCrashWorld({ outOfStockRate: 1 });
    const host = await startHost(world, { point: 'after-call', match: 'voidCharge', count: 1 });
    await host.ask({ ...start, input: { ...input, quantity: 4 } });
    await host.ask(pay).catch(() => null);
    expect(await host.gone).toBe('SIGKILL');
    expect(typesOf(await readStore(world.db)).at(-1)).toBe('xstate.error.actor.reserve');

    const second = await startHost(world);
    const { ended } = await second.ask(end);
    expect(ended?.value).toBe('cancelled');
    await second.stop();
    const order = (await readOrders(world.gateway)).get('order-1');
    expect(order).toMatchObject({
      capturedMinor: 1_250,
      refundedMinor: 1_250,
      charges: [{ status: 'voided' }],
      reservations: [{ status: 'rejected' }],
    });
  });
});
