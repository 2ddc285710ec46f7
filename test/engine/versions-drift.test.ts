// A chart that was changed under an unchanged version while its actors are in flight: told at open, with
// what does not fit any more.

import { effect, migration } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { createMachine, setup } from 'xstate';
import { errorOf } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<unknown, unknown>({ timeout: '1h' });
const handlers = { charge: new ScriptedHandler().run };

type Send = { readonly type: 'FAIL' | 'PAY' | 'WAIT' };

function order(names: { readonly pay: string; readonly wait: string; readonly version?: string }) {
  const { pay, wait, version = '1' } = names;
  const states = {
    PENDING: { on: { PAY: pay, WAIT: wait, FAIL: 'PAID' } },
    [pay]: { invoke: { id: 'call', src: 'charge', onDone: 'PAID' } },
    [wait]: { after: { 60000: 'PAID' } },
    PAID: { type: 'final' },
  };
  return setup({ types: { events: {} as Send }, actors: { charge } }).createMachine({
    id: 'order',
    version,
    initial: 'PENDING',
    states: states as Readonly<Record<string, object>>,
  });
}

const before = order({ pay: 'PAYING', wait: 'WAITING' });
const after = order({ pay: 'CHARGING', wait: 'WAITING' });
/** The same states; what has been started in one of them is not part of it any more. */
const without = setup({ types: { events: {} as Send }, actors: { charge } }).createMachine({
  id: 'order',
  initial: 'PENDING',
  states: {
    PENDING: { on: { PAY: 'PAYING', WAIT: 'WAITING', FAIL: 'PAID' } },
    PAYING: {},
    WAITING: {},
    PAID: { type: 'final' },
  },
});

async function leftBehind(
  on: 'memory' | 'sqlite',
  actors: Readonly<Record<string, Send['type'] | null>>,
): Promise<EngineWorld> {
  const world = await openWorld({ on, machines: [before], handlers });
  for (const [id, type] of Object.entries(actors)) {
    const actor = await world.engine.start(before, { id });
    if (type !== null) await actor.send({ type });
  }
  await world.abandon();
  return world;
}

describe.each(['memory', 'sqlite'] as const)('a changed chart, in %s', (on) => {
  it('is refused under an unchanged version, with states, counts and some of the actors', async () => {
    await using world = await leftBehind(on, { a: null, b: 'PAY', c: 'PAY', d: 'WAIT', e: 'FAIL' });
    const error = await errorOf(world.open({ machines: [after] }));
    expect(error.code).toBe('MACHINE_DRIFT');
    expect(error.details).toEqual({
      drifts: [
        {
          machine: 'order',
          version: '1',
          actors: 4,
          misfits: 2,
          states: { PAYING: 2 },
          sample: [
            { id: 'b', why: 'state PAYING' },
            { id: 'c', why: 'state PAYING' },
          ],
        },
      ],
    });
    expect(error.message).toContain('"order" has changed under version 1, with 4 in flight');
    expect(error.message).toContain('2 of them fit it no more: 2 in PAYING');
    const engine = await world.open({ machines: [before] });
    expect((await engine.actor(before, 'b').snapshot()).value).toBe('PAYING');
  });

  it('names timers and effects that its states have no more, and few of many actors', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`w${index}`, 'WAIT']),
    );
    await using world = await leftBehind(on, { p: 'PAY', ...(many as Record<string, 'WAIT'>) });
    const { details } = await errorOf(world.open({ machines: [without], handlers }));
    expect(details['drifts']).toMatchObject([
      { actors: 21, misfits: 21, states: { PAYING: 1, WAITING: 20 } },
    ]);
    const [{ sample }] = details['drifts'] as [{ sample: readonly { id: string; why: string }[] }];
    expect(sample).toHaveLength(5);
    expect(sample.find(({ id }) => id === 'p')?.why).toBe('effect "call"');
    expect(sample.find(({ id }) => id === 'w0')?.why).toBe(
      'timer "xstate.after.60000.order.WAITING"',
    );
  });

  it('is told even when all actors still fit: they would meet what nobody has checked', async () => {
    await using world = await leftBehind(on, { a: null });
    const error = await errorOf(world.open({ machines: [after] }));
    expect(error.message).toContain('with 1 in flight; all of them still fit');
  });

  it('is taken when its actors have ended', async () => {
    await using world = await leftBehind(on, { e: 'FAIL' });
    await world.open({ machines: [after] });
    await world.restart('stop');
    // From now on it is the other way round.
    await world.engine.start(after, { id: 'x' });
    await world.stop();
    expect((await errorOf(world.open({ machines: [before] }))).code).toBe('MACHINE_DRIFT');
  });

  it('is taken with a warning where that is allowed: what does not fit is parked', async () => {
    await using world = await leftBehind(on, { a: null, b: 'PAY' });
    const told: string[] = [];
    const logger = {
      info: () => undefined,
      warn: (message: string) => told.push(message),
      error: () => undefined,
    };
    const engine = await world.open({ machines: [after], drift: 'allow', logger });
    expect(told).toEqual([expect.stringContaining('"order" has changed under version 1')]);
    await engine.actor(after, 'a').send({ type: 'PAY' });
    expect((await engine.actor(after, 'a').snapshot()).value).toBe('CHARGING');
    expect(await world.row('b')).toMatchObject({ status: 'parked', state: 'PAYING' });
    // It is the chart from now on: no second warning.
    await world.restart('stop', { drift: 'refuse' });
    expect(told).toHaveLength(1);
  });
});

describe('a changed chart', () => {
  it('is no drift under a new version', async () => {
    await using world = await leftBehind('memory', { b: 'PAY' });
    const next = order({ pay: 'CHARGING', wait: 'WAITING', version: '2' });
    const engine = await world.open({ machines: [before, next] });
    expect((await engine.actor(before, 'b').snapshot()).value).toBe('PAYING');
  });

  it('is no drift of a version whose actors leave it anyway', async () => {
    await using world = await leftBehind('memory', { a: null });
    const next = order({ pay: 'CHARGING', wait: 'WAITING', version: '2' });
    const migrations = [
      migration({ machine: 'order', from: '1', to: '2', migrate: (actor) => actor }),
    ];
    const engine = await world.open({ machines: [without, next], migrations });
    expect(engine.migrated.migrated).toBe(1);
  });

  it('counts failed actors, too', async () => {
    const bad = createMachine({
      id: 'thrower',
      initial: 'A',
      states: {
        A: {
          after: {
            1000: {
              target: 'B',
              guard: () => {
                throw new Error('no');
              },
            },
          },
        },
        B: {},
      },
    });
    const mended = createMachine({
      id: 'thrower',
      initial: 'A',
      states: { A: { after: { 1000: 'B' } }, B: {} },
    });
    await using world = await openWorld({ machines: [bad] });
    const actor = await world.engine.start(bad, { id: 't' });
    await world.time.advance(1_000);
    expect((await actor.snapshot()).status).toBe('error');
    await world.stop();
    const error = await errorOf(world.open({ machines: [mended] }));
    expect(error.message).toContain('with 1 in flight');
  });

  it('of a child machine is told by its name', async () => {
    const parent = (state: string) => {
      const child = createMachine({ id: 'c', initial: state, states: { [state]: {} } });
      return setup({ actors: { child } }).createMachine({
        id: 'parent',
        invoke: { id: 'kid', src: 'child' },
      });
    };
    await using world = await openWorld({ machines: [parent('on')] });
    const [machine] = [parent('on')];
    await world.restart('stop', { machines: [machine] });
    await world.engine.start(machine, { id: 'p' });
    await world.stop();
    const error = await errorOf(world.open({ machines: [parent('off')] }));
    expect(error.message).toContain('"parent/child" has changed under version 1');
    expect(error.message).toContain('p/kid: state on');
  });

  it('is not told by code: guards, actions and handlers may change behind their names', async () => {
    const counter = (by: number) =>
      setup({ guards: { may: () => by > 0 }, actions: { note: () => void by } }).createMachine({
        id: 'counter',
        initial: 'A',
        states: { A: { on: { GO: { target: 'B', guard: 'may', actions: 'note' } } }, B: {} },
      });
    const one = counter(1);
    await using world = await openWorld({ machines: [one] });
    await world.engine.start(one, { id: 'c' });
    const engine = await world.restart('stop', { machines: [counter(0)] });
    expect((await engine.actor(one, 'c').snapshot()).value).toBe('A');
  });
});
