// Stores that fail: who is told what, what is tried again, and that nothing is lost or half done.

import { EngineError, type ErrorCode, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { codeOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { failing, ScriptedHandler } from '../support/scripted-handler.ts';
import type { Commit, Judge } from '../support/scripted-store.ts';

const charge = effect<unknown, unknown>(
  {
    timeout: '1h',
    retry: { attempts: 2, jitter: false, initial: '1s' },
  },
  failing,
);

const order = setup({
  types: {
    context: {} as { readonly notes: readonly string[] },
    events: {} as
      | { readonly type: 'PAY' }
      | { readonly type: 'NOTE'; readonly text: string }
      | { readonly type: 'DUE' },
  },
  actors: { charge },
}).createMachine({
  id: 'order',
  context: { notes: [] },
  initial: 'PENDING',
  on: {
    NOTE: { actions: assign({ notes: ({ context, event }) => [...context.notes, event.text] }) },
  },
  states: {
    PENDING: { on: { PAY: 'PAYING', DUE: 'TIMED' } },
    PAYING: {
      invoke: {
        id: 'pay',
        src: 'charge',
        onDone: {
          target: 'PAID',
          actions: assign({ notes: ({ event }) => [String(event.output)] }),
        },
        onError: 'UNPAID',
      },
    },
    TIMED: { after: { 1000: 'EXPIRED' } },
    PAID: {},
    UNPAID: {},
    EXPIRED: {},
  },
});

const machines = [order];
const failure = (code: ErrorCode): EngineError => new EngineError(code, `The disk says ${code}.`);
const always =
  (code: ErrorCode): Judge =>
  () =>
    failure(code);
const touches = (commit: Commit, type: string): boolean =>
  commit.journal.some((entry) => entry.type === type);

describe.each(['STORE_FULL', 'STORE_BUSY'] as const)('a store that answers %s', (code) => {
  it('has the callers told, who may try again; the actor is as before', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    world.store.judge = always(code);
    const sent = codeOf(actor.send({ type: 'PAY' }));
    const started = codeOf(world.engine.start(order, { id: 'p' }));
    await world.time.settle();
    expect(await Promise.all([sent, started])).toEqual([code, code]);
    expect(await actor.snapshot()).toMatchObject({ value: 'PENDING', revision: 1 });
    world.store.judge = () => null;
    await world.time.advance(1_000);
    expect(await actor.send({ type: 'PAY' })).toMatchObject({ status: 'accepted', revision: 2 });
    expect((await world.engine.start(order, { id: 'p' })).created).toBe(true);
  });

  it('loses no outcome: it is committed when there is room again', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    world.store.judge = always(code);
    handler.last.resolve('ch-1');
    await world.time.advance(10_000);
    expect((await actor.snapshot()).value).toBe('PAYING');
    world.store.judge = () => null;
    await world.time.advance(1_000);
    expect(await actor.snapshot()).toMatchObject({ value: 'PAID', context: { notes: ['ch-1'] } });
    expect(handler.calls).toHaveLength(1);
  });

  it('loses no timer and no retry either', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const [timed, paying] = await Promise.all([
      world.engine.start(order, { id: 'timed' }),
      world.engine.start(order, { id: 'paying' }),
    ]);
    await Promise.all([timed.send({ type: 'DUE' }), paying.send({ type: 'PAY' })]);
    await world.time.settle();
    world.store.judge = always(code);
    handler.last.reject(new Error('down'));
    await world.time.advance(5_000);
    world.store.judge = () => null;
    await world.time.advance(5_000);
    expect((await timed.snapshot()).value).toBe('EXPIRED');
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('starts no effect whose commit was refused, and frees its place', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, limits: { effects: 1 } });
    const actor = await world.engine.start(order, { id: 'o' });
    world.store.judge = always(code);
    expect(await codeOf(actor.send({ type: 'PAY' }))).toBe(code);
    await world.time.advance(1_000);
    expect(handler.calls).toEqual([]);
    world.store.judge = () => null;
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
  });

  it('does not keep a stop waiting without end; the next engine runs the effect again', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    const failures: EngineError[] = [];
    const onFailure = (error: EngineError): number => failures.push(error);
    await using world = await openWorld({ machines, handlers, onFailure, on: 'sqlite' });
    await (await world.engine.start(order, { id: 'o' })).send({ type: 'PAY' });
    await world.time.settle();
    world.store.judge = always(code);
    handler.last.resolve('ch-1');
    await world.time.settle();
    let stopped = false;
    const stopping = world.engine.stop({ drain: '5s' }).then(() => {
      stopped = true;
    });
    await world.time.advance(20_000);
    expect(stopped).toBe(true);
    await stopping;
    expect((await world.engine.health()).status).toBe('stopped');
    expect(failures).toEqual([]);
    await world.open();
    expect(handler.calls.map(({ key }) => key)).toEqual(['o@2:pay', 'o@2:pay']);
  });

  it('keeps what waits in order: internal messages go before those that came later', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    world.store.judge = always(code);
    handler.last.resolve('ch-1');
    await world.time.settle();
    const note = actor.send({ type: 'NOTE', text: 'later' });
    world.store.judge = () => null;
    await world.time.advance(1_000);
    expect(await note).toMatchObject({ status: 'accepted', revision: 4, value: 'PAID' });
    expect((await actor.snapshot()).context.notes).toEqual(['ch-1', 'later']);
  });
});

describe('a store that refuses one message of a batch', () => {
  const poisoned: Judge = (commit) =>
    commit.journal.some(({ data }) => data.includes('poison')) ? failure('STORE_REFUSED') : null;

  it('has only that one refused, and kept as a dead letter; the others commit in order', async () => {
    await using world = await openWorld({ machines });
    const [a, b] = await Promise.all([
      world.engine.start(order, { id: 'a' }),
      world.engine.start(order, { id: 'b' }),
    ]);
    world.store.judge = poisoned;
    const sent = await Promise.allSettled([
      a.send({ type: 'NOTE', text: 'one' }),
      a.send({ type: 'NOTE', text: 'poison' }),
      b.send({ type: 'NOTE', text: 'two' }),
      a.send({ type: 'NOTE', text: 'three' }),
    ]);
    expect(sent).toMatchObject([
      { value: { status: 'accepted', revision: 2 } },
      { reason: { code: 'STORE_REFUSED' } },
      { value: { status: 'accepted', revision: 2 } },
      { value: { status: 'accepted', revision: 3 } },
    ]);
    expect((await a.snapshot()).context.notes).toEqual(['one', 'three']);
    expect(await world.deadLetters()).toMatchObject([{ actor: 'a', type: 'NOTE', revision: 2 }]);
  });

  it('fails the actor when that one is an outcome, which nobody can refuse', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY' });
    await world.time.settle();
    world.store.judge = (commit) =>
      touches(commit, 'xstate.done.actor.pay') ? failure('STORE_REFUSED') : null;
    handler.last.resolve('ch-1');
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({
      status: 'error',
      value: 'PAYING',
      error: { code: 'STORE_REFUSED' },
    });
    world.store.judge = () => null;
    const [letter] = await world.deadLetters();
    await world.engine.deadLetters.retry(letter?.id ?? 0);
    expect(await actor.snapshot()).toMatchObject({ value: 'PAID', context: { notes: ['ch-1'] } });
    expect(handler.calls).toHaveLength(1);
  });
});

describe('a snapshot that grows too large', () => {
  it('has only its message refused', async () => {
    await using world = await openWorld({ machines, limits: { snapshotLength: 2_000 } });
    const [a, b] = await Promise.all([
      world.engine.start(order, { id: 'a' }),
      world.engine.start(order, { id: 'b' }),
    ]);
    const text = 'x'.repeat(1_500);
    const sent = await Promise.allSettled([
      a.send({ type: 'NOTE', text }),
      b.send({ type: 'NOTE', text }),
      a.send({ type: 'NOTE', text }),
      a.send({ type: 'NOTE', text: 'short' }),
    ]);
    expect(sent).toMatchObject([
      { value: { status: 'accepted' } },
      { value: { status: 'accepted' } },
      { reason: { code: 'VALUE_TOO_LARGE' } },
      { value: { status: 'accepted', revision: 3 } },
    ]);
    expect((await a.snapshot()).context.notes).toEqual([text, 'short']);
    expect(await world.deadLetters()).toHaveLength(1);
  });

  it('refuses the start of an actor that is too large from the start', async () => {
    const fat = setup({}).createMachine({ id: 'fat', context: { text: 'x'.repeat(3_000) } });
    await using world = await openWorld({ machines: [fat], limits: { snapshotLength: 2_000 } });
    expect(await codeOf(world.engine.start(fat, { id: 'f' }))).toBe('VALUE_TOO_LARGE');
    expect(await codeOf(world.engine.actor(fat, 'f').snapshot())).toBe('ACTOR_NOT_FOUND');
  });
});

describe('a store whose write has an unknown result', () => {
  it('stops the engine: nobody is acknowledged, everybody is told', async () => {
    const failures: EngineError[] = [];
    const onFailure = (error: EngineError): number => failures.push(error);
    await using world = await openWorld({ machines, onFailure });
    const actor = await world.engine.start(order, { id: 'o' });
    const waits = [codeOf(actor.waitFor('PAID')), codeOf(actor.result())];
    await world.time.settle();
    world.store.judgeAfter = always('STORE_FAILED');
    const sent = [
      codeOf(actor.send({ type: 'PAY' })),
      codeOf(world.engine.start(order, { id: 'p' })),
    ];
    await world.time.settle();
    expect(await Promise.all([...sent, ...waits])).toEqual(Array(4).fill('ENGINE_FAILED'));
    expect(failures.map(({ code }) => code)).toEqual(['STORE_FAILED']);
    expect(await world.engine.health()).toMatchObject({
      level: 'red',
      status: 'failed',
      store: null,
    });
    expect(await codeOf(actor.send({ type: 'PAY' }))).toBe('ENGINE_FAILED');
  });

  it('tells those whose messages came too late for that turn as well', async () => {
    await using world = await openWorld({ machines, limits: { batch: 1 } });
    const actor = await world.engine.start(order, { id: 'o' });
    world.store.judge = always('STORE_FAILED');
    const sent = [1, 2, 3].map((n) => codeOf(actor.send({ type: 'NOTE', text: String(n) })));
    expect(await Promise.all(sent)).toEqual(Array(3).fill('ENGINE_FAILED'));
  });

  it('starts no effect, aborts those that run, and lets no timer fire', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const [paying, other, timed] = await Promise.all(
      ['paying', 'other', 'timed'].map((id) => world.engine.start(order, { id })),
    );
    await Promise.all([paying?.send({ type: 'PAY' }), timed?.send({ type: 'DUE' })]);
    await world.time.settle();
    const before = world.store.commits.length;
    world.store.judge = always('STORE_FAILED');
    expect(await codeOf(other?.send({ type: 'PAY' }) ?? Promise.resolve())).toBe('ENGINE_FAILED');
    await world.time.advance(86_400_000);
    expect(handler.calls).toHaveLength(1);
    expect(handler.last.signal.aborted).toBe(true);
    expect(world.store.commits).toHaveLength(before);
  });

  it('is found as it really is at the next open, whether the write was made or not', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o' });
    world.store.judgeAfter = always('STORE_FAILED');
    expect(await codeOf(actor.send({ type: 'PAY' }, { key: 'k1' }))).toBe('ENGINE_FAILED');
    await world.time.settle();
    const engine = await world.open();
    const again = engine.actor(order, 'o');
    expect(await again.send({ type: 'PAY' }, { key: 'k1' })).toMatchObject({ status: 'duplicate' });
    expect(handler.calls).toHaveLength(1);
    expect(handler.last.key).toBe('o@2:pay');
  });

  it('releases the store, and may be stopped without an error', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    world.store.judge = always('STORE_FAILED');
    await codeOf(actor.send({ type: 'PAY' }));
    await world.time.settle();
    expect(world.contents.held).toBe(false);
    await world.engine.stop();
    expect((await world.engine.health()).status).toBe('failed');
  });
});

describe('a store that cannot be read', () => {
  it('stops the engine when it is corrupt, and tells the sender', async () => {
    await using world = await openWorld({ machines, limits: { cachedActors: 1 } });
    const actor = await world.engine.start(order, { id: 'a' });
    await world.engine.start(order, { id: 'b' });
    world.store.judgeRead = () => failure('STORE_CORRUPT');
    expect(await codeOf(actor.send({ type: 'PAY' }))).toBe('ENGINE_FAILED');
  });

  it('goes on when it was only busy: the sender is told', async () => {
    await using world = await openWorld({ machines, limits: { cachedActors: 1 } });
    const actor = await world.engine.start(order, { id: 'a' });
    await world.engine.start(order, { id: 'b' });
    world.store.judgeRead = () => failure('STORE_BUSY');
    const sent = codeOf(actor.send({ type: 'PAY' }));
    await world.time.settle();
    expect(await sent).toBe('STORE_BUSY');
    world.store.judgeRead = () => null;
    await world.time.advance(1_000);
    expect(await actor.send({ type: 'PAY' })).toMatchObject({ status: 'accepted' });
  });

  it('is asked again for timers, soon, when it was only busy', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await (await world.engine.start(order, { id: 'o' })).send({ type: 'DUE' });
    const engine = await world.restart('abandon');
    world.store.judgeRead = () => failure('STORE_BUSY');
    await world.time.advance(30_000);
    world.store.judgeRead = () => null;
    await world.time.advance(1_000);
    expect((await engine.actor(order, 'o').snapshot()).value).toBe('EXPIRED');
  });
});
