// Asking the service what became of an earlier attempt: when it is asked, and what each answer means.

import { effect, type Reconciled, Rejected } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<{ readonly amount: number }, unknown>({
  timeout: '10s',
  retry: { attempts: 3, jitter: false, initial: '1s', backoff: 'constant' },
});

const order = setup({
  types: { context: {} as { readonly result: unknown } },
  actors: { charge },
}).createMachine({
  id: 'order',
  context: { result: null },
  initial: 'PAYING',
  states: {
    PAYING: {
      invoke: {
        id: 'pay',
        src: 'charge',
        input: { amount: 5 },
        onDone: { target: 'PAID', actions: assign({ result: ({ event }) => event.output }) },
        onError: { target: 'UNPAID', actions: assign({ result: ({ event }) => event.error }) },
      },
    },
    PAID: {},
    UNPAID: {},
  },
});

const down = new Error('The network is down.');
const endless: { self?: object } = {};
endless.self = endless;

type Answer = () => Promise<Reconciled<unknown>>;

async function payingWorld(handler: ScriptedHandler, answer: Answer): Promise<EngineWorld> {
  const handlers = { charge: handler.reconciling(answer) };
  const world = await openWorld({ machines: [order], handlers, on: 'sqlite' });
  await world.engine.start(order, { id: 'o' });
  await world.time.settle();
  return world;
}

async function resultIn(world: EngineWorld): Promise<unknown> {
  const { value, context } = await world.engine.actor(order, 'o').snapshot();
  return { value, result: context.result };
}

describe('reconcile', () => {
  it('is not asked before the first attempt, nor after a success', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, async () => 'absent');
    handler.last.resolve('ok');
    await world.time.settle();
    expect(handler.asked).toEqual([]);
  });

  it('is not asked when the first attempt is rejected: nothing can have happened', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, async () => 'unknown');
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(handler.asked).toEqual([]);
    expect(await resultIn(world)).toMatchObject({ result: { outcome: 'rejected' } });
  });

  it('is asked before a retry, under the key; done ends the effect without another call', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, async () => ({ done: 'it was' }));
    handler.last.reject(down);
    await world.time.advance(1_000);
    expect(handler.asked).toEqual([handler.last.key]);
    expect(handler.calls).toHaveLength(1);
    expect(await resultIn(world)).toEqual({ value: 'PAID', result: 'it was' });
  });

  it('is asked after a restart has cut an attempt', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, async () => ({ done: 'it was' }));
    await world.restart('abandon');
    expect(handler.asked).toHaveLength(1);
    expect(handler.calls).toHaveLength(1);
    expect(await resultIn(world)).toEqual({ value: 'PAID', result: 'it was' });
  });

  it.each<[what: string, answer: Answer]>([
    ['unknown', async () => 'unknown'],
    ['a throw', () => Promise.reject(new Error('no answer'))],
    [
      'a throw at once',
      () => {
        throw new Error('no answer');
      },
    ],
    ['none at all', async () => null as never],
    ['a number that JSON has not', async () => ({ done: 10n })],
    ['an object that holds itself', async () => ({ done: endless })],
  ])('lets the retry go on when the answer is %s', async (_what, answer) => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, answer);
    handler.last.reject(down);
    await world.time.advance(1_000);
    expect(handler.calls).toHaveLength(2);
    handler.last.resolve('ok');
    await world.time.settle();
    expect(await resultIn(world)).toEqual({ value: 'PAID', result: 'ok' });
  });

  it('makes a later rejection definite again by absent', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, async () => 'absent');
    handler.last.reject(down);
    await world.time.advance(1_000);
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await resultIn(world)).toMatchObject({
      value: 'UNPAID',
      result: { outcome: 'rejected', code: 'DECLINED', attempts: 2 },
    });
    expect(await world.deadLetters()).toEqual([]);
  });

  it('is asked about a rejection that follows a doubtful attempt, and can turn it into done', async () => {
    const handler = new ScriptedHandler();
    const answers: Reconciled<unknown>[] = ['unknown', { done: 'the first one' }];
    await using world = await payingWorld(handler, async () => answers.shift() ?? 'unknown');
    handler.last.reject(down);
    await world.time.advance(1_000);
    handler.last.reject(new Rejected('DUPLICATE'));
    await world.time.settle();
    expect(handler.asked).toHaveLength(2);
    expect(await resultIn(world)).toEqual({ value: 'PAID', result: 'the first one' });
  });

  it('leaves a rejection unknown when it does not know', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, async () => 'unknown');
    handler.last.reject(down);
    await world.time.advance(1_000);
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await resultIn(world)).toMatchObject({
      result: { outcome: 'unknown', code: 'DECLINED' },
    });
  });

  it.each<[answer: Reconciled<unknown>, expected: object]>([
    ['unknown', { value: 'UNPAID', result: { outcome: 'unknown', code: 'FAILED', attempts: 3 } }],
    ['absent', { value: 'UNPAID', result: { outcome: 'rejected', code: 'FAILED', attempts: 3 } }],
    [{ done: 'yes' }, { value: 'PAID', result: 'yes' }],
    [{ done: undefined }, { value: 'PAID', result: null }],
  ])('has the last word when all attempts are used up: %j', async (last, expected) => {
    const handler = new ScriptedHandler();
    let answer: Reconciled<unknown> = 'unknown';
    await using world = await payingWorld(handler, async () => answer);
    for (let attempt = 1; attempt <= 3; attempt++) {
      if (attempt === 3) answer = last;
      handler.call(attempt).reject(down);
      await world.time.advance(1_000);
    }
    expect(await resultIn(world)).toMatchObject(expected);
    expect(await world.deadLetters()).toHaveLength(last === 'unknown' ? 1 : 0);
  });

  it('that hangs holds the retry up no longer than the timeout, and is told by its signal', async () => {
    const handler = new ScriptedHandler();
    await using world = await payingWorld(handler, () => new Promise(() => undefined));
    handler.last.reject(down);
    await world.time.advance(1_000);
    expect(handler.asked).toHaveLength(1);
    expect(handler.calls).toHaveLength(1);
    await world.time.advance(600_000);
    expect(await resultIn(world)).toMatchObject({
      value: 'UNPAID',
      result: { outcome: 'unknown', attempts: 3 },
    });
  });
});
