// Messages between actors: all of a cascade in one commit, in order, and never lost without a trace.

import { actorRef, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

type Events =
  | { readonly type: 'TELL'; readonly to: string; readonly text: string }
  | { readonly type: 'SAID'; readonly text: string }
  | { readonly type: 'LATER'; readonly to: string; readonly delay: number }
  | { readonly type: 'COUNT'; readonly left: number }
  | { readonly type: 'BOOM' }
  | { readonly type: 'BOOM_AT'; readonly to: string }
  | { readonly type: 'UNKNOWN_TO'; readonly to: string };

interface Context {
  readonly heard: readonly string[];
}

const actor = setup({
  types: { context: {} as Context, events: {} as Events },
  actions: {
    explode: assign(() => {
      throw new Error('It explodes.');
    }),
  },
}).createMachine({
  id: 'actor',
  context: { heard: [] },
  on: {
    TELL: {
      actions: sendTo(
        ({ event }) => actorRef(event.to),
        ({ event }) => ({ type: 'SAID', text: event.text }),
      ),
    },
    SAID: { actions: assign({ heard: ({ context, event }) => [...context.heard, event.text] }) },
    COUNT: [
      {
        guard: ({ event }) => event.left > 0,
        actions: [
          assign({ heard: ({ context, event }) => [...context.heard, String(event.left)] }),
          sendTo(
            ({ self }) => self,
            ({ event }) => ({ type: 'COUNT', left: event.left - 1 }),
          ),
        ],
      },
      { actions: assign({ heard: ({ context }) => [...context.heard, 'done'] }) },
    ],
    BOOM: { actions: 'explode' },
    BOOM_AT: { actions: sendTo(({ event }) => actorRef(event.to), { type: 'BOOM' }) },
    UNKNOWN_TO: { actions: sendTo(({ event }) => actorRef(event.to), { type: 'NEVER_HEARD_OF' }) },
  },
});

/** What one step of the machine `slow` takes. */
let stall: () => void = () => undefined;

const slow = setup({
  types: { context: {} as Context, events: {} as Extract<Events, { type: 'SAID' }> },
}).createMachine({
  id: 'slow',
  context: { heard: [] },
  on: {
    SAID: {
      actions: assign(({ context, event }) => {
        stall();
        return { heard: [...context.heard, event.text] };
      }),
    },
  },
});

const machines = [actor];

describe('a message between two root actors', () => {
  it('is part of the commit that sent it, in contiguous positions, with its cause', async () => {
    await using world = await openWorld({ machines });
    const [a, b] = await Promise.all([
      world.engine.start(actor, { id: 'a' }),
      world.engine.start(actor, { id: 'b' }),
    ]);
    const tell = { type: 'TELL', to: 'b', text: 'hello' } as const;
    const receipt = await a.send(tell, { correlation: 'request-1' });
    expect(receipt).toMatchObject({ position: 3, revision: 2 });
    expect(world.store.commits.at(-1)?.journal).toHaveLength(2);
    expect((await collect(world.engine.events())).slice(2)).toMatchObject([
      { position: 3, actor: 'a', type: 'TELL', correlation: 'request-1', causation: null },
      { position: 4, actor: 'b', type: 'SAID', correlation: 'request-1', causation: 'a@2' },
    ]);
    expect((await b.snapshot()).context.heard).toEqual(['hello']);
  });

  it('loads an actor that is not in memory', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(actor, { id: 'a' });
    await world.engine.start(actor, { id: 'b' });
    const engine = await world.restart('stop');
    await engine.actor(actor, 'a').send({ type: 'TELL', to: 'b', text: 'hello' });
    expect((await engine.actor(actor, 'b').snapshot()).context.heard).toEqual(['hello']);
    const positions = (await collect(engine.events())).map(({ position }) => position);
    expect(positions).toEqual([1, 2, 3, 4]);
  });

  it('to nobody is kept as a dead letter, and delivered when somebody is there', async () => {
    await using world = await openWorld({ machines });
    const a = await world.engine.start(actor, { id: 'a' });
    expect(await a.send({ type: 'TELL', to: 'b', text: 'hello' })).toMatchObject({
      status: 'accepted',
    });
    const [letter] = await world.deadLetters();
    expect(letter).toMatchObject({
      reason: 'UNDELIVERABLE',
      actor: 'b',
      type: 'SAID',
      message: { event: { type: 'SAID', text: 'hello' }, causation: 'a@2' },
    });
    const id = letter?.id ?? 0;
    expect(await codeOf(world.engine.deadLetters.retry(id))).toBe('ACTOR_NOT_FOUND');
    const b = await world.engine.start(actor, { id: 'b' });
    expect(await world.engine.deadLetters.retry(id)).toMatchObject({ status: 'accepted' });
    expect((await b.snapshot()).context.heard).toEqual(['hello']);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('that the other does not handle changes nothing there', async () => {
    await using world = await openWorld({ machines });
    const a = await world.engine.start(actor, { id: 'a' });
    const b = await world.engine.start(actor, { id: 'b' });
    await a.send({ type: 'UNKNOWN_TO', to: 'b' });
    expect((await b.snapshot()).revision).toBe(1);
    expect((await a.snapshot()).revision).toBe(2);
  });

  it('that makes the other throw is refused and kept; neither of them fails', async () => {
    await using world = await openWorld({ machines });
    const a = await world.engine.start(actor, { id: 'a' });
    const b = await world.engine.start(actor, { id: 'b' });
    expect(await a.send({ type: 'BOOM_AT', to: 'b' })).toMatchObject({ status: 'accepted' });
    expect(await b.snapshot()).toMatchObject({ status: 'active', revision: 1 });
    expect((await a.snapshot()).status).toBe('active');
    expect(await world.deadLetters()).toMatchObject([
      { reason: 'STEP_FAILED', actor: 'b', type: 'BOOM' },
    ]);
  });

  it('to a failed actor waits as a dead letter until that one is resumed', async () => {
    const fx = effect<unknown, unknown>();
    const fragile = setup({
      types: { context: {} as Context, events: {} as Events },
      actors: { fx },
    }).createMachine({
      id: 'fragile',
      context: { heard: [] },
      initial: 'on',
      on: {
        SAID: {
          actions: assign({ heard: ({ context, event }) => [...context.heard, event.text] }),
        },
      },
      states: { on: { invoke: { src: 'fx', onDone: 'off' } }, off: {} },
    });
    const handler = new ScriptedHandler();
    const handlers = { fx: handler.run };
    await using world = await openWorld({ machines: [actor, fragile], handlers });
    const a = await world.engine.start(actor, { id: 'a' });
    const f = await world.engine.start(fragile, { id: 'f' });
    await world.time.settle();
    handler.last.reject(new Error('down'));
    await world.time.settle();
    expect((await f.snapshot()).status).toBe('error');
    await a.send({ type: 'TELL', to: 'f', text: 'wait' });
    const failed = await collect(world.engine.deadLetters.list({ reason: 'ACTOR_FAILED' }));
    expect(failed).toMatchObject([{ actor: 'f', type: 'SAID' }]);
    const [cause] = await collect(world.engine.deadLetters.list({ reason: 'STEP_FAILED' }));
    await world.engine.deadLetters.retry(cause?.id ?? 0);
    await world.engine.deadLetters.retry(failed[0]?.id ?? 0);
    expect((await f.snapshot()).context.heard).toEqual(['wait']);
  });
});

describe('a cascade', () => {
  it('runs to its end before the next message from outside', async () => {
    await using world = await openWorld({ machines });
    const a = await world.engine.start(actor, { id: 'a' });
    await Promise.all([a.send({ type: 'COUNT', left: 3 }), a.send({ type: 'SAID', text: 'next' })]);
    expect((await a.snapshot()).context.heard).toEqual(['3', '2', '1', 'done', 'next']);
  });

  it('that is longer than its bound goes on through the inbox, and still before the next message', async () => {
    await using world = await openWorld({ machines, limits: { cascade: 5 } });
    const a = await world.engine.start(actor, { id: 'a' });
    const commits = world.store.commits.length;
    await Promise.all([
      a.send({ type: 'COUNT', left: 20 }),
      a.send({ type: 'SAID', text: 'next' }),
    ]);
    await world.time.settle();
    const numbers = Array.from({ length: 20 }, (_, index) => String(20 - index));
    expect((await a.snapshot()).context.heard).toEqual([...numbers, 'done', 'next']);
    const kept = world.store.commits.slice(commits).map(({ inboxAdded = [] }) => inboxAdded.length);
    expect(kept.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(2);
    expect((await world.engine.health()).store?.inbox).toBe(0);
  });

  it('keeps the order of two messages from one actor to another, both past the bound', async () => {
    const teller = setup({
      types: { events: {} as { readonly type: 'START' } | { readonly type: 'ON' } },
    }).createMachine({
      id: 'teller',
      on: {
        START: {
          actions: [
            sendTo(({ self }) => self, { type: 'ON' }),
            sendTo(() => actorRef('a'), { type: 'SAID', text: 'first' }),
          ],
        },
        ON: { actions: sendTo(() => actorRef('a'), { type: 'SAID', text: 'second' }) },
      },
    });
    const limits = { cascade: 1, batch: 1 };
    await using world = await openWorld({ machines: [actor, teller], limits });
    const a = await world.engine.start(actor, { id: 'a' });
    await (await world.engine.start(teller, { id: 't' })).send({ type: 'START' });
    await world.time.settle();
    expect((await a.snapshot()).context.heard).toEqual(['first', 'second']);
  });

  it('goes on after a crash from where it had got to', async () => {
    await using world = await openWorld({ machines, limits: { cascade: 5 }, on: 'sqlite' });
    const a = await world.engine.start(actor, { id: 'a' });
    await a.send({ type: 'COUNT', left: 20 });
    const seen = (await a.snapshot()).context.heard.length;
    expect(seen).toBeLessThan(21);
    await world.abandon();
    const engine = await world.open();
    expect(engine.recovered.inbox).toBe(1);
    await world.time.settle();
    expect((await engine.actor(actor, 'a').snapshot()).context.heard).toHaveLength(21);
  });

  it('goes before what is sent right after the open', async () => {
    await using world = await openWorld({ machines, limits: { cascade: 5 }, on: 'sqlite' });
    const a = await world.engine.start(actor, { id: 'a' });
    await a.send({ type: 'COUNT', left: 8 });
    await world.abandon();
    const engine = await world.open();
    await engine.actor(actor, 'a').send({ type: 'SAID', text: 'next' });
    const { heard } = (await engine.actor(actor, 'a').snapshot()).context;
    expect(heard.slice(-2)).toEqual(['done', 'next']);
  });
});

describe('the order of messages', () => {
  it('is the order of sending for one actor, whatever the batches', async () => {
    await using world = await openWorld({ machines, limits: { batch: 3 } });
    const a = await world.engine.start(actor, { id: 'a' });
    const texts = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(texts.map((text) => a.send({ type: 'SAID', text })));
    expect((await a.snapshot()).context.heard).toEqual(texts);
  });

  it('is kept between two actors, with what each causes in between', async () => {
    await using world = await openWorld({ machines });
    const a = await world.engine.start(actor, { id: 'a' });
    const b = await world.engine.start(actor, { id: 'b' });
    await Promise.all([
      a.send({ type: 'TELL', to: 'b', text: '1' }),
      b.send({ type: 'SAID', text: '2' }),
      a.send({ type: 'TELL', to: 'b', text: '3' }),
    ]);
    expect((await b.snapshot()).context.heard).toEqual(['1', '2', '3']);
  });

  it('is kept when a turn has taken too long for the rest of its batch', async () => {
    const world = await openWorld({ machines: [slow], limits: { turnMs: 8 } });
    await using _ends = world;
    stall = () => world.time.stall(5);
    const a = await world.engine.start(slow, { id: 'a' });
    const commits = world.store.commits.length;
    const texts = ['1', '2', '3', '4', '5'];
    await Promise.all(texts.map((text) => a.send({ type: 'SAID', text })));
    expect((await a.snapshot()).context.heard).toEqual(texts);
    const sizes = world.store.commits.slice(commits).map(({ journal }) => journal.length);
    expect(sizes).toEqual([2, 2, 1]);
  });
});
