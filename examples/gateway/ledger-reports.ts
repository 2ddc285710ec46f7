// What the ledger says about itself: totals, orders, keys, one operation. Reads committed rows
// only, and checks on each reading that the tables agree with one another; sums are taken from the
// rows, never from counters kept beside them. Never writes.

import type Database from 'better-sqlite3';
import { seal } from './outcome.ts';
import type { PageQuery, ReservationItem } from './requests.ts';
import { invariant } from './schema.ts';

interface MoneyTotals {
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** Captured and not given back. */
  readonly heldMinor: number;
}

interface StockTotals {
  readonly initial: number;
  readonly available: number;
  readonly reserved: number;
}

/** Sums over the whole ledger. Money of several currencies is also told apart in `currencies`. */
export interface LedgerTotals extends MoneyTotals {
  readonly currencies: Readonly<Record<string, MoneyTotals>>;
  /** Charges that were captured, those given back since included. */
  readonly charges: number;
  readonly declined: number;
  readonly voids: number;
  readonly refunds: number;
  readonly reservations: number;
  readonly releases: number;
  readonly stock: StockTotals;
  /** Valid POSTs that arrived, each arrival of a key counted. */
  readonly requests: number;
  readonly replays: number;
  readonly conflicts: number;
  /** Arrivals that were answered by a made-up error or not at all. */
  readonly faults: number;
  /** Orders of which more than one charge is still held, wholly or in part. */
  readonly doubleCharges: number;
}

interface ChargeEntry {
  readonly key: string;
  readonly amountMinor: number;
  readonly refundedMinor: number;
  readonly status: 'captured' | 'voided' | 'declined' | 'blocked';
}

interface ReservationEntry {
  readonly key: string;
  readonly status: 'reserved' | 'released' | 'rejected' | 'blocked';
  readonly items: readonly ReservationItem[];
}

interface OrderEntry {
  readonly orderId: string;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly charges: readonly ChargeEntry[];
  readonly reservations: readonly ReservationEntry[];
}

/** `next` is the `after` of the following page, null at the end. */
interface OrderPage {
  readonly orders: readonly OrderEntry[];
  readonly next: string | null;
}

interface KeyReport {
  readonly key: string;
  readonly arrivals: number;
  readonly replays: number;
  readonly conflicts: number;
  readonly faults: number;
  /** How often the operation was carried out: 0 or 1, or the gateway is wrong. */
  readonly applied: number;
  readonly distinctBodies: number;
  readonly bodies: readonly {
    readonly path: string;
    readonly sha256: string;
    readonly arrivals: number;
  }[];
}

interface OperationReport {
  readonly key: string;
  readonly path: string;
  readonly state: 'done' | 'rejected' | 'sealed';
  readonly status: number;
  readonly reply: unknown;
}

export interface Reports {
  totals(): LedgerTotals;
  orders(page: PageQuery): OrderPage;
  /** Of a key that never arrived: zeros. */
  key(key: string): KeyReport;
  /** `undefined`: not seen, it may still be on its way. */
  operation(key: string): OperationReport | undefined;
}

export function createReports(db: Database.Database): Reports {
  return {
    totals: createTotals(db),
    orders: createOrders(db),
    key: createKeys(db),
    operation: createOperations(db),
  };
}

interface CountsRow {
  readonly declined: number;
  readonly charges: number;
  readonly voids: number;
  readonly refunds: number;
  readonly reservations: number;
  readonly releases: number;
  readonly requests: number;
  readonly replays: number;
  readonly conflicts: number;
  readonly faults: number;
  readonly doubleCharges: number;
}

function createTotals(db: Database.Database): () => LedgerTotals {
  const done = (path: string): string =>
    `(SELECT count(*) FROM operations WHERE state = 'done' AND path = '${path}')`;
  const sumOfKeys = (column: string): string => `(SELECT coalesce(sum(${column}), 0) FROM keys)`;
  const counts = db.prepare<[], CountsRow>(`
    SELECT (SELECT count(*) FROM charges WHERE captured_minor > 0) AS charges,
      (SELECT count(*) FROM charges WHERE status = 'declined') AS declined,
      ${done('/voids')} AS voids, ${done('/refunds')} AS refunds,
      ${done('/reservations')} AS reservations, ${done('/releases')} AS releases,
      ${sumOfKeys('arrivals')} AS requests, ${sumOfKeys('replays')} AS replays,
      ${sumOfKeys('conflicts')} AS conflicts, ${sumOfKeys('faults')} AS faults,
      (SELECT count(*) FROM (SELECT order_id FROM charges WHERE captured_minor > refunded_minor
        GROUP BY order_id HAVING count(*) > 1)) AS doubleCharges`);
  const money = db.prepare<[], MoneyTotals & { readonly currency: string }>(`
    SELECT currency, sum(captured_minor) AS capturedMinor, sum(refunded_minor) AS refundedMinor,
      sum(captured_minor - refunded_minor) AS heldMinor
    FROM charges GROUP BY currency ORDER BY currency`);
  const stock = db.prepare<[], StockTotals>(`
    SELECT coalesce(sum(initial), 0) AS initial, coalesce(sum(available), 0) AS available,
      coalesce(sum(reserved), 0) AS reserved FROM stock`);
  const audit = db.prepare<[], { readonly refundedMinor: number; readonly reserved: number }>(`
    SELECT (SELECT coalesce(sum(amount_minor), 0) FROM refunds) AS refundedMinor,
      (SELECT coalesce(sum(quantity), 0) FROM reservation_items
        JOIN reservations ON key = reservation_key WHERE status = 'reserved') AS reserved`);

  return () => {
    const byCurrency = money.all();
    const sums = sumMoney(byCurrency);
    const stockRow = getRow(stock);
    checkTotals(sums, stockRow, getRow(audit));
    const currencies = Object.fromEntries(
      byCurrency.map(({ currency, ...totals }) => [currency, totals]),
    );
    return { ...sums, currencies, ...getRow(counts), stock: stockRow };
  };
}

function sumMoney(byCurrency: readonly MoneyTotals[]): MoneyTotals {
  const sum = (of: keyof MoneyTotals): number =>
    byCurrency.reduce((total, currency) => total + currency[of], 0);
  return {
    capturedMinor: sum('capturedMinor'),
    refundedMinor: sum('refundedMinor'),
    heldMinor: sum('heldMinor'),
  };
}

function checkTotals(
  money: MoneyTotals,
  stock: StockTotals,
  audit: { readonly refundedMinor: number; readonly reserved: number },
): void {
  const got = JSON.stringify({ money, stock, audit });
  const { capturedMinor, refundedMinor, heldMinor } = money;
  const exact = [...Object.values(money), ...Object.values(stock)].every(Number.isSafeInteger);
  invariant(exact, `expected totals below 2^53, got ${got}`);
  invariant(
    heldMinor >= 0 && capturedMinor - refundedMinor === heldMinor,
    `expected captured - refunded = held, got ${got}`,
  );
  invariant(audit.refundedMinor === refundedMinor, `expected refunds to sum up, got ${got}`);
  invariant(
    audit.reserved === stock.reserved && stock.initial === stock.available + stock.reserved,
    `expected reserved stock to be what reservations hold, got ${got}`,
  );
}

function getRow<Row>(statement: Database.Statement<[], Row>): Row {
  const row = statement.get();
  invariant(row !== undefined, `expected one row of ${statement.source}`);
  return row;
}

function createOrders(db: Database.Database): (page: PageQuery) => OrderPage {
  const list = db
    .prepare<[string, number], string>(
      'SELECT order_id FROM orders WHERE order_id > ? ORDER BY order_id LIMIT ?',
    )
    .pluck();
  const charges = db.prepare<[string], ChargeEntry & { readonly capturedMinor: number }>(`
    SELECT key, amount_minor AS amountMinor, refunded_minor AS refundedMinor, status,
      captured_minor AS capturedMinor FROM charges WHERE order_id = ? ORDER BY key`);
  const reservations = db.prepare<[string], Omit<ReservationEntry, 'items'>>(
    'SELECT key, status FROM reservations WHERE order_id = ? ORDER BY key',
  );
  const items = db.prepare<[string], ReservationItem>(
    'SELECT sku, quantity FROM reservation_items WHERE reservation_key = ? ORDER BY sku',
  );

  const readOrder = (orderId: string): OrderEntry => {
    const rows = charges.all(orderId);
    return {
      orderId,
      capturedMinor: rows.reduce((sum, row) => sum + row.capturedMinor, 0),
      refundedMinor: rows.reduce((sum, row) => sum + row.refundedMinor, 0),
      charges: rows.map(({ capturedMinor: _, ...charge }) => charge),
      reservations: reservations.all(orderId).map((row) => ({ ...row, items: items.all(row.key) })),
    };
  };

  return ({ after, limit }) => {
    const ids = list.all(after, limit + 1);
    const page = ids.slice(0, limit);
    return {
      orders: page.map(readOrder),
      next: ids.length > limit ? (page.at(-1) ?? null) : null,
    };
  };
}

function createKeys(db: Database.Database): (key: string) => KeyReport {
  const counts = db.prepare<[string], Omit<KeyReport, 'applied' | 'distinctBodies' | 'bodies'>>(
    'SELECT key, arrivals, replays, conflicts, faults FROM keys WHERE key = ?',
  );
  const applied = db
    .prepare<[string], number>('SELECT count(*) FROM applied WHERE key = ?')
    .pluck();
  const bodies = db.prepare<[string], KeyReport['bodies'][number]>(
    'SELECT path, sha256, arrivals FROM bodies WHERE key = ? ORDER BY path, sha256',
  );
  return (key) => {
    const arrived = bodies.all(key);
    return {
      ...(counts.get(key) ?? { key, arrivals: 0, replays: 0, conflicts: 0, faults: 0 }),
      applied: applied.get(key) ?? 0,
      distinctBodies: arrived.length,
      bodies: arrived,
    };
  };
}

function createOperations(db: Database.Database): (key: string) => OperationReport | undefined {
  const find = db.prepare<[string], Omit<OperationReport, 'reply'> & { readonly reply: string }>(
    'SELECT key, path, state, status, reply FROM operations WHERE key = ?',
  );
  const findTombstone = db
    .prepare<[string], '/charges' | '/reservations'>(
      'SELECT path FROM tombstones WHERE key = ? ORDER BY path',
    )
    .pluck();
  return (key) => {
    const row = find.get(key);
    if (row !== undefined) {
      const reply: unknown = JSON.parse(row.reply);
      return { ...row, reply };
    }
    const path = findTombstone.get(key);
    return path === undefined ? undefined : { key, path, ...seal(path, key) };
  };
}
