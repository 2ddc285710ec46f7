// One word for a probe and a sentence for each problem: green, something waits, somebody must act.

import { effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { codeOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { failing, ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<unknown, unknown>({ timeout: '1h' }, failing);

const order = setup({
  types: {
    events: {} as
      | { readonly type: 'BREAK' }
      | { readonly type: 'PAY' }
      | { readonly type: 'LEAVE' },
  },
  actors: { charge },
}).createMachine({
  id: 'order',
  initial: 'idle',
  states: {
    idle: {
      on: {
        PAY: 'paying',
        BREAK: {
          actions: assign(() => {
            throw new Error('broken');
          }),
        },
      },
    },
    paying: { on: { LEAVE: 'idle' }, invoke: { src: 'charge', onDone: 'idle' } },
  },
});

const machines = [order];

describe('health', () => {
  it('is green when nothing waits for anybody, with numbers', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await (await world.engine.start(order, { id: 'o' })).send({ type: 'PAY' });
    await world.time.settle();
    expect(await world.engine.health()).toMatchObject({
      level: 'green',
      status: 'running',
      problems: [],
      mailbox: 0,
      effectsInFlight: 1,
      effectsWaiting: 0,
      cachedActors: 1,
      store: { durability: 'full', actors: 1, parked: 0, failed: 0, deadLetters: {}, inbox: 0 },
    });
  });

  it('is yellow when there are dead letters', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await codeOf(actor.send({ type: 'BREAK' }));
    expect(await world.engine.health()).toMatchObject({
      level: 'yellow',
      problems: ['1 dead letter: STEP_FAILED.'],
    });
  });

  it('is yellow when an actor has failed', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await (await world.engine.start(order, { id: 'o' })).send({ type: 'PAY' });
    await world.time.settle();
    handler.last.reject(new Error('down'));
    await world.time.settle();
    const { level, problems } = await world.engine.health();
    expect(level).toBe('yellow');
    expect(problems).toContain('1 actor has failed.');
  });

  it('is red when an effect has succeeded for nobody, until somebody has decided', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    await actor.send({ type: 'LEAVE' });
    handler.last.resolve();
    await world.time.settle();
    expect((await world.engine.health()).level).toBe('red');
    const [letter] = await world.deadLetters();
    await world.engine.deadLetters.discard(letter?.id ?? 0);
    expect((await world.engine.health()).level).toBe('green');
  });

  it('counts what waits in the mailbox', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const release = world.store.hold();
    const sent = [actor.send({ type: 'PAY' })];
    await world.time.settle();
    sent.push(actor.send({ type: 'LEAVE' }), actor.send({ type: 'PAY' }));
    expect((await world.engine.health()).mailbox).toBe(2);
    release();
    await Promise.all(sent);
    await world.time.settle();
    expect((await world.engine.health()).mailbox).toBe(0);
  });

  it('can be asked after a stop, when there is no store any more', async () => {
    await using world = await openWorld({ machines });
    await world.engine.stop();
    expect(await world.engine.health()).toMatchObject({ status: 'stopped', store: null });
  });
});
