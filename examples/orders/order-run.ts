// The work itself: an order and a saga for every invoice, so many at a time, then the refunds of the
// returns. Every start attaches to what is already there, so that a process killed between any two
// lines is simply run again. It keeps nothing that is not in the engine's store.

import type { ActorSnapshot, Engine } from 'sagawright';
import type { OrderInput, OrderSagaContext } from 'sagawright/machines';
import type { OurOrder, OurRefund, RefundTask } from './books.ts';
import { runBounded } from './bounded-work.ts';
import { orderMachine, runRefund, runSaga } from './run-machines.ts';

export interface OrderRun {
  readonly engine: Engine;
  /** Orders in flight. */
  readonly concurrency: number;
  readonly orders: readonly OrderInput[];
  readonly refunds: readonly RefundTask[];
  /** Called after each saga that is at rest. */
  readonly onProgress: (progress: { readonly done: number; readonly started: number }) => void;
}

export interface RunResult {
  readonly orders: readonly OurOrder[];
  readonly refunds: readonly OurRefund[];
}

/** `order-536365` as `saga-536365`. */
export function sagaIdOf(orderId: string): string {
  return orderId.replace(/^order-/, 'saga-');
}

/** At its end, or waiting for people. */
function isAtRest({ status, value }: Pick<ActorSnapshot, 'status' | 'value'>): boolean {
  return status !== 'active' || value === 'needsAttention';
}

/** Starts an order and its saga, or finds them there, and waits until the saga is at rest. */
async function runOrder(engine: Engine, input: OrderInput): Promise<{ readonly started: boolean }> {
  const { orderId, currency, totalMinor, items } = input;
  await engine.start(orderMachine, { id: orderId, input, ifExists: 'attach' });
  const saga = await engine.start(runSaga, {
    id: sagaIdOf(orderId),
    input: { orderId, currency, totalMinor, items },
    ifExists: 'attach',
    correlation: orderId,
  });
  await saga.waitFor(isAtRest);
  return { started: saga.created };
}

/** Pays a return back if its order is confirmed. */
async function runRefundOf(engine: Engine, task: RefundTask): Promise<OurRefund> {
  const { refundId, orderId, amountMinor } = task;
  const { context, value } = await engine.actor(orderMachine, orderId).snapshot();
  if (value !== 'CONFIRMED' || context.chargeKey === null)
    return { ...task, state: 'notConfirmed' };
  const saga = await engine.start(runRefund, {
    id: refundId,
    input: { refundId, orderId, amountMinor, chargeKey: context.chargeKey },
    ifExists: 'attach',
    correlation: orderId,
  });
  const end = await saga.waitFor(isAtRest);
  return { ...task, state: String(end.value) };
}

/** What our side says of an order: the order's own money, and what the saga gave back of it. */
async function readOrder(engine: Engine, { orderId }: OrderInput): Promise<OurOrder> {
  const order = await engine.actor(orderMachine, orderId).snapshot();
  const saga = await engine.actor(runSaga, sagaIdOf(orderId)).snapshot();
  const { totalMinor, items, capturedMinor, refundedMinor } = order.context;
  const context: OrderSagaContext = saga.context;
  const { voidedMinor } = context;
  const isConfirmed = order.value === 'CONFIRMED';
  return {
    orderId,
    totalMinor,
    items,
    state: order.value,
    sagaState: String(saga.value),
    failure: context.failure?.code ?? null,
    // An order that was turned back may not know of its charge: the saga knows what it undid.
    chargedMinor: isConfirmed ? capturedMinor : voidedMinor,
    refundedMinor: isConfirmed ? refundedMinor : voidedMinor,
  };
}

/** Runs all orders, then all refunds, and reads how they stand. */
export async function runOrders(run: OrderRun): Promise<RunResult> {
  const { engine, concurrency, onProgress } = run;
  let done = 0;
  let started = 0;
  await runBounded(run.orders, concurrency, async (input) => {
    const result = await runOrder(engine, input);
    done += 1;
    if (result.started) started += 1;
    onProgress({ done, started });
  });
  const refunds: OurRefund[] = [];
  await runBounded(run.refunds, concurrency, async (task) => {
    refunds.push(await runRefundOf(engine, task));
  });
  const orders: OurOrder[] = [];
  for (const input of run.orders) orders.push(await readOrder(engine, input));
  return { orders, refunds: refunds.sort((a, b) => (a.refundId < b.refundId ? -1 : 1)) };
}
