// Effects that may have happened under their own key before: a rejection is then no proof of nothing,
// over states, restarts and parents that stop them.

import { type Reconciled, Rejected } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { buyer, machines, order } from './keyed-orders.ts';

describe('an effect that may have happened under the key before', () => {
  const outcomes = async (world: EngineWorld): Promise<readonly unknown[]> => {
    const { context } = await world.engine.actor(order, 'o').snapshot();
    const results: readonly { readonly outcome: string }[] = context.results;
    return results.map(({ outcome }) => outcome);
  };

  /** Enters `paying` again while its first call is under way, and has the call after it refused. */
  async function refuseAfterDoubt(
    answer: () => Promise<Reconciled<unknown>>,
  ): Promise<{ readonly world: EngineWorld; readonly handler: ScriptedHandler }> {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.reconciling(answer) };
    const world = await openWorld({ machines, handlers });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'AGAIN' });
    handler.call(1).reject(new Error('aborted'));
    await world.time.settle();
    handler.call(2).reject(new Rejected('DECLINED'));
    await world.time.settle();
    return { world, handler };
  }

  it('ends unknown when it is refused: the call of the state that was left may have happened', async () => {
    const { world, handler } = await refuseAfterDoubt(async () => 'unknown');
    await using _ = world;
    expect(handler.calls.map(({ key }) => key)).toEqual(['o:payment/1', 'o:payment/1']);
    expect(await outcomes(world)).toEqual(['unknown']);
    expect((await world.deadLetters()).map(({ reason }) => reason)).toEqual(['EFFECT_EXHAUSTED']);
  });

  it('ends rejected when reconcile says that it has not', async () => {
    const { world } = await refuseAfterDoubt(async () => 'absent');
    await using _ = world;
    expect(await outcomes(world)).toEqual(['rejected']);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('is in doubt no more once it was definitely refused', async () => {
    let answer: Reconciled<unknown> = 'absent';
    const { world, handler } = await refuseAfterDoubt(async () => answer);
    await using _ = world;
    answer = 'unknown';
    const asked = handler.asked.length;
    await world.engine.actor(order, 'o').send({ type: 'AGAIN' });
    await world.time.settle();
    handler.call(3).reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await outcomes(world)).toEqual(['rejected', 'rejected']);
    expect(handler.asked).toHaveLength(asked);
  });

  it('is in doubt no more under another key', async () => {
    const { world, handler } = await refuseAfterDoubt(async () => 'unknown');
    await using _ = world;
    await world.engine.actor(order, 'o').send({ type: 'NEXT' });
    await world.time.settle();
    expect(handler.last.key).toBe('o:payment/2');
    handler.last.reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await outcomes(world)).toEqual(['unknown', 'rejected']);
  });

  it('ends unknown in the next child at the address of one that was stopped', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(buyer, { id: 'b' });
    await world.time.settle();
    await actor.send({ type: 'OFF' });
    handler.call(1).reject(new Error('aborted'));
    await world.time.settle();
    await actor.send({ type: 'ON' });
    await world.time.settle();
    handler.call(2).reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toEqual(Array(2).fill('b/order:payment/1'));
    const { context } = await world.engine.actor(order, 'b/order').snapshot();
    expect(context.results).toMatchObject([{ outcome: 'unknown', code: 'DECLINED' }]);
  });

  it.each(['stop', 'abandon'] as const)('is in doubt after a restart as well (%s)', async (how) => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    handler.call(1).reject(new Error('down'));
    await world.time.advance(1_000);
    handler.call(2).reject(new Error('down'));
    await world.time.settle();
    expect(await world.effects('o')).toEqual({});
    const engine = await world.restart(how);
    await engine.actor(order, 'o').send({ type: 'AGAIN' });
    await world.time.settle();
    handler.call(3).reject(new Rejected('DECLINED'));
    await world.time.settle();
    expect(await outcomes(world)).toEqual(['unknown', 'unknown']);
  });
});
