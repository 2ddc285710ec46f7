// The order in which what a step asks of other actors is carried out, seen from the public side.

import { openEngine } from 'sagawright';
import { memoryStore } from 'sagawright/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assign, sendTo, setup } from 'xstate';

const child = setup({
  types: {} as { context: { readonly got: readonly string[] } },
}).createMachine({
  id: 'child',
  context: { got: [] },
  on: {
    '*': { actions: assign({ got: ({ context, event }) => [...context.got, event.type] }) },
  },
});

describe('a child', () => {
  const parent = setup({ actors: { child } }).createMachine({
    id: 'parent',
    initial: 'a',
    states: {
      a: {
        entry: sendTo('child', { type: 'FIRST' }),
        invoke: { src: 'child', id: 'child' },
        exit: sendTo('child', { type: 'LAST' }),
        on: { AGAIN: { target: 'a', reenter: true } },
      },
    },
  });

  it('starts before it receives what the entry actions of its state send it', async () => {
    const engine = await openEngine({ store: memoryStore(), machines: [parent] });
    onTestFinished(() => engine.stop());
    const actor = await engine.start(parent, { id: 'p' });
    const got = async (): Promise<unknown> =>
      (await engine.actor(child, 'p/child').snapshot()).context;
    expect(await got()).toEqual({ got: ['FIRST'] });
    // The one that is left gets the farewell, the new one its first message.
    await actor.send({ type: 'AGAIN' });
    expect(await got()).toEqual({ got: ['FIRST'] });
    const types: string[] = [];
    for await (const { type } of engine.actor(child, 'p/child').history()) types.push(type);
    expect(types).toEqual([
      'xstate.init',
      'FIRST',
      'LAST',
      'actor.stopped',
      'xstate.init',
      'FIRST',
    ]);
    expect((await engine.health()).level).toBe('green');
  });
});
