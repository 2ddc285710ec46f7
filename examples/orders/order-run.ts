// The work itself: an order and a saga for every invoice, so many at a time, then the refunds of the
// returns. Every start attaches to what is already there, so that a process killed between any two
// lines is simply run again. It keeps nothing that is not in the engine's store.

import type { Engine } from 'sagawright';
import type { OrderInput } from 'sagawright/machines';
import type { OurOrder, OurRefund, RefundTask } from './books.ts';
import { runBounded } from './bounded-work.ts';
import { orderMachine, runRefund } from './run-machines.ts';
import { type ChosenSaga, isAtRest } from './run-saga.ts';

export interface OrderRun {
  readonly engine: Engine;
  /** What each order goes through. */
  readonly saga: ChosenSaga;
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

/** Starts an order and its saga, or finds them there, and waits until the saga is at rest. */
async function runOrder(
  { engine, saga }: OrderRun,
  input: OrderInput,
): Promise<{ readonly started: boolean }> {
  await engine.start(orderMachine, { id: input.orderId, input, ifExists: 'attach' });
  return saga.run(engine, input);
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

/** What our side says of an order: the order's own state, and what became of its money. */
async function readOrder({ engine, saga }: OrderRun, { orderId }: OrderInput): Promise<OurOrder> {
  const { value: state, context } = await engine.actor(orderMachine, orderId).snapshot();
  const { totalMinor, items } = context;
  return { orderId, totalMinor, items, state, ...(await saga.readEnd(engine, orderId)) };
}

/** Runs all orders, then all refunds, and reads how they stand. */
export async function runOrders(run: OrderRun): Promise<RunResult> {
  const { engine, concurrency, onProgress } = run;
  let done = 0;
  let started = 0;
  await runBounded(run.orders, concurrency, async (input) => {
    const result = await runOrder(run, input);
    done += 1;
    if (result.started) started += 1;
    onProgress({ done, started });
  });
  const refunds: OurRefund[] = [];
  await runBounded(run.refunds, concurrency, async (task) => {
    refunds.push(await runRefundOf(engine, task));
  });
  const orders: OurOrder[] = [];
  for (const input of run.orders) orders.push(await readOrder(run, input));
  return { orders, refunds: refunds.sort((a, b) => (a.refundId < b.refundId ? -1 : 1)) };
}
