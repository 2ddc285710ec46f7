// A root and everything below it go over to another version together: children by their own migrations,
// dropped ones stopped, all of it or nothing.

import { type MigratingActor, type Migration, migration } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, fromTransition, sendTo, setup } from 'xstate';
import { collect, errorOf } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { first, migrations, orderToSecond, second, toSecond } from './versioned-orders.ts';

async function hired(
  on: 'memory' | 'sqlite',
  handler: ScriptedHandler = new ScriptedHandler(),
): Promise<EngineWorld> {
  const world = await openWorld({ on, machines: [first], handlers: { charge: handler.run } });
  const actor = await world.engine.start(first, { id: 'o' });
  await actor.send({ type: 'HIRE' });
  await actor.send({ type: 'TELL' });
  await world.time.settle();
  return world;
}

describe.each(['memory', 'sqlite'] as const)('a tree, in %s', (on) => {
  it('goes over in one commit, each child by its own migration', async () => {
    const handler = new ScriptedHandler();
    await using world = await hired(on, handler);
    const engine = await world.restart('abandon', { machines: [second], migrations });
    expect(engine.migrated).toEqual({ migrated: 2, parked: 0 });
    const commits = world.store.commits.filter(({ journal }) =>
      journal.some(({ type }) => type === 'actor.migrated'),
    );
    expect(commits.map(({ actors }) => actors.map(({ record }) => record.id))).toEqual([
      ['o', 'o/hired'],
    ]);
    expect(await world.row('o/hired')).toMatchObject({
      machine: 'order/worker',
      machineVersion: '2',
      state: 'working',
    });
    await world.time.settle();
    expect(handler.calls.map(({ key, attempt }) => `${key} ${attempt}`)).toEqual([
      'o/hired@2:task 1',
      'o/hired@2:task 2',
    ]);
    handler.last.resolve('done');
    await world.time.settle();
    expect(await engine.actor(second, 'o').snapshot()).toMatchObject({
      status: 'done',
      value: 'CHARGED',
    });
  });

  it('is parked whole when one of it cannot go over, and none of it runs', async () => {
    const handler = new ScriptedHandler();
    await using world = await hired(on, handler);
    const before = [await world.row('o'), await world.row('o/hired')];
    // The worker's states have other names, and nobody says which.
    const engine = await world.restart('abandon', {
      machines: [first, second],
      migrations: [orderToSecond],
    });
    expect(engine.migrated).toEqual({ migrated: 0, parked: 1 });
    expect([await world.row('o'), await world.row('o/hired')]).toEqual(
      before.map((row) => ({ ...row, status: 'parked', running: false, wakeAt: null })),
    );
    await world.time.advance(120_000);
    expect(handler.calls).toHaveLength(1);
    const child = await errorOf(engine.actor(second, 'o/hired').snapshot());
    expect(child.message).toContain('waits for its root "o"');
    const root = await errorOf(engine.actor(second, 'o').snapshot());
    expect(root.code).toBe('ACTOR_PARKED');
    const better = await world.restart('stop', { migrations });
    expect(better.migrated).toEqual({ migrated: 2, parked: 0 });
    expect((await better.actor(second, 'o/hired').snapshot()).value).toBe('working');
    await world.time.settle();
    expect(handler.calls).toHaveLength(2);
  });

  it('loses the children that its migration leaves out: they are stopped', async () => {
    const handler = new ScriptedHandler();
    await using world = await hired(on, handler);
    const alone = migration<{ readonly total: number }>({
      machine: 'order',
      from: '1',
      to: '2',
      migrate: (actor) => ({ ...toSecond(actor), value: 'NEW', children: [] }),
    });
    const engine = await world.restart('abandon', { machines: [second], migrations: [alone] });
    expect(engine.migrated).toEqual({ migrated: 1, parked: 0 });
    expect(await world.row('o/hired')).toMatchObject({ status: 'stopped', running: false });
    expect(await world.history('o/hired')).toEqual([
      'started xstate.init',
      'received WORK',
      'noted actor.stopped',
    ]);
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    // Its id is free again, in the new version.
    await engine.actor(second, 'o').send({ type: 'HIRE' });
    expect(await world.row('o/hired')).toMatchObject({
      status: 'active',
      machineVersion: '2',
      incarnation: 2,
    });
  });
});

function team(version: string) {
  const kid = setup({ types: { events: {} as { readonly type: 'END' } } }).createMachine({
    id: 'kid',
    initial: 'on',
    states: { on: { on: { END: 'off' } }, off: { type: 'final' } },
  });
  const counter = fromTransition(
    (count: { readonly n: number }, event: { readonly type: 'ADD' }) =>
      event.type === 'ADD' ? { n: count.n + 1 } : count,
    { n: 0 },
  );
  return setup({
    types: {
      events: {} as
        | { readonly type: 'END' }
        | { readonly type: 'AGAIN' }
        | { readonly type: 'ADD' },
      context: {} as { readonly ended: number },
    },
    actors: { kid, counter },
  }).createMachine({
    id: 'team',
    version,
    context: { ended: 0 },
    invoke: { id: 'count', src: 'counter', systemId: 'the-count' },
    initial: 'with',
    on: { ADD: { actions: sendTo(({ system }) => system.get('the-count'), { type: 'ADD' }) } },
    states: {
      with: {
        invoke: {
          id: 'kid',
          src: 'kid',
          systemId: 'the-kid',
          onDone: {
            target: 'without',
            actions: assign({ ended: ({ context }) => context.ended + 1 }),
          },
        },
        on: { END: { actions: sendTo('kid', { type: 'END' }) } },
      },
      without: { on: { AGAIN: 'with' } },
    },
  });
}

const same = (machine: string): Migration =>
  migration({ machine, from: '1', to: '2', migrate: (actor) => actor });

describe('the journal of a migrated tree', () => {
  it('folds to its state without the old version, also after further steps', async () => {
    const handler = new ScriptedHandler();
    await using world = await hired('memory', handler);
    for (const [id, type] of [
      ['p', 'PAY'],
      ['w', 'WAIT'],
    ] as const) {
      const actor = await world.engine.start(first, { id });
      await actor.send({ type });
    }
    await world.time.settle();
    const engine = await world.restart('abandon', { machines: [second], migrations });
    await world.time.settle();
    for (const call of handler.calls.slice(2)) call.resolve('done');
    await world.time.advance(60_000);
    const states = await engine.read(['o', 'o/hired', 'p', 'w']);
    expect(states.map((state) => state?.value)).toEqual(['CHARGED', 'over', 'CHARGED', 'EXPIRED']);
    const report = await engine.verify();
    expect(report).toMatchObject({ actors: 4, mismatches: [], unverifiable: [], omitted: 0 });
  });
});

describe('a tree whose children are not changed', () => {
  const [v1, v2] = [team('1'), team('2')];

  it('needs the migration of its root only; transition logic and names go along', async () => {
    await using world = await openWorld({ machines: [v1], handlers: {} });
    const actor = await world.engine.start(v1, { id: 't' });
    await actor.send({ type: 'ADD' });
    const engine = await world.restart('stop', { machines: [v2], migrations: [same('team')] });
    expect(engine.migrated).toEqual({ migrated: 3, parked: 0 });
    await engine.actor(v2, 't').send({ type: 'ADD' });
    expect((await engine.actor(v2, 't/count').snapshot()).context).toEqual({ n: 2 });
    expect((await world.row('t/count')).machineVersion).toBe('2');
  });

  it('may have ended ones of the old version, whose ids are used again', async () => {
    await using world = await openWorld({ machines: [v1], handlers: {} });
    const actor = await world.engine.start(v1, { id: 't' });
    await actor.send({ type: 'END' });
    const engine = await world.restart('stop', { machines: [v2], migrations: [same('team')] });
    expect(engine.migrated).toEqual({ migrated: 2, parked: 0 });
    expect(await world.row('t/kid')).toMatchObject({ status: 'done', machineVersion: '1' });
    expect((await engine.actor(v2, 't/kid').snapshot()).status).toBe('done');
    await engine.actor(v2, 't').send({ type: 'AGAIN' });
    expect(await world.row('t/kid')).toMatchObject({
      status: 'active',
      machineVersion: '2',
      incarnation: 2,
    });
    await engine.actor(v2, 't').send({ type: 'END' });
    expect((await engine.actor(v2, 't').snapshot()).context).toEqual({ ended: 2 });
    expect(await world.deadLetters()).toEqual([]);
  });

  it('frees the name of a child that is left out', async () => {
    await using world = await openWorld({ machines: [v1], handlers: {} });
    await world.engine.start(v1, { id: 't' });
    const without = migration({
      machine: 'team',
      from: '1',
      to: '2',
      migrate: (actor: MigratingActor) => ({
        ...actor,
        value: 'without',
        children: actor.children.filter(({ id }) => id !== 'kid'),
      }),
    });
    const engine = await world.restart('stop', { machines: [v2], migrations: [without] });
    expect(engine.migrated).toEqual({ migrated: 2, parked: 0 });
    expect([...world.contents.systemIds.values()].map(({ systemId }) => systemId)).toEqual([
      'the-count',
    ]);
    await engine.actor(v2, 't').send({ type: 'AGAIN' });
    expect(
      (await collect(engine.list({ machine: 'team/kid' }))).map(({ status }) => status),
    ).toEqual(['active']);
  });
});
