// Machines that never come to rest: transitions that need no event, and events that cause each other. A
// step is bounded, its message is kept as a dead letter, and nobody else waits for it.

import { actorRef } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { raise, sendTo, setup } from 'xstate';
import { codeOf, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const spinner = setup({
  types: {} as {
    events: { readonly type: 'SPIN' | 'RAISE' | 'LATER' | 'ECHO' | 'PING' | 'AGAIN' };
    input: { readonly spin: boolean };
    context: { readonly spin: boolean };
  },
  guards: { isSpun: ({ context }) => context.spin },
}).createMachine({
  id: 'spinner',
  context: ({ input }) => ({ spin: input.spin }),
  initial: 'still',
  states: {
    still: {
      always: { guard: 'isSpun', target: 'there' },
      on: {
        SPIN: 'there',
        RAISE: 'raising',
        LATER: 'waiting',
        ECHO: { actions: sendTo(() => actorRef('other'), { type: 'ECHO' }) },
        PING: {},
      },
    },
    there: { always: 'back' },
    back: { always: 'there' },
    raising: {
      entry: raise({ type: 'AGAIN' }),
      on: { AGAIN: { actions: raise({ type: 'AGAIN' }) } },
    },
    waiting: { after: { 1000: 'there' }, on: { PING: {} } },
  },
});

const machines = [spinner];
const input = { spin: false };

describe('a step that never ends (F20)', () => {
  it.each(['SPIN', 'RAISE'] as const)(
    'is given up when a message from outside leads to it: %s',
    async (type) => {
      await using world = await openWorld({ machines });
      const [actor, other] = await Promise.all(
        ['a', 'b'].map((id) => world.engine.start(spinner, { id, input })),
      );
      const sent = [actor?.send({ type }), other?.send({ type: 'PING' })] as const;
      const error = await errorOf(sent[0] ?? Promise.resolve());
      expect(error.code).toBe('STEP_FAILED');
      expect(error.message).toContain('Infinite loop');
      expect(await sent[1]).toMatchObject({ status: 'accepted' });
      expect(await actor?.snapshot()).toMatchObject({ value: 'still', revision: 1 });
      expect(await world.deadLetters()).toMatchObject([{ actor: 'a', type }]);
    },
  );

  it('is given up when a timer leads to it: its actor fails alone, the timer is kept', async () => {
    await using world = await openWorld({ machines });
    const [actor, other] = await Promise.all(
      ['a', 'b'].map((id) => world.engine.start(spinner, { id, input })),
    );
    await actor?.send({ type: 'LATER' });
    await world.time.advance(1_000);
    expect(await actor?.snapshot()).toMatchObject({ status: 'error', value: 'waiting' });
    expect(await world.deadLetters()).toHaveLength(1);
    expect(await other?.send({ type: 'PING' })).toMatchObject({ status: 'accepted' });
  });

  it('is given up at the start of an actor, of which nothing is left', async () => {
    await using world = await openWorld({ machines });
    const start = world.engine.start(spinner, { id: 'a', input: { spin: true } });
    expect(await codeOf(start)).toBe('STEP_FAILED');
    expect(await codeOf(world.engine.actor(spinner, 'a').snapshot())).toBe('ACTOR_NOT_FOUND');
  });
});

describe('two actors that answer each other without end', () => {
  it('do so commit by commit: others have their turn in between', async () => {
    const echo = setup({ types: {} as { events: { readonly type: 'ECHO' } } }).createMachine({
      id: 'echo',
      on: { ECHO: { actions: sendTo(() => actorRef('a'), { type: 'ECHO' }) } },
    });
    await using world = await openWorld({ machines: [spinner, echo], limits: { cascade: 50 } });
    const actor = await world.engine.start(spinner, { id: 'a', input });
    await world.engine.start(echo, { id: 'other' });
    expect(await actor.send({ type: 'ECHO' })).toMatchObject({ status: 'accepted' });
    expect(world.store.commits.at(-1)?.journal.length).toBeLessThanOrEqual(52);
    expect(await actor.snapshot()).toMatchObject({ status: 'active' });
    await world.abandon();
  });
});
