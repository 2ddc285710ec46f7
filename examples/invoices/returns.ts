// From returns to refunds: finds, for every returned line, the order that it came from, and joins
// the lines of one return and one order into one partial refund. The file does not say which order
// a return belongs to, so this is a rule and not a fact: same customer, same product, bought
// before, for at least the price given back, with enough pieces not yet returned. What fits no order
// is handed back with the reason; an order never gives back more pieces or money than it took.

import type {
  OrderDocument,
  RefundDocument,
  RefundLine,
  UnmatchedLine,
  UnmatchedReason,
} from './documents.ts';
import type { InvoiceGroup } from './invoice-groups.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { computeAmountThousandths, roundToMinor, sum } from './pence.ts';
import { isReturnable } from './stock-codes.ts';

interface SoldLine {
  readonly unitPriceThousandths: number;
  remaining: number;
}

/** One order as far as returns change it. */
interface Sale {
  readonly order: OrderDocument;
  readonly firstLine: number;
  /** Cheapest first, so that a cheap return leaves the dear lines to a dear one. */
  readonly soldBySku: ReadonlyMap<string, SoldLine[]>;
  refundedThousandths: bigint;
}

/** What the returns of a file came to. */
export interface MatchedReturns {
  readonly refunds: readonly RefundDocument[];
  readonly unmatched: readonly UnmatchedLine[];
}

function createSale(order: OrderDocument): Sale {
  const soldBySku = new Map<string, SoldLine[]>();
  for (const line of order.lines) {
    if (line.kind === 'adjustment') continue;
    const sold = { unitPriceThousandths: line.unitPriceThousandths, remaining: line.quantity };
    const known = soldBySku.get(line.sku);
    if (known === undefined) soldBySku.set(line.sku, [sold]);
    else known.push(sold);
  }
  for (const sold of soldBySku.values()) {
    sold.sort((a, b) => a.unitPriceThousandths - b.unitPriceThousandths);
  }
  return { order, firstLine: order.lines[0]?.line ?? 0, soldBySku, refundedThousandths: 0n };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Newest first: people send back what they bought last, and the newest payment is the one still
 * refundable. Of orders in the same minute the one listed first, so that the choice is repeatable:
 * the orders come as listed, and sorting keeps that.
 */
function compareSales(a: Sale, b: Sale): number {
  return compareText(b.order.placedAt, a.order.placedAt);
}

function groupSales(orders: readonly OrderDocument[]): ReadonlyMap<string, readonly Sale[]> {
  const salesByCustomer = new Map<string, Sale[]>();
  for (const order of orders) {
    if (order.customerId === null) continue;
    const known = salesByCustomer.get(order.customerId);
    if (known === undefined) salesByCustomer.set(order.customerId, [createSale(order)]);
    else known.push(createSale(order));
  }
  for (const sales of salesByCustomer.values()) sales.sort(compareSales);
  return salesByCustomer;
}

/** Listed before, if in the same minute. */
function isBefore(sale: Sale, invoice: InvoiceGroup): boolean {
  const { placedAt } = sale.order;
  if (placedAt !== invoice.placedAt) return placedAt < invoice.placedAt;
  return sale.firstLine < (invoice.rows[0]?.line ?? 0);
}

function soldAtLeastAt(sale: Sale, row: InvoiceRow): readonly SoldLine[] {
  const sold = sale.soldBySku.get(row.sku) ?? [];
  return sold.filter((line) => line.unitPriceThousandths >= row.unitPriceThousandths);
}

/** The sale that takes the line back, or why none does; later reasons were closer to a match. */
function findSale(
  row: InvoiceRow,
  invoice: InvoiceGroup,
  salesByCustomer: ReadonlyMap<string, readonly Sale[]>,
): Sale | UnmatchedReason {
  if (row.customerId === null) return 'noCustomer';
  if (!isReturnable(row.sku)) return 'notReturnable';
  const amountThousandths = -computeAmountThousandths(row);
  if (amountThousandths <= 0n) return 'worthNothing';
  const ofCustomer = salesByCustomer.get(row.customerId) ?? [];
  const earlier = ofCustomer.filter((sale) => isBefore(sale, invoice));
  if (earlier.length === 0) return 'noEarlierOrder';
  const withProduct = earlier.filter((sale) => sale.soldBySku.has(row.sku));
  if (withProduct.length === 0) return 'productNotBought';
  const atPrice = withProduct.filter((sale) => soldAtLeastAt(sale, row).length > 0);
  if (atPrice.length === 0) return 'priceHigherThanPaid';
  const withPieces = atPrice.filter(
    (sale) => sum(soldAtLeastAt(sale, row), (line) => line.remaining) >= -row.quantity,
  );
  if (withPieces.length === 0) return 'notEnoughQuantity';
  // An order can have paid less than its lines: an adjustment line lowered its total.
  const withMoney = withPieces.find(
    (sale) => roundToMinor(sale.refundedThousandths + amountThousandths) <= sale.order.totalMinor,
  );
  return withMoney ?? 'moreThanPaid';
}

/** Takes the pieces back and returns what they are worth now, to the penny. */
function takeBack(sale: Sale, row: InvoiceRow): RefundLine {
  let missing = -row.quantity;
  for (const line of soldAtLeastAt(sale, row)) {
    const taken = Math.min(missing, line.remaining);
    line.remaining -= taken;
    missing -= taken;
  }
  // Rounding the running sum, not the line: many half pennies never add up to more than was paid.
  const refundedMinor = roundToMinor(sale.refundedThousandths);
  sale.refundedThousandths -= computeAmountThousandths(row);
  const amountMinor = roundToMinor(sale.refundedThousandths) - refundedMinor;
  return { sku: row.sku, quantity: -row.quantity, amountMinor };
}

function createUnmatched(row: InvoiceRow, reason: UnmatchedReason): UnmatchedLine {
  return {
    line: row.line,
    returnNo: row.invoiceNo,
    customerId: row.customerId,
    sku: row.sku,
    quantity: -row.quantity,
    amountMinor: roundToMinor(-computeAmountThousandths(row)),
    reason,
  };
}

function createRefund(
  invoice: InvoiceGroup,
  order: OrderDocument,
  lines: readonly RefundLine[],
): RefundDocument {
  return {
    refundId: `refund-${invoice.invoiceNo}-${order.invoiceNo}`,
    returnNo: invoice.invoiceNo,
    orderId: order.orderId,
    amountMinor: sum(lines, (line) => line.amountMinor),
    placedAt: invoice.placedAt,
    lines,
  };
}

/** Matches the returns, earliest first, against the orders; both as the file lists them. */
export function matchReturns(
  orders: readonly OrderDocument[],
  returns: readonly InvoiceGroup[],
): MatchedReturns {
  const salesByCustomer = groupSales(orders);
  const refunds: RefundDocument[] = [];
  const unmatched: UnmatchedLine[] = [];
  // Sorting keeps the listed order among returns of the same minute.
  const inTime = [...returns].sort((a, b) => compareText(a.placedAt, b.placedAt));
  for (const invoice of inTime) {
    const takenBack = new Map<Sale, { row: InvoiceRow; line: RefundLine }[]>();
    for (const row of invoice.rows) {
      const found = findSale(row, invoice, salesByCustomer);
      if (typeof found === 'string') {
        unmatched.push(createUnmatched(row, found));
        continue;
      }
      const taken = { row, line: takeBack(found, row) };
      const known = takenBack.get(found);
      if (known === undefined) takenBack.set(found, [taken]);
      else known.push(taken);
    }
    for (const [sale, taken] of takenBack) {
      const lines = taken.map(({ line }) => line);
      const refund = createRefund(invoice, sale.order, lines);
      if (refund.amountMinor > 0) refunds.push(refund);
      // Less than a penny: the pieces are back, and the fraction waits for the next return.
      else unmatched.push(...taken.map(({ row }) => createUnmatched(row, 'worthNothing')));
    }
  }
  return { refunds, unmatched };
}
