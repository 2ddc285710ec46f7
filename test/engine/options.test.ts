// Options that make no sense, as plain JavaScript can hand them over: each is refused by name, and nothing
// is opened, started or sent.

import { effect, openEngine } from 'sagawright';
import { memoryStore } from 'sagawright/store';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { collect, errorOf, thrownBy } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const order = setup({ types: { events: {} as { readonly type: 'GO' } } }).createMachine({
  id: 'order',
  initial: 'open',
  states: { open: { on: { GO: 'gone' } }, gone: {} },
});
const good = { store: memoryStore(), machines: [order] };

describe('the options of openEngine', () => {
  it.each<[what: string, options: unknown, named: string]>([
    ['nothing', undefined, 'the options of openEngine'],
    ['a text', 'shop.db', 'the options of openEngine'],
    ['a misspelt member', { ...good, handler: {} }, '"handler"'],
    ['no store', { machines: [order] }, 'store'],
    ['a path for a store', { ...good, store: 'shop.db' }, 'sqliteStore(path)'],
    ['half a store', { ...good, store: { open: () => undefined } }, 'store.load'],
    ['no machines', { store: good.store }, 'machines'],
    ['one machine', { ...good, machines: order }, 'machines'],
    ['a config for a machine', { ...good, machines: [{ id: 'order' }] }, 'machines[0]'],
    ['nothing for a machine', { ...good, machines: [order, undefined] }, 'machines[1]'],
    ['a list of handlers', { ...good, handlers: [] }, 'handlers'],
    ['an unknown limit', { ...good, limits: { mailboxes: 5 } }, '"mailboxes"'],
    ['a text for limits', { ...good, limits: 'none' }, 'limits'],
    ['a text for a callback', { ...good, onFailure: 'exit' }, 'onFailure'],
  ])('are refused: %s', async (_what, options, named) => {
    const error = await errorOf(openEngine(options as never));
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain(named);
  });
});

describe('the options of an actor', () => {
  it.each<[what: string, options: unknown, named: string]>([
    ['nothing', undefined, 'the options of start'],
    ['a misspelt member', { id: 'o', ifExist: 'attach' }, '"ifExist"'],
    ['another answer to an id in use', { id: 'o', ifExists: 'replace' }, '"attach" or "fail"'],
    ['a number for the correlation', { id: 'o', correlation: 5 }, 'got the number 5'],
  ])('are refused at its start: %s', async (_what, options, named) => {
    await using world = await openWorld({ machines: [order] });
    const error = await errorOf(world.engine.start(order, options as never));
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain(named);
    expect(await collect(world.engine.list())).toEqual([]);
  });

  it.each([[undefined], [null], [{ id: 'order' }]])(
    'come with a machine, not %j',
    async (other) => {
      await using world = await openWorld({ machines: [order] });
      const error = await errorOf(
        world.engine.start(other as unknown as typeof order, { id: 'o' }),
      );
      expect(error.code).toBe('BAD_OPTION');
    },
  );

  it('are refused when it is sent to, waited for, stopped or listed', async () => {
    await using world = await openWorld({ machines: [order] });
    const { engine } = world;
    const actor = await engine.start(order, { id: 'o' });
    const wrong: readonly (readonly [Promise<unknown>, string])[] = [
      [actor.send({ type: 'GO' }, { kee: 'k' } as never), '"kee"'],
      [actor.send({ type: 'GO' }, { correlation: 5 } as never), 'correlation'],
      [engine.stop({ drian: '1s' } as never), '"drian"'],
      [collect(engine.list({ states: 'open' } as never)), '"states"'],
      [collect(engine.list({ status: 'running' as never })), '"active" or'],
      [collect(engine.list({ state: 5 as never })), 'state'],
      [collect(engine.list({ limit: -1 })), 'limit'],
    ];
    for (const [promise, named] of wrong) {
      const error = await errorOf(promise);
      expect(error.code).toBe('BAD_OPTION');
      expect(error.message).toContain(named);
    }
    const waited = thrownBy(() => actor.waitFor('gone', { timout: '1s' } as never));
    expect(waited.message).toContain('"timout"');
    expect((await actor.snapshot()).revision).toBe(1);
  });
});

describe('the policy of an effect', () => {
  it.each<[what: string, options: unknown, named: string]>([
    ['a misspelt member', { timout: '1s' }, '"timout"'],
    ['a number of retries', { retry: 5 }, 'retry'],
    ['no number of attempts', { retry: { backoff: 'constant' } }, 'retry.attempts'],
    ['a misspelt member of retry', { retry: { attempts: 2, delay: 1 } }, '"delay"'],
    ['another backoff', { retry: { attempts: 2, backoff: 'linear' } }, 'retry.backoff'],
    ['a text for jitter', { retry: { attempts: 2, jitter: 'full' } }, 'retry.jitter'],
    ['a misspelt member of rate', { rate: { limit: 2, every: '1s' } }, '"every"'],
    ['a text for a key', { key: 'payment' }, 'key'],
  ])('is refused: %s', (_what, options, named) => {
    const error = thrownBy(() => effect(options as never));
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain(named);
  });
});
