// What the order saga does when undoing goes wrong or the world changes its mind: exhausted undo
// calls, successes that turn up late, held steps. Nothing held is ever called compensated.

import { Rejected } from 'sagawright';
import { orderMachine, orderSaga } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { type EngineWorld, openWorld as openEngineWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import {
  charge,
  charged,
  createError,
  hear,
  openWorld,
  orderInput,
  released,
  reserved,
  voided,
} from './order-world.ts';

describe('an undo call that is given up', () => {
  it('leaves the saga in needsAttention, the remaining ones done first', async () => {
    const world = openWorld({
      replies: { reserveStock: ['unknown'], releaseStock: ['unknown'] },
    });
    const { value, status } = await world.rest();
    expect(world.calls).toEqual([charged, reserved, released('unknown'), voided('done')]);
    expect({ value, status }).toEqual({ value: 'needsAttention', status: 'active' });
    expect(world.order.getSnapshot().status).toBe('active');
  });

  it('is tried again under the same key, with the same input', async () => {
    const world = openWorld({
      replies: { reserveStock: ['rejected'], voidCharge: ['unknown', 'unknown'] },
    });
    await world.rest();
    world.send({ type: 'RETRY' });
    expect((await world.rest()).value).toBe('needsAttention');
    world.send({ type: 'RETRY' });
    const { output } = await world.rest();
    expect(world.calls).toEqual([
      charged,
      reserved,
      voided('done'),
      voided('done'),
      voided('done'),
    ]);
    expect(output?.outcome).toBe('compensated');
  });

  it('is tried again under the next key when it was definitely refused', async () => {
    const world = openWorld({
      replies: { reserveStock: ['rejected'], voidCharge: ['rejected'] },
    });
    expect((await world.rest()).value).toBe('needsAttention');
    world.send({ type: 'RETRY' });
    expect((await world.rest()).value).toBe('compensated');
    expect(world.calls).toEqual([charged, reserved, voided('done'), voided('done', 2)]);
  });

  it('does not repeat the undo calls that were done', async () => {
    const world = openWorld({
      replies: { reserveStock: ['unknown'], releaseStock: ['unknown'] },
    });
    await world.rest();
    world.send({ type: 'RETRY' });
    await world.rest();
    expect(world.calls.slice(4)).toEqual([released('unknown')]);
  });

  it('can be settled by a person, who says who and why', async () => {
    const world = openWorld({
      replies: { reserveStock: ['rejected'], voidCharge: ['unknown'] },
    });
    await world.rest();
    world.send({ type: 'RESOLVE', by: ' ', why: 'paid back by cheque' });
    expect(world.saga.getSnapshot().value).toBe('needsAttention');
    world.send({ type: 'RESOLVE', by: 'ana', why: 'paid back by cheque' });
    const { value, output } = await world.rest();
    expect(value).toBe('resolved');
    expect(output).toMatchObject({
      outcome: 'resolved',
      resolution: { by: 'ana', why: 'paid back by cheque' },
    });
    expect(world.order.getSnapshot().value).toBe('CANCELLED');
  });

  it('needs no more attention when it turns out to have been done', async () => {
    const world = openWorld({
      replies: { reserveStock: ['rejected'], voidCharge: ['unknown'] },
    });
    await world.rest();
    world.send({
      type: 'effect.late',
      id: 'voidCharge',
      src: 'voidCharge',
      key: 'saga-1:payment.undo/1/1',
      outcome: 'done',
      output: { refundedMinor: 13_912 },
    });
    const { value, output } = await world.rest();
    expect(value).toBe('compensated');
    expect(output?.voidedMinor).toBe(13_912);
    expect(world.calls.filter((call) => call.src === 'voidCharge')).toHaveLength(1);
  });
});

describe('a call that succeeds after its saga has stopped waiting', () => {
  it('is undone again under the next key while its first undo runs', async () => {
    const world = openWorld({ replies: { chargeCard: ['unknown'], voidCharge: ['later'] } });
    await world.rest();
    world.saga.send(hear('chargeCard', 'done'));
    expect(world.calls).toEqual([charged, voided('unknown')]);
    world.answer();
    expect((await world.rest()).value).toBe('compensated');
    expect(world.calls).toEqual([charged, voided('unknown'), voided('done', 2)]);
  });

  it('reopens the undoing when everything seemed undone', async () => {
    const world = openWorld({ replies: { chargeCard: ['later'] } });
    await world.rest();
    world.send({ type: 'CANCEL' });
    world.clock.increment(15_000);
    expect((await world.rest()).value).toBe('settling');
    world.send(hear('chargeCard', 'done'));
    const { value } = await world.rest();
    expect(world.calls).toEqual([charged, voided('unknown'), voided('done', 2)]);
    expect(value).toBe('compensated');
    expect(world.order.getSnapshot().value).toBe('CANCELLED');
  });

  it('ends the wait when the late word is that it was refused, or that nothing is known', async () => {
    for (const outcome of ['rejected', 'unknown'] as const) {
      const world = openWorld({ replies: { chargeCard: ['later'] } });
      await world.rest();
      world.send({ type: 'CANCEL' });
      world.clock.increment(15_000);
      await world.rest();
      world.send(hear('chargeCard', outcome));
      expect((await world.rest()).value).toBe('compensated');
      expect(world.calls).toHaveLength(2);
    }
  });

  it('is undone again in needsAttention, under a key that was not used before', async () => {
    const world = openWorld({ replies: { chargeCard: ['unknown'], voidCharge: ['unknown'] } });
    await world.rest();
    world.send(hear('chargeCard', 'done'));
    expect((await world.rest()).value).toBe('compensated');
    expect(world.calls).toEqual([charged, voided('unknown'), voided('done', 2)]);
  });

  it('is undone under a key that was not used before, though another undo is being retried', async () => {
    const world = openWorld({
      replies: {
        chargeCard: ['later'],
        reserveStock: ['unknown'],
        releaseStock: ['unknown', 'later'],
        voidCharge: ['unknown'],
      },
    });
    await world.rest();
    world.answer();
    expect((await world.rest()).value).toBe('needsAttention');
    world.send({ type: 'RETRY' });
    await world.rest();
    world.saga.send(hear('chargeCard', 'done'));
    world.answer();
    expect((await world.rest()).value).toBe('compensated');
    expect(world.calls.slice(4)).toEqual([released('unknown'), voided('done', 2)]);
  });

  it('is none of its business when it ran under a key of somebody else', async () => {
    const world = openWorld({ replies: { chargeCard: ['unknown'], voidCharge: ['unknown'] } });
    const { context } = await world.rest();
    const late = hear('chargeCard', 'done');
    const foreign = { ...late, key: 'saga-2:payment/1' };
    expect(world.saga.getSnapshot().can(foreign)).toBe(false);
    expect(world.saga.getSnapshot().can(late)).toBe(true);
    expect(world.saga.getSnapshot().context).toBe(context);
  });
});

describe('a saga that holds on failure', () => {
  const input = { onFailure: 'hold' } as const;

  it('charges again under a new key after a refusal', async () => {
    const world = openWorld({ input, replies: { chargeCard: ['rejected'] } });
    expect((await world.rest()).value).toEqual({ fulfilling: 'held' });
    world.send({ type: 'RETRY' });
    const { output } = await world.rest();
    expect(world.calls.map((call) => call.key)).toEqual([
      'saga-1:payment/1',
      'saga-1:payment/2',
      'saga-1:inventory/1',
    ]);
    expect(output).toMatchObject({ outcome: 'completed', chargeKey: 'saga-1:payment/2' });
  });

  it('charges again under the same key when the first charge may have happened', async () => {
    const world = openWorld({ input, replies: { chargeCard: ['unknown'] } });
    await world.rest();
    world.send({ type: 'RETRY' });
    expect((await world.rest()).value).toBe('completed');
    expect(world.calls).toEqual([charged, charged, reserved]);
  });

  it('reserves again under a new key, the charge kept', async () => {
    const world = openWorld({ input, replies: { reserveStock: ['rejected'] } });
    await world.rest();
    world.send({ type: 'RETRY' });
    expect((await world.rest()).value).toBe('completed');
    expect(world.calls.map((call) => call.key)).toEqual([
      'saga-1:payment/1',
      'saga-1:inventory/1',
      'saga-1:inventory/2',
    ]);
  });

  it('undoes the run that it held at when it is told to compensate', async () => {
    const world = openWorld({ input, replies: { reserveStock: ['rejected', 'unknown'] } });
    await world.rest();
    world.send({ type: 'RETRY' });
    await world.rest();
    world.send({ type: 'COMPENSATE' });
    expect((await world.rest()).output).toMatchObject({
      outcome: 'compensated',
      failure: { step: 'inventory' },
    });
    expect(world.calls.slice(3).map((call) => call.key)).toEqual([
      'saga-1:inventory.undo/2/1',
      'saga-1:payment.undo/1/1',
    ]);
  });

  it('can be cancelled', async () => {
    const world = openWorld({ input, replies: { chargeCard: ['unknown'] } });
    await world.rest();
    world.send({ type: 'CANCEL' });
    expect((await world.rest()).value).toBe('compensated');
    expect(world.calls).toEqual([charged, voided('unknown')]);
  });

  it('takes the word of a late refusal, and raises the epoch', async () => {
    const world = openWorld({ input, replies: { chargeCard: ['unknown'] } });
    await world.rest();
    world.saga.send({
      type: 'effect.late',
      id: 'chargeCard',
      src: 'chargeCard',
      key: 'saga-1:payment/1',
      outcome: 'rejected',
      error: createError('rejected', 'CARD_DECLINED'),
    });
    world.send({ type: 'RETRY' });
    await world.rest();
    expect(world.calls[1]?.key).toBe('saga-1:payment/2');
  });
});

describe('a charge under an engine that may have happened', () => {
  interface Held extends AsyncDisposable {
    readonly world: EngineWorld;
    readonly charging: ScriptedHandler;
    readonly voiding: ScriptedHandler;
  }

  /** A saga that holds because no attempt of its charge has brought an answer. */
  async function openHeld(end: (call: ScriptedHandler['last']) => void): Promise<Held> {
    const [charging, voiding, stock] = [
      new ScriptedHandler(),
      new ScriptedHandler(),
      new ScriptedHandler(),
    ];
    const world = await openEngineWorld({
      machines: [orderMachine, orderSaga],
      handlers: {
        chargeCard: charging.run,
        voidCharge: voiding.run,
        reserveStock: stock.run,
        releaseStock: stock.run,
      },
    });
    await world.engine.start(orderMachine, { id: 'order-1', input: orderInput });
    const { orderId, currency, totalMinor, items } = orderInput;
    const input = { orderId, currency, totalMinor, items, onFailure: 'hold' } as const;
    const saga = await world.engine.start(orderSaga, { id: 'saga-1', input });
    for (let attempt = 1; attempt <= 5; attempt++) {
      await world.time.settle();
      end(charging.call(attempt));
      await world.time.advance(60_000);
    }
    expect((await saga.snapshot()).value).toEqual({ fulfilling: 'held' });
    await saga.send({ type: 'RETRY' });
    await world.time.settle();
    expect(charging.last.key).toBe('saga-1:payment/1');
    return { world, charging, voiding, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
  }

  it('is voided though trying it again was refused', async () => {
    await using held = await openHeld((call) => call.reject(new Error('connection reset')));
    const { world, charging, voiding } = held;
    charging.last.reject(new Rejected('rate limited'));
    await world.time.settle();
    const saga = world.engine.actor(orderSaga, 'saga-1');
    await saga.send({ type: 'COMPENSATE' });
    await world.time.settle();
    expect((await saga.snapshot()).value).toEqual({ undoing: 'voiding' });
    expect(voiding.calls.map(({ input }) => input)).toEqual([voided('unknown').input]);
  });

  it('goes on with a late success of its first run, whatever the run after it says', async () => {
    await using held = await openHeld(() => undefined);
    const { world, charging, voiding } = held;
    const saga = world.engine.actor(orderSaga, 'saga-1');
    charging.call(1).resolve(charge);
    await world.time.settle();
    expect((await saga.snapshot()).value).toEqual({ fulfilling: 'reserving' });
    expect(charging.last.signal.aborted).toBe(true);
    charging.last.reject(new Rejected('declined'));
    await world.time.settle();
    await saga.send({ type: 'CANCEL' });
    await world.time.settle();
    expect(voiding.calls).toEqual([]);
    await world.time.advance(15_000);
    expect((await world.deadLetters()).map(({ reason }) => reason)).toEqual(['EFFECT_EXHAUSTED']);
  });
});
