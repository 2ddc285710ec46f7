// Each plan's saga against real orders, with every call forward going wrong in every way: what is given
// back in which order, what is held at the end, and what the order says.

import type { FulfilmentStep } from 'sagawright/machines';
import { afterAll, describe, expect, it } from 'vitest';
import {
  arrive,
  callsBefore,
  callsOf,
  count,
  ended,
  expectUndone,
  FORWARD_MS,
  fulfilled,
  groupOf,
  isAhead,
  isOptional,
  namesOf,
  open,
  PLANS,
} from './fulfilment-model.ts';
import { fulfilmentInput, WAYS, type Way } from './fulfilment-world.ts';

afterAll(() => console.log(`fulfilment sagas, forward: ${count.runs} runs on the engine`));

describe.each(PLANS)('a saga of the plan $id', (plan) => {
  const calls = callsOf(plan);
  const before = calls.filter((name) => isAhead(plan, name) && !isOptional(plan, name));
  const faults = (names: readonly FulfilmentStep[]): readonly (readonly [FulfilmentStep, Way])[] =>
    names.flatMap((name) => WAYS.map((way) => [name, way] as const));

  it('does every step once, and the order is fulfilled', async () => {
    await using world = open(plan);
    await world.start(fulfilmentInput);
    await arrive(world, plan);
    expect(await world.end()).toBe('completed');
    expect(world.ledger.held).toEqual(calls.toSorted());
    expect(world.ledger.taken.toSorted()).toEqual(calls.toSorted());
    expect((await world.order()).state).toBe(fulfilled(plan));
  });

  it.each(faults(before))('gives everything back when %s %s', async (name, way) => {
    await using world = open(plan);
    const isHeld = way.endsWith('after');
    world.faults.set(name, way);
    await world.start(fulfilmentInput);
    await world.advance(FORWARD_MS);
    expect(await world.end()).toBe('compensated');
    expect(world.ledger.held).toEqual([]);
    const beside = groupOf(plan, name).filter((other) => other !== name);
    const done = [...callsBefore(plan, name), ...beside, ...(isHeld ? [name] : [])];
    expect(world.ledger.givenBack.toSorted()).toEqual(done.toSorted());
    expectUndone(world, plan);
    const step = groupOf(plan, name).length > 0 ? 'preparation' : name;
    const { state, reason } = await world.order();
    expect(state).toBe(ended(plan, step));
    expect(reason).toBe(
      way === 'is refused' ? 'NO' : way.startsWith('hangs') ? 'TIMEOUT' : 'FAILED',
    );
  });

  it('touches nothing when the order refuses to be processed', async () => {
    await using world = open(plan);
    await world.start(fulfilmentInput, [{ type: 'order.cancel', reason: 'changed my mind' }]);
    expect(await world.end()).toBe('compensated');
    expect(world.ledger.taken).toEqual([]);
    expect(await world.order()).toEqual({ state: 'CANCELLED', reason: 'changed my mind' });
  });

  it.each(before)('turns back when cancelled while %s is under way', async (name) => {
    for (const news of ['done', 'never heard of'] as const) {
      await using world = open(plan);
      const gate = Promise.withResolvers<void>();
      world.gates.set(name, gate.promise);
      await world.start(fulfilmentInput);
      expect(await world.send({ type: 'CANCEL', reason: 'too slow' })).toBe('accepted');
      if (news === 'done') gate.resolve();
      await world.advance(FORWARD_MS);
      expect(await world.end()).toBe('compensated');
      // What comes after all is refused by its key.
      gate.resolve();
      await world.advance(FORWARD_MS);
      expect(world.ledger.held).toEqual([]);
      expect(await world.order()).toEqual({ state: 'CANCELLED', reason: 'too slow' });
    }
  });

  const binding = calls.filter((name) => !isAhead(plan, name) && !isOptional(plan, name));

  it.each(faults(binding.filter((name) => name !== plan.pivot)))(
    'only goes forward when %s %s, behind the pivot',
    async (name, way) => {
      await using world = open(plan);
      world.faults.set(name, way);
      await world.start(fulfilmentInput);
      await world.advance(FORWARD_MS);
      expect(await world.end()).toBe('needsAttention');
      expect(world.ledger.givenBack).toEqual([]);
      expect(await world.send({ type: 'CANCEL' })).toBe('rejected');
      world.faults.clear();
      expect(await world.send({ type: 'RETRY' })).toBe('accepted');
      await world.advance(FORWARD_MS);
      await arrive(world, plan);
      expect(await world.end()).toBe('completed');
      // The same call again, not another one.
      expect(world.ledger.taken.toSorted()).toEqual(calls.toSorted());
      expect((await world.order()).state).toBe(fulfilled(plan));
    },
  );

  it.each(faults(calls.filter((name) => isOptional(plan, name))))(
    'goes on when %s %s, which is only noted',
    async (name, way) => {
      await using world = open(plan);
      world.faults.set(name, way);
      await world.start(fulfilmentInput);
      await world.advance(FORWARD_MS);
      await arrive(world, plan);
      expect(await world.end()).toBe('completed');
      const { output } = await world.saga.snapshot();
      expect(output).toMatchObject({ ignored: [{ step: name }], failure: null });
      expect((await world.order()).state).toBe(fulfilled(plan));
    },
  );

  it('turns back, or waits for people, when the customer cancels the order before it is confirmed', async () => {
    const isWayBack = plan.pivot === 'confirmation';
    await using world = open(plan);
    const last = callsBefore(plan, 'confirmation').at(-1) as FulfilmentStep;
    world.meddling.set(last, { type: 'order.requestCancellation', reason: 'too late' });
    await world.start(fulfilmentInput);
    await world.advance(FORWARD_MS);
    expect(await world.end()).toBe(isWayBack ? 'compensated' : 'needsAttention');
    const held = isWayBack ? [] : callsBefore(plan, 'confirmation').toSorted();
    expect(world.ledger.held).toEqual(held);
    const state = plan.orderEnd === 'fail' ? 'FAILED' : 'CANCELLED';
    expect((await world.order()).state).toBe(isWayBack ? state : 'CANCELLING');
  });

  it('holds when it is to, goes on after RETRY, and turns back after COMPENSATE', async () => {
    for (const [name, way] of faults(before)) {
      for (const word of ['RETRY', 'COMPENSATE'] as const) {
        await using world = open({ ...plan, onFailure: 'hold' });
        world.faults.set(name, way);
        await world.start(fulfilmentInput);
        await world.advance(FORWARD_MS);
        const what = `${name} ${way} ${word}`;
        expect(await world.end(), what).toBe('"held"');
        world.faults.clear();
        await world.send({ type: word });
        await world.advance(FORWARD_MS);
        if (word === 'RETRY') await arrive(world, plan);
        expect(await world.end(), what).toBe(word === 'RETRY' ? 'completed' : 'compensated');
        expect(world.ledger.held, what).toEqual(word === 'RETRY' ? calls.toSorted() : []);
      }
    }
  });

  it('turns back when its time is up', async () => {
    for (const name of before) {
      await using world = open({ ...plan, deadline: 5_000 });
      world.faults.set(name, 'hangs after');
      await world.start(fulfilmentInput);
      await world.advance(FORWARD_MS);
      expect(await world.end()).toBe('compensated');
      expect(world.ledger.held).toEqual([]);
      const state = plan.orderEnd === 'fail' ? 'FAILED' : 'CANCELLED';
      expect(await world.order()).toEqual({ state, reason: 'DEADLINE' });
    }
  });
});

const pivotCalls = PLANS.filter((plan) => callsOf(plan).includes(plan.pivot));
const followed = PLANS.filter((plan) => namesOf(plan).includes('delivery'));

describe.each(pivotCalls)('a saga of the plan $id, whose pivot is a call,', (plan) => {
  it('turns back when the pivot is refused, and not when it is in doubt', async () => {
    for (const way of WAYS) {
      await using world = open(plan);
      world.faults.set(plan.pivot, way);
      await world.start(fulfilmentInput);
      await world.advance(FORWARD_MS);
      expect(await world.end()).toBe(way === 'is refused' ? 'compensated' : 'needsAttention');
      const done = callsBefore(plan, plan.pivot);
      const held = way.endsWith('after') ? [...done, plan.pivot] : done;
      expect(world.ledger.held).toEqual(way === 'is refused' ? [] : held.toSorted());
      const { state } = await world.order();
      if (way === 'is refused') expect(state).toBe(ended(plan, plan.pivot));
    }
  });
});

describe.each(followed)('a saga of the plan $id, which follows the parcel,', (plan) => {
  it('waits for people when the parcel is lost, and then for it', async () => {
    await using world = open(plan);
    await world.start(fulfilmentInput);
    const lost = { type: 'delivery.lost', reason: 'fell into the sea' };
    expect(await world.send(lost, 'saga-1/delivery')).toBe('accepted');
    expect(await world.end()).toBe('needsAttention');
    expect(await world.send({ type: 'RETRY' })).toBe('accepted');
    await arrive(world, plan);
    expect(await world.end()).toBe('completed');
    expect((await world.order()).state).toBe('DELIVERED');
  });
});
