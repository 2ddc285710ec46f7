// Actors whose rows cannot be understood: kept as they are, visible, and taken up again when they can
// be; nobody else notices.

import { actorRef, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { sendTo, setup } from 'xstate';
import { codeOf, collect, errorOf } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<unknown, unknown>({ timeout: '1h' });

const order = setup({
  types: { events: {} as { readonly type: 'PAY' } | { readonly type: 'WAIT' } },
  actors: { charge },
}).createMachine({
  id: 'order',
  initial: 'PENDING',
  states: {
    PENDING: { on: { PAY: 'PAYING', WAIT: 'WAITING' } },
    PAYING: { invoke: { id: 'pay', src: 'charge', onDone: 'PAID' } },
    WAITING: { after: { 60000: 'EXPIRED' } },
    PAID: {},
    EXPIRED: {},
  },
});

const renamed = setup({
  types: { events: {} as { readonly type: 'PAY' } | { readonly type: 'WAIT' } },
  actors: { charge },
}).createMachine({
  id: 'order',
  initial: 'NEW',
  states: { NEW: { on: { PAY: 'DONE', WAIT: 'DONE' } }, DONE: {} },
});

// It knows the effect as well: a handler that no machine uses would be refused.
const cart = setup({
  types: { events: {} as { readonly type: 'GO' } | { readonly type: 'TELL' } },
  actors: { charge },
}).createMachine({
  id: 'cart',
  initial: 'open',
  on: { TELL: { actions: sendTo(() => actorRef('o'), { type: 'PAY' }) } },
  states: { open: { on: { GO: 'gone' } }, gone: {} },
});

/** A world whose order `o` was left behind by an engine that knew its machine. */
async function leftBehind(
  event: 'PAY' | 'WAIT' | null,
  handler: ScriptedHandler = new ScriptedHandler(),
): Promise<EngineWorld> {
  const handlers = { charge: handler.run };
  const world = await openWorld({ machines: [order, cart], handlers });
  const actor = await world.engine.start(order, { id: 'o' });
  if (event !== null) await actor.send({ type: event });
  await world.engine.start(cart, { id: 'c' });
  await world.time.settle();
  await world.abandon();
  return world;
}

/** Changes a row behind the engine's back, as an accident with a SQL prompt would. */
function damage(world: EngineWorld, column: 'pending' | 'snapshot', text: string): void {
  const { address } = actorRef('o');
  const record = world.contents.actors.get(address);
  if (record === undefined) throw new Error('There is nothing to damage.');
  world.contents.actors.set(address, { ...record, [column]: text });
}

describe('an actor of a machine that is not registered', () => {
  it('is parked when it is touched: visible, unchanged, and refused with the reason', async () => {
    await using world = await leftBehind(null);
    const before = world.contents.actors.get(actorRef('o').address);
    const engine = await world.open({ machines: [cart] });
    const error = await errorOf(engine.actor(order, 'o').send({ type: 'PAY' }));
    expect(error.code).toBe('ACTOR_PARKED');
    expect(error.message).toContain('"order" version 1');
    expect(await codeOf(engine.actor(order, 'o').snapshot())).toBe('ACTOR_PARKED');
    expect(await codeOf(engine.actor(order, 'o').waitFor('PAID'))).toBe('ACTOR_PARKED');
    expect(await collect(engine.list({ status: 'parked' }))).toMatchObject([{ id: 'o' }]);
    expect(await world.row('o')).toEqual({ ...before, status: 'parked' });
    expect(await engine.health()).toMatchObject({
      level: 'yellow',
      problems: ['1 actor is parked.'],
    });
  });

  it('does not keep others from going on, in the same batch', async () => {
    await using world = await leftBehind(null);
    const engine = await world.open({ machines: [cart] });
    const sent = await Promise.allSettled([
      engine.actor(order, 'o').send({ type: 'PAY' }),
      engine.actor(cart, 'c').send({ type: 'GO' }),
    ]);
    expect(sent.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('keeps its journal readable', async () => {
    await using world = await leftBehind('PAY');
    const engine = await world.open({ machines: [cart] });
    const types = (await collect(engine.actor(order, 'o').history())).map(({ type }) => type);
    expect(types).toEqual(['xstate.init', 'PAY']);
  });

  it('is parked at the open when its effect was in flight; the effect runs when it is known again', async () => {
    const handler = new ScriptedHandler();
    await using world = await leftBehind('PAY', handler);
    await world.open({ machines: [cart] });
    expect(await world.row('o')).toMatchObject({ status: 'parked', running: false });
    expect(handler.calls).toHaveLength(1);
    const engine = await world.restart('stop', { machines: [cart, order] });
    expect(engine.recovered).toMatchObject({ released: 1, effects: 1 });
    await world.time.settle();
    expect(handler.calls.map(({ key, attempt }) => `${key} ${attempt}`)).toEqual([
      'o@2:pay 1',
      'o@2:pay 2',
    ]);
    handler.last.resolve();
    await world.time.settle();
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('PAID');
    expect((await engine.health()).level).toBe('green');
  });

  it('is parked when its timer falls due, which fires when it is known again', async () => {
    await using world = await leftBehind('WAIT');
    await world.open({ machines: [cart] });
    await world.time.advance(60_000);
    expect(await world.row('o')).toMatchObject({ status: 'parked', wakeAt: null });
    const engine = await world.restart('stop', { machines: [cart, order] });
    await world.time.advance(1_000);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('EXPIRED');
  });

  it('keeps what other actors send it as dead letters', async () => {
    await using world = await leftBehind(null);
    const engine = await world.open({ machines: [cart] });
    expect(await engine.actor(cart, 'c').send({ type: 'TELL' })).toMatchObject({
      status: 'accepted',
    });
    expect(await world.deadLetters()).toMatchObject([{ reason: 'UNDELIVERABLE', actor: 'o' }]);
  });

  it('is not started anew under its id', async () => {
    await using world = await leftBehind(null);
    const other = setup({}).createMachine({ id: 'other' });
    const engine = await world.open({ machines: [other], handlers: {} });
    expect(await codeOf(engine.start(other, { id: 'o', ifExists: 'attach' }))).toBe('ACTOR_PARKED');
    expect(await codeOf(engine.actor(order, 'o').stop())).toBe('ACTOR_PARKED');
  });
});

describe('an actor in a state that its machine does not have any more', () => {
  it('is parked, and released by the machine that has it', async () => {
    await using world = await leftBehind('WAIT');
    const engine = await world.open({ machines: [renamed, cart], drift: 'allow' });
    const error = await errorOf(engine.actor(renamed, 'o').send({ type: 'PAY' }));
    expect(error.code).toBe('ACTOR_PARKED');
    expect(error.message).toContain('WAITING');
    const again = await world.restart('stop', { machines: [order, cart] });
    expect((await again.actor(order, 'o').snapshot()).value).toBe('WAITING');
  });
});

describe('an actor whose row is damaged', () => {
  it.each([
    ['snapshot', '{"status":"active","value":'],
    ['snapshot', '"just text"'],
    ['snapshot', '{"status":"active"}'],
    ['pending', 'not json'],
    ['snapshot', '{"status":"active","value":{"no":"such"},"context":{},"inputHash":"x"}'],
  ] as const)('is parked, not repaired, and others go on: %s %s', async (column, text) => {
    await using world = await leftBehind(null);
    damage(world, column, text);
    const engine = await world.open();
    expect(await codeOf(engine.actor(order, 'o').send({ type: 'PAY' }))).toBe('ACTOR_PARKED');
    expect(await world.row('o')).toMatchObject({ status: 'parked', [column]: text });
    expect(await engine.actor(cart, 'c').send({ type: 'GO' })).toMatchObject({ value: 'gone' });
  });

  it('does not keep the engine from opening, also when its effect was in flight', async () => {
    await using world = await leftBehind('PAY');
    damage(world, 'snapshot', '{');
    const engine = await world.open();
    expect(await engine.actor(cart, 'c').send({ type: 'GO' })).toMatchObject({ value: 'gone' });
    expect(await world.row('o')).toMatchObject({ status: 'parked' });
  });
});
