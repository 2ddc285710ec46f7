// Those who watch: they hear of what is committed, in the order of the commits, and cannot harm.

import { actorRef, EngineError, type EngineInspectionEvent, type Logger } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, emit, sendTo, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const counter = setup({
  types: {
    context: {} as { readonly count: number },
    events: {} as { readonly type: 'ADD' } | { readonly type: 'PASS'; readonly to: string },
    emitted: {} as { readonly type: 'counted' },
  },
}).createMachine({
  id: 'counter',
  context: { count: 0 },
  initial: 'on',
  on: {
    ADD: {
      actions: [
        assign({ count: ({ context }) => context.count + 1 }),
        emit({ type: 'counted' } as const),
      ],
    },
    PASS: { actions: sendTo(({ event }) => actorRef(event.to), { type: 'ADD' }) },
  },
  states: { on: {} },
});

const machines = [counter];
const full = new EngineError('STORE_FULL', 'No room.');

describe('a subscriber', () => {
  it('hears each committed snapshot of its actor from now on, in order', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(counter, { id: 'a' });
    const other = await world.engine.start(counter, { id: 'b' });
    await actor.send({ type: 'ADD' });
    const heard: unknown[] = [];
    actor.subscribe(({ context, revision }) => heard.push(`${context.count}@${revision}`));
    await Promise.all([
      actor.send({ type: 'ADD' }),
      other.send({ type: 'ADD' }),
      actor.send({ type: 'ADD' }),
    ]);
    expect(heard).toEqual(['2@4', '3@6']);
  });

  it('has heard of a message when its sender gets the receipt, and never before the commit', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(counter, { id: 'a' });
    const heard: number[] = [];
    actor.subscribe(({ context }) => heard.push(context.count));
    const release = world.store.hold();
    const sent = actor.send({ type: 'ADD' });
    await world.time.settle();
    expect(heard).toEqual([]);
    release();
    await sent;
    expect(heard).toEqual([1]);
  });

  it('hears nothing of a commit that failed', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(counter, { id: 'a' });
    const heard: number[] = [];
    actor.subscribe(({ context }) => heard.push(context.count));
    world.store.judge = () => full;
    expect(await codeOf(actor.send({ type: 'ADD' }))).toBe('STORE_FULL');
    world.store.judge = () => null;
    await world.time.advance(1_000);
    await actor.send({ type: 'ADD' });
    expect(heard).toEqual([1]);
  });

  it('hears that its actor was stopped, and nothing after it has unsubscribed', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(counter, { id: 'a' });
    const heard: string[] = [];
    const subscription = actor.subscribe(({ status }) => heard.push(status));
    const left = actor.subscribe(() => heard.push('never'));
    left.unsubscribe();
    await actor.stop();
    expect(heard).toEqual(['stopped']);
    subscription.unsubscribe();
  });

  it('that throws is logged; the others are told, and the sender has its receipt', async () => {
    const errors: unknown[] = [];
    const logger: Logger = {
      info: () => undefined,
      warn: () => undefined,
      error: (message, { error }) => errors.push([message, String(error)]),
    };
    await using world = await openWorld({ machines, logger });
    const actor = await world.engine.start(counter, { id: 'a' });
    const heard: string[] = [];
    const rude = (): never => {
      throw new Error('rude');
    };
    actor.subscribe(rude);
    actor.subscribe(() => heard.push('subscriber'));
    actor.on('counted', rude);
    actor.on('counted', () => heard.push('listener'));
    world.engine.inspect(rude);
    world.engine.inspect(({ type }) => heard.push(type));
    expect(await actor.send({ type: 'ADD' })).toMatchObject({ status: 'accepted' });
    expect(heard).toEqual(['@xstate.event', '@xstate.snapshot', 'subscriber', 'listener']);
    expect(errors).toEqual([
      ['An inspector threw.', 'Error: rude'],
      ['An inspector threw.', 'Error: rude'],
      ['A subscriber threw.', 'Error: rude'],
      ['A listener threw.', 'Error: rude'],
    ]);
    expect(await actor.send({ type: 'ADD' })).toMatchObject({ status: 'accepted' });
  });

  it('may send from where it hears, without an end to the turn that told it', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(counter, { id: 'a' });
    const sent: Promise<unknown>[] = [];
    actor.subscribe(({ context }) => {
      if (context.count < 3) sent.push(actor.send({ type: 'ADD' }));
    });
    await actor.send({ type: 'ADD' });
    await world.time.settle();
    expect((await actor.snapshot()).context.count).toBe(3);
    expect(await Promise.all(sent)).toHaveLength(2);
  });
});

describe('an inspector', () => {
  it("hears of all actors in the order of the commit, in XState's shapes", async () => {
    await using world = await openWorld({ machines });
    await world.engine.start(counter, { id: 'b' });
    const heard: EngineInspectionEvent[] = [];
    const subscription = world.engine.inspect((event) => heard.push(event));
    const actor = await world.engine.start(counter, { id: 'a' });
    await actor.send({ type: 'PASS', to: 'b' });
    const lines = heard.map(({ type, actorRef: { id }, ...event }) =>
      'event' in event ? `${type} ${id} ${event.event.type}` : `${type} ${id}`,
    );
    expect(lines).toEqual([
      '@xstate.actor a',
      '@xstate.event a xstate.init',
      '@xstate.snapshot a xstate.init',
      '@xstate.event a PASS',
      '@xstate.snapshot a PASS',
      '@xstate.event b ADD',
      '@xstate.snapshot b ADD',
    ]);
    expect(heard.at(-1)).toMatchObject({ rootId: 'b', snapshot: { context: { count: 1 } } });
    subscription.unsubscribe();
    await actor.send({ type: 'ADD' });
    expect(heard).toHaveLength(7);
  });

  it('hears who has sent an event, and with which revision it has come', async () => {
    await using world = await openWorld({ machines });
    await world.engine.start(counter, { id: 'b' });
    const actor = await world.engine.start(counter, { id: 'a' });
    const heard: unknown[] = [];
    const times: number[] = [];
    await world.time.advance(1_000);
    world.engine.inspect((event) => {
      if (event.type !== '@xstate.event') return;
      const { actorRef: to, sourceRef, revision, at } = event;
      heard.push([sourceRef?.address ?? null, event.event.type, to.address, revision]);
      times.push(at);
    });
    await actor.send({ type: 'PASS', to: 'b' });
    await world.engine.transact((transaction) => transaction.send(actor, { type: 'ADD' }).status, {
      key: 'k',
    });
    expect(heard).toEqual([
      [null, 'PASS', 'a', 2],
      ['a', 'ADD', 'b', 2],
      [null, 'ADD', 'a', 3],
    ]);
    const received = (await collect(world.engine.events())).filter(
      ({ kind }) => kind === 'received',
    );
    expect(times).toEqual(received.map(({ at }) => at));
  });

  it('hears of an actor that fails, goes on and is stopped', async () => {
    let isBroken = true;
    const fragile = setup({
      actions: {
        mayThrow: assign(() => {
          if (isBroken) throw new Error('not yet');
          return {};
        }),
      },
    }).createMachine({
      id: 'fragile',
      after: { 1000: { actions: 'mayThrow' } },
    });
    await using world = await openWorld({ machines: [fragile], verified: false });
    const actor = await world.engine.start(fragile, { id: 'a' });
    const heard: string[] = [];
    world.engine.inspect((event) => {
      if (event.type === '@xstate.snapshot') heard.push(`${event.event.type} ${event.status}`);
    });
    await world.time.advance(1_000);
    isBroken = false;
    for await (const { id } of world.engine.deadLetters.list()) {
      await world.engine.deadLetters.retry(id);
    }
    await actor.stop();
    expect(heard).toEqual([
      'actor.failed error',
      'actor.resumed active',
      'xstate.after.1000.fragile active',
      'xstate.stop stopped',
    ]);
  });
});
