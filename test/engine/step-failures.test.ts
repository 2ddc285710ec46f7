// A step that throws: what came from outside is refused and kept, the actor stays in its last good
// state, and nobody else in the batch notices.

import { actorRef, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { codeOf, collect, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const account = setup({
  types: {
    context: {} as { readonly balance: number; readonly at?: unknown },
    events: {} as
      | { readonly type: 'ADD'; readonly amount: number }
      | { readonly type: 'GUARD' }
      | { readonly type: 'DATE' }
      | { readonly type: 'SPIN' }
      | { readonly type: 'LATER' },
  },
  actions: {
    explode: assign(() => {
      throw new Error('The timer explodes.');
    }),
  },
  guards: {
    broken: () => {
      throw new TypeError('The guard is broken.');
    },
  },
}).createMachine({
  id: 'account',
  context: { balance: 0 },
  initial: 'open',
  states: {
    open: {
      on: {
        ADD: {
          actions: assign({
            balance: ({ context, event }) => {
              if (event.amount < 0) throw new RangeError('Amounts are positive.');
              return context.balance + event.amount;
            },
          }),
        },
        GUARD: { guard: 'broken', target: 'never' },
        DATE: { actions: assign({ at: () => new Date(0) }) },
        SPIN: 'spinning',
        LATER: 'waiting',
      },
    },
    waiting: { after: { 1000: { target: 'never', actions: 'explode' } } },
    spinning: { always: 'spinningBack' },
    spinningBack: { always: 'spinning' },
    never: {},
  },
});

const machines = [account];

describe('a message from outside whose step throws', () => {
  it('is refused with the cause and leaves the last good state', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'ADD', amount: 5 });
    const row = await world.row('a');
    const error = await errorOf(actor.send({ type: 'ADD', amount: -1 }));
    expect(error.code).toBe('STEP_FAILED');
    expect(error.message).toContain('Amounts are positive.');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(await world.row('a')).toEqual(row);
    expect(await actor.snapshot()).toMatchObject({ status: 'active', context: { balance: 5 } });
  });

  it('is kept as a dead letter with its cause and the revision it met', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'ADD', amount: 5 });
    await codeOf(actor.send({ type: 'ADD', amount: -1 }, { key: 'k1' }));
    expect(await world.deadLetters()).toMatchObject([
      {
        reason: 'STEP_FAILED',
        actor: 'a',
        type: 'ADD',
        revision: 2,
        replays: 0,
        error: { name: 'RangeError', message: 'Amounts are positive.' },
        message: { event: { type: 'ADD', amount: -1 }, key: 'k1' },
      },
    ]);
  });

  it('does not use up its key', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await codeOf(actor.send({ type: 'ADD', amount: -1 }, { key: 'k1' }));
    expect(await actor.send({ type: 'ADD', amount: 1 }, { key: 'k1' })).toMatchObject({
      status: 'accepted',
    });
  });

  it('is alone: the rest of its batch commits, for the same actor and for others', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const [a, b] = await Promise.all([
      world.engine.start(account, { id: 'a' }),
      world.engine.start(account, { id: 'b' }),
    ]);
    const commits = world.store.commits.length;
    const sent = await Promise.allSettled([
      a.send({ type: 'ADD', amount: 1 }),
      a.send({ type: 'ADD', amount: -1 }),
      b.send({ type: 'GUARD' }),
      a.send({ type: 'ADD', amount: 2 }),
      b.send({ type: 'ADD', amount: 4 }),
    ]);
    expect(sent.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(world.store.commits.length - commits).toBe(1);
    expect((await a.snapshot()).context.balance).toBe(3);
    expect((await b.snapshot()).context.balance).toBe(4);
    expect((await world.deadLetters()).map(({ actor, type }) => `${actor} ${type}`)).toEqual([
      'a ADD',
      'b GUARD',
    ]);
  });

  it.each([
    ['GUARD', 'The guard is broken.'],
    ['DATE', 'Expected a plain object at account.context.at'],
    ['SPIN', 'Infinite loop'],
  ] as const)('is refused when a %s goes wrong', async (type, message) => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    const error = await errorOf(actor.send({ type }));
    expect(error.code).toBe('STEP_FAILED');
    expect(error.message).toContain(message);
    expect((await actor.snapshot()).value).toBe('open');
    expect(await world.deadLetters()).toHaveLength(1);
  });

  it('has changed nothing after a restart either', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(account, { id: 'a' });
    await codeOf(actor.send({ type: 'ADD', amount: -1 }));
    const engine = await world.restart('abandon');
    const after = engine.actor(account, 'a');
    expect(await after.snapshot()).toMatchObject({ status: 'active', revision: 1 });
    expect(await after.send({ type: 'ADD', amount: 1 })).toMatchObject({ revision: 2 });
  });
});

describe('an internal message whose step throws', () => {
  it('fails the actor in its last good state, with a dead letter and a journal entry', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'ADD', amount: 5 });
    await actor.send({ type: 'LATER' });
    await world.time.advance(1_000);
    expect(await actor.snapshot()).toMatchObject({
      status: 'error',
      value: 'waiting',
      context: { balance: 5 },
      error: { name: 'Error', message: 'The timer explodes.' },
    });
    expect(await world.history('a')).toEqual([
      'started xstate.init',
      'received ADD',
      'received LATER',
      'noted actor.failed',
    ]);
    expect(await world.deadLetters()).toMatchObject([{ reason: 'STEP_FAILED', revision: 3 }]);
  });

  it('leaves an actor that takes no messages, with nothing enabled', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'LATER' });
    await world.time.advance(1_000);
    const receipt = await actor.send({ type: 'ADD', amount: 1 });
    expect(receipt).toEqual({ status: 'rejected', value: 'waiting', enabled: [] });
    expect(await codeOf(actor.result())).toBe('ACTOR_FAILED');
  });

  it('leaves a failed actor after a restart as well', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'LATER' });
    await world.time.advance(1_000);
    const engine = await world.restart('stop');
    await world.time.advance(60_000);
    expect(await engine.actor(account, 'a').snapshot()).toMatchObject({
      status: 'error',
      value: 'waiting',
      error: { message: 'The timer explodes.' },
    });
    expect(await world.deadLetters()).toHaveLength(1);
  });

  it('can be delivered again after the machine was mended, and the actor goes on', async () => {
    await using world = await openWorld({ machines, on: 'sqlite' });
    await (await world.engine.start(account, { id: 'a' })).send({ type: 'LATER' });
    await world.time.advance(1_000);
    const mended = account.provide({ actions: { explode: () => undefined } });
    const engine = await world.restart('stop', { machines: [mended] });
    const [letter] = await world.deadLetters();
    const receipt = await engine.deadLetters.retry(letter?.id ?? 0);
    expect(receipt).toMatchObject({ status: 'accepted', value: 'never' });
    const actor = engine.actor(mended, 'a');
    expect(await actor.snapshot()).toMatchObject({ status: 'active', value: 'never', error: null });
    expect(await world.deadLetters()).toEqual([]);
    const types = (await collect(actor.history())).map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['actor.resumed', 'xstate.after.1000.account.waiting']);
  });
});

describe('a machine that sends to another address at each run', () => {
  let runs = 0;
  const wanderer = setup({ types: { events: {} as { readonly type: 'GO' } } }).createMachine({
    id: 'wanderer',
    on: {
      GO: {
        actions: sendTo(
          () => {
            runs += 1;
            if (runs > 1_000) throw new Error('It runs for ever.');
            return actorRef(`nobody-${runs}`);
          },
          { type: 'HELLO' },
        ),
      },
    },
  });

  it('is refused its message, and others go on', async () => {
    await using world = await openWorld({ machines: [account, wanderer] });
    const other = await world.engine.start(account, { id: 'a' });
    const actor = await world.engine.start(wanderer, { id: 'w' });
    const error = await errorOf(actor.send({ type: 'GO' }));
    expect(error.code).toBe('STEP_FAILED');
    expect(error.message).toContain('Make ids up before');
    expect(await other.send({ type: 'ADD', amount: 1 })).toMatchObject({ status: 'accepted' });
    expect((await actor.snapshot()).status).toBe('active');
  });
});

describe('an error that cannot be described', () => {
  const mute = setup({
    types: { events: {} as { readonly type: 'GO' } },
    actions: {
      explode: assign(() => {
        throw Object.defineProperty(new Error('x'), 'message', {
          get: () => {
            throw new TypeError('It has no text.');
          },
        });
      }),
    },
  }).createMachine({ id: 'mute', on: { GO: { actions: 'explode' } } });

  it('refuses its message as any other, and others go on', async () => {
    const failures: unknown[] = [];
    await using world = await openWorld({
      machines: [account, mute],
      onFailure: (error) => {
        failures.push(error);
      },
    });
    const other = await world.engine.start(account, { id: 'a' });
    const actor = await world.engine.start(mute, { id: 'm' });
    expect(await codeOf(actor.send({ type: 'GO' }))).toBe('STEP_FAILED');
    expect(await other.send({ type: 'ADD', amount: 1 })).toMatchObject({ status: 'accepted' });
    expect(await world.deadLetters()).toMatchObject([{ actor: 'm', error: { name: 'Error' } }]);
    expect(failures).toEqual([]);
  });
});

describe("an effect's key function that throws", () => {
  const charge = effect<{ readonly amount: number }, unknown>({
    key: () => {
      throw new TypeError('The key is broken.');
    },
  });
  const payer = setup({
    types: { events: {} as { readonly type: 'PAY' } | { readonly type: 'LATER' } },
    actors: { charge },
  }).createMachine({
    id: 'payer',
    initial: 'open',
    states: {
      open: { on: { PAY: 'paying', LATER: 'waiting' } },
      waiting: { after: { 1000: 'paying' } },
      paying: { invoke: { src: 'charge', input: { amount: 1 } } },
    },
  });
  const handlers = { charge: new ScriptedHandler().run };
  const payers = [account, payer];

  it('fails the message that entered its state, and nobody else', async () => {
    await using world = await openWorld({ machines: payers, handlers });
    const actor = await world.engine.start(payer, { id: 'p' });
    const other = await world.engine.start(account, { id: 'a' });
    const error = await errorOf(actor.send({ type: 'PAY' }));
    expect(error.code).toBe('STEP_FAILED');
    expect(error.message).toContain('The key is broken.');
    expect(await actor.snapshot()).toMatchObject({ status: 'active', value: 'open', revision: 1 });
    expect(await other.send({ type: 'ADD', amount: 1 })).toMatchObject({ status: 'accepted' });
  });

  it('fails its actor when a timer entered its state, and others go on at every open', async () => {
    await using world = await openWorld({ machines: payers, handlers, on: 'sqlite' });
    const actor = await world.engine.start(payer, { id: 'p' });
    await world.engine.start(account, { id: 'a' });
    await actor.send({ type: 'LATER' });
    await world.time.advance(1_500);
    for (const _life of [1, 2]) {
      const engine = await world.restart('abandon');
      await world.time.advance(100);
      const other = engine.actor(account, 'a');
      expect(await other.send({ type: 'ADD', amount: 1 })).toMatchObject({ status: 'accepted' });
      expect(await engine.actor(payer, 'p').snapshot()).toMatchObject({
        status: 'error',
        value: 'waiting',
        error: { message: 'The key is broken.' },
      });
    }
  });
});
