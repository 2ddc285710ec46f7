// Starting actors: what is acknowledged, what is refused, and that a refused start leaves nothing.

import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { codeOf, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const order = setup({
  types: {
    context: {} as { readonly total: number },
    events: {} as { readonly type: 'PAY' },
    input: {} as { readonly total: number; readonly note?: string },
  },
}).createMachine({
  id: 'order',
  context: ({ input }) => {
    if (input.total < 0) throw new RangeError('An order has a positive total.');
    return { total: input.total };
  },
  initial: 'PENDING',
  states: { PENDING: { on: { PAY: 'PAID' } }, PAID: { type: 'final' } },
  output: ({ context }) => ({ paid: context.total }),
});

const cart = setup({}).createMachine({ id: 'cart', initial: 'open', states: { open: {} } });

const finished = setup({}).createMachine({
  id: 'finished',
  initial: 'over',
  states: { over: { type: 'final' } },
  output: { ended: 'at once' },
});

const machines = [order, cart, finished];

describe('starting an actor', () => {
  it('gives a client of an actor whose first state is committed', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'order-1', input: { total: 5 } });
    expect(actor.created).toBe(true);
    expect(actor.id).toBe('order-1');
    expect(world.store.commits.at(-1)?.actors.map(({ record }) => record.id)).toEqual(['order-1']);
    const snapshot = await actor.snapshot();
    expect(snapshot).toMatchObject({
      id: 'order-1',
      machine: 'order',
      machineVersion: '1',
      revision: 1,
      incarnation: 1,
      status: 'active',
      value: 'PENDING',
      context: { total: 5 },
      error: null,
      timers: [],
      effects: [],
    });
  });

  it('journals the input as the first entry, with the correlation it was given', async () => {
    await using world = await openWorld({ machines });
    const input = { total: 5, note: 'gift' };
    await world.engine.start(order, { id: 'order-1', input, correlation: 'request-7' });
    const [entry] = world.store.commits.at(-1)?.journal ?? [];
    expect(entry).toMatchObject({ kind: 'started', revision: 1, correlation: 'request-7' });
    expect(JSON.parse(entry?.data ?? '')).toEqual(input);
    expect(entry?.at).toBe(world.time.now);
  });

  it('refuses an id that is in use', async () => {
    await using world = await openWorld({ machines });
    await world.engine.start(order, { id: 'order-1', input: { total: 5 } });
    const error = await errorOf(world.engine.start(order, { id: 'order-1', input: { total: 5 } }));
    expect(error.code).toBe('ACTOR_EXISTS');
    expect(error.details).toEqual({ actor: 'order-1', status: 'active' });
  });

  it('refuses the id of an actor that has ended', async () => {
    await using world = await openWorld({ machines });
    await world.engine.start(finished, { id: 'one' });
    expect(await codeOf(world.engine.start(finished, { id: 'one' }))).toBe('ACTOR_EXISTS');
  });

  it('creates only one of two actors that are started under one id in one batch', async () => {
    await using world = await openWorld({ machines });
    const both = await Promise.allSettled([
      world.engine.start(order, { id: 'order-1', input: { total: 1 } }),
      world.engine.start(order, { id: 'order-1', input: { total: 2 } }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const { context } = await world.engine.actor(order, 'order-1').snapshot();
    expect(context).toEqual({ total: 1 });
  });

  it('attaches to an actor that was started with the same machine and input', async () => {
    await using world = await openWorld({ machines });
    await world.engine.start(order, { id: 'order-1', input: { total: 5, note: 'gift' } });
    const input = { note: 'gift', total: 5 };
    const again = await world.engine.start(order, { id: 'order-1', input, ifExists: 'attach' });
    expect(again.created).toBe(false);
    expect((await again.snapshot()).revision).toBe(1);
  });

  it('attaches after a restart, and to an actor that has moved on', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const first = await world.engine.start(order, { id: 'order-1', input: { total: 5 } });
    await first.send({ type: 'PAY' });
    const engine = await world.restart('abandon');
    const again = await engine.start(order, {
      id: 'order-1',
      input: { total: 5 },
      ifExists: 'attach',
    });
    expect(again.created).toBe(false);
    expect(await again.result()).toEqual({ paid: 5 });
  });

  it('creates an actor by attach when there is none', async () => {
    await using world = await openWorld({ machines });
    const options = { id: 'order-1', input: { total: 5 }, ifExists: 'attach' } as const;
    expect((await world.engine.start(order, options)).created).toBe(true);
  });

  it('refuses to attach with another input', async () => {
    await using world = await openWorld({ machines });
    await world.engine.start(order, { id: 'order-1', input: { total: 5 } });
    const options = { id: 'order-1', input: { total: 6 }, ifExists: 'attach' } as const;
    expect(await codeOf(world.engine.start(order, options))).toBe('ACTOR_EXISTS');
  });

  it('refuses to attach to an actor of another machine', async () => {
    await using world = await openWorld({ machines });
    await world.engine.start(cart, { id: 'one' });
    const attached = world.engine.start(finished, { id: 'one', ifExists: 'attach' });
    expect(await codeOf(attached)).toBe('ACTOR_EXISTS');
  });

  it('refuses a machine that the engine does not know', async () => {
    await using world = await openWorld({ machines });
    const stranger = setup({}).createMachine({ id: 'stranger' });
    const error = await errorOf(world.engine.start(stranger, { id: 'one' }));
    expect(error.code).toBe('MACHINE_UNKNOWN');
    expect(error.message).toContain('order@1');
  });

  it.each([
    ['', 'nothing'],
    ['order/1', 'a slash'],
    ['order\n1', 'a control character'],
    ['order-\ud800', 'a lone surrogate'],
    ['x'.repeat(513), 'too many characters'],
  ])('refuses the id %j for %s', async (id) => {
    await using world = await openWorld({ machines });
    const before = world.store.commits.length;
    expect(await codeOf(world.engine.start(cart, { id }))).toBe('BAD_ID');
    expect(world.store.commits).toHaveLength(before);
  });

  it('leaves no actor when the context factory throws, and its id is free', async () => {
    await using world = await openWorld({ machines });
    const error = await errorOf(world.engine.start(order, { id: 'order-1', input: { total: -1 } }));
    expect(error.code).toBe('STEP_FAILED');
    expect(error.message).toContain('An order has a positive total.');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(await codeOf(world.engine.actor(order, 'order-1').snapshot())).toBe('ACTOR_NOT_FOUND');
    expect(await world.deadLetters()).toEqual([]);
    const actor = await world.engine.start(order, { id: 'order-1', input: { total: 1 } });
    expect(actor.created).toBe(true);
  });

  it('lets the rest of the batch start when one context factory throws', async () => {
    await using world = await openWorld({ machines });
    const started = await Promise.allSettled(
      [1, -1, 2].map((total, index) =>
        world.engine.start(order, { id: `order-${index}`, input: { total } }),
      ),
    );
    expect(started.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('gives the output of an actor that is done at its start', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(finished, { id: 'one' });
    expect(await actor.result()).toEqual({ ended: 'at once' });
    expect((await actor.snapshot()).status).toBe('done');
  });

  it('refuses an input that is too large, naming the limit', async () => {
    await using world = await openWorld({ machines, limits: { eventLength: 100 } });
    const input = { total: 1, note: 'x'.repeat(100) };
    const error = await errorOf(world.engine.start(order, { id: 'order-1', input }));
    expect(error.code).toBe('VALUE_TOO_LARGE');
    expect(error.details).toMatchObject({ path: 'input', limit: 100 });
    expect(await codeOf(world.engine.actor(order, 'order-1').snapshot())).toBe('ACTOR_NOT_FOUND');
  });

  it('refuses an input that JSON would change, with the path', async () => {
    await using world = await openWorld({ machines });
    const error = await errorOf(
      world.engine.start(order, { id: 'o', input: { total: Number.NaN } }),
    );
    expect(error.code).toBe('BAD_VALUE');
    expect(error.details['path']).toBe('input.total');
  });

  it('has answered for an unknown id only when it is used', async () => {
    await using world = await openWorld({ machines });
    const nobody = world.engine.actor(order, 'nobody');
    expect(nobody.created).toBe(false);
    expect(await codeOf(nobody.send({ type: 'PAY' }))).toBe('ACTOR_NOT_FOUND');
    expect(await codeOf(nobody.result())).toBe('ACTOR_NOT_FOUND');
    expect(await codeOf(nobody.stop())).toBe('ACTOR_NOT_FOUND');
  });
});
