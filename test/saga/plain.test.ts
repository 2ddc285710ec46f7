// The machine of a saga without the engine: a plain actor of XState, with handlers provided to it. Keys
// and rejections are as under the engine.

import { effect, type Handler, Rejected, type SagaOutput } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { createActor, toPromise, waitFor } from 'xstate';
import { createOrder } from './order-saga.ts';

function provide(calls: string[], handlers: Readonly<Record<string, Handler<unknown, unknown>>>) {
  const actors = Object.fromEntries(
    ['pay', 'pay.compensate', 'reserve', 'reserve.compensate', 'ship'].map((name) => [
      name,
      effect<unknown, unknown>({}, (args) => {
        calls.push(args.key);
        return handlers[name]?.(args) ?? Promise.resolve(name);
      }),
    ]),
  );
  return createActor(createOrder().provide({ actors }), { id: 's', input: {} }).start();
}

const refuse = () => Promise.reject(new Rejected('NO'));

describe('a saga in a plain createActor', () => {
  it('completes', async () => {
    const calls: string[] = [];
    const output = (await toPromise(provide(calls, {}))) as SagaOutput;
    expect(output).toMatchObject({ status: 'completed', results: { pay: 'pay' } });
    expect(calls).toEqual(['s:pay/1', 's:reserve/1', 's:ship/1']);
  });

  it('turns back', async () => {
    const calls: string[] = [];
    const output = (await toPromise(provide(calls, { ship: refuse }))) as SagaOutput;
    expect(output).toMatchObject({ status: 'compensated', failure: { step: 'ship', code: 'NO' } });
    expect(calls.slice(3)).toEqual(['s:reserve/1/undo/1', 's:pay/1/undo/1']);
  });

  it('comes to need attention, and to its end by RETRY', async () => {
    const calls: string[] = [];
    let isWell = false;
    const actor = provide(calls, {
      ship: refuse,
      'pay.compensate': () => (isWell ? Promise.resolve(null) : Promise.reject(new Error('down'))),
    });
    await waitFor(actor, (snapshot) => snapshot.matches('needsAttention'));
    isWell = true;
    actor.send({ type: 'RETRY' });
    expect(await toPromise(actor)).toMatchObject({ status: 'compensated' });
    expect(calls.filter((key) => key.startsWith('s:pay/1/undo'))).toEqual([
      's:pay/1/undo/1',
      's:pay/1/undo/1',
    ]);
  });
});
