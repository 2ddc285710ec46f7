// Effects that end without success: what the machine is told, what is kept for people, and how a failed
// actor goes on under the old key.

import { effect, Rejected } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { failing, ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<{ readonly amount: number }, unknown>(
  {
    timeout: '10s',
    retry: { attempts: 2, jitter: false, initial: '1s', backoff: 'constant' },
  },
  failing,
);

const careful = setup({
  types: { context: {} as { readonly error: unknown } },
  actors: { charge },
}).createMachine({
  id: 'careful',
  context: { error: null },
  initial: 'PAYING',
  states: {
    PAYING: {
      invoke: {
        id: 'pay',
        src: 'charge',
        input: { amount: 5 },
        onDone: 'PAID',
        onError: { target: 'UNPAID', actions: assign({ error: ({ event }) => event.error }) },
      },
    },
    PAID: {},
    UNPAID: {},
  },
});

/** Takes no errors: one of its effects failing fails the actor. */
const careless = setup({
  types: { context: {} as { readonly paid: unknown }, events: {} as { readonly type: 'PING' } },
  actors: { charge, notify: charge },
}).createMachine({
  id: 'careless',
  context: { paid: null },
  type: 'parallel',
  on: { PING: {} },
  states: {
    pay: {
      initial: 'PAYING',
      states: {
        PAYING: {
          invoke: {
            id: 'pay',
            src: 'charge',
            input: { amount: 5 },
            onDone: { target: 'PAID', actions: assign({ paid: ({ event }) => event.output }) },
          },
        },
        PAID: {},
      },
    },
    tell: {
      initial: 'TELLING',
      states: {
        TELLING: { invoke: { id: 'tell', src: 'notify', input: { amount: 1 }, onDone: 'TOLD' } },
        TOLD: {},
      },
    },
  },
});

const machines = [careful, careless];

class DownError extends Error {
  override readonly name = 'DownError';
  readonly code = 'ECONNREFUSED';
  readonly details = { host: 'gateway' };
}

/** An error that cannot be read wholly. */
function throwingAt(member: string): Error {
  const get = (): never => {
    throw new TypeError('It cannot be read.');
  };
  return Object.defineProperty(new Error('odd'), member, { get });
}

async function exhaust(world: EngineWorld, handler: ScriptedHandler): Promise<void> {
  await world.time.settle();
  handler.last.reject(new DownError('No connection.'));
  await world.time.advance(1_000);
  handler.last.reject(new DownError('No connection.'));
  await world.time.settle();
}

describe('an effect whose attempts are used up', () => {
  it('tells its machine name, message, code, outcome, attempts and key', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(careful, { id: 'o' });
    await exhaust(world, handler);
    expect((await actor.snapshot()).context.error).toEqual({
      name: 'DownError',
      message: 'No connection.',
      code: 'ECONNREFUSED',
      outcome: 'unknown',
      attempts: 2,
      key: handler.last.key,
      details: { host: 'gateway' },
    });
  });

  it('is kept as a dead letter, also when the machine handles the error', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await world.engine.start(careful, { id: 'o' });
    await exhaust(world, handler);
    const [letter, ...others] = await world.deadLetters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      reason: 'EFFECT_EXHAUSTED',
      actor: 'o',
      type: 'charge',
      at: world.time.now,
      error: { message: 'No connection.', attempts: 2, key: handler.last.key },
    });
    expect(await world.engine.health()).toMatchObject({ level: 'yellow' });
  });

  it('cannot be retried through its letter, which only reports, but discarded', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await world.engine.start(careful, { id: 'o' });
    await exhaust(world, handler);
    const [letter] = await world.deadLetters();
    const id = letter?.id ?? 0;
    expect(await codeOf(world.engine.deadLetters.retry(id))).toBe('BAD_OPTION');
    await world.engine.deadLetters.discard(id);
    expect(await world.deadLetters()).toEqual([]);
    expect(await world.engine.health()).toMatchObject({ level: 'green' });
  });

  it('leaves no details that are not JSON', async () => {
    const charge = async (): Promise<never> => {
      const details: Record<string, unknown> = { big: 5n };
      throw new Rejected('NO', { details });
    };
    await using world = await openWorld({ machines, handlers: { charge } });
    const actor = await world.engine.start(careful, { id: 'o' });
    await world.time.settle();
    expect((await actor.snapshot()).context.error).toMatchObject({ code: 'NO', details: {} });
  });

  it.each<[what: string, thrown: unknown, expected: object]>([
    ['a text', 'just text', { name: 'Error', message: 'just text', code: 'FAILED' }],
    ['undefined', undefined, { name: 'Error', message: 'undefined', code: 'FAILED' }],
    ['an object without text', Object.create(null), { name: 'Error', code: 'FAILED' }],
    ['an object', { message: 'odd', code: 'E1' }, { name: 'Error', message: 'odd', code: 'E1' }],
    ['an error whose text throws', throwingAt('message'), { name: 'Error', code: 'FAILED' }],
    ['an error whose details throw', throwingAt('details'), { message: 'odd', details: {} }],
  ])('makes an error of whatever was thrown: %s', async (_what, thrown, expected) => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(careful, { id: 'o' });
    await world.time.settle();
    handler.last.reject(thrown);
    await world.time.advance(1_000);
    handler.last.reject(thrown);
    await world.time.settle();
    expect((await actor.snapshot()).context.error).toMatchObject({
      ...expected,
      outcome: 'unknown',
    });
  });
});

describe('an error event that its machine does not handle', () => {
  it('fails the actor in its last good state, which keeps its effects', async () => {
    const handler = new ScriptedHandler();
    const notify = new ScriptedHandler();
    const handlers = { charge: handler.run, notify: notify.run };
    await using world = await openWorld({ machines, handlers });
    const actor = await world.engine.start(careless, { id: 'o' });
    await exhaust(world, handler);
    expect(await actor.snapshot()).toMatchObject({
      status: 'error',
      value: { pay: 'PAYING', tell: 'TELLING' },
      context: { paid: null },
      error: { message: 'No connection.' },
    });
    expect(Object.keys(await world.effects('o'))).toEqual(['pay', 'tell']);
    expect(notify.last.signal.aborted).toBe(true);
    const reasons = (await world.deadLetters()).map(({ reason }) => reason);
    expect(reasons.toSorted()).toEqual(['EFFECT_EXHAUSTED', 'STEP_FAILED']);
  });

  it('fails it by a definite no as well', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(careless, { id: 'o' });
    await world.time.settle();
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({
      status: 'error',
      error: { message: 'DECLINED' },
    });
  });

  it('is retried by its letter: the effects run again under their old keys, and the actor goes on', async () => {
    const handler = new ScriptedHandler();
    const notify = new ScriptedHandler();
    const handlers = { charge: handler.run, notify: notify.run };
    await using world = await openWorld({ machines, handlers });
    const actor = await world.engine.start(careless, { id: 'o' });
    await exhaust(world, handler);
    const letters = await collect(world.engine.deadLetters.list({ reason: 'STEP_FAILED' }));
    expect(await world.engine.deadLetters.retry(letters[0]?.id ?? 0)).toBe(null);
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({ status: 'active', error: null });
    expect(handler.calls.map(({ key, attempt }) => `${key} ${attempt}`)).toEqual([
      'o@1:pay 1',
      'o@1:pay 2',
      'o@1:pay 1',
    ]);
    expect(notify.calls.map(({ key }) => key)).toEqual(['o@1:tell', 'o@1:tell']);
    handler.last.resolve('ch-1');
    notify.last.resolve();
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({
      value: { pay: 'PAID', tell: 'TOLD' },
      context: { paid: 'ch-1' },
    });
    expect((await world.deadLetters()).map(({ reason }) => reason)).toEqual(['EFFECT_EXHAUSTED']);
  });

  it('is retried after a restart too, with the attempts of its policy', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run, notify: new ScriptedHandler().run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await world.engine.start(careless, { id: 'o' });
    await exhaust(world, handler);
    const engine = await world.restart('abandon');
    expect(handler.calls).toHaveLength(2);
    const letters = await collect(engine.deadLetters.list({ reason: 'STEP_FAILED' }));
    await engine.deadLetters.retry(letters[0]?.id ?? 0);
    await exhaust(world, handler);
    expect(handler.calls).toHaveLength(4);
    expect(await engine.actor(careless, 'o').snapshot()).toMatchObject({ status: 'error' });
  });

  it('keeps a rejection after a retry unknown: an earlier attempt may have happened', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run, notify: new ScriptedHandler().run };
    await using world = await openWorld({ machines, handlers });
    await world.engine.start(careless, { id: 'o' });
    await exhaust(world, handler);
    const letters = await collect(world.engine.deadLetters.list({ reason: 'STEP_FAILED' }));
    await world.engine.deadLetters.retry(letters[0]?.id ?? 0);
    await world.time.settle();
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    const exhausted = await collect(world.engine.deadLetters.list({ reason: 'EFFECT_EXHAUSTED' }));
    expect(exhausted.at(-1)?.error).toMatchObject({ code: 'DECLINED', outcome: 'unknown' });
  });

  it('lets the other effect be tried anew although its old call does not end', async () => {
    const handler = new ScriptedHandler();
    const notify = new ScriptedHandler();
    const handlers = { charge: handler.run, notify: notify.run };
    await using world = await openWorld({ machines, handlers });
    const actor = await world.engine.start(careless, { id: 'o' });
    await exhaust(world, handler);
    const letters = await collect(world.engine.deadLetters.list({ reason: 'STEP_FAILED' }));
    await world.engine.deadLetters.retry(letters[0]?.id ?? 0);
    await world.time.settle();
    expect(notify.calls).toHaveLength(2);
    notify.call(2).reject(new Error('once more'));
    await world.time.advance(1_000);
    expect(notify.calls).toHaveLength(3);
    notify.call(3).resolve();
    await world.time.settle();
    expect((await actor.snapshot()).matches({ tell: 'TOLD' })).toBe(true);
  });

  it('takes no success of its other effects while it has failed; they run again under their keys', async () => {
    const handler = new ScriptedHandler();
    const notify = new ScriptedHandler();
    const handlers = { charge: handler.run, notify: notify.run };
    await using world = await openWorld({ machines, handlers });
    await world.engine.start(careless, { id: 'o' });
    await exhaust(world, handler);
    notify.call(1).resolve();
    await world.time.settle();
    expect(Object.keys(await world.effects('o'))).toEqual(['pay', 'tell']);
    expect((await world.history('o')).at(-1)).toBe('noted actor.failed');
  });
});
