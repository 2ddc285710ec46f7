// Each plan's saga turning back with every compensation going wrong in every way: the others are made all
// the same, the order is not told before all are, and people have it finished.

import { afterAll, describe, expect, it } from 'vitest';
import {
  BACK_MS,
  callsBefore,
  count,
  expectUndone,
  FORWARD_MS,
  groupOf,
  open,
  PLANS,
} from './fulfilment-model.ts';
import { type FulfilmentWorld, fulfilmentInput, WAYS, type Way } from './fulfilment-world.ts';

afterAll(() => console.log(`fulfilment sagas, back: ${count.runs} runs on the engine`));

const RUNNING = ['PROCESSING', 'PAYMENT_PROCESSING', 'PAYMENT_COMPLETED', 'INVENTORY_RESERVED'];

describe.each(PLANS)('turning back, a saga of the plan $id', (plan) => {
  const undoable = callsBefore(plan, plan.pivot);
  const last = undoable.at(-1) ?? 'order';
  const faults = undoable.flatMap((name) => WAYS.map((way) => [name, way] as const));

  /** Everything is done before somebody cancels it: the last call hangs until then. */
  async function turnBack(world: FulfilmentWorld, name: string, way: Way): Promise<void> {
    world.gates.set(last, new Promise<void>(() => undefined));
    world.faults.set(`undo ${name}`, way);
    await world.start(fulfilmentInput);
    await world.advance(1_000);
    expect(await world.send({ type: 'CANCEL', reason: 'enough' })).toBe('accepted');
    await world.advance(BACK_MS);
  }

  it.each(faults)('waits for people when the undo of %s %s, and then ends', async (name, way) => {
    await using world = open(plan);
    await turnBack(world, name, way);
    expect(await world.end()).toBe('needsAttention');
    // The call that hung never came; its undo had nothing to give back.
    const isLeft = !way.endsWith('after') && name !== last;
    expect(world.ledger.held).toEqual(isLeft ? [name] : []);
    expect(RUNNING).toContain((await world.order()).state);

    world.faults.clear();
    const waiting = (await world.waiting()) ?? '';
    expect(waiting).toBe(
      groupOf(plan, name).length > 0 ? 'saga-1/preparation.compensate' : 'saga-1',
    );
    expect(await world.send({ type: 'RETRY' }, waiting)).toBe('accepted');
    await world.advance(BACK_MS);
    expect(await world.end()).toBe('compensated');
    expect(world.ledger.held).toEqual([]);
    expect(await world.order()).toEqual({ state: 'CANCELLED', reason: 'enough' });
  });

  it('ends as settled by hand when people say so', async () => {
    await using world = open(plan);
    await turnBack(world, last, 'is refused');
    const signed = { type: 'RESOLVE', by: 'ana', why: 'called them' };
    expect(await world.send(signed)).toBe('accepted');
    expect(await world.end()).toBe('resolved');
  });

  it('waits for people when the order was ended behind its back', async () => {
    await using world = open(plan);
    world.meddling.set(undoable[0] ?? '', { type: 'order.cancel', reason: 'by hand' });
    world.faults.set(last, 'is refused');
    await world.start(fulfilmentInput);
    await world.advance(FORWARD_MS);
    expect(await world.end()).toBe('needsAttention');
    expect(world.ledger.held).toEqual([]);
    expectUndone(world, plan);
  });
});
