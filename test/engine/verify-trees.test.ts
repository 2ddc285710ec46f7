// What verify makes of whole trees: causes, names, asks, long journals, and all that an actor can have.

import { actorRef, ask, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, raise, sendParent, sendTo, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { counter, nothing } from './counter.ts';

describe('what only the journal entry tells', () => {
  it('is an error that a living child escalates, beside one with which it ends', async () => {
    const child = setup({
      types: { events: {} as { type: 'COMPLAIN' } | { type: 'BREAK' } },
    }).createMachine({
      id: 'child',
      initial: 'alive',
      states: {
        alive: {
          on: {
            COMPLAIN: { actions: sendParent({ type: 'xstate.error', data: 'too hot' }) },
            BREAK: 'broken',
          },
        },
        broken: { type: 'final' },
      },
    });
    const parent = setup({
      types: {
        context: {} as { readonly heard: number },
        events: {} as { type: 'xstate.error.actor.kid' },
      },
      actors: { child },
    }).createMachine({
      id: 'parent',
      context: { heard: 0 },
      invoke: { id: 'kid', src: 'child' },
      on: {
        'xstate.error.actor.kid': {
          actions: assign({ heard: ({ context }) => context.heard + 1 }),
        },
      },
    });
    await using world = await openWorld({ machines: [parent] });
    const { engine } = world;
    await engine.start(parent, { id: 'p' });
    await engine.actor(child, 'p/kid').send({ type: 'COMPLAIN' });
    const [heard] = (await collect(engine.actor(parent, 'p').history())).slice(-1);
    expect(heard).toMatchObject({ type: 'xstate.error.actor.kid', causation: 'sent:p/kid@2' });
    expect(await engine.verify()).toMatchObject({ ...nothing, actors: 2 });
    await engine.actor(child, 'p/kid').send({ type: 'BREAK' });
    expect(await engine.verify()).toMatchObject({ ...nothing, actors: 2 });
  });

  it('is an event that reads like the end of a child', async () => {
    const child = createMachine({ id: 'child' });
    const parent = createMachine({
      id: 'parent',
      invoke: { id: 'kid', src: child },
      on: { 'xstate.done.actor.kid': {} },
    });
    const forger = setup({ types: { events: {} as { type: 'GO' } } }).createMachine({
      id: 'forger',
      on: { GO: { actions: sendTo(() => actorRef('p'), { type: 'xstate.done.actor.kid' }) } },
    });
    await using world = await openWorld({ machines: [parent, forger] });
    await world.engine.start(parent, { id: 'p' });
    const actor = await world.engine.start(forger, { id: 'f' });
    await actor.send({ type: 'GO' });
    expect(await world.history('p')).toContain('received xstate.done.actor.kid');
    expect(await world.engine.verify()).toMatchObject({ ...nothing, actors: 3 });
  });

  it.each([
    ['no input', undefined],
    ['null', null],
  ])('is whether an actor was started with %s', async (_name, input) => {
    const machine = setup({
      types: { context: {} as { readonly got: string }, input: undefined as null | undefined },
    }).createMachine({ id: 'm', context: ({ input }) => ({ got: String(input) }) });
    await using world = await openWorld({ machines: [machine] });
    const actor = await world.engine.start(machine, { id: 'm', input });
    expect((await actor.snapshot()).context.got).toBe(String(input));
    const [start] = await collect(actor.history());
    expect(start?.data).toBeNull();
    expect(await world.engine.verify()).toMatchObject(nothing);
  });

  it.each(['timer:x', 'effect:x', 'sent:x'])('cannot be forged by an id such as %s', async (id) => {
    await using world = await openWorld({ machines: [counter] });
    expect(await codeOf(world.engine.start(counter, { id }))).toBe('BAD_ID');
  });
});

describe('a name in a tree', () => {
  it('is taken until what its holder sent last has been read, and free for its parent', async () => {
    const leaver = setup({ types: { events: {} as { type: 'LEAVE' } } }).createMachine({
      id: 'leaver',
      initial: 'here',
      states: {
        here: {
          on: {
            LEAVE: {
              target: 'gone',
              actions: sendTo(({ system }) => system.get('watch'), { type: 'LOOK' }),
            },
          },
        },
        gone: { type: 'final' },
      },
    });
    const watcher = setup({
      types: { context: {} as { readonly saw: string }, events: {} as { type: 'LOOK' } },
    }).createMachine({
      id: 'watcher',
      context: { saw: '' },
      on: {
        LOOK: {
          actions: assign({ saw: ({ system }) => (system.get('leave') ? 'taken' : 'free') }),
        },
      },
    });
    const parent = setup({
      types: {
        context: {} as { readonly saw: string },
        events: {} as { type: 'xstate.done.actor.l' },
      },
      actors: { leaver, watcher },
    }).createMachine({
      id: 'parent',
      context: { saw: '' },
      invoke: [
        { id: 'l', src: 'leaver', systemId: 'leave' },
        { id: 'w', src: 'watcher', systemId: 'watch' },
      ],
      on: {
        'xstate.done.actor.l': {
          actions: assign({ saw: ({ system }) => (system.get('leave') ? 'taken' : 'free') }),
        },
      },
    });
    await using world = await openWorld({ machines: [parent] });
    const { engine } = world;
    await engine.start(parent, { id: 'p' });
    await engine.actor(leaver, 'p/l').send({ type: 'LEAVE' });
    expect((await engine.actor(watcher, 'p/w').snapshot()).context.saw).toBe('taken');
    expect((await engine.actor(parent, 'p').snapshot()).context.saw).toBe('free');
    expect(await engine.verify()).toMatchObject({ ...nothing, actors: 3 });
  });
});

describe('a long journal of several actors', () => {
  it('is folded in the order in which they were changed', async () => {
    const child = setup({
      types: { context: {} as { readonly count: number }, events: {} as { type: 'ADD' } },
    }).createMachine({
      id: 'child',
      context: { count: 0 },
      on: { ADD: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
    });
    const parent = setup({
      types: { context: {} as { readonly sum: number }, events: {} as { type: 'LOOK' } },
      actors: { child },
    }).createMachine({
      id: 'parent',
      context: { sum: 0 },
      invoke: { id: 'kid', src: 'child' },
      on: {
        LOOK: {
          actions: assign({
            sum: ({ context, self }) =>
              context.sum + (self.getSnapshot().children['kid']?.getSnapshot().context.count ?? 0),
          }),
        },
      },
    });
    await using world = await openWorld({ machines: [parent] });
    const { engine } = world;
    const looking = await engine.start(parent, { id: 'p' });
    const counting = engine.actor(child, 'p/kid');
    const sent = Array.from({ length: 1_300 }, (_, index) =>
      index % 3 === 0 ? looking.send({ type: 'LOOK' }) : counting.send({ type: 'ADD' }),
    );
    await Promise.all(sent);
    expect((await looking.snapshot()).context.sum).toBeGreaterThan(100_000);
    expect(await engine.verify()).toEqual({ ...nothing, actors: 2, entries: 1_302 });
  });
});

describe('an effect that no state ends', () => {
  it('is settled by its outcome in the fold too', async () => {
    const call = effect<unknown, unknown>({});
    const caller = setup({ actors: { call } }).createMachine({
      id: 'caller',
      invoke: { id: 'call', src: 'call' },
    });
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [caller], handlers: { call: handler.run } });
    await world.engine.start(caller, { id: 'c' });
    await world.time.settle();
    handler.last.resolve(5);
    await world.time.settle();
    expect(await world.effects('c')).toEqual({});
    expect(await world.engine.verify()).toEqual({ ...nothing, actors: 1, entries: 2 });
  });
});

describe('a tree with all that an actor can have', () => {
  const charge = effect<unknown, unknown>({ key: ({ input }) => `card-${String(input)}` });
  const bank = setup({ types: { events: {} as { type: 'OPEN' } } }).createMachine({
    id: 'bank',
    initial: 'closed',
    states: { closed: { on: { OPEN: 'open' } }, open: {} },
  });
  const worker = setup({ types: { events: {} as { type: 'WORK' } } }).createMachine({
    id: 'worker',
    initial: 'idle',
    states: { idle: { on: { WORK: 'done' } }, done: { type: 'final' } },
  });
  const shop = setup({
    types: {
      context: {} as { readonly seen: readonly string[] },
      events: {} as
        | { type: 'PAY' }
        | { type: 'HIRE' }
        | { type: 'OPEN' }
        | { type: 'SLOW' }
        | { type: 'xstate.done.actor.w' },
    },
    actors: { charge, worker, open: ask(() => ({ to: 'b', event: { type: 'OPEN' } })) },
    actions: { ring: () => undefined },
  }).createMachine({
    id: 'shop',
    context: { seen: [] },
    initial: 'idle',
    on: {
      HIRE: {
        actions: assign(({ spawn, context: { seen } }) => {
          spawn('worker', { id: 'w', systemId: 'help' });
          return { seen: [...seen, 'hired'] };
        }),
      },
      SLOW: { actions: raise({ type: 'HIRE' }, { delay: 5_000, id: 'slow' }) },
      'xstate.done.actor.w': {
        actions: [
          'ring',
          assign({
            seen: ({ context, system }) => [
              ...context.seen,
              system.get('help') === undefined ? 'free' : 'taken',
            ],
          }),
        ],
      },
    },
    states: {
      idle: { on: { PAY: 'paying', OPEN: 'opening' } },
      paying: {
        invoke: { id: 'pay', src: 'charge', input: 7, onDone: 'idle', onError: 'idle' },
        after: { 1000: 'idle' },
      },
      opening: { invoke: { id: 'ask', src: 'open', onDone: 'idle', onError: 'idle' } },
    },
  });

  it('is verified after every step, and after a restart', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({
      machines: [shop, bank],
      handlers: { charge: handler.run },
      on: 'sqlite',
    });
    const verified = async (): Promise<number> => {
      const { actors, ...found } = await world.engine.verify();
      expect(found).toMatchObject(nothing);
      return actors;
    };
    await world.engine.start(bank, { id: 'b' });
    const s = await world.engine.start(shop, { id: 's' });
    for (const type of ['OPEN', 'OPEN', 'HIRE', 'SLOW', 'PAY'] as const) {
      await s.send({ type });
      await world.time.settle();
      await verified();
    }
    await world.time.advance(1_000);
    expect((await s.snapshot()).value).toBe('idle');
    await verified();
    handler.last.resolve('too late');
    await world.time.settle();
    await s.send({ type: 'PAY' });
    await world.restart('abandon');
    expect(await verified()).toBe(3);
    await world.engine.actor(worker, 's/w').send({ type: 'WORK' });
    await world.time.advance(5_000);
    expect(await verified()).toBe(3);
    const { context } = await world.engine.actor(shop, 's').snapshot();
    expect(context.seen).toEqual(['hired', 'free', 'hired']);
    await world.engine.actor(shop, 's').stop();
    expect(await verified()).toBe(3);
  });

  it('is verified while it changes', async () => {
    await using world = await openWorld({ machines: [counter], on: 'sqlite' });
    const { engine } = world;
    const actor = await engine.start(counter, { id: 'c' });
    const sent = Array.from({ length: 1_500 }, (_, by) => actor.send({ type: 'ADD', by }));
    const reports = await Promise.all([engine.verify(), engine.verify()]);
    await Promise.all(sent);
    for (const report of reports) expect(report).toMatchObject({ ...nothing, actors: 1 });
    expect(await engine.verify()).toEqual({ ...nothing, actors: 1, entries: 3_001 });
  });
});
