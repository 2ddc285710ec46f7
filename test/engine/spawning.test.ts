// Children that a machine spawns, and references to actors in contexts and events: they survive
// restarts, and mean the actor that they meant.

import { actorRef } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { type AnyActorRef, assign, sendParent, sendTo, setup, spawnChild, stopChild } from 'xstate';
import { errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

interface Line {
  readonly sku: string;
}

type LineEvents =
  | { readonly type: 'PICK' }
  | { readonly type: 'GREET'; readonly from: AnyActorRef }
  | { readonly type: 'HELLO' };

const line = setup({
  types: {
    context: {} as { readonly sku: string; readonly greeted: number },
    events: {} as LineEvents,
    input: {} as Line,
  },
}).createMachine({
  id: 'line',
  context: ({ input }) => ({ sku: input.sku, greeted: 0 }),
  initial: 'waiting',
  on: {
    GREET: { actions: sendTo(({ event }) => event.from, { type: 'HELLO' }) },
    HELLO: { actions: assign({ greeted: ({ context }) => context.greeted + 1 }) },
  },
  states: {
    waiting: {
      on: {
        PICK: {
          target: 'picked',
          actions: sendParent(({ context }) => ({ type: 'PICKED', sku: context.sku })),
        },
      },
    },
    picked: {},
  },
});

type OrderEvents =
  | { readonly type: 'ADD'; readonly sku: string }
  | { readonly type: 'SPAWN' }
  | { readonly type: 'PICK'; readonly index: number }
  | { readonly type: 'PICKED'; readonly sku: string }
  | { readonly type: 'MEET' }
  | { readonly type: 'DROP' }
  | { readonly type: 'REPLACE' };

const order = setup({
  types: {
    context: {} as { readonly lines: readonly AnyActorRef[]; readonly picked: readonly string[] },
    events: {} as OrderEvents,
  },
  actors: { line },
}).createMachine({
  id: 'order',
  context: { lines: [], picked: [] },
  on: {
    ADD: {
      actions: assign({
        lines: ({ context, event, spawn }) => [
          ...context.lines,
          spawn('line', { id: `line-${event.sku}`, input: { sku: event.sku } }),
        ],
      }),
    },
    SPAWN: { actions: spawnChild('line', { id: 'single', input: { sku: 'single' } }) },
    PICK: {
      actions: sendTo(({ context, event }) => context.lines[event.index] ?? 'none', {
        type: 'PICK',
      }),
    },
    PICKED: {
      actions: assign({ picked: ({ context, event }) => [...context.picked, event.sku] }),
    },
    MEET: {
      actions: sendTo(
        ({ context }) => context.lines[0] ?? 'none',
        ({ context }) => ({ type: 'GREET', from: context.lines[1] }),
      ),
    },
    DROP: {
      actions: [
        stopChild(({ context }) => context.lines[0] ?? 'none'),
        assign({ lines: ({ context }) => context.lines.slice(1) }),
      ],
    },
    REPLACE: {
      actions: [
        stopChild('line-a'),
        assign({
          lines: ({ context, spawn }) => [
            ...context.lines,
            spawn('line', { id: 'line-a', input: { sku: 'a-again' } }),
          ],
        }),
      ],
    },
  },
});

const machines = [order];

describe('a child spawned in an assign', () => {
  it('is an actor of its own, and its reference is kept as an address', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'ADD', sku: 'a' });
    expect((await world.engine.actor(line, 'o/line-a').snapshot()).context.sku).toBe('a');
    const { snapshot } = await world.row('o');
    expect(JSON.parse(snapshot)).toMatchObject({
      context: { lines: [{ xstate$$type: 1, id: 'line-a', address: 'o/line-a', generation: 2 }] },
    });
  });

  it.each(['stop', 'abandon'] as const)(
    'is reached through its reference after a restart (%s), and reaches its parent',
    async (how) => {
      await using world = await openWorld({ machines, on: 'sqlite' });
      const actor = await world.engine.start(order, { id: 'o' });
      await actor.send({ type: 'ADD', sku: 'a' });
      await actor.send({ type: 'ADD', sku: 'b' });
      const engine = await world.restart(how);
      await engine.actor(order, 'o').send({ type: 'PICK', index: 1 });
      expect((await engine.actor(order, 'o').snapshot()).context.picked).toEqual(['b']);
      expect((await engine.actor(line, 'o/line-b').snapshot()).value).toBe('picked');
      expect((await engine.actor(line, 'o/line-a').snapshot()).value).toBe('waiting');
    },
  );

  it('reaches a sibling through a reference that came with an event, also after a restart', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'ADD', sku: 'a' });
    await actor.send({ type: 'ADD', sku: 'b' });
    await actor.send({ type: 'MEET' });
    const engine = await world.restart('abandon');
    await engine.actor(order, 'o').send({ type: 'MEET' });
    expect((await engine.actor(line, 'o/line-b').snapshot()).context.greeted).toBe(2);
    expect((await engine.actor(line, 'o/line-a').snapshot()).context.greeted).toBe(0);
  });

  it('is stopped through its reference', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'ADD', sku: 'a' });
    await actor.send({ type: 'DROP' });
    expect((await world.engine.actor(line, 'o/line-a').snapshot()).status).toBe('stopped');
    expect((await actor.snapshot()).context.lines).toEqual([]);
  });

  it('gets nothing through a reference that meant its predecessor under the same id', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'ADD', sku: 'a' });
    await actor.send({ type: 'REPLACE' });
    const engine = await world.restart('abandon');
    const again = engine.actor(order, 'o');
    const child = engine.actor(line, 'o/line-a');
    await again.send({ type: 'PICK', index: 0 });
    expect(await child.snapshot()).toMatchObject({ value: 'waiting', context: { sku: 'a-again' } });
    await again.send({ type: 'PICK', index: 1 });
    expect((await child.snapshot()).value).toBe('picked');
  });
});

describe('a child by spawnChild', () => {
  it('is an actor, in the commit of the step that spawned it', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'SPAWN' });
    expect(world.store.commits.at(-1)?.journal.map((entry) => entry.actor)).toEqual([
      'o',
      'o/single',
    ]);
    expect((await world.engine.actor(line, 'o/single').snapshot()).context.sku).toBe('single');
  });

  it('without an id gets one that no other step gives again', async () => {
    const nameless = setup({
      types: { events: {} as { readonly type: 'SPAWN' } },
      actors: { line },
    }).createMachine({
      id: 'nameless',
      on: {
        SPAWN: {
          actions: [
            spawnChild('line', { input: { sku: 'x' } }),
            spawnChild('line', { input: { sku: 'y' } }),
          ],
        },
      },
    });
    await using world = await openWorld({ machines: [nameless], on: 'sqlite' });
    await (await world.engine.start(nameless, { id: 'n' })).send({ type: 'SPAWN' });
    const engine = await world.restart('abandon');
    await engine.actor(nameless, 'n').send({ type: 'SPAWN' });
    const rows = await world.store.store.list({ root: actorRef('n').address, limit: 100 });
    expect(rows).toHaveLength(5);
    expect(rows.every(({ revision, incarnation }) => incarnation === 1 && revision <= 3)).toBe(
      true,
    );
  });

  it('of inline logic is refused: nobody could find it again after a restart', async () => {
    const inline = setup({
      types: { events: {} as { readonly type: 'SPAWN' } },
    }).createMachine({
      id: 'inline',
      on: { SPAWN: { actions: spawnChild(line as never) } },
    });
    await using world = await openWorld({ machines: [inline] });
    const actor = await world.engine.start(inline, { id: 'i' });
    const error = await errorOf(actor.send({ type: 'SPAWN' }));
    expect(error.code).toBe('STEP_FAILED');
    expect(error.message).toContain('spawned by name');
    expect((await actor.snapshot()).revision).toBe(1);
  });
});

describe('bounds', () => {
  it('refuse one child too many, and keep the others', async () => {
    await using world = await openWorld({ machines, limits: { children: 2 } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'ADD', sku: 'a' });
    await actor.send({ type: 'ADD', sku: 'b' });
    const error = await errorOf(actor.send({ type: 'ADD', sku: 'c' }));
    expect(error.message).toContain('at most 2 children');
    expect((await actor.snapshot()).context.lines).toHaveLength(2);
  });

  it('end a machine that spawns itself without end', async () => {
    const leaf = setup({}).createMachine({ id: 'leaf' });
    const hydra = setup({ actors: { head: leaf } }).createMachine({
      id: 'hydra',
      initial: 'growing',
      states: { growing: { invoke: { id: 'head', src: 'head', onError: 'grown' } }, grown: {} },
    });
    Object.assign(hydra.implementations.actors, { head: hydra });
    await using world = await openWorld({ machines: [hydra], limits: { spawnDepth: 3 } });
    await world.engine.start(hydra, { id: 'h' });
    const rows = await world.store.store.list({ root: actorRef('h').address, limit: 100 });
    expect(rows.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'h growing',
      'h/head growing',
      'h/head/head growing',
      'h/head/head/head grown',
    ]);
  });
});
