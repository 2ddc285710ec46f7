// What an event would do: told in full, and nothing of it done. What is told is what a send then does.

import { actorRef, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, cancel, emit, sendTo, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<number, unknown>({ timeout: '1h' });
const helper = setup({}).createMachine({ id: 'helper' });

const stock = setup({
  types: {
    context: {} as { readonly left: number },
    events: {} as { type: 'TAKE' },
    emitted: {} as { type: 'taken' },
  },
}).createMachine({
  id: 'stock',
  context: { left: 5 },
  on: {
    TAKE: {
      actions: [assign({ left: ({ context }) => context.left - 1 }), emit({ type: 'taken' })],
    },
  },
});

const order = setup({
  types: {
    context: {} as { readonly paid: boolean },
    events: {} as { type: 'PAY' } | { type: 'BACK' } | { type: 'THROW' } | { type: 'KEEP' },
    emitted: {} as { type: 'paying' },
  },
  actors: { charge, helper },
  actions: { mail: () => undefined },
}).createMachine({
  id: 'order',
  context: { paid: false },
  initial: 'open',
  states: {
    open: {
      after: { 60000: 'closed' },
      on: {
        PAY: {
          target: 'paying',
          actions: [
            emit({ type: 'paying' }),
            sendTo(() => actorRef('s'), { type: 'TAKE' }),
            'mail',
          ],
        },
        THROW: {
          actions: assign(() => {
            throw new TypeError('no such thing');
          }),
        },
        KEEP: { actions: cancel('nothing') },
      },
    },
    paying: {
      invoke: [
        { id: 'pay', src: 'charge', input: 12 },
        { id: 'help', src: 'helper' },
      ],
      after: { 30000: 'open' },
      on: { BACK: 'open' },
    },
    closed: { type: 'final' },
  },
});

async function shop(): Promise<EngineWorld> {
  const world = await openWorld({
    machines: [order, stock],
    handlers: { charge: new ScriptedHandler().run },
  });
  await world.engine.start(stock, { id: 's' });
  await world.engine.start(order, { id: 'o' });
  return world;
}

describe('preview', () => {
  it('tells all that the event would do, here and elsewhere, and does nothing of it', async () => {
    await using world = await shop();
    const { engine, time } = world;
    const heard: unknown[] = [];
    engine.inspect((event) => heard.push(event));
    const actor = engine.actor(order, 'o');
    const before = await world.row('o');
    const commits = world.store.commits.length;
    const preview = await actor.preview({ type: 'PAY' });
    expect(preview).toMatchObject({ status: 'accepted', error: null, enabled: [] });
    expect(preview.snapshot).toMatchObject({ id: 'o', value: 'paying', revision: 3 });
    expect(preview.emitted).toEqual([
      { actor: 'o', event: { type: 'paying' } },
      { actor: 's', event: { type: 'taken' } },
    ]);
    expect(preview.messages).toEqual([{ to: 's', event: { type: 'TAKE' }, causation: 'o@2' }]);
    expect(preview.effects.started).toEqual([
      {
        actor: 'o',
        id: 'action:2.0',
        name: 'mail',
        key: 'o@2:action:2.0',
        input: expect.anything(),
      },
      { actor: 'o', id: 'pay', name: 'charge', key: 'o@2:pay', input: 12 },
    ]);
    expect(preview.effects.stopped).toEqual([]);
    expect(preview.children).toEqual({ started: [{ id: 'o/help', input: null }], ended: [] });
    expect(preview.timers.armed).toMatchObject([
      { actor: 'o', eventType: 'xstate.after.30000.order.paying', dueAt: time.now + 30_000 },
    ]);
    expect(preview.timers.cancelled).toMatchObject([
      { actor: 'o', eventType: 'xstate.after.60000.order.open' },
    ]);
    await time.settle();
    expect(world.store.commits).toHaveLength(commits);
    expect(heard).toEqual([]);
    expect(await world.row('o')).toEqual(before);
    expect((await engine.actor(stock, 's').snapshot()).context.left).toBe(5);
    expect(await codeOf(engine.actor(helper, 'o/help').snapshot())).toBe('ACTOR_NOT_FOUND');
  });

  it('tells what a send then does', async () => {
    await using world = await shop();
    const actor = world.engine.actor(order, 'o');
    const preview = await actor.preview({ type: 'PAY' });
    await actor.send({ type: 'PAY' });
    const { revision, value, context, timers, effects } = await actor.snapshot();
    expect({ revision, value, context, timers }).toEqual({
      revision: preview.snapshot.revision,
      value: preview.snapshot.value,
      context: preview.snapshot.context,
      timers: preview.snapshot.timers,
    });
    expect(preview.effects.started.map(({ key }) => key)).toEqual(effects.map(({ key }) => key));
    const back = await actor.preview({ type: 'BACK' });
    expect(back.effects.stopped).toEqual([
      { actor: 'o', id: 'pay', name: 'charge', key: 'o@2:pay', input: 12 },
    ]);
    expect(back.children.ended).toEqual([{ id: 'o/help', status: 'stopped' }]);
  });

  it('tells of a rejection, with the events that would be taken', async () => {
    await using world = await shop();
    const actor = world.engine.actor(order, 'o');
    const preview = await actor.preview({ type: 'BACK' });
    expect(preview).toMatchObject({ status: 'rejected', emitted: [], messages: [] });
    expect(preview.enabled).toEqual(['KEEP', 'PAY', 'THROW']);
    expect(preview.snapshot.value).toBe('open');
  });

  it('tells of a failure, and leaves no dead letter', async () => {
    await using world = await shop();
    const preview = await world.engine.actor(order, 'o').preview({ type: 'THROW' });
    expect(preview).toMatchObject({
      status: 'failed',
      error: { name: 'TypeError', message: 'no such thing' },
    });
    expect(preview.snapshot.value).toBe('open');
    expect(await collect(world.engine.deadLetters.list())).toEqual([]);
  });

  it('sees what was sent before it, and nothing that was sent after', async () => {
    await using world = await shop();
    const s = world.engine.actor(stock, 's');
    const sent = s.send({ type: 'TAKE' });
    const preview = s.preview({ type: 'TAKE' });
    const later = s.send({ type: 'TAKE' });
    expect((await preview).snapshot.context.left).toBe(3);
    await Promise.all([sent, later]);
    expect((await s.snapshot()).context.left).toBe(3);
  });

  it('loads what is not in memory, and reads the actors that the event reaches', async () => {
    await using world = await shop();
    await world.restart('abandon');
    const preview = await world.engine.actor(order, 'o').preview({ type: 'PAY' });
    expect(preview.emitted.map(({ actor }) => actor)).toEqual(['o', 's']);
  });

  it('refuses what send refuses', async () => {
    await using world = await shop();
    const { engine } = world;
    const forged: { type: 'PAY' } = { type: 'xstate.init' } as never;
    expect(await codeOf(engine.actor(order, 'o').preview(forged))).toBe('BAD_EVENT');
    expect(await codeOf(engine.actor(order, 'nobody').preview({ type: 'PAY' }))).toBe(
      'ACTOR_NOT_FOUND',
    );
    await world.stop();
    expect(await codeOf(engine.actor(order, 'o').preview({ type: 'PAY' }))).toBe('ENGINE_STOPPED');
  });

  it('fails where the new state would be too large to store', async () => {
    const heap = setup({
      types: { context: {} as { text: string }, events: {} as { type: 'GROW' } },
    }).createMachine({
      id: 'heap',
      context: { text: '' },
      on: { GROW: { actions: assign({ text: 'x'.repeat(5_000) }) } },
    });
    await using world = await openWorld({ machines: [heap], limits: { snapshotLength: 2_000 } });
    const actor = await world.engine.start(heap, { id: 'h' });
    expect(await actor.preview({ type: 'GROW' })).toMatchObject({
      status: 'failed',
      error: { code: 'VALUE_TOO_LARGE' },
    });
  });
});
