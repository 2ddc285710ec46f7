// Actors and names that are not in memory when a turn ends: the engine reads them again, and goes on.

import { effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const counter = setup({}).createMachine({
  id: 'counter',
  on: { ADD: { actions: () => undefined } },
});

const call = effect<unknown, unknown>();
const child = setup({
  actors: { call },
  guards: {
    throws: () => {
      throw new Error('The child has broken.');
    },
  },
}).createMachine({
  id: 'child',
  initial: 'calling',
  states: {
    calling: { invoke: { src: 'call', onDone: { guard: 'throws', target: 'called' } } },
    called: { type: 'final' },
  },
});
const parent = setup({ actors: { child } }).createMachine({
  id: 'parent',
  initial: 'waiting',
  states: {
    waiting: {
      invoke: { id: 'child', src: 'child', systemId: 'named', onDone: 'done', onError: 'failed' },
    },
    done: {},
    failed: {},
  },
});

describe('what is not in memory', () => {
  it('does not disturb an attach whose turn has pushed its actor out', async () => {
    await using world = await openWorld({ machines: [counter], limits: { cachedActors: 1 } });
    const { engine } = world;
    const other = await engine.start(counter, { id: 'counter-1' });
    await engine.start(counter, { id: 'counter-2' });
    const [attached] = await Promise.all([
      engine.start(counter, { id: 'counter-2', ifExists: 'attach' }),
      other.send({ type: 'ADD' }),
    ]);
    expect(attached.created).toBe(false);
    expect((await engine.health()).status).toBe('running');
  });

  it('does not disturb the end of a child whose name was given by an earlier process', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [parent], handlers: { call: handler.run } });
    await world.engine.start(parent, { id: 'parent-1' });
    await world.time.settle();
    // The parent hears of the end in the next turn: nobody has read the names by then.
    const engine = await world.restart('abandon', { limits: { cascade: 1 } });
    await world.time.settle();
    handler.last.resolve(null);
    const failed = await engine.actor(parent, 'parent-1').waitFor('failed');
    expect(failed.value).toBe('failed');
    expect((await engine.health()).status).toBe('running');
  });
});
