// The final account as text: orders by state, sagas by end, refunds, and our books beside the
// gateway's. It shows what it is given; whether the books balance was decided before.

import { sum } from '../invoices/pence.ts';
import { formatCount, formatMoney, type RenderOptions, renderTable, type Table } from '../table.ts';
import type { Comparison, GatewayBooks, OurOrder, OurRefund } from './books.ts';

const SHOWN_DIFFERENCES = 20;

export interface Account {
  readonly orders: readonly OurOrder[];
  readonly refunds: readonly OurRefund[];
  readonly gateway: GatewayBooks;
  readonly comparison: Comparison;
}

function groupBy<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
): readonly (readonly [string, readonly Item[]])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return [...groups].sort(([a, some], [b, more]) => more.length - some.length || (a < b ? -1 : 1));
}

function createStateTable({ orders }: Account): Table {
  return {
    title: 'Orders by final state',
    columns: [
      { title: 'State' },
      { title: 'Orders', format: 'count' },
      { title: 'Ordered', format: 'money' },
      { title: 'Charged', format: 'money' },
      { title: 'Given back', format: 'money' },
    ],
    rows: groupBy(orders, ({ state }) => state).map(([state, group]) => [
      state,
      group.length,
      sum(group, (order) => order.totalMinor),
      sum(group, (order) => order.chargedMinor),
      sum(group, (order) => order.refundedMinor),
    ]),
    footer: [
      'All',
      orders.length,
      sum(orders, (order) => order.totalMinor),
      sum(orders, (order) => order.chargedMinor),
      sum(orders, (order) => order.refundedMinor),
    ],
  };
}

function createEndTable({ orders }: Account): Table {
  const endOf = ({ sagaState, failure }: OurOrder): string =>
    failure === null ? sagaState : `${sagaState} after ${failure}`;
  return {
    title: 'Sagas by end',
    columns: [{ title: 'End' }, { title: 'Sagas', format: 'count' }],
    rows: groupBy(orders, endOf).map(([end, group]) => [end, group.length]),
  };
}

const REFUND_STATES: Readonly<Record<string, string>> = {
  completed: 'paid back',
  rejected: 'refused',
  notConfirmed: 'order not confirmed, nothing to refund',
};

function createRefundTable({ refunds }: Account): Table {
  return {
    title: 'Refunds of returns',
    columns: [
      { title: 'What became of them' },
      { title: 'Refunds', format: 'count' },
      { title: 'Amount', format: 'money' },
    ],
    rows: groupBy(refunds, ({ state }) => REFUND_STATES[state] ?? state).map(([state, group]) => [
      state,
      group.length,
      sum(group, (refund) => refund.amountMinor),
    ]),
  };
}

function createBalanceTable({ comparison }: Account): Table {
  return {
    title: "Our books and the gateway's ledger",
    columns: [
      { title: 'What' },
      { title: 'Ours', format: 'money' },
      { title: "The gateway's", format: 'money' },
      { title: 'Difference', format: 'money' },
    ],
    rows: comparison.balances.map(({ what, unit, ours, gateway }) => {
      const write = unit === 'money' ? formatMoney : formatCount;
      return [what, write(ours), write(gateway), write(ours - gateway)];
    }),
  };
}

function createDifferenceTable({ comparison }: Account): Table {
  const { differences } = comparison;
  const shown = differences.slice(0, SHOWN_DIFFERENCES);
  const hidden = differences.length - shown.length;
  return {
    title: `What does not agree${hidden > 0 ? ` (${formatCount(hidden)} more)` : ''}`,
    columns: [{ title: 'Order' }, { title: 'What' }, { title: 'Expected' }, { title: 'Got' }],
    rows: shown.map(({ orderId, what, expected, got }) => [orderId ?? 'all', what, expected, got]),
  };
}

/** Renders the final account, without a line break at its end. */
export function renderAccount(account: Account, options: RenderOptions = {}): string {
  const tables = [
    createStateTable(account),
    createEndTable(account),
    createRefundTable(account),
    createBalanceTable(account),
    createDifferenceTable(account),
  ];
  return tables
    .filter((table) => table.rows.length > 0)
    .map((table) => renderTable(table, options))
    .join('\n\n');
}
