// Two sets of books compared: what our orders and sagas say, and what the gateway's ledger says. To
// the penny and the piece, per order and in total. Pure; it trusts neither side and repairs nothing.

import type { OrderItem } from 'sagawright/machines';
import { sum } from '../invoices/pence.ts';

/** An order and its saga, as the engine knows them. */
export interface OurOrder {
  readonly orderId: string;
  readonly totalMinor: number;
  readonly items: readonly OrderItem[];
  /** The order's state: `CONFIRMED`, `CANCELLED`, ... */
  readonly state: string;
  /** The saga's last state: `completed`, `compensated`, `needsAttention`, ... */
  readonly sagaState: string;
  /** Why the saga turned back; null when it did not. */
  readonly failure: string | null;
  /** Taken, whatever was given back of it since. */
  readonly chargedMinor: number;
  readonly refundedMinor: number;
}

/** A return of an order, to be paid back in part once the order is confirmed. */
export interface RefundTask {
  readonly refundId: string;
  readonly orderId: string;
  readonly amountMinor: number;
}

/** One return, as the engine knows it. */
export interface OurRefund extends RefundTask {
  /** The refund saga's last state, or `notConfirmed`: then there was nothing to give back. */
  readonly state: string;
}

/** An order as the gateway's ledger knows it. */
export interface GatewayOrder {
  readonly orderId: string;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly charges: readonly { readonly key: string; readonly status: string }[];
  readonly reservations: readonly {
    readonly key: string;
    readonly status: string;
    readonly items: readonly OrderItem[];
  }[];
}

export interface GatewayBooks {
  readonly totals: {
    readonly capturedMinor: number;
    readonly refundedMinor: number;
    readonly heldMinor: number;
    /** Pieces set aside. */
    readonly reserved: number;
    /** Orders of which more than one charge is still held. */
    readonly doubleCharges: number;
    readonly requests: number;
    readonly replays: number;
    readonly faults: number;
  };
  readonly orders: readonly GatewayOrder[];
  /** Keys whose operation was carried out more than once. */
  readonly repeatedKeys: readonly string[];
}

/** One number that our books and the gateway's must agree on. */
export interface Balance {
  readonly what: string;
  readonly unit: 'money' | 'count';
  readonly ours: number;
  readonly gateway: number;
}

/** What does not agree; `orderId` is null for what concerns the whole. */
export interface Difference {
  readonly orderId: string | null;
  readonly what: string;
  /** What our books say, or what must be. */
  readonly expected: string;
  /** What the gateway's ledger says, or what is. */
  readonly got: string;
}

export interface Comparison {
  readonly balances: readonly Balance[];
  readonly differences: readonly Difference[];
}

const MADE: ReadonlySet<string> = new Set(['captured', 'voided']);
const ENDS: Readonly<Record<string, readonly string[]>> = {
  completed: ['CONFIRMED'],
  compensated: ['CANCELLED', 'PAYMENT_FAILED'],
};

function countPieces(items: readonly OrderItem[]): number {
  return sum(items, (item) => item.quantity);
}

/** Whether the order keeps its goods. */
function keepsGoods({ state }: OurOrder): boolean {
  return state === 'CONFIRMED';
}

function writeItems(items: readonly OrderItem[]): string {
  const sorted = items.map(({ sku, quantity }) => `${quantity} x ${sku}`).sort();
  return sorted.length === 0 ? 'nothing' : sorted.join(', ');
}

/** What is wrong with one order; `theirs` is undefined when the gateway has never heard of it. */
function compareOrder(order: OurOrder, theirs: GatewayOrder | undefined): readonly Difference[] {
  const { orderId, chargedMinor, refundedMinor, totalMinor, state, sagaState } = order;
  const differences: Difference[] = [];
  const expect = (what: string, expected: string | number, got: string | number): void => {
    if (expected === got) return;
    differences.push({ orderId, what, expected: String(expected), got: String(got) });
  };
  const made = theirs?.charges.filter(({ status }) => MADE.has(status)) ?? [];
  const kept = theirs?.reservations.filter(({ status }) => status === 'reserved') ?? [];
  const items = keepsGoods(order) ? order.items : [];
  expect('charged, pence', chargedMinor, theirs?.capturedMinor ?? 0);
  expect('given back, pence', refundedMinor, theirs?.refundedMinor ?? 0);
  expect('charges made', Math.min(made.length, 1), made.length);
  expect('reservations kept', Math.min(kept.length, 1), kept.length);
  expect('goods set aside', writeItems(items), writeItems(kept.flatMap((each) => each.items)));
  // What our own books say must make sense, too.
  if (state === 'CONFIRMED')
    expect('charged for a confirmed order, pence', totalMinor, chargedMinor);
  else expect('held of an order not confirmed, pence', 0, chargedMinor - refundedMinor);
  const ends = ENDS[sagaState] ?? [];
  if (!ends.includes(state)) expect('order and saga', 'ended', `${state}, ${sagaState}`);
  return differences;
}

function computeBalances(
  orders: readonly OurOrder[],
  { totals }: GatewayBooks,
): readonly Balance[] {
  const chargedMinor = sum(orders, (order) => order.chargedMinor);
  const refundedMinor = sum(orders, (order) => order.refundedMinor);
  const kept = orders.filter(keepsGoods);
  const pieces = sum(kept, (order) => countPieces(order.items));
  const money = (what: string, ours: number, gateway: number): Balance => {
    return { what, unit: 'money', ours, gateway };
  };
  return [
    money('Charged', chargedMinor, totals.capturedMinor),
    money('Given back', refundedMinor, totals.refundedMinor),
    money('Held', chargedMinor - refundedMinor, totals.heldMinor),
    { what: 'Pieces set aside', unit: 'count', ours: pieces, gateway: totals.reserved },
    { what: 'Orders charged twice', unit: 'count', ours: 0, gateway: totals.doubleCharges },
  ];
}

const REFUND_ENDS: ReadonlySet<string> = new Set(['completed', 'rejected', 'notConfirmed']);

/** A refund must have ended, and an order's refunds must be those of its completed ones. */
function compareRefunds(
  orders: readonly OurOrder[],
  refunds: readonly OurRefund[],
): readonly Difference[] {
  const differences: Difference[] = [];
  for (const { orderId, refundId, state } of refunds) {
    if (REFUND_ENDS.has(state)) continue;
    differences.push({ orderId, what: refundId, expected: 'ended', got: state });
  }
  const completed = refunds.filter(({ state }) => state === 'completed');
  for (const { orderId, refundedMinor } of orders.filter(keepsGoods)) {
    const own = completed.filter((refund) => refund.orderId === orderId);
    const expectedMinor = sum(own, ({ amountMinor }) => amountMinor);
    if (expectedMinor === refundedMinor) continue;
    const [expected, got] = [String(expectedMinor), String(refundedMinor)];
    differences.push({ orderId, what: 'sum of its refunds, pence', expected, got });
  }
  return differences;
}

/** What the gateway did that no order of ours explains. */
function findStrangers(orders: readonly OurOrder[], gateway: GatewayBooks): readonly Difference[] {
  const known = new Set(orders.map(({ orderId }) => orderId));
  const strangers = gateway.orders.filter(({ orderId }) => !known.has(orderId));
  return [
    ...strangers.map(({ orderId, capturedMinor }): Difference => {
      const got = `charged ${capturedMinor} pence`;
      return { orderId, what: 'an order that is not ours', expected: 'none', got };
    }),
    ...gateway.repeatedKeys.map((key): Difference => {
      return {
        orderId: null,
        what: `carried out under ${key}`,
        expected: 'once',
        got: 'more often',
      };
    }),
  ];
}

/** Compares the books. They balance when there is no difference. */
export function compareBooks(
  orders: readonly OurOrder[],
  refunds: readonly OurRefund[],
  gateway: GatewayBooks,
): Comparison {
  const theirs = new Map(gateway.orders.map((order) => [order.orderId, order]));
  const balances = computeBalances(orders, gateway);
  const unbalanced = balances.filter((balance) => balance.ours !== balance.gateway);
  return {
    balances,
    differences: [
      ...orders.flatMap((order) => compareOrder(order, theirs.get(order.orderId))),
      ...compareRefunds(orders, refunds),
      ...findStrangers(orders, gateway),
      ...unbalanced.map(({ what, unit, ours, gateway: total }): Difference => {
        const named = unit === 'money' ? `${what}, pence` : what;
        return { orderId: null, what: named, expected: String(ours), got: String(total) };
      }),
    ],
  };
}
