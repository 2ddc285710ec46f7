// What waited in the inbox when the engine ended finds its actor after a migration has renamed what it is
// about, and is kept when its actor is parked.

import { actorRef, ask, EngineError, migration } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { createMachine, setup } from 'xstate';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';

const stock = createMachine({
  id: 'stock',
  initial: 'here',
  states: { here: { on: { RESERVE: { target: 'here' } } } },
});

function asker(version: string, state: string) {
  return setup({
    types: { events: {} as { readonly type: 'GO' } },
    actors: { reserve: ask(() => ({ to: 's', event: { type: 'RESERVE' } })) },
  }).createMachine({
    id: 'asker',
    version,
    initial: 'A',
    states: {
      A: { on: { GO: state } },
      [state]: { invoke: { src: 'reserve', onDone: 'RESERVED', onError: 'REFUSED' } },
      RESERVED: {},
      REFUSED: {},
    },
  });
}

const [first, second] = [asker('1', 'ASKING'), asker('2', 'RESERVING')];

const rename = migration({
  machine: 'asker',
  from: '1',
  to: '2',
  migrate: (actor) => ({
    ...actor,
    value: 'RESERVING',
    children: actor.children.map((child) => ({ ...child, id: '0.asker.RESERVING' })),
  }),
});

/** A world whose asker has its answer waiting in the inbox. */
async function answered(): Promise<EngineWorld> {
  const machines = [first, stock];
  const world = await openWorld({ machines, limits: { cascade: 1 } });
  await world.engine.start(stock, { id: 's' });
  const actor = await world.engine.start(first, { id: 'a' });
  const busy = new EngineError('STORE_BUSY', 'Somebody else writes.');
  world.store.judge = ({ journal }) =>
    journal.some(({ type }) => type.startsWith('xstate.done.actor')) ? busy : null;
  await actor.send({ type: 'GO' });
  await world.time.settle();
  await world.abandon();
  expect([...world.contents.inbox.values()].map(({ target }) => target)).toEqual(['a']);
  return world;
}

describe('an answer in the inbox', () => {
  it('reaches the asker under the new id of its question', async () => {
    await using world = await answered();
    const engine = await world.open({ machines: [second, stock], migrations: [rename] });
    expect((await engine.actor(second, 'a').snapshot()).value).toBe('RESERVED');
    expect(await world.deadLetters()).toEqual([]);
    expect(world.contents.inbox.size).toBe(0);
  });

  it('is kept as a dead letter while its asker is parked, and delivered by hand then', async () => {
    await using world = await answered();
    await world.open({ machines: [stock] });
    expect(await world.row(actorRef('a').address)).toMatchObject({ status: 'parked' });
    expect(await world.deadLetters()).toMatchObject([
      { actor: 'a', reason: 'UNDELIVERABLE', type: 'xstate.done.actor.0.asker.ASKING' },
    ]);
    const options = { machines: [second, stock], migrations: [rename] };
    const engine = await world.restart('stop', options);
    expect((await engine.actor(second, 'a').snapshot()).value).toBe('RESERVING');
    const [letter] = await world.deadLetters();
    await engine.deadLetters.retry(letter?.id ?? 0);
    expect((await engine.actor(second, 'a').snapshot()).value).toBe('RESERVED');
    expect(await world.deadLetters()).toEqual([]);
  });
});
