// Reading the journal and the list of actors: in order, complete over many pages, and as of what is
// committed.

import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { collect } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const order = setup({
  types: {
    context: {} as { readonly count: number },
    events: {} as { readonly type: 'ADD' } | { readonly type: 'PAY' } | { readonly type: 'END' },
  },
}).createMachine({
  id: 'order',
  context: { count: 0 },
  initial: 'PENDING',
  on: { ADD: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
  states: {
    PENDING: { on: { PAY: 'PAYMENT.processing' } },
    PAYMENT: { initial: 'processing', states: { processing: {} }, on: { END: 'OVER' } },
    OVER: { type: 'final' },
  },
});

const cart = setup({}).createMachine({ id: 'cart', initial: 'open', states: { open: {} } });

const machines = [order, cart];
const MANY = 1_201;

describe('the history of an actor', () => {
  it('has all its entries in order of revision, over more than one page', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.engine.start(order, { id: 'other' });
    await Promise.all(Array.from({ length: MANY - 1 }, () => actor.send({ type: 'ADD' })));
    const entries = await collect(actor.history());
    expect(entries.map(({ revision }) => revision)).toEqual(
      Array.from({ length: MANY }, (_, index) => index + 1),
    );
    expect(new Set(entries.map((entry) => entry.actor))).toEqual(new Set(['o']));
  });

  it('says of each entry what it was, when, and the state after it', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o', correlation: 'c' });
    await world.time.advance(5);
    await actor.send({ type: 'PAY' }, { key: 'k', correlation: 'd' });
    expect(await collect(actor.history())).toEqual([
      {
        position: 1,
        actor: 'o',
        revision: 1,
        kind: 'started',
        type: 'xstate.init',
        data: null,
        value: 'PENDING',
        at: world.time.now - 5,
        key: null,
        correlation: 'c',
        causation: null,
      },
      {
        position: 2,
        actor: 'o',
        revision: 2,
        kind: 'received',
        type: 'PAY',
        data: { type: 'PAY' },
        value: { PAYMENT: 'processing' },
        at: world.time.now,
        key: 'k',
        correlation: 'd',
        causation: null,
      },
    ]);
  });

  it('is empty for an actor that is not there', async () => {
    await using world = await openWorld({ machines });
    expect(await collect(world.engine.actor(order, 'nobody').history())).toEqual([]);
  });
});

describe('the events of all actors', () => {
  it('come in commit order, over more than one page, and from a position on', async () => {
    await using world = await openWorld({ machines });
    const [a, b] = await Promise.all([
      world.engine.start(order, { id: 'a' }),
      world.engine.start(order, { id: 'b' }),
    ]);
    const sent = Array.from({ length: MANY }, (_, n) => (n % 2 ? a : b).send({ type: 'ADD' }));
    await Promise.all(sent);
    const entries = await collect(world.engine.events());
    const positions = entries.map(({ position }) => position);
    expect(positions).toEqual(Array.from({ length: MANY + 2 }, (_, index) => index + 1));
    expect(entries.slice(2, 6).map(({ actor }) => actor)).toEqual(['b', 'a', 'b', 'a']);
    const after = entries[MANY - 2]?.position;
    if (after === undefined) throw new Error('There are too few entries.');
    const rest = await collect(world.engine.events({ after }));
    expect(rest.map(({ position }) => position)).toEqual(positions.slice(MANY - 1));
  });
});

describe('the list of actors', () => {
  it('is in order of id, over more than one page', async () => {
    await using world = await openWorld({ machines });
    const ids = Array.from({ length: MANY }, (_, index) => `o-${String(index).padStart(5, '0')}`);
    await Promise.all(ids.toReversed().map((id) => world.engine.start(order, { id })));
    const listed = await collect(world.engine.list());
    expect(listed.map(({ id }) => id)).toEqual(ids);
    const some = await collect(world.engine.list({ after: 'o-00099', limit: 601 }));
    expect(some.map(({ id }) => id)).toEqual(ids.slice(100, 701));
  });

  it('is narrowed by machine, status and state, states below included', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actors = await Promise.all(
      ['a', 'b', 'c'].map((id) => world.engine.start(order, { id })),
    );
    await world.engine.start(cart, { id: 'd' });
    await actors[1]?.send({ type: 'PAY' });
    await actors[2]?.send({ type: 'PAY' });
    await actors[2]?.send({ type: 'END' });
    const idsOf = async (options: Parameters<typeof world.engine.list>[0]): Promise<unknown> =>
      (await collect(world.engine.list(options))).map(({ id }) => id);
    expect(await idsOf({ machine: 'order' })).toEqual(['a', 'b', 'c']);
    expect(await idsOf({ machine: 'cart' })).toEqual(['d']);
    expect(await idsOf({ status: 'done' })).toEqual(['c']);
    expect(await idsOf({ state: 'PAYMENT' })).toEqual(['b']);
    expect(await idsOf({ state: 'PAYMENT.processing' })).toEqual(['b']);
    expect(await idsOf({ machine: 'order', status: 'active', limit: 1 })).toEqual(['a']);
  });

  it('says of each actor what it is', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.advance(7);
    await actor.send({ type: 'PAY' });
    expect(await collect(world.engine.list())).toEqual([
      {
        id: 'o',
        parent: null,
        machine: 'order',
        machineVersion: '1',
        status: 'active',
        state: 'PAYMENT.processing',
        revision: 2,
        updatedAt: world.time.now,
      },
    ]);
  });
});
