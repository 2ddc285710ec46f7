// An actor as it was at each of its revisions, folded from the journal: the same snapshot that was
// committed then, whatever has happened since.

import { type ActorSnapshot, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, emit, setup } from 'xstate';
import { codeOf, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { failing, ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<unknown, unknown>({});

const line = setup({
  types: { events: {} as { type: 'FILL' } | { type: 'CLOSE' } },
}).createMachine({
  id: 'line',
  initial: 'empty',
  states: {
    empty: { on: { FILL: 'full' } },
    full: { on: { CLOSE: 'closed' } },
    closed: { type: 'final' },
  },
});

const order = setup({
  types: {
    context: {} as { readonly lines: number },
    events: {} as { type: 'ADD' } | { type: 'PAY' } | { type: 'CANCEL' },
    emitted: {} as { type: 'added' },
  },
  actors: { line, charge },
  actions: { mail: () => undefined },
}).createMachine({
  id: 'order',
  context: { lines: 0 },
  initial: 'open',
  invoke: { id: 'first', src: 'line' },
  states: {
    open: {
      tags: 'changeable',
      on: {
        ADD: {
          actions: [
            assign({ lines: ({ context }) => context.lines + 1 }),
            emit({ type: 'added' }),
            'mail',
          ],
        },
        PAY: 'paying',
        CANCEL: 'cancelled',
      },
    },
    paying: {
      invoke: { id: 'pay', src: 'charge', input: 5, onDone: 'paid' },
      after: { 90000: 'cancelled' },
    },
    paid: {},
    cancelled: {},
  },
});

/** All that does not depend on attempts, which are not journaled. */
function seen({ timers, effects, ...snapshot }: ActorSnapshot): object {
  const { id, revision, incarnation, status, value, context, output, error } = snapshot;
  const pending = effects.filter(({ key }) => !key.includes('action:')).map(({ key }) => key);
  return { id, revision, incarnation, status, value, context, output, error, timers, pending };
}

describe('at', () => {
  it('gives the snapshot of every revision as it was committed', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({
      machines: [order],
      handlers: { charge: handler.run },
      on: 'sqlite',
    });
    const actor = await world.engine.start(order, { id: 'o' });
    const committed = new Map<number, object>();
    const look = async (): Promise<void> => {
      await world.time.settle();
      const snapshot = await actor.snapshot();
      committed.set(snapshot.revision, seen(snapshot));
    };
    await look();
    await actor.send({ type: 'ADD' });
    await look();
    await actor.send({ type: 'PAY' });
    await look();
    await world.time.advance(30_000);
    handler.last.resolve('receipt');
    await look();
    await world.restart('stop');
    const again = world.engine.actor(order, 'o');
    expect([...committed.keys()]).toEqual([1, 3, 4, 5]);
    for (const [revision, snapshot] of committed) {
      expect(seen(await again.at(revision))).toEqual(snapshot);
    }
    const then = await again.at(4);
    expect(then.timers).toMatchObject([{ eventType: 'xstate.after.90000.order.paying' }]);
    expect(then.effects).toMatchObject([{ id: 'pay', name: 'charge' }]);
    expect(then.matches('paying')).toBe(true);
    expect((await again.at(2)).hasTag('changeable')).toBe(true);
  });

  it('gives a child in a tree, also one that has ended', async () => {
    await using world = await openWorld({ machines: [order], handlers: { charge: failing } });
    await world.engine.start(order, { id: 'o' });
    const child = world.engine.actor(line, 'o/first');
    await child.send({ type: 'FILL' });
    await child.send({ type: 'CLOSE' });
    const values = await Promise.all([1, 2, 3].map(async (n) => (await child.at(n)).value));
    expect(values).toEqual(['empty', 'full', 'closed']);
    expect((await child.at(3)).status).toBe('done');
  });

  it('refuses a revision that is not there', async () => {
    await using world = await openWorld({ machines: [order], handlers: { charge: failing } });
    const actor = await world.engine.start(order, { id: 'o' });
    for (const revision of [0, 2, -1, 1.5, Number.NaN]) {
      expect(await codeOf(actor.at(revision))).toBe('BAD_OPTION');
    }
    expect(await codeOf(world.engine.actor(order, 'nobody').at(1))).toBe('ACTOR_NOT_FOUND');
  });

  it('says that a journal does not fold when a machine is impure', async () => {
    let heads = true;
    const coin = setup({ types: { events: {} as { type: 'FLIP' } } }).createMachine({
      id: 'coin',
      initial: 'up',
      states: {
        up: { on: { FLIP: [{ guard: () => heads, target: 'heads' }, { target: 'tails' }] } },
        heads: {},
        tails: {},
      },
    });
    await using world = await openWorld({ machines: [coin], verified: false });
    const actor = await world.engine.start(coin, { id: 'c' });
    await actor.send({ type: 'FLIP' });
    heads = false;
    const error = await errorOf(actor.at(2));
    expect(error.code).toBe('JOURNAL_NOT_FOLDABLE');
    expect(error.details).toMatchObject({ actor: 'c', revision: 2 });
    expect((await actor.at(1)).value).toBe('up');
  });
});
