// A paused engine reads and does nothing else; the check of migrations tells what they would do.

import { migration } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { first, migrations, orderToSecond, second, toSecond } from './versioned-orders.ts';

const both = ['memory', 'sqlite'] as const;

async function fleet(
  on: (typeof both)[number],
  handler: ScriptedHandler = new ScriptedHandler(),
): Promise<EngineWorld> {
  const world = await openWorld({ on, machines: [first], handlers: { charge: handler.run } });
  const life = {
    a: [],
    b: ['PAY'],
    c: ['PAY'],
    d: ['WAIT'],
    e: ['HIRE', 'TELL'],
    f: ['PAY'],
  } as const;
  for (const [id, events] of Object.entries(life)) {
    const actor = await world.engine.start(first, { id });
    for (const type of events) await actor.send({ type });
  }
  await world.time.settle();
  handler.last.resolve('receipt');
  await world.time.settle();
  await world.abandon();
  return world;
}

describe.each(both)('a paused engine, in %s', (on) => {
  it('reads, and takes nothing', async () => {
    const handler = new ScriptedHandler();
    await using world = await fleet(on, handler);
    const calls = handler.calls.length;
    const engine = await world.open({ machines: [first], paused: true });
    const rows = await world.store.store.list({ limit: 100 });
    const actor = engine.actor(first, 'a');
    expect(await codeOf(actor.send({ type: 'PAY' }))).toBe('ENGINE_PAUSED');
    expect(await codeOf(engine.start(first, { id: 'x' }))).toBe('ENGINE_PAUSED');
    expect(await codeOf(actor.stop())).toBe('ENGINE_PAUSED');
    expect(await codeOf(engine.transact(() => 1))).toBe('ENGINE_PAUSED');
    expect(await codeOf(actor.waitFor('PAYING'))).toBe('ENGINE_PAUSED');
    expect((await actor.waitFor('PENDING')).value).toBe('PENDING');
    expect((await actor.snapshot()).value).toBe('PENDING');
    expect((await engine.read(['a', 'd'])).map((each) => each?.value)).toEqual([
      'PENDING',
      'WAITING',
    ]);
    expect(await collect(engine.list())).toHaveLength(7);
    expect(await engine.health()).toMatchObject({ status: 'paused' });
    await world.time.advance(120_000);
    expect(handler.calls).toHaveLength(calls);
    expect(await world.store.store.list({ limit: 100 })).toEqual(rows);
    expect(world.store.commits).toEqual([]);
    await world.stop();
    const running = await world.open({ paused: false });
    await world.time.advance(0);
    expect((await running.actor(first, 'd').snapshot()).value).toBe('LATE');
  });

  it('keeps dead letters as they are', async () => {
    const handler = new ScriptedHandler();
    await using world = await fleet(on, handler);
    await world.open({ machines: [first] });
    handler.last.reject(new Error('no'));
    await world.time.settle();
    const before = await world.deadLetters();
    expect(before).not.toEqual([]);
    const paused = await world.restart('abandon', { paused: true });
    expect(await codeOf(paused.deadLetters.discard(before[0]?.id ?? 0))).toBe('ENGINE_PAUSED');
    await world.time.advance(1_000);
    expect(await codeOf(paused.deadLetters.purge({ olderThan: 0 }))).toBe('ENGINE_PAUSED');
    expect(await world.deadLetters()).toEqual(before);
  });

  it('remembers no definition and refuses none: not even a drifted one', async () => {
    await using world = await fleet(on);
    const drifted = createMachine({ id: 'order', version: '1', initial: 'X', states: { X: {} } });
    await world.open({ machines: [drifted], handlers: {}, paused: true });
    expect(world.store.commits).toEqual([]);
    await world.stop();
    expect(await codeOf(world.open({ paused: false }))).toBe('MACHINE_DRIFT');
  });

  it('tells what the migrations would do, by configuration, and does nothing of it', async () => {
    await using world = await fleet(on);
    const engine = await world.open({ machines: [second], migrations, paused: true });
    const report = await engine.checkMigrations();
    expect(report.ok).toBe(true);
    const configurations = report.checks.map(({ machine, to, state, count, failing, example }) =>
      [machine, to, state, count, failing, example].join(' '),
    );
    expect(configurations.sort()).toEqual([
      'order 2 HIRING 1 0 e',
      'order 2 PAYING 2 0 b',
      'order 2 PENDING 1 0 a',
      'order 2 WAITING 1 0 d',
      'order/worker 2 busy 1 0 e/hired',
    ]);
    expect(report.checks.find(({ state }) => state === 'PAYING')).toMatchObject({
      version: '1',
      timers: ['xstate.after.60000.order.PAYING'],
      effects: ['0.order.PAYING'],
      children: ['0.order.PAYING'],
      error: null,
      leftovers: [],
      missing: [],
    });
    expect(world.store.commits).toEqual([]);
    expect(await world.row('a')).toMatchObject({ machineVersion: '1', status: 'active' });
  });
});

describe('the check of migrations', () => {
  it('names an actor that fails, with its leftovers', async () => {
    await using world = await fleet('memory');
    const partly = migration<{ readonly total: number }>({
      machine: 'order',
      from: '1',
      to: '2',
      migrate: (actor) => {
        if (actor.id === 'c') throw new Error('only c');
        const to = toSecond(actor);
        return actor.value === 'WAITING' ? { ...to, value: 'NEW' } : to;
      },
    });
    const given = [partly, ...migrations.slice(1)];
    const engine = await world.open({ machines: [second], migrations: given, paused: true });
    const report = await engine.checkMigrations();
    expect(report.ok).toBe(false);
    const failed = report.checks.filter(({ failing }) => failing > 0);
    expect(failed).toMatchObject([
      { state: 'PAYING', count: 2, failing: 1, example: 'c', error: { code: 'MIGRATION_FAILED' } },
      {
        state: 'WAITING',
        count: 1,
        failing: 1,
        example: 'd',
        leftovers: ['timer "xstate.after.60000.order.IDLE"'],
      },
    ]);
    expect(failed[0]?.error?.message).toContain('only c');
  });

  it('counts a tree as failing when one of it fails', async () => {
    await using world = await fleet('memory');
    const engine = await world.open({
      machines: [second],
      migrations: [orderToSecond],
      paused: true,
    });
    const { checks } = await engine.checkMigrations();
    const failed = checks.filter(({ failing }) => failing > 0);
    expect(failed.map(({ machine, state, error }) => [machine, state, error?.code])).toEqual([
      ['order', 'HIRING', 'MIGRATION_FAILED'],
      ['order/worker', 'busy', 'MIGRATION_FAILED'],
    ]);
  });

  it('tells what the new states would be missing', async () => {
    await using world = await fleet('memory');
    const bare = migration<{ readonly total: number }>({
      machine: 'order',
      from: '1',
      to: '2',
      migrate: (actor) => ({ ...toSecond(actor), timers: [] }),
    });
    const given = [bare, ...migrations.slice(1)];
    const engine = await world.open({ machines: [second], migrations: given, paused: true });
    const { ok, checks } = await engine.checkMigrations();
    expect(ok).toBe(true);
    expect(checks.find(({ state }) => state === 'WAITING')?.missing).toEqual([
      'timer "xstate.after.60000.order.IDLE"',
    ]);
  });

  it('tells actors of versions that have nowhere to go', async () => {
    await using world = await fleet('memory');
    const engine = await world.open({ machines: [second], migrations: [], paused: true });
    const { ok, checks } = await engine.checkMigrations();
    expect(ok).toBe(false);
    expect(
      checks.map(({ machine, to, state, count, error }) => [
        machine,
        to,
        state,
        count,
        error?.code,
      ]),
    ).toEqual([
      ['order', null, 'PENDING', 1, 'MACHINE_UNKNOWN'],
      ['order', null, 'PAYING', 2, 'MACHINE_UNKNOWN'],
      ['order', null, 'WAITING', 1, 'MACHINE_UNKNOWN'],
      ['order', null, 'HIRING', 1, 'MACHINE_UNKNOWN'],
      ['order/worker', null, 'busy', 1, 'MACHINE_UNKNOWN'],
    ]);
  });

  it('finds nothing where nothing is to be done, also while the engine runs', async () => {
    await using world = await fleet('memory');
    const engine = await world.open({ machines: [first] });
    expect(await engine.checkMigrations()).toEqual({
      ok: true,
      checks: [],
      others: { count: 0, failing: 0 },
    });
  });
});
