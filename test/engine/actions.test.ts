// What a step says to the outside besides effects: domain events, log lines, named actions and inline
// functions; all of it after the commit.

import type { Logger } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, emit, log, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

type Events =
  | { readonly type: 'PAY'; readonly amount: number }
  | { readonly type: 'NOTIFY'; readonly text: string }
  | { readonly type: 'INLINE' }
  | { readonly type: 'LOG' }
  | { readonly type: 'END' }
  | { readonly type: 'BAD_PARAMS' };

interface Paid {
  readonly type: 'order.paid' | 'order.thanked';
  readonly amount: number;
}

/** What the actions of the machine have done, in the world outside. */
const done: string[] = [];
let blocked: Promise<unknown> | null = null;

const order = setup({
  types: {
    context: {} as { readonly paid: number },
    events: {} as Events,
    emitted: {} as Paid,
  },
  actions: {
    notify: async ({ context }, { text }: { readonly text: string }) => {
      done.push(`${text} ${context.paid}`);
      await blocked;
    },
    failing: () => {
      throw new RangeError('The action failed.');
    },
    hold: (_args, _params: { readonly value: unknown }) => undefined,
  },
}).createMachine({
  id: 'order',
  context: { paid: 0 },
  initial: 'open',
  on: {
    PAY: {
      actions: [
        emit(({ event }) => ({ type: 'order.paid', amount: event.amount }) as const),
        assign({ paid: ({ context, event }) => context.paid + event.amount }),
        emit(({ context }) => ({ type: 'order.thanked', amount: context.paid }) as const),
      ],
    },
    NOTIFY: {
      actions: [
        { type: 'notify', params: ({ event }) => ({ text: event.text }) },
        assign({ paid: 100 }),
      ],
    },
    LOG: { actions: log(({ context }) => ({ paid: context.paid }), 'account') },
    BAD_PARAMS: { actions: { type: 'hold', params: { value: () => 1 } } },
  },
  states: {
    open: {
      on: {
        INLINE: { actions: ({ context }) => done.push(`inline ${context.paid}`) },
        END: { target: 'over', actions: [{ type: 'notify', params: { text: 'bye' } }, 'failing'] },
      },
    },
    over: { type: 'final' },
  },
});

const machines = [order];

describe('an emitted event', () => {
  it('is journaled with its own revision, in the order of the step, and then told', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const told: unknown[] = [];
    actor.on('order.paid', (event) => told.push(event));
    actor.on('*', (event) => told.push(event.type));
    const receipt = await actor.send({ type: 'PAY', amount: 5 });
    expect(receipt).toMatchObject({ revision: 2, position: 2 });
    expect(told).toEqual([{ type: 'order.paid', amount: 5 }, 'order.paid', 'order.thanked']);
    expect((await collect(actor.history())).slice(1)).toMatchObject([
      { revision: 2, kind: 'received', type: 'PAY' },
      { revision: 3, kind: 'emitted', type: 'order.paid', data: { amount: 5 }, causation: 'o@2' },
      { revision: 4, kind: 'emitted', type: 'order.thanked', data: { amount: 5 } },
    ]);
    expect(await actor.snapshot()).toMatchObject({ revision: 4, context: { paid: 5 } });
  });

  it('is told only after the commit, and never when that fails', async () => {
    const { EngineError } = await import('sagawright');
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const told: string[] = [];
    actor.on('*', ({ type }) => told.push(type));
    const release = world.store.hold();
    const sent = actor.send({ type: 'PAY', amount: 5 });
    await world.time.settle();
    expect(told).toEqual([]);
    release();
    await sent;
    expect(told).toHaveLength(2);
    world.store.judge = () => new EngineError('STORE_FULL', 'No room.');
    expect(await codeOf(actor.send({ type: 'PAY', amount: 5 }))).toBe('STORE_FULL');
    expect(told).toHaveLength(2);
  });

  it('is heard by those who listen to its actor and type only, and no more after unsubscribing', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const other = await world.engine.start(order, { id: 'p' });
    const told: unknown[] = [];
    const subscription = actor.on('order.thanked', ({ amount }) => told.push(amount));
    await other.send({ type: 'PAY', amount: 1 });
    await actor.send({ type: 'PAY', amount: 5 });
    subscription.unsubscribe();
    await actor.send({ type: 'PAY', amount: 5 });
    expect(told).toEqual([5]);
  });
});

describe('a log action', () => {
  it('reaches the logger of the engine after the commit, with actor and label', async () => {
    const lines: unknown[] = [];
    const logger: Logger = {
      info: (message, fields) => lines.push([message, fields]),
      warn: () => undefined,
      error: () => undefined,
    };
    await using world = await openWorld({ machines, logger });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'PAY', amount: 5 });
    await actor.send({ type: 'LOG' });
    expect(lines).toEqual([['account', { actor: 'o', value: { paid: 5 } }]]);
  });
});

describe('a named action without an implementation', () => {
  it('is warned of after the commit, and stops nothing', async () => {
    const hasty = createMachine({ id: 'hasty', on: { GO: { actions: 'forgotten' } } });
    const warnings: unknown[] = [];
    const logger: Logger = {
      info: () => undefined,
      warn: (message, fields) => warnings.push([message, fields]),
      error: () => undefined,
    };
    await using world = await openWorld({ machines: [hasty], logger });
    const actor = await world.engine.start(hasty, { id: 'h' });
    expect(await actor.send({ type: 'GO' })).toMatchObject({ status: 'accepted' });
    const warning = 'Action "forgotten" of machine "hasty" has no implementation.';
    expect(warnings).toEqual([[warning, { actor: 'h' }]]);
  });
});

describe('a logger that throws', () => {
  it('loses its line and nothing else', async () => {
    const rude = (): never => {
      throw new Error('rude');
    };
    await using world = await openWorld({
      machines,
      logger: { info: rude, warn: rude, error: rude },
    });
    const actor = await world.engine.start(order, { id: 'o' });
    actor.subscribe(rude);
    expect(await actor.send({ type: 'LOG' })).toMatchObject({ status: 'accepted', revision: 2 });
    expect(await actor.send({ type: 'LOG' })).toMatchObject({ status: 'accepted', revision: 3 });
  });
});

describe('a named action', () => {
  it('runs after the commit with its params and the committed context, then is cleared', async () => {
    done.length = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    blocked = promise;
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const release = world.store.hold();
    const sent = actor.send({ type: 'NOTIFY', text: 'hello' });
    await world.time.settle();
    expect(done).toEqual([]);
    release();
    await sent;
    await world.time.settle();
    expect(done).toEqual(['hello 100']);
    expect(await world.effects('o')).toMatchObject({
      'action:2.0': { input: { params: { text: 'hello' }, event: { type: 'NOTIFY' } } },
    });
    resolve();
    await world.time.settle();
    expect(await world.effects('o')).toEqual({});
    expect(await world.row('o')).toMatchObject({ running: false, revision: 2 });
  });

  it('runs again after a crash that came before it was cleared, and not once it was', async () => {
    done.length = 0;
    blocked = new Promise(() => undefined);
    await using world = await openWorld({ machines, on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'NOTIFY', text: 'hello' });
    await world.time.settle();
    blocked = null;
    await world.restart('abandon');
    expect(done).toEqual(['hello 100', 'hello 100']);
    await world.restart('abandon');
    expect(done).toHaveLength(2);
  });

  it('of the last step runs although the actor is done, and one that fails is kept', async () => {
    done.length = 0;
    blocked = null;
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'END' });
    await world.time.settle();
    expect(done).toEqual(['bye 0']);
    expect(await actor.snapshot()).toMatchObject({ status: 'done', revision: 2 });
    expect(await world.deadLetters()).toMatchObject([
      {
        reason: 'ACTION_FAILED',
        actor: 'o',
        type: 'failing',
        error: { name: 'RangeError', message: 'The action failed.' },
      },
    ]);
    expect(await world.effects('o')).toEqual({});
  });

  it('of the last step runs again after a crash that came before it was cleared', async () => {
    done.length = 0;
    blocked = new Promise(() => undefined);
    await using world = await openWorld({ machines: [order], on: 'sqlite' });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'END' });
    await world.time.settle();
    blocked = null;
    await world.restart('abandon');
    await world.time.settle();
    expect(done).toEqual(['bye 0', 'bye 0']);
    expect(await world.row('o')).toMatchObject({ status: 'done', running: false });
  });

  it('with params that cannot be stored fails its step', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    expect(await codeOf(actor.send({ type: 'BAD_PARAMS' }))).toBe('STEP_FAILED');
    expect((await actor.snapshot()).revision).toBe(1);
  });
});

describe('an inline action', () => {
  it('runs after the commit, once, and is not stored', async () => {
    done.length = 0;
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    const release = world.store.hold();
    const sent = actor.send({ type: 'INLINE' });
    await world.time.settle();
    expect(done).toEqual([]);
    release();
    await sent;
    expect(done).toEqual(['inline 0']);
    expect(await world.effects('o')).toEqual({});
    await world.restart('abandon');
    expect(done).toEqual(['inline 0']);
  });

  it('that throws is logged and harms nobody', async () => {
    const errors: string[] = [];
    const logger: Logger = {
      info: () => undefined,
      warn: () => undefined,
      error: (message) => errors.push(message),
    };
    const rude = setup({ types: { events: {} as { readonly type: 'GO' } } }).createMachine({
      id: 'rude',
      on: {
        GO: {
          actions: () => {
            throw new Error('rude');
          },
        },
      },
    });
    await using world = await openWorld({ machines: [rude], logger });
    const actor = await world.engine.start(rude, { id: 'r' });
    expect(await actor.send({ type: 'GO' })).toMatchObject({ status: 'accepted' });
    expect(errors).toEqual(['An inline action threw after its commit.']);
    expect(await actor.send({ type: 'GO' })).toMatchObject({ status: 'accepted' });
  });
});
