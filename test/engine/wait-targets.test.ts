// What may be waited for: states that the actor's machine has, by name, path or value. Any other would be
// waited for in vain.

import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, emit, fromTransition, setup } from 'xstate';
import { errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const order = setup({
  types: {
    events: {} as { readonly type: 'GO' },
    emitted: {} as { readonly type: 'gone'; readonly pence: number },
  },
  actors: { counter: fromTransition((count: number) => count, 0) },
}).createMachine({
  id: 'order',
  initial: 'OPEN',
  invoke: { id: 'count', src: 'counter' },
  states: {
    OPEN: {
      initial: 'new',
      states: { new: {}, seen: {}, 'v1.2': {} },
      on: { GO: { target: 'GONE', actions: emit({ type: 'gone', pence: 5 }) } },
    },
    GONE: {},
  },
});
const loose: AnyStateMachine = order;

describe('a wait for a state', () => {
  it('that the machine does not have is refused with the states that there are', async () => {
    await using world = await openWorld({ machines: [order] });
    await world.engine.start(order, { id: 'o' });
    const actor = world.engine.actor(loose, 'o');
    for (const target of ['OPNE', 'OPEN.old', { OPEN: 'old' }, { GONE: { a: 'b' } }, 'v1.2', 5]) {
      const error = await errorOf(actor.waitFor(target as never));
      expect(error.code).toBe('BAD_OPTION');
      expect(error.message).toContain(`got ${JSON.stringify(target)}`);
      expect(error.message).toContain('OPEN, OPEN.new, OPEN.seen, OPEN.v1.2, GONE');
    }
  });

  it('below another is taken by its path or its value', async () => {
    await using world = await openWorld({ machines: [order] });
    await world.engine.start(order, { id: 'o' });
    const actor = world.engine.actor(loose, 'o');
    for (const target of ['OPEN', 'OPEN.new', { OPEN: 'new' }]) {
      expect((await actor.waitFor(target)).value).toEqual({ OPEN: 'new' });
    }
    const wait = actor.waitFor('OPEN.v1\\.2', { timeout: '1s' });
    await world.time.settle();
    const ended = errorOf(wait);
    await world.time.advance(1_000);
    expect((await ended).code).toBe('WAIT_TIMEOUT');
  });

  it('of an actor without states is refused', async () => {
    await using world = await openWorld({ machines: [order] });
    await world.engine.start(order, { id: 'o' });
    const error = await errorOf(world.engine.actor(loose, 'o/count').waitFor('OPEN'));
    expect(error.message).toContain('are: none');
  });

  it('is held to the machine by its type, as are matches and on', async () => {
    await using world = await openWorld({ machines: [order] });
    const actor = await world.engine.start(order, { id: 'o' });
    // @ts-expect-error: there is no such state
    expect((await errorOf(actor.waitFor('OPNE'))).code).toBe('BAD_OPTION');
    // @ts-expect-error: there is no such state
    expect((await actor.snapshot()).matches('OPNE')).toBe(false);
    // @ts-expect-error: the machine emits no such event
    actor.on('foo', () => undefined);
    let pence = 0;
    actor.on('gone', (event) => {
      pence = event.pence;
    });
    await actor.send({ type: 'GO' });
    await world.time.settle();
    expect(pence).toBe(5);
  });
});
