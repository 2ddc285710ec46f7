// The refund saga with a real confirmed order: the order sets the amount aside before money moves,
// and a refund that may have been paid is never paid under another key.

import { type AskReceipt, effectKey, Rejected } from 'sagawright';
import {
  type OrderCommand,
  type OrderRequest,
  orderMachine,
  type PaidRefund,
  REFUND_PAYMENT,
  type RefundInput,
  type RefundSagaInput,
  refundSaga,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { type Actor, createActor, fromPromise, type SnapshotFrom, waitFor } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { createError, orderInput } from './order-world.ts';

type Reply = 'done' | 'rejected' | 'unknown';

interface RefundWorld {
  readonly saga: Actor<typeof refundSaga>;
  readonly order: Actor<typeof orderMachine>;
  readonly calls: readonly { readonly key: string; readonly input: RefundInput }[];
  rest(): Promise<SnapshotFrom<typeof refundSaga>>;
}

const refundInput: RefundSagaInput = {
  orderId: 'order-1',
  refundId: 'refund-1',
  chargeKey: 'saga-1:payment/1',
  amountMinor: 5_000,
};
const toConfirmed: readonly OrderCommand[] = [
  { type: 'order.startPayment' },
  {
    type: 'order.completePayment',
    chargeKey: 'saga-1:payment/1',
    amountMinor: 13_912,
    currency: 'GBP',
  },
  { type: 'order.reserveInventory', reservationKey: 'saga-1:inventory/1' },
  { type: 'order.confirm' },
];

function openRefund(
  replies: readonly Reply[] = [],
  given: Partial<RefundSagaInput> = {},
  isDeaf: (command: OrderCommand) => boolean = () => false,
): RefundWorld {
  const order = createActor(orderMachine, { id: 'order-1', input: orderInput }).start();
  for (const command of toConfirmed) order.send(command);
  const left = [...replies];
  const calls: { key: string; input: RefundInput }[] = [];
  const actors = {
    askOrder: fromPromise<AskReceipt, OrderRequest>(({ input: { command } }) => {
      if (isDeaf(command) || !order.getSnapshot().can(command)) {
        return Promise.reject(createError('rejected', 'REFUSED', { value: 'CONFIRMED' }));
      }
      order.send(command);
      return Promise.resolve({ revision: 1, value: 'CONFIRMED' });
    }),
    refundPayment: fromPromise<PaidRefund, RefundInput>(({ input }) => {
      calls.push({
        key: effectKey({ id: 'saga-2' }, REFUND_PAYMENT.key?.({ input }) ?? ''),
        input,
      });
      const reply = left.shift() ?? 'done';
      if (reply === 'done') return Promise.resolve({ paymentId: 're-1', amountMinor: 5_000 });
      return Promise.reject(createError(reply, 'REFUND_EXCEEDS_CHARGE'));
    }),
  };
  const input = { ...refundInput, ...given };
  const saga = createActor(refundSaga.provide({ actors }), { id: 'saga-2', input }).start();
  const rest: RefundWorld['rest'] = () =>
    waitFor(saga, ({ status, value }) => status !== 'active' || value === 'needsAttention', {
      timeout: 2_000,
    });
  return { saga, order, calls, rest };
}

const paid = {
  key: 'saga-2:refund',
  input: { refundId: 'refund-1', chargeKey: 'saga-1:payment/1', amountMinor: 5_000 },
};

describe('a refund saga', () => {
  it('has the order set the amount aside, pays it back and tells the order', async () => {
    const { rest, calls, order } = openRefund();
    expect((await rest()).output).toEqual({
      outcome: 'completed',
      orderId: 'order-1',
      refundId: 'refund-1',
      amountMinor: 5_000,
      refusal: null,
      resolution: null,
    });
    expect(calls).toEqual([paid]);
    expect(order.getSnapshot().context).toMatchObject({
      refundedMinor: 5_000,
      refunds: { 'refund-1': { status: 'completed' } },
    });
  });

  it('pays nothing back that the order refuses', async () => {
    const { rest, calls } = openRefund([], { amountMinor: 13_913 });
    expect((await rest()).output).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'REFUSED' },
    });
    expect(calls).toEqual([]);
  });

  it('frees what was set aside when the gateway refuses', async () => {
    const { rest, order } = openRefund(['rejected']);
    expect((await rest()).output).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'REFUND_EXCEEDS_CHARGE' },
    });
    expect(order.getSnapshot().context).toMatchObject({ refundedMinor: 0, refunds: {} });
  });

  it('waits for people when it may have been paid, and tries again under the same key', async () => {
    const { saga, rest, calls, order } = openRefund(['unknown', 'unknown']);
    expect((await rest()).value).toBe('needsAttention');
    expect(order.getSnapshot().context.refunds['refund-1']?.status).toBe('requested');
    saga.send({ type: 'RETRY' });
    expect((await rest()).value).toBe('needsAttention');
    saga.send({ type: 'RETRY' });
    expect((await rest()).value).toBe('completed');
    expect(calls).toEqual([paid, paid, paid]);
  });

  it('does not pay again when only the order did not hear of it', async () => {
    let isDeaf = true;
    const { saga, rest, calls } = openRefund(
      [],
      {},
      ({ type }) => isDeaf && type === 'order.completeRefund',
    );
    expect((await rest()).value).toBe('needsAttention');
    isDeaf = false;
    saga.send({ type: 'RETRY' });
    expect((await rest()).output?.outcome).toBe('completed');
    expect(calls).toEqual([paid]);
  });

  it.each([
    [true, 5_000],
    [false, 0],
  ])('can be settled by a person, paid: %s', async (isPaid, refundedMinor) => {
    const { saga, rest, order } = openRefund(['unknown']);
    await rest();
    const resolution = { by: 'ana', why: 'asked the bank', isPaid };
    saga.send({ type: 'RESOLVE', ...resolution });
    expect((await rest()).output).toMatchObject({ outcome: 'resolved', resolution });
    expect(order.getSnapshot().context.refundedMinor).toBe(refundedMinor);
    expect(order.getSnapshot().context.refunds['refund-1']?.status).toBe(
      isPaid ? 'completed' : undefined,
    );
  });

  it('is not settled by nobody or for no reason', async () => {
    const { saga, rest } = openRefund(['unknown']);
    await rest();
    const isTaken = (by: string, why: string): boolean =>
      saga.getSnapshot().can({ type: 'RESOLVE', by, why, isPaid: true });
    expect([isTaken('', 'why'), isTaken('ana', ' '), isTaken('ana', 'why')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('hears late that it was paid, or that it never will be', async () => {
    const late = {
      type: 'effect.late',
      id: 'refundPayment',
      src: 'refundPayment',
      key: 'saga-2:refund',
    } as const;
    const done = openRefund(['unknown']);
    await done.rest();
    done.saga.send({
      ...late,
      outcome: 'done',
      output: { paymentId: 're-1', amountMinor: 5_000 },
    });
    expect((await done.rest()).output?.outcome).toBe('completed');
    expect(done.calls).toHaveLength(1);

    const rejected = openRefund(['unknown']);
    await rejected.rest();
    const error = createError('rejected', 'CHARGE_UNKNOWN');
    rejected.saga.send({ ...late, outcome: 'rejected', error });
    expect((await rejected.rest()).output).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'CHARGE_UNKNOWN' },
    });
    expect(rejected.order.getSnapshot().context.refunds).toEqual({});
  });

  it('does not take another call’s late word for its own', async () => {
    const { saga, rest } = openRefund(['unknown']);
    await rest();
    const foreign = {
      type: 'effect.late',
      id: 'refundPayment',
      src: 'refundPayment',
      key: 'saga-3:refund',
      outcome: 'done',
    } as const;
    expect(saga.getSnapshot().can(foreign)).toBe(false);
  });

  it.each([
    [{ amountMinor: 0 }, 'expected amountMinor to be a positive integer of pence, got 0'],
    [{ chargeKey: '' }, 'expected chargeKey to be a text'],
  ])('is not started with %j', (wrong, message) => {
    const input = { ...refundInput, ...wrong };
    expect(String(createActor(refundSaga, { input }).getSnapshot().error)).toContain(message);
  });
});

describe('a refund under an engine that may have been paid', () => {
  it('keeps its amount set aside though trying it again was refused', async () => {
    const paying = new ScriptedHandler();
    const machines = [orderMachine, refundSaga];
    await using world = await openWorld({ machines, handlers: { refundPayment: paying.run } });
    const order = await world.engine.start(orderMachine, { id: 'order-1', input: orderInput });
    for (const command of toConfirmed) await order.send(command);
    const input = { ...refundInput, amountMinor: 13_912 };
    const first = await world.engine.start(refundSaga, { id: 'saga-2', input });
    for (let attempt = 1; attempt <= 5; attempt++) {
      await world.time.settle();
      paying.call(attempt).reject(new Error('connection reset'));
      await world.time.advance(60_000);
    }
    expect((await first.snapshot()).value).toBe('needsAttention');
    await first.send({ type: 'RETRY' });
    await world.time.settle();
    paying.last.reject(new Rejected('rate limited'));
    await world.time.settle();
    expect((await first.snapshot()).value).toBe('needsAttention');
    const again = { ...input, refundId: 'refund-2' };
    const second = await world.engine.start(refundSaga, { id: 'saga-3', input: again });
    await world.time.settle();
    expect((await second.snapshot()).output).toMatchObject({ outcome: 'rejected' });
    expect(paying.calls).toHaveLength(6);
  });
});

it('takes every transition of the refund saga', () => {
  const coverage = coverChart(refundSaga, {
    inputs: [refundInput],
    events: ({ children, context: { key } }) => [
      ...Object.keys(children).flatMap((id) => [
        {
          type: `xstate.done.actor.${id}`,
          output: { paymentId: 'p-1', amountMinor: 5_000 },
        } as const,
        ...(['rejected', 'unknown'] as const).map(
          (outcome) =>
            ({ type: `xstate.error.actor.${id}`, error: createError(outcome, 'FAILED') }) as const,
        ),
      ]),
      ...(['done', 'rejected', 'unknown'] as const).map((outcome) => ({
        ...({ type: 'effect.late', id: 'refundPayment', src: 'refundPayment' } as const),
        ...{ key, outcome, output: { paymentId: 'p-1', amountMinor: 5_000 } },
      })),
      { type: 'RETRY' } as const,
      ...[true, false].map(
        (isPaid) => ({ type: 'RESOLVE', by: 'ana', why: 'looked', isPaid }) as const,
      ),
    ],
  });
  console.log(coverage.line);
  expect(coverage.missing).toEqual([]);
});
