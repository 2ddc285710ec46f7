// What actors of one tree see of each other: system ids, snapshots, and a child's every change.

import { actorRef } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { type AnyActorRef, assign, sendTo, setup } from 'xstate';
import { codeOf, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

type CounterEvents = { readonly type: 'ADD' } | { readonly type: 'END' };

const counter = setup({
  types: { context: {} as { readonly count: number }, events: {} as CounterEvents },
}).createMachine({
  id: 'counter',
  context: { count: 0 },
  initial: 'on',
  on: { ADD: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
  states: { on: { on: { END: 'off' } }, off: { type: 'final' } },
});

/** Adds to the counter that it finds in the system. */
const worker = setup({ types: { events: {} as { readonly type: 'WORK' } } }).createMachine({
  id: 'worker',
  on: {
    WORK: {
      actions: sendTo(({ system }) => system.get('counter') as AnyActorRef, { type: 'ADD' }),
    },
  },
});

type TreeEvents =
  | { readonly type: 'WORK' }
  | { readonly type: 'ADD' }
  | { readonly type: 'READ' }
  | { readonly type: 'KEEP' }
  | { readonly type: 'CHECK' }
  | { readonly type: 'REENTER' }
  | { readonly type: 'LEAVE' }
  | { readonly type: 'BACK' };

const tree = setup({
  types: {
    context: {} as {
      readonly read: unknown;
      readonly seen: readonly unknown[];
      readonly kept?: AnyActorRef;
    },
    events: {} as TreeEvents,
  },
  actors: { counter, worker },
}).createMachine({
  id: 'tree',
  context: { read: null, seen: [] },
  invoke: { id: 'worker', src: 'worker' },
  initial: 'with',
  on: {
    WORK: { actions: sendTo('worker', { type: 'WORK' }) },
    ADD: { actions: sendTo('count', { type: 'ADD' }) },
    KEEP: { actions: assign({ kept: ({ system }) => system.get('counter') as AnyActorRef }) },
    READ: {
      actions: assign({
        read: ({ system }) => system.get('counter')?.getSnapshot()?.context.count ?? 'nobody',
      }),
    },
  },
  states: {
    with: {
      on: {
        REENTER: { target: 'with', reenter: true },
        LEAVE: 'without',
        CHECK: {
          guard: ({ context }) => context.kept?.getSnapshot().context.count === 1,
          target: 'without',
        },
      },
      invoke: {
        id: 'count',
        src: 'counter',
        systemId: 'counter',
        onSnapshot: {
          actions: assign({
            seen: ({ context, event }) => [...context.seen, event.snapshot.context.count],
          }),
        },
      },
    },
    without: { on: { BACK: 'with' } },
  },
});

const machines = [tree];

describe('a system id', () => {
  it('finds its actor from anywhere in the tree', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(tree, { id: 't' });
    await actor.send({ type: 'WORK' });
    expect((await world.engine.actor(counter, 't/count').snapshot()).context.count).toBe(1);
  });

  it('is found after a restart as well', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await world.engine.start(tree, { id: 't' });
    const engine = await world.restart('abandon');
    await engine.actor(tree, 't').send({ type: 'WORK' });
    await engine.actor(tree, 't').send({ type: 'READ' });
    expect((await engine.actor(tree, 't').snapshot()).context.read).toBe(1);
  });

  it('belongs to one tree: another has its own', async () => {
    await using world = await openWorld({ machines });
    const [a, b] = await Promise.all([
      world.engine.start(tree, { id: 'a' }),
      world.engine.start(tree, { id: 'b' }),
    ]);
    await a.send({ type: 'WORK' });
    await b.send({ type: 'READ' });
    expect((await b.snapshot()).context.read).toBe(0);
  });

  it('is free when its actor is stopped, and taken by the next one', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(tree, { id: 't' });
    await actor.send({ type: 'ADD' });
    await actor.send({ type: 'LEAVE' });
    await actor.send({ type: 'READ' });
    expect((await actor.snapshot()).context.read).toBe('nobody');
    await actor.send({ type: 'BACK' });
    await actor.send({ type: 'READ' });
    expect((await actor.snapshot()).context.read).toBe(0);
  });

  it('changes hands in one step when its state is entered again', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(tree, { id: 't' });
    await actor.send({ type: 'ADD' });
    await actor.send({ type: 'REENTER' });
    const engine = await world.restart('abandon');
    await engine.actor(tree, 't').send({ type: 'READ' });
    expect((await engine.actor(tree, 't').snapshot()).context.read).toBe(0);
  });

  it('is free when its actor is done', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(tree, { id: 't' });
    await world.engine.actor(counter, 't/count').send({ type: 'END' });
    await actor.send({ type: 'READ' });
    expect((await actor.snapshot()).context.read).toBe('nobody');
  });

  it('is known in a turn of more trees than there is room for in memory', async () => {
    await using world = await openWorld({ machines, limits: { cachedActors: 1 } });
    const ids = ['a', 'b', 'c'];
    const actors = await Promise.all(ids.map((id) => world.engine.start(tree, { id })));
    await Promise.all(actors.map((actor) => actor.send({ type: 'WORK' })));
    await Promise.all(actors.map((actor) => actor.send({ type: 'READ' })));
    const snapshots = await Promise.all(actors.map((actor) => actor.snapshot()));
    expect(snapshots.map(({ context }) => context.read)).toEqual([1, 1, 1]);
  });

  it('of an old tree can be given back in the turn that starts a new one', async () => {
    await using world = await openWorld({ machines, limits: { cachedActors: 10 } });
    const old = await world.engine.start(tree, { id: 'old' });
    for (let number = 1; number < 10; number++) {
      await world.engine.start(tree, { id: `young-${number}` });
    }
    const commits = world.store.commits.length;
    await Promise.all([world.engine.start(tree, { id: 'next' }), old.send({ type: 'LEAVE' })]);
    expect(world.store.commits.length - commits).toBe(1);
    await old.send({ type: 'READ' });
    expect((await old.snapshot()).context.read).toBe('nobody');
  });

  it('is not taken by a step that fails', async () => {
    const twice = setup({
      types: { events: {} as { readonly type: 'GO' } },
      actors: { counter },
    }).createMachine({
      id: 'twice',
      initial: 'one',
      states: {
        one: { on: { GO: 'two' } },
        two: {
          invoke: [
            { id: 'a', src: 'counter', systemId: 'same' },
            { id: 'b', src: 'counter', systemId: 'same' },
          ],
        },
      },
    });
    await using world = await openWorld({ machines: [twice] });
    const actor = await world.engine.start(twice, { id: 'x' });
    const error = await errorOf(actor.send({ type: 'GO' }));
    expect(error.code).toBe('STEP_FAILED');
    expect(error.message).toContain("'same' already exists");
    expect((await actor.snapshot()).value).toBe('one');
    expect(world.contents.systemIds.size).toBe(0);
  });
});

describe('getSnapshot in a step', () => {
  it('sees a child that is not in memory', async () => {
    await using world = await openWorld({ machines, limits: { cachedActors: 1 } });
    const actor = await world.engine.start(tree, { id: 't' });
    await actor.send({ type: 'ADD' });
    await world.engine.start(tree, { id: 'other' });
    await actor.send({ type: 'READ' });
    expect((await actor.snapshot()).context.read).toBe(1);
  });

  it('sees it in a guard too, where XState hides what the guard threw', async () => {
    await using world = await openWorld({ machines, limits: { cachedActors: 1 } });
    const actor = await world.engine.start(tree, { id: 't' });
    await actor.send({ type: 'KEEP' });
    expect(await actor.send({ type: 'CHECK' })).toMatchObject({ status: 'rejected' });
    await actor.send({ type: 'ADD' });
    await world.engine.start(tree, { id: 'other' });
    expect(await actor.send({ type: 'CHECK' })).toMatchObject({ value: 'without' });
  });

  it('of an actor outside of its tree is refused, with advice', async () => {
    const spy = setup({
      types: {
        context: {} as { readonly seen: unknown },
        events: {} as { readonly type: 'SPY' },
      },
    }).createMachine({
      id: 'spy',
      context: { seen: null },
      on: { SPY: { actions: assign({ seen: () => actorRef('t').getSnapshot() }) } },
    });
    await using world = await openWorld({ machines: [tree, spy] });
    await world.engine.start(tree, { id: 't' });
    const actor = await world.engine.start(spy, { id: 's' });
    const error = await errorOf(actor.send({ type: 'SPY' }));
    expect(error.code).toBe('STEP_FAILED');
    expect(error.cause).toMatchObject({ code: 'SNAPSHOT_OUT_OF_TREE' });
    expect(error.message).toContain('engine.actor(...).snapshot()');
  });
});

describe('onSnapshot', () => {
  it('brings each change of the child, its first state included, also after a restart', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(tree, { id: 't' });
    await actor.send({ type: 'ADD' });
    const engine = await world.restart('abandon');
    await engine.actor(tree, 't').send({ type: 'ADD' });
    expect((await engine.actor(tree, 't').snapshot()).context.seen).toEqual([0, 1, 2]);
  });
});

describe('a step that sends directly', () => {
  it('is refused with advice to use sendTo: a crash would lose the message', async () => {
    const direct = setup({
      types: { events: {} as { readonly type: 'GO' } },
    }).createMachine({
      id: 'direct',
      on: {
        GO: {
          actions: assign(({ self }) => {
            self.send({ type: 'GO' });
            return {};
          }),
        },
      },
    });
    await using world = await openWorld({ machines: [direct] });
    const actor = await world.engine.start(direct, { id: 'd' });
    expect(await codeOf(actor.send({ type: 'GO' }))).toBe('STEP_FAILED');
    const [letter] = await world.deadLetters();
    expect(letter?.error).toMatchObject({ code: 'SEND_IN_STEP' });
  });
});
