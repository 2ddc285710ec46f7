// One actor asks another: question, answer and what the asker makes of it are one commit, and a refusal
// is never silence.

import { ask, type EffectError, effectError } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { collect } from '../support/collected.ts';
import { type EngineWorld, openWorld, type WorldOptions } from '../support/engine-world.ts';

type StockEvents =
  | { readonly type: 'RESERVE'; readonly quantity: number }
  | { readonly type: 'BREAK' };

const stock = setup({
  types: { context: {} as { readonly left: number }, events: {} as StockEvents },
  guards: {
    enough: ({ context, event }) => event.type === 'RESERVE' && event.quantity <= context.left,
  },
}).createMachine({
  id: 'stock',
  context: { left: 10 },
  initial: 'open',
  states: {
    open: {
      on: {
        RESERVE: {
          guard: 'enough',
          actions: assign({ left: ({ context, event }) => context.left - event.quantity }),
        },
        BREAK: {
          actions: assign(() => {
            throw new RangeError('The shelf has fallen down.');
          }),
        },
      },
    },
  },
});

interface Question {
  readonly to: string;
  readonly type: string;
}

const asker = setup({
  types: {
    context: {} as { readonly answer: unknown; readonly error: EffectError | null },
    events: {} as { readonly type: 'GO'; readonly to: string; readonly ask: string },
  },
  actors: {
    reserve: ask<Question>(({ to, type }) => ({ to, event: { type, quantity: 3 } as never })),
  },
}).createMachine({
  id: 'asker',
  context: { answer: null, error: null },
  initial: 'idle',
  states: {
    idle: { on: { GO: 'asking' } },
    asking: {
      invoke: {
        id: 'reserve',
        src: 'reserve',
        input: ({ event }) => ({ to: event.to, type: event.ask }),
        onDone: { target: 'reserved', actions: assign({ answer: ({ event }) => event.output }) },
        onError: {
          target: 'refused',
          actions: assign({ error: ({ event }) => effectError(event.error) }),
        },
      },
    },
    reserved: {},
    refused: { on: { GO: 'asking' } },
  },
});

const machines = [asker, stock];

async function askingWorld(options: Partial<WorldOptions> = {}): Promise<EngineWorld> {
  const world = await openWorld({ machines, ...options });
  await world.engine.start(asker, { id: 'a' });
  await world.engine.start(stock, { id: 's' });
  return world;
}

const go = { type: 'GO', to: 's', ask: 'RESERVE' } as const;

describe('an ask that is accepted', () => {
  it('ends with the revision and the state of the other, all in the commit of the question', async () => {
    await using world = await askingWorld();
    const actor = world.engine.actor(asker, 'a');
    expect(await actor.send(go, { correlation: 'request-1' })).toMatchObject({ value: 'asking' });
    expect(await actor.snapshot()).toMatchObject({
      value: 'reserved',
      context: { answer: { revision: 2, value: 'open' } },
      effects: [],
    });
    expect((await world.engine.actor(stock, 's').snapshot()).context.left).toBe(7);
    const commit = world.store.commits.at(-1);
    expect(commit?.journal.map(({ actor: id, type }) => `${id} ${type}`)).toEqual([
      'a GO',
      's RESERVE',
      'a xstate.done.actor.reserve',
    ]);
    expect((await collect(world.engine.events())).slice(-3)).toMatchObject([
      { position: 3, correlation: 'request-1' },
      { position: 4, correlation: 'request-1', causation: 'a@2' },
      { position: 5, correlation: 'request-1' },
    ]);
  });

  it('is answered by an actor that is not in memory', async () => {
    await using world = await askingWorld({ on: 'sqlite' });
    const engine = await world.restart('abandon');
    await engine.actor(asker, 'a').send(go);
    expect((await engine.actor(asker, 'a').snapshot()).value).toBe('reserved');
  });

  it('is answered although its cascade is past its bound', async () => {
    await using world = await askingWorld({ limits: { cascade: 1 } });
    const actor = world.engine.actor(asker, 'a');
    await actor.send(go);
    expect((await actor.waitFor('reserved')).context.answer).toEqual({
      revision: 2,
      value: 'open',
    });
  });

  it('is answered over a crash between question and answer', async () => {
    await using world = await askingWorld({ limits: { cascade: 1 }, on: 'sqlite' });
    await world.engine.actor(asker, 'a').send(go);
    expect((await world.engine.actor(asker, 'a').snapshot()).value).toBe('asking');
    const engine = await world.restart('abandon');
    expect((await engine.actor(asker, 'a').waitFor('reserved')).value).toBe('reserved');
    expect((await engine.actor(stock, 's').snapshot()).context.left).toBe(7);
  });
});

describe('an ask that is not accepted', () => {
  async function errorAfter(to: string, question: string): Promise<EffectError | null> {
    await using world = await askingWorld();
    const actor = world.engine.actor(asker, 'a');
    await actor.send({ type: 'GO', to, ask: question });
    const { value, context } = await actor.snapshot();
    expect(value).toBe('refused');
    return context.error;
  }

  it('is rejected with what the other takes, when it takes no such event', async () => {
    expect(await errorAfter('s', 'SELL')).toMatchObject({
      name: 'Rejected',
      code: 'REFUSED',
      outcome: 'rejected',
      message: 'Expected "s" to take "SELL", but it takes no such event in "open".',
      details: { actor: 's', event: 'SELL', value: 'open', enabled: ['BREAK', 'RESERVE'] },
    });
  });

  it('is rejected when a guard of the other refuses it', async () => {
    await using world = await askingWorld();
    const others = ['b', 'c', 'd'];
    const actors = await Promise.all(others.map((id) => world.engine.start(asker, { id })));
    const actor = world.engine.actor(asker, 'a');
    for (const one of [actor, ...actors]) await one.send(go);
    const ends = await Promise.all([actor, ...actors].map((one) => one.snapshot()));
    expect(ends.map(({ value }) => value)).toEqual(['reserved', 'reserved', 'reserved', 'refused']);
    expect((await world.engine.actor(stock, 's').snapshot()).context.left).toBe(1);
  });

  it('is rejected when there is nobody', async () => {
    const error = await errorAfter('nobody', 'RESERVE');
    expect(error).toMatchObject({
      code: 'ACTOR_NOT_FOUND',
      outcome: 'rejected',
      message: 'There is no actor "nobody" to take "RESERVE".',
      details: { actor: 'nobody', event: 'RESERVE' },
    });
  });

  it('is rejected when the address makes no sense', async () => {
    const error = await errorAfter('', 'RESERVE');
    expect(error).toMatchObject({ outcome: 'rejected' });
  });

  it('is rejected when the other throws, who keeps the message as a dead letter', async () => {
    await using world = await askingWorld();
    const actor = world.engine.actor(asker, 'a');
    await actor.send({ type: 'GO', to: 's', ask: 'BREAK' });
    expect(await actor.snapshot()).toMatchObject({
      value: 'refused',
      context: {
        error: {
          code: 'STEP_FAILED',
          outcome: 'rejected',
          message: 'The shelf has fallen down.',
          details: { actor: 's', event: 'BREAK' },
        },
      },
    });
    expect(await world.engine.actor(stock, 's').snapshot()).toMatchObject({
      status: 'active',
      revision: 1,
    });
    expect(await world.deadLetters()).toMatchObject([{ reason: 'STEP_FAILED', actor: 's' }]);
  });

  it('is rejected when the other has ended', async () => {
    await using world = await askingWorld();
    await world.engine.actor(stock, 's').stop();
    const actor = world.engine.actor(asker, 'a');
    await actor.send(go);
    expect((await actor.snapshot()).context.error).toMatchObject({ outcome: 'rejected' });
  });

  it.each(['memory', 'sqlite'] as const)(
    'says that an actor that was stopped takes nothing, before a restart and after it (%s)',
    async (on) => {
      await using world = await askingWorld({ on });
      await world.engine.actor(stock, 's').stop();
      const nothing = { code: 'REFUSED', details: { value: 'open', enabled: [] } };
      await world.engine.actor(asker, 'a').send(go);
      const before = await world.engine.actor(asker, 'a').snapshot();
      expect(before.context.error).toMatchObject(nothing);
      const again = (await world.restart('stop')).actor(asker, 'a');
      await again.send(go);
      const after = await again.snapshot();
      expect(after).toMatchObject({ revision: before.revision + 2, context: { error: nothing } });
    },
  );

  it('may ask itself, and gets an answer', async () => {
    await using world = await askingWorld();
    const actor = world.engine.actor(asker, 'a');
    await actor.send({ type: 'GO', to: 'a', ask: 'WHATEVER' });
    expect((await actor.snapshot()).context.error).toMatchObject({ code: 'REFUSED' });
  });
});

describe('an ask whose request cannot be made', () => {
  it('is rejected with the reason', async () => {
    const broken = asker.provide({
      actors: {
        reserve: ask<Question>(() => {
          throw new TypeError('There is nobody to ask.');
        }),
      },
    });
    await using world = await openWorld({ machines: [broken, stock] });
    const actor = await world.engine.start(broken, { id: 'a' });
    await actor.send(go);
    expect((await actor.snapshot()).context.error).toMatchObject({
      outcome: 'rejected',
      message: 'There is nobody to ask.',
    });
  });
});
