// The journal folded again, and held against the stored rows: nothing is found where nothing is wrong,
// and whatever is wrong is found, with its path. Every world of test/engine is verified at its end too.

import { actorRef, ask, effect, type VerifyReport } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, emit, raise, sendParent, sendTo, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const nothing = { mismatches: [], unverifiable: [], omitted: 0 };

const counter = setup({
  types: {
    context: {} as { readonly count: number; readonly note: string },
    events: {} as { readonly type: 'ADD'; readonly by: number } | { readonly type: 'END' },
    emitted: {} as { readonly type: 'added'; readonly by: number },
  },
}).createMachine({
  id: 'counter',
  context: { count: 0, note: 'fine' },
  initial: 'open',
  states: {
    open: {
      after: { 60000: 'late' },
      on: {
        ADD: {
          actions: [
            assign({ count: ({ context, event }) => context.count + event.by }),
            emit(({ event }) => ({ type: 'added', by: event.by }) as const),
          ],
        },
        END: 'ended',
      },
    },
    late: {},
    ended: { type: 'final' },
  },
});

type Row = NonNullable<ReturnType<EngineWorld['contents']['actors']['get']>>;

/** Changes a row behind the engine's back. */
function plant(world: EngineWorld, id: string, change: (row: Row) => Partial<Row>): void {
  const { address } = actorRef(id);
  const row = world.contents.actors.get(address);
  if (row === undefined) throw new Error(`There is no row of ${id}.`);
  world.contents.actors.set(address, { ...row, ...change(row) });
}

async function counting(): Promise<EngineWorld> {
  const world = await openWorld({ machines: [counter] });
  const actor = await world.engine.start(counter, { id: 'c' });
  await actor.send({ type: 'ADD', by: 2 });
  await actor.send({ type: 'ADD', by: 3 });
  return world;
}

function paths({ mismatches }: VerifyReport): readonly string[] {
  return mismatches.map(({ actor, revision, path }) => `${actor}@${revision} ${path}`);
}

describe('verify', () => {
  it('finds nothing in a journal that folds to its rows, and counts what it has compared', async () => {
    await using world = await counting();
    await world.engine.start(counter, { id: 'd' });
    const told: unknown[] = [];
    const onProgress = (progress: unknown): number => told.push(progress);
    expect(await world.engine.verify({ onProgress })).toEqual({
      ...nothing,
      actors: 2,
      entries: 6,
    });
    expect(told).toEqual([
      { actors: 1, entries: 5 },
      { actors: 2, entries: 6 },
    ]);
  });

  it('reads one tree alone when it is named', async () => {
    await using world = await counting();
    await world.engine.start(counter, { id: 'd' });
    expect(await world.engine.verify({ actor: 'd' })).toEqual({
      ...nothing,
      actors: 1,
      entries: 1,
    });
    expect(await codeOf(world.engine.verify({ actor: 'nobody' }))).toBe('ACTOR_NOT_FOUND');
    expect(await codeOf(world.engine.verify({ actor: 'd/child' }))).toBe('BAD_ID');
    const misspelt: object = { actors: 'd' };
    expect(await codeOf(world.engine.verify(misspelt))).toBe('BAD_OPTION');
  });

  it('says that the engine has stopped', async () => {
    const world = await counting();
    const { engine } = world;
    await world.stop();
    expect(await codeOf(engine.verify())).toBe('ENGINE_STOPPED');
  });

  it('finds every change of one character in a row', async () => {
    await using world = await counting();
    const row = await world.row('c');
    let planted = 0;
    const missed: string[] = [];
    for (const column of ['snapshot', 'pending', 'state'] as const) {
      for (let index = 0; index < row[column].length; index++) {
        const text = row[column];
        const other = text[index] === '7' ? '8' : '7';
        const changed = text.slice(0, index) + other + text.slice(index + 1);
        plant(world, 'c', () => ({ ...row, [column]: changed }));
        const { mismatches, unverifiable } = await world.engine.verify();
        planted += 1;
        if (mismatches.length + unverifiable.length === 0) missed.push(`${column}: ${changed}`);
      }
    }
    plant(world, 'c', () => row);
    expect(missed).toEqual([]);
    expect(planted).toBeGreaterThan(250);
  });

  it('names the path of a difference, what is stored and what comes out', async () => {
    await using world = await counting();
    plant(world, 'c', ({ snapshot }) => ({ snapshot: snapshot.replace('"count":5', '"count":6') }));
    const { mismatches } = await world.engine.verify();
    expect(mismatches).toEqual([
      { actor: 'c', revision: 5, path: 'context.count', stored: 6, folded: 5 },
    ]);
    plant(world, 'c', ({ snapshot }) => ({ snapshot: snapshot.replace('"count":6', '"count":5') }));
  });

  it('finds a row that is older than its journal, and one that is newer', async () => {
    await using world = await openWorld({ machines: [counter] });
    const actor = await world.engine.start(counter, { id: 'c' });
    const old = await world.row('c');
    await actor.send({ type: 'ADD', by: 1 });
    const row = await world.row('c');
    plant(world, 'c', () => old);
    expect(paths(await world.engine.verify())).toEqual(['c@1 revision']);
    plant(world, 'c', () => ({ ...row, revision: 9 }));
    expect(paths(await world.engine.verify())).toEqual(['c@9 revision']);
    plant(world, 'c', () => row);
  });

  it('finds columns that do not say what the row holds', async () => {
    await using world = await counting();
    const row = await world.row('c');
    plant(world, 'c', () => ({ wakeAt: 1, running: true }));
    expect(paths(await world.engine.verify())).toEqual(['c@5 column wakeAt', 'c@5 column running']);
    plant(world, 'c', () => row);
  });

  it('finds a change in the journal, of an event and of what was emitted', async () => {
    await using world = await counting();
    const { journal } = world.contents;
    const entries = [...journal];
    const at = (revision: number): number => entries.findIndex((e) => e.revision === revision);
    const replace = (revision: number, data: string): void => {
      const entry = entries[at(revision)];
      if (entry !== undefined) journal[at(revision)] = { ...entry, data };
    };
    replace(2, '{"type":"ADD","by":20}');
    expect(paths(await world.engine.verify())).toEqual(['c@3 emitted', 'c@5 context.count']);
    journal.splice(0, journal.length, ...entries);
    replace(3, '{"type":"added","by":20}');
    expect(paths(await world.engine.verify())).toEqual(['c@3 emitted']);
    journal.splice(0, journal.length, ...entries);
  });

  it('cannot verify an actor with a hole in its journal, and says so', async () => {
    await using world = await counting();
    const { journal } = world.contents;
    const entries = [...journal];
    journal.splice(0, 1);
    const without = await world.engine.verify();
    expect(without).toMatchObject({ actors: 0, mismatches: [] });
    expect(without.unverifiable[0]?.reason).toContain('without a start');
    journal.splice(0, journal.length, ...entries.filter(({ revision }) => revision !== 2));
    const { unverifiable } = await world.engine.verify();
    expect(unverifiable).toEqual([
      { actor: 'c', reason: expect.stringContaining('no entry of revision 2') },
    ]);
    journal.splice(0, journal.length, ...entries);
  });
});

describe('an impure machine', () => {
  it('is found by the path that differs (F19)', async () => {
    let ticks = 0;
    const dice = setup({
      types: {
        context: {} as { readonly rolls: readonly number[] },
        events: {} as { type: 'ROLL' },
      },
    }).createMachine({
      id: 'dice',
      context: { rolls: [] },
      on: { ROLL: { actions: assign({ rolls: ({ context }) => [...context.rolls, ++ticks] }) } },
    });
    await using world = await openWorld({ machines: [dice], verified: false });
    const actor = await world.engine.start(dice, { id: 'd' });
    await actor.send({ type: 'ROLL' });
    await actor.send({ type: 'ROLL' });
    const { mismatches } = await world.engine.verify();
    expect(mismatches).toEqual([
      { actor: 'd', revision: 3, path: 'context.rolls.0', stored: 1, folded: 3 },
      { actor: 'd', revision: 3, path: 'context.rolls.1', stored: 2, folded: 4 },
    ]);
  });

  it('is found at the revision where it takes another way', async () => {
    let heads = true;
    const coin = setup({ types: { events: {} as { type: 'FLIP' } } }).createMachine({
      id: 'coin',
      initial: 'up',
      states: {
        up: { on: { FLIP: [{ guard: () => heads, target: 'heads' }, { target: 'tails' }] } },
        heads: { on: { FLIP: 'up' } },
        tails: { on: { FLIP: 'up' } },
      },
    });
    await using world = await openWorld({ machines: [coin], verified: false });
    const actor = await world.engine.start(coin, { id: 'c' });
    await actor.send({ type: 'FLIP' });
    await actor.send({ type: 'FLIP' });
    heads = false;
    expect((await world.engine.verify()).mismatches).toEqual([
      { actor: 'c', revision: 2, path: 'value', stored: 'heads', folded: 'tails' },
    ]);
  });
});

describe('actors that cannot be read', () => {
  it('are named with the reason, and the others are compared', async () => {
    const stranger = createMachine({ id: 'stranger' });
    await using world = await openWorld({ machines: [counter, stranger] });
    await world.engine.start(counter, { id: 'c' });
    await world.engine.start(stranger, { id: 's' });
    await world.restart('stop', { machines: [counter] });
    const { actors, mismatches, unverifiable } = await world.engine.verify();
    expect({ actors, mismatches }).toEqual({ actors: 1, mismatches: [] });
    expect(unverifiable).toEqual([
      { actor: 's', reason: expect.stringContaining('"stranger" version 1') },
    ]);
  });
});

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
