// Several actors in one commit: all of it or nothing, once under a key, on what the callback has seen.

import { EngineError, effect, Rejected, type Transaction } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { sendTo, setup } from 'xstate';
import { codeOf, collect, errorOf, unheardDuring } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { stock } from '../support/stock-machine.ts';

const shop = async (on: 'memory' | 'sqlite' = 'memory'): Promise<EngineWorld> => {
  const world = await openWorld({ machines: [stock], on });
  await world.engine.start(stock, { id: 'tea', input: { sku: 'tea', available: 5 } });
  await world.engine.start(stock, { id: 'cup', input: { sku: 'cup', available: 1 } });
  return world;
};

const available = async (world: EngineWorld): Promise<readonly unknown[]> => {
  const snapshots = await world.engine.read(['tea', 'cup']);
  return snapshots.map((snapshot) => snapshot?.context.available);
};

/** Reserves of each item, or gives the transaction up. */
function reserveAll(
  transaction: Transaction,
  items: Readonly<Record<string, number>>,
): readonly number[] {
  return Object.entries(items).map(([sku, quantity]) => {
    const receipt = transaction.send<typeof stock>(sku, { type: 'reserve', quantity });
    if (receipt.status === 'rejected') {
      throw new Rejected('OUT_OF_STOCK', { message: `No ${sku}.`, details: { sku } });
    }
    return receipt.revision;
  });
}

describe.each(['memory', 'sqlite'] as const)('a transaction on %s', (on) => {
  it('changes several actors in one commit', async () => {
    await using world = await shop(on);
    const before = world.store.commits.length;
    const revisions = await world.engine.transact((tx) => reserveAll(tx, { tea: 2, cup: 1 }));
    expect(world.store.commits.length - before).toBe(1);
    expect(revisions).toEqual([2, 2]);
    expect(await available(world)).toEqual([3, 0]);
  });

  it('leaves no trace when the callback throws, and hands the error on as it is', async () => {
    await using world = await shop(on);
    const { commits } = world.store;
    const before = commits.length;
    const refused = await world.engine
      .transact((tx) => reserveAll(tx, { tea: 2, cup: 2 }))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Rejected);
    expect(refused).toMatchObject({ code: 'OUT_OF_STOCK', details: { sku: 'cup' } });
    expect(commits.length).toBe(before);
    expect(await available(world)).toEqual([5, 1]);
    expect(await world.history('tea')).toEqual(['started xstate.init']);
  });

  it('happens once under a key: the first result is given again, also after a restart', async () => {
    await using world = await shop(on);
    let runs = 0;
    const reserve = (): Promise<{ readonly revisions: readonly number[] }> =>
      world.engine.transact(
        (tx) => {
          runs += 1;
          return { revisions: reserveAll(tx, { tea: 1, cup: 1 }) };
        },
        { key: 'order-1' },
      );
    const both = await Promise.all([reserve(), reserve()]);
    await world.restart('abandon');
    expect([...both, await reserve()]).toEqual(Array(3).fill({ revisions: [2, 2] }));
    expect(runs).toBe(1);
    expect(await available(world)).toEqual([4, 0]);
  });

  it('does not remember a throw under its key', async () => {
    await using world = await shop(on);
    const order = { key: 'order-1' };
    const { engine } = world;
    await engine.transact((tx) => reserveAll(tx, { cup: 2 }), order).catch(() => null);
    expect(await engine.transact((tx) => reserveAll(tx, { cup: 1 }), order)).toEqual([2]);
  });

  it('loads what it touches and runs again, also when the callback catches what it should not', async () => {
    await using world = await shop(on);
    await world.restart('stop');
    const seen: string[] = [];
    const snapshots = await world.engine.transact((tx) => {
      const read = (id: string): unknown => {
        try {
          return tx.snapshot<typeof stock>(id).context.available;
        } catch {
          return 'caught';
        }
      };
      seen.push('run');
      return [read('tea'), read('cup')];
    });
    expect(snapshots).toEqual([5, 1]);
    expect(seen).toEqual(['run', 'run', 'run']);
  });
});

describe('within a transaction', () => {
  it('each message sees what those before it have done', async () => {
    await using world = await shop();
    const left = await world.engine.transact((tx) => {
      reserveAll(tx, { tea: 3 });
      const { status, ...receipt } = tx.send<typeof stock>('tea', { type: 'reserve', quantity: 3 });
      return [tx.snapshot<typeof stock>('tea').context.available, status, receipt];
    });
    expect(left).toEqual([
      2,
      'rejected',
      { value: 'open', enabled: ['break', 'close', 'release', 'reserve'] },
    ]);
  });

  it('an actor can be started and used, or attached to', async () => {
    await using world = await shop();
    const order = { id: 'pot', input: { sku: 'pot', available: 1 } };
    const started = await world.engine.transact((tx) => {
      const { created } = tx.start(stock, order);
      reserveAll(tx, { pot: 1 });
      return [created, tx.start(stock, { ...order, ifExists: 'attach' }).created];
    });
    expect(started).toEqual([true, false]);
    expect(await world.history('pot')).toEqual([
      'started xstate.init',
      'received reserve',
      'emitted reserved',
    ]);
    expect(await codeOf(world.engine.transact((tx) => tx.start(stock, order)))).toBe(
      'ACTOR_EXISTS',
    );
  });

  it('what a message causes in other actors belongs to it', async () => {
    const forward = setup({
      types: { events: {} as { readonly type: 'take' } },
      actors: { stock },
    }).createMachine({
      id: 'forward',
      invoke: { src: 'stock', id: 'shelf', input: { sku: 'tea', available: 2 } },
      on: { take: { actions: sendTo('shelf', { type: 'reserve', quantity: 1 }) } },
    });
    await using world = await openWorld({ machines: [forward] });
    await world.engine.start(forward, { id: 'f' });
    const before = world.store.commits.length;
    await world.engine.transact((tx) => {
      tx.send<typeof forward>('f', { type: 'take' });
      return tx.snapshot<typeof stock>('f/shelf').context.available;
    });
    expect(world.store.commits.length - before).toBe(1);
    expect((await world.engine.actor(stock, 'f/shelf').snapshot()).context.available).toBe(1);
  });

  it('a step that throws fails the whole, even if that is caught, and leaves no dead letter', async () => {
    await using world = await shop();
    const failed = world.engine.transact((tx) => {
      reserveAll(tx, { tea: 1 });
      try {
        tx.send<typeof stock>('cup', { type: 'break' });
      } catch {
        return 'went on';
      }
      return 'did not throw';
    });
    expect(await codeOf(failed)).toBe('STEP_FAILED');
    expect(await available(world)).toEqual([5, 1]);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('an actor that is not there is an error that may be caught', async () => {
    await using world = await shop();
    const { engine } = world;
    expect(await codeOf(engine.transact((tx) => tx.snapshot('none')))).toBe('ACTOR_NOT_FOUND');
    const instead = await engine.transact((tx) => {
      try {
        tx.send('none', { type: 'reserve' });
      } catch (error) {
        return error instanceof EngineError ? error.code : 'other';
      }
      return 'sent';
    });
    expect(instead).toBe('ACTOR_NOT_FOUND');
  });

  it('journal entries carry its key as their cause, and its correlation', async () => {
    await using world = await shop();
    const options = { key: 'order-1', correlation: 'request-9' };
    await world.engine.transact((tx) => reserveAll(tx, { tea: 1 }), options);
    const entries = await collect(world.engine.actor(stock, 'tea').history());
    expect(entries.slice(1)).toMatchObject([
      { type: 'reserve', causation: 'transaction:order-1', correlation: 'request-9', key: null },
      { type: 'reserved', causation: 'tea@2', correlation: 'request-9' },
    ]);
  });

  it('effects that it starts run after its commit', async () => {
    const charge = new ScriptedHandler();
    const pay = effect<unknown, unknown>();
    const order = setup({ actors: { pay } }).createMachine({
      id: 'order',
      initial: 'open',
      states: { open: { on: { PAY: 'paying' } }, paying: { invoke: { src: 'pay' } } },
    });
    await using world = await openWorld({ machines: [order], handlers: { pay: charge.run } });
    await world.engine.transact((tx) => {
      tx.start(order, { id: 'o' });
      tx.send('o', { type: 'PAY' });
      expect(charge.calls).toEqual([]);
    });
    await world.time.settle();
    expect(charge.calls.map(({ key }) => key)).toEqual(['o@2:0.order.paying']);
  });
});

describe('a transaction is refused', () => {
  it.each([
    [
      'a callback that returns a promise',
      (): unknown => Promise.reject(new Error('no')),
      'BAD_OPTION',
    ],
    ['a result that JSON would change', (): unknown => new Map(), 'BAD_VALUE'],
  ])('for %s, with nothing done', async (_what, end, code) => {
    await using world = await shop();
    const failed = world.engine.transact((tx) => {
      reserveAll(tx, { tea: 1 });
      return end();
    });
    expect(await codeOf(failed)).toBe(code);
    expect(await available(world)).toEqual([5, 1]);
  });

  it('for an asynchronous callback over an actor not in memory, whose own promise is heard', async () => {
    await using world = await shop();
    await world.restart('stop');
    const unheard = await unheardDuring(async () => {
      const failed = world.engine.transact(async (tx) => reserveAll(tx, { tea: 1 }));
      expect(await codeOf(failed)).toBe('BAD_OPTION');
    });
    expect(unheard).toEqual([]);
    expect(await available(world)).toEqual([5, 1]);
  });

  it('when each of its runs makes up another id, and the engine goes on', async () => {
    await using world = await shop();
    let runs = 0;
    const failed = world.engine.transact((tx) => {
      runs += 1;
      if (runs > 1_000) throw new Error('It runs for ever.');
      const input = { sku: 'pot', available: 1 };
      return tx.start(stock, { id: `pot-${runs}`, input }).created;
    });
    expect(await errorOf(failed)).toMatchObject({
      code: 'STEP_FAILED',
      message: expect.stringContaining('Make ids up before'),
    });
    expect(await world.engine.transact((tx) => reserveAll(tx, { tea: 1 }))).toEqual([2]);
  });

  it('when it is used after its callback has returned', async () => {
    await using world = await shop();
    let kept: Transaction | undefined;
    await world.engine.transact((tx) => {
      kept = tx;
    });
    expect(() => kept?.snapshot('tea')).toThrow(/within its callback only/);
  });

  it('for a message with options that there are not', async () => {
    await using world = await shop();
    const failed = world.engine.transact((tx) =>
      tx.send('tea', { type: 'close' }, { key: 'mine' } as never),
    );
    expect(await codeOf(failed)).toBe('BAD_OPTION');
  });

  it('when it sends more than a commit takes', async () => {
    await using world = await openWorld({ machines: [stock], limits: { cascade: 10 } });
    const input = { sku: 'tea', available: 100 };
    const tea = await world.engine.start(stock, { id: 'tea', input });
    const failed = world.engine.transact((tx) => {
      for (let n = 0; n < 11; n++) tx.send(tea, { type: 'reserve', quantity: 1 });
    });
    expect(await codeOf(failed)).toBe('TRANSACTION_TOO_LARGE');
    expect((await tea.snapshot()).context.available).toBe(100);
  });

  it.each([
    ['a key that is none', { key: '' }, 'BAD_KEY'],
    ['an option that there is not', { keys: 'x' }, 'BAD_OPTION'],
    ['no attempt', { conflicts: { attempts: 0 } }, 'BAD_OPTION'],
    ['a correlation that is no text', { correlation: 5 }, 'BAD_OPTION'],
  ])('for %s', async (_what, options, code) => {
    await using world = await shop();
    expect(await codeOf(world.engine.transact(() => 1, options as never))).toBe(code);
  });

  it('with all its parts when the store refuses its commit', async () => {
    await using world = await shop();
    world.store.judge = () => new EngineError('STORE_FULL', 'The disk is full.');
    const failed = world.engine.transact((tx) => reserveAll(tx, { tea: 1, cup: 1 }), { key: 'k' });
    expect(await codeOf(failed)).toBe('STORE_FULL');
    world.store.judge = () => null;
    await world.time.advance(1_000);
    expect(await available(world)).toEqual([5, 1]);
    await world.engine.transact((tx) => reserveAll(tx, { tea: 1, cup: 1 }), { key: 'k' });
    expect(await available(world)).toEqual([4, 0]);
  });
});

describe('an expected revision', () => {
  it('that is another one gives up the whole, with expected and actual', async () => {
    await using world = await shop();
    const failed = world.engine.transact((tx) => {
      reserveAll(tx, { cup: 1 });
      const event = { type: 'reserve', quantity: 1 } as const;
      tx.send<typeof stock>('tea', event, { expectedRevision: 7 });
    });
    expect(await errorOf(failed)).toMatchObject({
      code: 'REVISION_CONFLICT',
      details: { actor: 'tea', expected: 7, actual: 1 },
    });
    expect(await available(world)).toEqual([5, 1]);
  });

  it('is read anew by each of the attempts', async () => {
    await using world = await shop();
    const tea = world.engine.actor(stock, 'tea');
    let runs = 0;
    const decide = async (attempts: number): Promise<unknown> => {
      const { revision } = await tea.snapshot();
      await tea.send({ type: 'reserve', quantity: 1 });
      return world.engine.transact(
        (tx) => {
          runs += 1;
          const event = { type: 'reserve', quantity: 1 } as const;
          return tx.send(tea, event, { expectedRevision: revision + 2 * (runs - 1) }).status;
        },
        { conflicts: { attempts } },
      );
    };
    expect(await decide(2)).toBe('accepted');
    expect(runs).toBe(2);
    runs = 0;
    expect(await codeOf(decide(1))).toBe('REVISION_CONFLICT');
    expect(runs).toBe(1);
  });
});

describe('a transaction of a handler', () => {
  const settle = effect<{ readonly sku: string }, number>();
  const sale = setup({ actors: { settle } }).createMachine({
    id: 'sale',
    initial: 'settling',
    states: {
      settling: { invoke: { src: 'settle', input: { sku: 'tea' }, onDone: 'settled' } },
      settled: {},
    },
  });

  it('is taken while the engine drains, and happens once under the key of its effect', async () => {
    const gate = new ScriptedHandler();
    let runs = 0;
    const world = await openWorld({
      machines: [stock, sale],
      handlers: {
        settle: async (args): Promise<number> => {
          await gate.run(args);
          const { key } = args;
          const take = (tx: Transaction): number => {
            runs += 1;
            return reserveAll(tx, { tea: 1 }).length;
          };
          return world.engine.transact(take, { key });
        },
      },
    });
    await using _world = world;
    await world.engine.start(stock, { id: 'tea', input: { sku: 'tea', available: 5 } });
    const actor = await world.engine.start(sale, { id: 'sale' });
    const stopped = world.engine.stop({ drain: '10s' });
    await world.time.settle();
    expect(await codeOf(world.engine.start(sale, { id: 'late' }))).toBe('ENGINE_STOPPED');
    gate.last.resolve();
    await world.time.settle();
    await stopped;
    const engine = await world.open();
    expect((await engine.actor(sale, actor.id).snapshot()).value).toBe('settled');
    expect((await engine.actor(stock, 'tea').snapshot()).context.available).toBe(4);
    expect(runs).toBe(1);
  });
});
