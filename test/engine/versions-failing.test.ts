// Migrations that fail: which actor is parked and why, and what goes on all the same.

import type { MigratedActor } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/collected.ts';
import type { EngineWorld } from '../support/engine-world.ts';
import { changed, first, migrations, orderToSecond, second, started } from './versioned-orders.ts';

describe('a migration that fails', () => {
  async function failing(
    events: Parameters<typeof started>[1],
    change: (result: MigratedActor) => MigratedActor,
  ): Promise<{ readonly message: string; readonly world: EngineWorld }> {
    const world = await started('memory', events);
    const before = await world.row('o');
    const engine = await world.restart('abandon', {
      machines: [first, second],
      migrations: [changed(change)],
    });
    expect(engine.migrated).toEqual({ migrated: 0, parked: 1 });
    expect(await world.row('o')).toEqual({
      ...before,
      status: 'parked',
      running: false,
      wakeAt: null,
    });
    const error = await errorOf(engine.actor(second, 'o').snapshot());
    expect(error.code).toBe('ACTOR_PARKED');
    return { message: error.message, world };
  }

  it.each<
    [
      what: string,
      events: Parameters<typeof started>[1],
      change: (result: MigratedActor) => MigratedActor,
      words: readonly string[],
    ]
  >([
    ['throws', [], boom, ['version 1 to 2', 'failed: boom']],
    ['names a state that is not there', [], (to) => ({ ...to, value: 'NOWHERE' }), ['NOWHERE']],
    ['gives a value that is none', [], (to) => ({ ...to, value: 5 as never }), ['"order"']],
    [
      'gives what JSON would change',
      [],
      (to) => ({ ...to, context: { at: new Date(0) } }),
      ['Date', '.context.at'],
    ],
    ['gives no timers', [], ({ timers: _timers, ...to }) => to as never, ['timers']],
    ['gives a promise', [], (to) => Promise.resolve(to) as never, ['Promise']],
    ['gives more than it should', [], (to) => ({ ...to, contxt: 1 }) as never, ['contxt']],
    [
      'leaves a timer under its old name',
      ['WAIT'],
      (to) => ({
        ...to,
        timers: [{ ...to.timers[0], id: 'xstate.after.60000.order.WAITING' } as never],
      }),
      ['leaves over', 'timer "xstate.after.60000.order.WAITING"', '"IDLE"'],
    ],
    [
      'leaves an effect and its child under their old name',
      ['PAY'],
      (to) => ({
        ...to,
        effects: to.effects.map((call) => ({ ...call, id: '0.order.PAYING' })),
        children: to.children.map((child) => ({ ...child, id: '0.order.PAYING' })),
      }),
      ['effect "0.order.PAYING"'],
    ],
    [
      'leaves an effect without its state',
      ['PAY'],
      (to) => ({ ...to, value: 'NEW' }),
      ['timer "xstate.after.60000.order.CHARGING"', 'effect "0.order.CHARGING"'],
    ],
    [
      'renames an effect and not its child',
      ['PAY'],
      (to) => ({ ...to, children: to.children.map((child) => ({ ...child, id: 'other' })) }),
      ['effect "0.order.CHARGING" needs its active child'],
    ],
    [
      'forgets an effect and not its child',
      ['PAY'],
      (to) => ({ ...to, effects: [] }),
      ['child "0.order.CHARGING" is active'],
    ],
    [
      'changes an input',
      ['PAY'],
      (to) => ({
        ...to,
        effects: to.effects.map((call) => ({ ...call, input: { amountMinor: 1 } })),
      }),
      ['keeps its kind, its key and its input'],
    ],
    [
      'changes a key',
      ['PAY'],
      (to) => ({ ...to, effects: to.effects.map((call) => ({ ...call, key: 'mine' })) }),
      ['keeps its kind, its key and its input'],
    ],
    [
      'changes a due time',
      ['WAIT'],
      (to) => ({ ...to, timers: to.timers.map((timer) => ({ ...timer, dueAt: 5 })) }),
      ['keeps its dueAt'],
    ],
    [
      'doubles a timer',
      ['WAIT'],
      (to) => ({ ...to, timers: [...to.timers, ...to.timers] }),
      ['two of timer'],
    ],
    [
      'takes one timer for two',
      ['WAIT'],
      (to) => ({
        ...to,
        timers: [...to.timers, ...to.timers.map((timer) => ({ ...timer, id: 'b' }))],
      }),
      ['another one is too'],
    ],
    [
      'makes up a past',
      [],
      (to) => ({ ...to, timers: [{ was: 'x', id: 'y', dueAt: 1 }] }),
      ['there is none of'],
    ],
    [
      'makes up a child',
      [],
      (to) => ({ ...to, children: [{ id: 'y', src: 'worker', kind: 'actor', status: 'active' }] }),
      ['only effects can be new'],
    ],
    [
      'renames a child actor',
      ['HIRE'],
      (to) => ({ ...to, children: to.children.map((child) => ({ ...child, id: 'other' })) }),
      ['its id is its address'],
    ],
    ['ends the actor', [], (to) => ({ ...to, value: 'CHARGED' }), ['an end of the machine']],
    [
      'remembers a state that is gone',
      [],
      (to) => ({ ...to, history: { 'order.h': ['order.PENDING'] } }),
      ['history "order.h"'],
    ],
  ])(
    'parks its actor, unchanged, with the reason: one that %s',
    async (_what, events, change, words) => {
      const { message, world } = await failing(events, change);
      await using _ = world;
      for (const word of words) expect(message).toContain(word);
    },
  );

  it('is no obstacle for others, and is made up for by a better one', async () => {
    await using world = await started('memory', ['PAY']);
    await world.engine.start(first, { id: 'p' });
    const picky = changed((to) => (to.effects.length > 0 ? boom() : to));
    const engine = await world.restart('abandon', {
      machines: [first, second],
      migrations: [picky],
    });
    expect(engine.migrated).toEqual({ migrated: 1, parked: 1 });
    expect((await engine.actor(second, 'p').snapshot()).value).toBe('NEW');
    // Nothing runs of what is parked.
    await world.time.advance(60_000);
    expect(await world.row('o')).toMatchObject({ status: 'parked', machineVersion: '1' });
    const better = await world.restart('stop', {
      migrations: [orderToSecond, ...migrations.slice(1)],
    });
    expect(better.migrated).toEqual({ migrated: 1, parked: 0 });
    expect(await world.row('o')).toMatchObject({ status: 'active', machineVersion: '2' });
    await world.time.advance(0);
    expect((await better.actor(second, 'o').snapshot()).value).toBe('EXPIRED');
  });

  it('is made up for by doing without it: its actor goes on in its own version', async () => {
    await using world = await started('memory', ['WAIT']);
    await world.restart('abandon', { machines: [first, second], migrations: [changed(boom)] });
    const engine = await world.restart('stop', { migrations: [] });
    expect(engine.recovered.released).toBe(1);
    await world.time.advance(60_000);
    expect(await engine.actor(first, 'o').snapshot()).toMatchObject({
      value: 'LATE',
      machineVersion: '1',
    });
  });

  it('is counted once at each open, also beside others that were parked before', async () => {
    await using world = await started('memory', []);
    const options = { machines: [first, second], migrations: [changed(boom)] };
    const engine = await world.restart('stop', options);
    // Its own version can still be started, and waits for the next open.
    await engine.start(first, { id: 'p' });
    expect((await world.row('p')).status).toBe('active');
    const next = await world.restart('stop');
    expect(next.migrated).toEqual({ migrated: 0, parked: 2 });
  });

  it('is told to the logger, and to health', async () => {
    await using world = await started('memory', []);
    const told: unknown[] = [];
    const logger = {
      info: () => undefined,
      warn: () => undefined,
      error: (_message: string, fields: object) => told.push(fields),
    };
    const engine = await world.restart('stop', {
      machines: [second],
      migrations: [changed(boom)],
      logger,
    });
    expect(told).toMatchObject([{ actor: 'o', error: { code: 'MIGRATION_FAILED' } }]);
    expect((await engine.health()).problems).toContain('1 actor is parked.');
  });

  it('parks when its result is too large to be stored', async () => {
    await using world = await started('memory', []);
    const engine = await world.restart('stop', {
      machines: [second],
      limits: { snapshotLength: 2_000 },
      migrations: [changed((to) => ({ ...to, context: { text: 'x'.repeat(3_000) } }))],
    });
    expect(engine.migrated.parked).toBe(1);
    const error = await errorOf(engine.actor(second, 'o').snapshot());
    expect(error.message).toContain('2000 characters');
  });

  it('leaves the engine unopened, and everything as it was, when the store is full', async () => {
    await using world = await started('memory', []);
    const before = await world.row('o');
    await world.abandon();
    const opening = world.openFull({ machines: [second], migrations });
    expect((await errorOf(opening)).code).toBe('STORE_FULL');
    const engine = await world.open({ machines: [first], migrations: [] });
    expect(await world.row('o')).toEqual(before);
    expect((await engine.actor(first, 'o').snapshot()).value).toBe('PENDING');
  });
});

function boom(): never {
  throw new Error('boom');
}
