// The order under histories that nobody thinks of: whatever it is told in whatever order, what must hold
// holds after each step. The rules are written down here once more, independently of the chart.

import fc from 'fast-check';
import type { OrderContext, OrderFact, OrderState } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../unit/seeds.ts';
import {
  beginWork,
  messages,
  type Order,
  type OrderMessage,
  placeOrder,
  requestCancellation,
  step,
  takes,
  tell,
  toConfirmed,
  toDelivered,
} from './order-commands.ts';

const ended: readonly OrderState[] = ['CANCELLED', 'FAILED', 'PAYMENT_FAILED'];
const turning: readonly OrderState[] = ['CANCELLING', ...ended];
/** Where an order may go from each state, as the trade has it. */
const next: Readonly<Record<OrderState, readonly OrderState[]>> = {
  PENDING: ['PROCESSING', 'PAYMENT_PROCESSING', 'CANCELLED', 'EXPIRED'],
  PROCESSING: ['PAYMENT_PROCESSING', 'INVENTORY_RESERVED', ...turning],
  PAYMENT_PROCESSING: ['PAYMENT_COMPLETED', 'INVENTORY_RESERVED', 'CONFIRMED', ...turning],
  PAYMENT_COMPLETED: ['INVENTORY_RESERVED', 'CONFIRMED', ...turning],
  INVENTORY_RESERVED: ['PAYMENT_PROCESSING', 'PAYMENT_COMPLETED', 'CONFIRMED', ...turning],
  CONFIRMED: ['SHIPPED', 'CANCELLING'],
  SHIPPED: ['DELIVERED'],
  DELIVERED: ['RETURN_REQUESTED', 'COMPLETED'],
  RETURN_REQUESTED: ['DELIVERED', 'RETURNED'],
  // A parcel that was on its way already makes a cancellation void.
  CANCELLING: ['SHIPPED', ...ended],
  COMPLETED: [],
  RETURNED: [],
  PAYMENT_FAILED: [],
  FAILED: [],
  CANCELLED: [],
  EXPIRED: [],
};
/** Enough to come to each state with every seed, few enough for a second or two. */
const RUNS = 300;

const promised: readonly OrderState[] = ['CONFIRMED', 'SHIPPED', 'DELIVERED', 'RETURN_REQUESTED'];
const kept: readonly OrderState[] = ['SHIPPED', 'DELIVERED', 'COMPLETED', 'RETURNED'];

function checkMoney(context: OrderContext): void {
  const { totalMinor, authorizedMinor, capturedMinor, refundedMinor, cancellation } = context;
  const refunds = Object.values(context.refunds);
  const sumMinor = (status: string): number =>
    refunds.reduce((sum, each) => sum + (each.status === status ? each.amountMinor : 0), 0);
  expect([0, totalMinor]).toContain(authorizedMinor);
  expect([0, totalMinor]).toContain(capturedMinor);
  expect(sumMinor('completed')).toBeGreaterThanOrEqual(0);
  expect(refundedMinor).toBeGreaterThanOrEqual(sumMinor('completed'));
  if (context.ending?.outcome !== 'RETURNED') expect(refundedMinor).toBe(sumMinor('completed'));
  expect(refundedMinor + sumMinor('requested')).toBeLessThanOrEqual(capturedMinor);
  expect(cancellation?.feeMinor ?? 0).toBeGreaterThanOrEqual(0);
  expect(cancellation?.feeMinor ?? 0).toBeLessThanOrEqual(totalMinor);
}

function checkHistory({ value, context: { history } }: Order): void {
  expect(history[0]).toBe('PENDING');
  expect(history.at(-1)).toBe(value);
  for (const [index, status] of history.slice(1).entries()) {
    expect(next[history[index] ?? 'EXPIRED']).toContain(status);
  }
}

function statusOf({ value }: Order): OrderState {
  return value as OrderState;
}

function checkHeld(order: Order): void {
  const { context } = order;
  const status = statusOf(order);
  if (promised.includes(status) || kept.includes(status)) {
    expect(context.capturedMinor + context.authorizedMinor).toBeGreaterThan(0);
    expect(context.reservationKey).not.toBeNull();
  }
  if (kept.includes(status)) {
    expect(context.capturedMinor).toBe(context.totalMinor);
    expect(context.shipment).not.toBeNull();
  }
}

/** What one message has done is told, step by step, and what it has not done is not. */
function checkStep(before: Order, after: Order, facts: readonly OrderFact[]): void {
  const changes = facts.flatMap((fact) =>
    fact.type === 'order.statusUpdated' ? [[fact.from, fact.to]] : [],
  );
  const { history } = after.context;
  const since = history.slice(before.context.history.length - 1);
  expect(changes).toEqual(since.slice(1).map((status, index) => [since[index], status]));
  expect(history.slice(0, before.context.history.length)).toEqual(before.context.history);
  const { cancellation } = before.context;
  // What was agreed stays so, unless the parcel turns out to have left before.
  const isVoid = before.value === 'CANCELLING' && after.value === 'SHIPPED';
  if (cancellation !== null) expect(after.context.cancellation).toBe(isVoid ? null : cancellation);
}

/** Tells an order something and checks what must hold. */
function tellChecked(before: Order, message: OrderMessage): Order {
  const isTaken = takes(before, message);
  const [after, facts] = step(before, message);
  if (!isTaken) {
    expect(after.value).toBe(before.value);
    expect(after.context).toBe(before.context);
    expect(facts).toEqual([]);
    return after;
  }
  expect(before.status).toBe('active');
  checkMoney(after.context);
  checkHistory(after);
  checkHeld(after);
  checkStep(before, after, facts);
  if (after.status === 'done') {
    for (const each of messages) expect(takes(after, each)).toBe(false);
    // An ended order could not note what becomes of a refund.
    for (const { status } of Object.values(after.context.refunds)) expect(status).toBe('completed');
    const outcome = String(after.value);
    expect(after.output).toMatchObject({ orderId: 'order-1', outcome });
  }
  return after;
}

const TURNING = /[cC]ancel|fail(?:Payment)?$|expire/;
const anyId = fc.constantFrom('a', 'b', 'refund-1', 'return-1', '__proto__', 'constructor', '');
const anyAmount = fc.oneof(
  fc.integer({ min: -10, max: 14_000 }),
  fc.constantFrom(0, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER, 13_912),
);
/** A command with something else in it than usual. */
const anyMessage: fc.Arbitrary<OrderMessage> = fc
  .tuple(
    fc.constantFrom(...messages),
    fc.record(
      {
        refundId: anyId,
        returnId: anyId,
        shipmentId: anyId,
        chargeKey: anyId,
        reservationKey: anyId,
        reason: fc.constantFrom('', ' ', 'why not'),
        currency: fc.constantFrom('GBP', 'EUR'),
        amountMinor: anyAmount,
        refundedMinor: anyAmount,
      },
      { requiredKeys: [] },
    ),
  )
  .map(([message, changes]) => ({ ...message, ...changes }) as OrderMessage);
/** A number chooses one of the usual commands that the order takes. */
const anyHistory = fc.array(fc.oneof(fc.nat(100), anyMessage), { maxLength: 40, size: 'max' });

function run(begun: Order, told: readonly (number | OrderMessage)[]): Order {
  return told.reduce<Order>((order, each) => {
    const message = typeof each === 'number' ? choose(order, each) : each;
    return message === undefined ? order : tellChecked(order, message);
  }, begun);
}

/** Mostly what leads on: histories that often turned back would seldom come far. */
function choose(order: Order, by: number): OrderMessage | undefined {
  const fitting = messages.filter((message) => takes(order, message));
  const leading = fitting.filter(({ type }) => !TURNING.test(type));
  const chosen = by % 10 === 0 || leading.length === 0 ? fitting : leading;
  return chosen[by % Math.max(1, chosen.length)];
}

describe('whatever an order is told', () => {
  const anyFee = fc.constantFrom('0', '2.5', '33.333333', '100');

  it('keeps its books, its promises and its history', () => {
    const reached = new Set<string>();
    checkProperty(
      fc.property(anyFee, anyHistory, (feePercent, told) => {
        const order = run(placeOrder({ cancellation: { feePercent } }), told);
        for (const status of order.context.history) reached.add(status);
      }),
      2 * RUNS,
    );
    // Else this would prove nothing about the states that no history came to.
    expect([...reached].sort()).toEqual(Object.keys(next).sort());
  });

  it('never gives back more than it took once it is confirmed', () => {
    checkProperty(
      fc.property(anyFee, fc.boolean(), anyHistory, (feePercent, isDelivered, told) => {
        const way = isDelivered ? toDelivered : toConfirmed;
        run(tell(placeOrder({ cancellation: { feePercent } }), ...way), told);
      }),
      RUNS,
    );
  });

  it('fixes a fee between nothing and the total, the nearest to its percentage', () => {
    const anyPercent = fc.integer({ min: 0, max: 10_000 });
    checkProperty(
      fc.property(fc.integer({ min: 1, max: 1e9 }), anyPercent, (totalMinor, hundredths) => {
        const feePercent = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
        const order = placeOrder({ totalMinor, cancellation: { feePercent } });
        const { cancellation } = tell(order, beginWork, requestCancellation).context;
        expect(cancellation?.feeMinor).toBe(Math.floor((totalMinor * hundredths + 5_000) / 10_000));
      }),
      RUNS,
    );
  });
});

describe('the check of these histories', () => {
  it('would notice money, promises and statuses that are wrong', () => {
    const order = tell(placeOrder(), ...toConfirmed);
    const refunds = { a: { amountMinor: 13_913, status: 'requested' } } as const;
    expect(() => checkMoney({ ...order.context, refunds })).toThrow();
    const unreserved = { ...order, context: { ...order.context, reservationKey: null } };
    expect(() => checkHeld(unreserved as Order)).toThrow();
    const jumped = { ...order.context, history: ['PENDING', 'CONFIRMED'] };
    expect(() => checkHistory({ ...order, context: jumped } as Order)).toThrow();
    expect(() => checkStep(placeOrder(), tell(placeOrder(), ...toConfirmed), [])).toThrow();
  });
});
