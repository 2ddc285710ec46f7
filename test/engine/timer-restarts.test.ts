// Timers over restarts and over clocks that jump: the wall clock counts only while nobody runs.

import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { openWorld } from '../support/engine-world.ts';

const HOUR_MS = 3_600_000;
const LONG_MS = 2 ** 31 + 5_000;

const order = setup({
  types: { events: {} as { readonly type: 'PAY' } | { readonly type: 'NUDGE' } },
  delays: { deadline: 10 * 60_000, long: LONG_MS },
}).createMachine({
  id: 'order',
  initial: 'PENDING',
  states: {
    PENDING: { on: { PAY: 'PAID', NUDGE: {} }, after: { deadline: 'EXPIRED' } },
    PAID: { after: { long: 'ARCHIVED' } },
    EXPIRED: {},
    ARCHIVED: {},
  },
});

const machines = [order];
const DEADLINE_MS = 10 * 60_000;

describe.each(['stop', 'abandon'] as const)('a timer over a restart (%s)', (how) => {
  it('fires at its time, counted from when it was armed', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    await world.time.advance(4 * 60_000);
    const engine = await world.restart(how);
    await world.time.advance(6 * 60_000 - 1);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('PENDING');
    await world.time.advance(1);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('EXPIRED');
  });

  it('fires once at the next open when it fell due in between', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    if (how === 'stop') await world.stop();
    else await world.abandon();
    world.time.stall(HOUR_MS);
    const engine = await world.open();
    await world.time.advance(0);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('EXPIRED');
    await world.time.advance(HOUR_MS);
    await world.restart(how);
    await world.time.advance(HOUR_MS);
    expect(await world.history('o')).toEqual([
      'started xstate.init',
      'received xstate.after.deadline.order.PENDING',
    ]);
  });

  it('fires at its time also when its actor gets a message first', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    await world.time.advance(60_000);
    const engine = await world.restart(how);
    await engine.actor(order, 'o').send({ type: 'NUDGE' });
    await world.time.advance(DEADLINE_MS - 60_000 - 1);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('PENDING');
    await world.time.advance(1);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('EXPIRED');
  });
});

describe('a timer that is armed again while the row of its last arming is being read', () => {
  it('fires at its new time', async () => {
    const again = setup({
      types: { events: {} as { readonly type: 'AGAIN' } },
      delays: { deadline: DEADLINE_MS },
    }).createMachine({
      id: 'again',
      initial: 'PENDING',
      states: {
        PENDING: {
          on: { AGAIN: { target: 'PENDING', reenter: true } },
          after: { deadline: 'EXPIRED' },
        },
        EXPIRED: {},
      },
    });
    await using world = await openWorld({ machines: [again] });
    await world.engine.start(again, { id: 'o' });
    const engine = await world.restart('abandon');
    // It is looked for when it comes near.
    const release = world.store.holdRows();
    await world.time.advance(DEADLINE_MS - 10_000);
    const actor = engine.actor(again, 'o');
    expect(await actor.send({ type: 'AGAIN' })).toMatchObject({ revision: 2 });
    release();
    await world.time.advance(DEADLINE_MS - 1);
    expect((await actor.snapshot()).value).toBe('PENDING');
    await world.time.advance(1);
    expect((await actor.snapshot()).value).toBe('EXPIRED');
  });
});

describe('a wall clock that jumps while the engine runs', () => {
  it.each([
    ['back an hour', -HOUR_MS],
    ['ahead an hour', HOUR_MS],
  ])('neither stalls nor hastens a timer of this process: %s', async (_what, byMs) => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.advance(60_000);
    world.time.jumpWall(byMs);
    await world.time.advance(DEADLINE_MS - 60_000 - 1);
    expect((await actor.snapshot()).value).toBe('PENDING');
    await world.time.advance(1);
    expect((await actor.snapshot()).value).toBe('EXPIRED');
    await world.time.advance(3 * HOUR_MS);
    expect(await world.history('o')).toHaveLength(2);
  });

  it('does not disturb a timer whose actor changes after the jump', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    world.time.jumpWall(HOUR_MS);
    await actor.send({ type: 'NUDGE' });
    await world.time.advance(DEADLINE_MS - 1);
    expect((await actor.snapshot()).value).toBe('PENDING');
    await world.time.advance(1);
    expect((await actor.snapshot()).value).toBe('EXPIRED');
  });

  it('does not disturb a timer that was loaded after a restart, once it is measured', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    await world.time.advance(DEADLINE_MS - 20_000);
    const engine = await world.restart('abandon');
    world.time.jumpWall(-HOUR_MS);
    await world.time.advance(20_000);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('EXPIRED');
  });
});

describe('a wall clock that was set while nobody ran', () => {
  it('is believed: there is nothing else to go by', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    await world.abandon();
    world.time.jumpWall(-HOUR_MS);
    const engine = await world.open();
    await world.time.advance(HOUR_MS + DEADLINE_MS - 1);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('PENDING');
    await world.time.advance(1);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('EXPIRED');
  });
});

describe('a delay beyond 2^31 milliseconds', () => {
  it('is waited for in full', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    expect((await actor.snapshot()).timers[0]?.dueAt).toBe(world.time.now + LONG_MS);
    world.time.stall(LONG_MS - 1);
    await world.time.advance(0);
    expect((await actor.snapshot()).value).toBe('PAID');
    await world.time.advance(1);
    expect((await actor.snapshot()).value).toBe('ARCHIVED');
  });

  it('is waited for in full over a restart', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await (await world.engine.start(order, { id: 'o' })).send({ type: 'PAY' });
    await world.abandon();
    world.time.stall(LONG_MS - 30_000);
    const engine = await world.open();
    await world.time.advance(29_999);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('PAID');
    await world.time.advance(1);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('ARCHIVED');
  });
});

describe('many timers', () => {
  it('that are due at one time are taken in several turns', async () => {
    await using world = await openWorld({ machines, limits: { turnMs: 60_000 } });
    const ids = Array.from({ length: 1_300 }, (_, index) => `o-${index}`);
    await Promise.all(ids.map((id) => world.engine.start(order, { id })));
    const before = world.store.commits.length;
    await world.time.advance(DEADLINE_MS);
    await world.time.advance(0);
    const sizes = world.store.commits.slice(before).map(({ actors }) => actors.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_300);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(512);
  });

  it('that fell due while nobody ran all fire once, page by page', async () => {
    await using world = await openWorld({ machines });
    const ids = Array.from({ length: 1_300 }, (_, index) => `o-${index}`);
    await Promise.all(ids.map((id) => world.engine.start(order, { id })));
    await world.abandon();
    world.time.stall(HOUR_MS);
    const engine = await world.open();
    await world.time.advance(60_000);
    const snapshots = await Promise.all(ids.map((id) => engine.actor(order, id).snapshot()));
    expect(snapshots.filter(({ value }) => value === 'EXPIRED')).toHaveLength(1_300);
    expect(snapshots.every(({ revision }) => revision === 2)).toBe(true);
  });
});
