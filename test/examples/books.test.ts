// The comparison of the two sets of books: that it finds nothing where all agrees, and finds each
// thing that can be wrong, with the order's name.

import { describe, expect, it } from 'vitest';
import {
  type Comparison,
  compareBooks,
  type GatewayBooks,
  type GatewayOrder,
  type OurOrder,
  type OurRefund,
} from '../../examples/orders/books.ts';
import { renderAccount } from '../../examples/orders/books-report.ts';

const items = [
  { sku: '85123A', quantity: 6 },
  { sku: '71053', quantity: 2 },
];

const confirmed: OurOrder = {
  orderId: 'order-1',
  totalMinor: 10_000,
  items,
  state: 'CONFIRMED',
  sagaState: 'completed',
  failure: null,
  chargedMinor: 10_000,
  refundedMinor: 500,
};
const undone: OurOrder = {
  orderId: 'order-2',
  totalMinor: 7_000,
  items,
  state: 'CANCELLED',
  sagaState: 'compensated',
  failure: 'OUT_OF_STOCK',
  chargedMinor: 7_000,
  refundedMinor: 7_000,
};
const declined: OurOrder = {
  ...undone,
  orderId: 'order-3',
  state: 'PAYMENT_FAILED',
  failure: 'CARD_DECLINED',
  chargedMinor: 0,
  refundedMinor: 0,
};
const refund: OurRefund = {
  refundId: 'refund-C1-1',
  orderId: 'order-1',
  amountMinor: 500,
  state: 'completed',
};

const theirConfirmed: GatewayOrder = {
  orderId: 'order-1',
  capturedMinor: 10_000,
  refundedMinor: 500,
  charges: [{ key: 'saga-1:payment/1', status: 'captured' }],
  reservations: [{ key: 'saga-1:inventory/1', status: 'reserved', items: [...items].reverse() }],
};
const theirUndone: GatewayOrder = {
  orderId: 'order-2',
  capturedMinor: 7_000,
  refundedMinor: 7_000,
  charges: [{ key: 'saga-2:payment/1', status: 'voided' }],
  reservations: [{ key: 'saga-2:inventory/1', status: 'rejected', items }],
};
const theirDeclined: GatewayOrder = {
  orderId: 'order-3',
  capturedMinor: 0,
  refundedMinor: 0,
  charges: [{ key: 'saga-3:payment/1', status: 'declined' }],
  reservations: [],
};

const books: GatewayBooks = {
  totals: {
    capturedMinor: 17_000,
    refundedMinor: 7_500,
    heldMinor: 9_500,
    reserved: 8,
    doubleCharges: 0,
    requests: 8,
    replays: 0,
    faults: 0,
  },
  orders: [theirConfirmed, theirUndone, theirDeclined],
  repeatedKeys: [],
};
const ours = [confirmed, undone, declined];

function write({ differences }: Comparison): readonly string[] {
  return differences.map(
    ({ orderId, what, expected, got }) => `${orderId ?? 'all'}: ${what}: ${expected}, ${got}`,
  );
}

function withOurs(
  orders: readonly OurOrder[],
  refunds: readonly OurRefund[] = [refund],
): readonly string[] {
  return write(compareBooks(orders, refunds, books));
}

function withGateway(change: Partial<GatewayBooks>): readonly string[] {
  return write(compareBooks(ours, [refund], { ...books, ...change }));
}

function withGatewayOrder(changed: GatewayOrder): readonly string[] {
  const orders = books.orders.map((each) => (each.orderId === changed.orderId ? changed : each));
  return withGateway({ orders });
}

describe('two sets of books', () => {
  it('that agree have no difference, and balance in every line', () => {
    const { balances, differences } = compareBooks(ours, [refund], books);
    expect(differences).toEqual([]);
    expect(balances.map(({ what, ours: mine, gateway }) => [what, mine, gateway])).toEqual([
      ['Charged', 17_000, 17_000],
      ['Given back', 7_500, 7_500],
      ['Held', 9_500, 9_500],
      ['Pieces set aside', 8, 8],
      ['Orders charged twice', 0, 0],
    ]);
  });

  it('differ by a penny that was charged too much', () => {
    expect(withGatewayOrder({ ...theirConfirmed, capturedMinor: 10_001 })).toEqual([
      'order-1: charged, pence: 10000, 10001',
    ]);
  });

  it('differ by money that was not given back', () => {
    expect(withGatewayOrder({ ...theirUndone, refundedMinor: 0 })).toEqual([
      'order-2: given back, pence: 7000, 0',
    ]);
  });

  it('differ by a second charge, even if it was given back', () => {
    const again = { key: 'saga-2:payment/2', status: 'voided' };
    expect(withGatewayOrder({ ...theirUndone, charges: [...theirUndone.charges, again] })).toEqual([
      'order-2: charges made: 1, 2',
    ]);
  });

  it('differ by goods that are still set aside, or are not', () => {
    const kept = { key: 'saga-2:inventory/1', status: 'reserved', items };
    expect(withGatewayOrder({ ...theirUndone, reservations: [kept] })).toEqual([
      'order-2: goods set aside: nothing, 2 x 71053, 6 x 85123A',
    ]);
    expect(withGatewayOrder({ ...theirConfirmed, reservations: [] })).toEqual([
      'order-1: goods set aside: 2 x 71053, 6 x 85123A, nothing',
    ]);
  });

  it('differ by an order that the gateway does not know, and by one that is not ours', () => {
    const { orders } = books;
    const lines = compareBooks(ours, [refund], { ...books, orders: orders.slice(1) }).differences;
    expect(lines.map(({ orderId, what }) => `${orderId} ${what}`)).toContain(
      'order-1 charged, pence',
    );
    expect(withOurs([confirmed, undone])).toEqual([
      'order-3: an order that is not ours: none, charged 0 pence',
    ]);
  });

  it('differ by an operation that was carried out twice', () => {
    expect(withGateway({ repeatedKeys: ['saga-1:payment/1'] })).toEqual([
      'all: carried out under saga-1:payment/1: once, more often',
    ]);
  });

  it('differ by totals that are not the sum of the orders', () => {
    expect(withGateway({ totals: { ...books.totals, heldMinor: 9_499 } })).toEqual([
      'all: Held, pence: 9500, 9499',
    ]);
  });

  it('do not close on a saga that needs attention or an order that was not charged in full', () => {
    const stuck = { ...undone, state: 'PAYMENT_COMPLETED', sagaState: 'needsAttention' };
    expect(withOurs([confirmed, stuck, declined])).toEqual([
      'order-2: order and saga: ended, PAYMENT_COMPLETED, needsAttention',
    ]);
    const cheap = { ...confirmed, totalMinor: 10_001 };
    expect(withOurs([cheap, undone, declined])).toEqual([
      'order-1: charged for a confirmed order, pence: 10001, 10000',
    ]);
  });

  it('do not close on a refund that has not ended, or that the order does not know', () => {
    expect(withOurs(ours, [refund, { ...refund, state: 'needsAttention' }])).toEqual([
      'order-1: refund-C1-1: ended, needsAttention',
    ]);
    expect(withOurs(ours, [])).toEqual(['order-1: sum of its refunds, pence: 0, 500']);
  });

  it('need no refund for an order that was not confirmed', () => {
    const notConfirmed = { ...refund, orderId: 'order-2', state: 'notConfirmed' };
    expect(withOurs(ours, [refund, notConfirmed])).toEqual([]);
  });
});

describe('the account of a run', () => {
  it('shows states, ends and both books, and the differences only if there are some', () => {
    const comparison = compareBooks(ours, [refund], books);
    const account = { orders: ours, refunds: [refund], gateway: books, comparison };
    const text = renderAccount(account);
    expect(text).toContain('compensated after CARD_DECLINED      1');
    expect(text).toMatch(/^Held +£95\.00 +£95\.00 +£0\.00$/m);
    expect(text).toMatch(/^Pieces set aside +8 +8 +0$/m);
    expect(text).not.toContain('What does not agree');
    const wrong = compareBooks([confirmed], [refund], books);
    expect(renderAccount({ ...account, comparison: wrong })).toMatch(
      /^order-2 +an order that is not ours/m,
    );
  });
});
