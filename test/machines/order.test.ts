// The order aggregate on its own, stepped as the pure function that it is: what it takes in which
// state, what it says happened, and that its money never goes out of bounds.

import { getShortestPaths } from '@xstate/graph';
import fc from 'fast-check';
import {
  computeRefundableMinor,
  type OrderCommand,
  type OrderContext,
  type OrderFact,
  type OrderInput,
  type OrderState,
  orderMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, type SnapshotFrom, transition } from 'xstate';

type Order = SnapshotFrom<typeof orderMachine>;

const input: OrderInput = {
  orderId: 'order-1',
  customerId: '17850',
  currency: 'GBP',
  totalMinor: 13_912,
  items: [{ sku: '85123A', quantity: 6 }],
};

const startPayment: OrderCommand = { type: 'order.startPayment' };
const completePayment: OrderCommand = {
  type: 'order.completePayment',
  chargeKey: 'saga-1:payment/1',
  amountMinor: 13_912,
  currency: 'GBP',
};
const failPayment: OrderCommand = { type: 'order.failPayment', reason: 'CARD_DECLINED' };
const reserveInventory: OrderCommand = {
  type: 'order.reserveInventory',
  reservationKey: 'saga-1:inventory/1',
};
const confirm: OrderCommand = { type: 'order.confirm' };
const cancel: OrderCommand = { type: 'order.cancel', reason: 'changed my mind' };
const requestRefund: OrderCommand = {
  type: 'order.requestRefund',
  refundId: 'refund-1',
  amountMinor: 5_000,
};
const completeRefund: OrderCommand = { type: 'order.completeRefund', refundId: 'refund-1' };
const failRefund: OrderCommand = {
  type: 'order.failRefund',
  refundId: 'refund-1',
  reason: 'REFUND_EXCEEDS_CHARGE',
};
const commands: readonly OrderCommand[] = [
  startPayment,
  completePayment,
  failPayment,
  reserveInventory,
  confirm,
  cancel,
  requestRefund,
  completeRefund,
  failRefund,
];
const toConfirmed = [startPayment, completePayment, reserveInventory, confirm];

function placeOrder(given: OrderInput = input): Order {
  return initialTransition(orderMachine, given)[0];
}

function tell(order: Order, ...told: readonly OrderCommand[]): Order {
  return told.reduce((state, command) => transition(orderMachine, state, command)[0], order);
}

function listenTo(told: readonly OrderCommand[]): readonly OrderFact['type'][] {
  const facts: OrderFact['type'][] = [];
  const actor = createActor(orderMachine, { input });
  actor.on('*', (fact) => facts.push(fact.type));
  actor.start();
  for (const command of told) actor.send(command);
  return facts;
}

describe('an order', () => {
  it('waits, unpaid and with nothing refunded, until it is told to start its payment', () => {
    const order = placeOrder();
    expect(order.value).toBe('PENDING');
    expect(order.context).toMatchObject({ capturedMinor: 0, refundedMinor: 0, refunds: {} });
  });

  it('goes through its states to CONFIRMED and stays open there', () => {
    const states = toConfirmed.map((_, index) =>
      tell(placeOrder(), ...toConfirmed.slice(0, index + 1)),
    );
    expect(states.map((order) => order.value)).toEqual([
      'PAYMENT_PROCESSING',
      'PAYMENT_COMPLETED',
      'INVENTORY_RESERVED',
      'CONFIRMED',
    ]);
    expect(states.at(-1)?.status).toBe('active');
    expect(states.at(-1)?.context).toMatchObject({
      capturedMinor: 13_912,
      chargeKey: 'saga-1:payment/1',
      reservationKey: 'saga-1:inventory/1',
    });
  });

  it('tells each thing that happened once, in the past tense', () => {
    expect(listenTo([...toConfirmed, requestRefund, completeRefund])).toEqual([
      'order.placed',
      'order.paymentStarted',
      'order.paymentCompleted',
      'order.inventoryReserved',
      'order.confirmed',
      'order.refundRequested',
      'order.refunded',
    ]);
    expect(listenTo([startPayment, failPayment])).toContain('order.paymentFailed');
    expect(listenTo([cancel])).toEqual(['order.placed', 'order.cancelled']);
  });

  it('says at its end how and why it ended', () => {
    expect(tell(placeOrder(), startPayment, failPayment).output).toEqual({
      orderId: 'order-1',
      outcome: 'PAYMENT_FAILED',
      reason: 'CARD_DECLINED',
    });
    expect(tell(placeOrder(), cancel).output).toEqual({
      orderId: 'order-1',
      outcome: 'CANCELLED',
      reason: 'changed my mind',
    });
  });

  const taken: Readonly<Record<OrderState, readonly OrderCommand[]>> = {
    PENDING: [startPayment, cancel],
    PAYMENT_PROCESSING: [completePayment, failPayment, cancel],
    PAYMENT_COMPLETED: [reserveInventory, cancel],
    INVENTORY_RESERVED: [confirm, cancel],
    CONFIRMED: [requestRefund],
    PAYMENT_FAILED: [],
    CANCELLED: [],
  };
  const ways: Readonly<Record<OrderState, readonly OrderCommand[]>> = {
    PENDING: [],
    PAYMENT_PROCESSING: [startPayment],
    PAYMENT_COMPLETED: [startPayment, completePayment],
    INVENTORY_RESERVED: [startPayment, completePayment, reserveInventory],
    CONFIRMED: toConfirmed,
    PAYMENT_FAILED: [startPayment, failPayment],
    CANCELLED: [cancel],
  };

  it.each(Object.entries(taken))('in %s takes what fits and refuses the rest', (state, fitting) => {
    const order = tell(
      placeOrder(),
      ...(Object.entries(ways).find(([to]) => to === state)?.[1] ?? []),
    );
    expect(order.value).toBe(state);
    const accepted = order.status === 'active' ? commands.filter((each) => order.can(each)) : [];
    expect(accepted).toEqual(fitting);
  });

  it.each<readonly [string, OrderCommand]>([
    ['a penny less', { ...completePayment, amountMinor: 13_911 }],
    ['another currency', { ...completePayment, currency: 'EUR' }],
    ['no key', { ...completePayment, chargeKey: ' ' }],
  ])('refuses a payment of %s', (_, payment) => {
    expect(tell(placeOrder(), startPayment).can(payment)).toBe(false);
  });

  it('refuses to end without a reason or to hold stock under no key', () => {
    const processing = tell(placeOrder(), startPayment);
    expect(processing.can({ type: 'order.cancel', reason: '' })).toBe(false);
    expect(processing.can({ type: 'order.failPayment', reason: '' })).toBe(false);
    const paid = tell(processing, completePayment);
    expect(paid.can({ type: 'order.reserveInventory', reservationKey: '' })).toBe(false);
  });

  it.each<readonly [string, object, string]>([
    ['a total of zero', { totalMinor: 0 }, 'totalMinor to be a positive integer of pence, got 0'],
    ['a fraction of a penny', { totalMinor: 0.5 }, 'totalMinor'],
    ['an unsafe total', { totalMinor: 2 ** 53 }, 'totalMinor'],
    ['no currency', { currency: 'pounds' }, 'currency to be three capital letters'],
    ['no id', { orderId: '' }, "orderId to be the order's id"],
    ['a negative quantity', { items: [{ sku: 'A', quantity: -1 }] }, 'items[0]'],
    ['items that are no array', { items: null }, 'items to be an array'],
  ])('is not started with %s', (_, wrong, message) => {
    const error = createActor(orderMachine, { input: { ...input, ...wrong } }).getSnapshot().error;
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
  });
});

describe('the paths of an order', () => {
  const events = (order: Order): readonly OrderCommand[] =>
    commands.filter((command) => order.status === 'active' && order.can(command));

  it('reach every state', () => {
    const paths = getShortestPaths(orderMachine, { input, events });
    const reached = new Set(paths.map((path) => String(path.state.value)));
    expect([...reached].sort()).toEqual(Object.keys(orderMachine.states).sort());
  });

  it('take every transition of the chart', () => {
    const declared = Object.values(orderMachine.states).flatMap((state) =>
      Object.keys(state.config.on ?? {}).map((type) => `${state.key} ${type}`),
    );
    const walked = getShortestPaths(orderMachine, { input, events }).flatMap(({ state }) =>
      events(state).map((command) => `${String(state.value)} ${command.type}`),
    );
    expect([...new Set(walked)].sort()).toEqual(declared.sort());
  });
});

describe('the refunds of a confirmed order', () => {
  const confirmed = tell(placeOrder(), ...toConfirmed);
  const request = (refundId: string, amountMinor: number): OrderCommand => ({
    type: 'order.requestRefund',
    refundId,
    amountMinor,
  });

  it('set their amount aside when requested, so that two cannot both pass', () => {
    const once = tell(confirmed, request('a', 10_000));
    expect(computeRefundableMinor(once.context)).toBe(3_912);
    expect(once.context.refundedMinor).toBe(0);
    expect(once.can(request('b', 3_913))).toBe(false);
    expect(once.can(request('b', 3_912))).toBe(true);
  });

  it('give the amount back to the limit when they fail', () => {
    const failed = tell(confirmed, requestRefund, failRefund);
    expect(failed.context.refunds).toEqual({});
    expect(failed.can(request('b', 13_912))).toBe(true);
  });

  it('count once, however often they are completed', () => {
    const done = tell(confirmed, requestRefund, completeRefund);
    expect(done.context).toMatchObject({
      refundedMinor: 5_000,
      refunds: { 'refund-1': { amountMinor: 5_000, status: 'completed' } },
    });
    expect(done.can(completeRefund)).toBe(false);
    expect(done.can(failRefund)).toBe(false);
    expect(done.can(requestRefund)).toBe(false);
  });

  it('refuse an amount that is no positive integer, and an id that belongs to every object', () => {
    for (const amountMinor of [0, -1, 0.5, Number.NaN, 13_913]) {
      expect(confirmed.can(request('a', amountMinor))).toBe(false);
    }
    expect(confirmed.can({ type: 'order.completeRefund', refundId: 'constructor' })).toBe(false);
    expect(confirmed.can(request('__proto__', 1))).toBe(false);
  });

  function checkMoney({ capturedMinor, refundedMinor, refunds }: OrderContext): void {
    const sumMinor = (status: string): number =>
      Object.values(refunds)
        .filter((refund) => refund.status === status)
        .reduce((sum, refund) => sum + refund.amountMinor, 0);
    expect(refundedMinor).toBe(sumMinor('completed'));
    expect(refundedMinor).toBeGreaterThanOrEqual(0);
    expect(refundedMinor + sumMinor('requested')).toBeLessThanOrEqual(capturedMinor);
  }

  it('never exceed what was captured, whatever is asked in whatever order', () => {
    const refundId = fc.constantFrom('a', 'b', 'c', 'd', '__proto__');
    const anyCommand: fc.Arbitrary<OrderCommand> = fc.oneof(
      fc.record({
        type: fc.constant('order.requestRefund' as const),
        refundId,
        amountMinor: fc.integer({ min: -10, max: 9_000 }),
      }),
      fc.record({ type: fc.constant('order.completeRefund' as const), refundId }),
      fc.record({
        type: fc.constant('order.failRefund' as const),
        refundId,
        reason: fc.constant('CHARGE_UNKNOWN'),
      }),
    );
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), (told) => {
        let order = confirmed;
        for (const command of told) {
          order = tell(order, command);
          checkMoney(order.context);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('would be caught by this check if they passed the limit', () => {
    const refunds = { a: { amountMinor: 13_913, status: 'requested' } } as const;
    expect(() => checkMoney({ ...confirmed.context, refunds })).toThrow();
  });
});
