// The words of the invoice reader: what a file of invoices becomes before anything is run. An
// invoice turns into an order, a return into refunds of orders, and everything else into a line of
// the accounting. All values are plain and read-only; money is in pence (`Minor`) or, where the
// file's unit prices need it, in thousandths of a pound (`Thousandths`), never a fraction.

import type { OrderItem } from 'sagawright/machines';

/** How a line of an order counts: stock to reserve, a priced service, or a correction. */
export type LineKind = 'goods' | 'charge' | 'adjustment';

/** One row of the file inside its order. `line` is the row's line number in the file. */
export interface OrderLine {
  readonly line: number;
  readonly sku: string;
  readonly description: string;
  readonly quantity: number;
  readonly unitPriceThousandths: number;
  readonly kind: LineKind;
}

/** An invoice that is an order: it charges `totalMinor` and reserves `items`. */
export interface OrderDocument {
  /** `order-536365`. */
  readonly orderId: string;
  readonly invoiceNo: string;
  /** `null` for a guest. */
  readonly customerId: string | null;
  /** ISO 8601; the file names no zone, so its times are taken as UTC. */
  readonly placedAt: string;
  readonly country: string;
  readonly currency: 'GBP';
  /** Positive; rounded half up to a penny once, from the exact sum of the lines. */
  readonly totalMinor: number;
  readonly lines: readonly OrderLine[];
  /** What it takes from the stock, by product. Empty if it sells no goods (a bank fee, say). */
  readonly items: readonly OrderItem[];
}

/** One returned line inside its refund; the amounts add up to the refund's. */
export interface RefundLine {
  readonly sku: string;
  readonly quantity: number;
  readonly amountMinor: number;
}

/** What one return gives back of one order: a partial refund, never more than the order paid. */
export interface RefundDocument {
  /** `refund-C536506-536488`: the return, then the order. */
  readonly refundId: string;
  readonly returnNo: string;
  readonly orderId: string;
  /** Positive. */
  readonly amountMinor: number;
  readonly placedAt: string;
  readonly lines: readonly RefundLine[];
}

/** Why a returned line gives nothing back. */
export type UnmatchedReason =
  | 'noCustomer'
  | 'notReturnable'
  | 'worthNothing'
  | 'noEarlierOrder'
  | 'productNotBought'
  | 'priceHigherThanPaid'
  | 'notEnoughQuantity'
  | 'moreThanPaid';

/** A returned line that belongs to no order. Quantity and amount are positive. */
export interface UnmatchedLine {
  readonly line: number;
  readonly returnNo: string;
  readonly customerId: string | null;
  readonly sku: string;
  readonly quantity: number;
  readonly amountMinor: number;
  readonly reason: UnmatchedReason;
}

/** What is wrong with a row. */
export type BrokenReason =
  | 'csvSyntax'
  | 'fieldCount'
  | 'invoiceNo'
  | 'stockCode'
  | 'quantity'
  | 'invoiceDate'
  | 'unitPrice'
  | 'customerId'
  | 'numberTooLarge'
  | 'textTooLong'
  | 'controlCharacter';

/** A row that cannot be read. `invoiceNo` is the invoice that lost it, `null` if unreadable too. */
export interface BrokenRow {
  readonly line: number;
  readonly invoiceNo: string | null;
  readonly reason: BrokenReason;
  readonly expected: string;
  /** An excerpt, control characters escaped, safe to print. */
  readonly got: string;
}

/** The kinds into which every row of the file falls, exactly one each. */
export type RowKind =
  | 'order'
  | 'stockAdjustment'
  | 'returnMatched'
  | 'returnUnmatched'
  | 'returnIrregular'
  | 'otherDocument'
  | 'contradictory'
  | 'incomplete'
  | 'broken';

/**
 * One kind's share of the file. An invoice whose lines fall into two kinds (a return of which only
 * some lines match) counts in the first of them, so that `invoices` adds up as `lines` does.
 * `amountMinor` has the file's sign: returns are negative.
 */
export interface AccountingRow {
  readonly kind: RowKind;
  readonly meaning: string;
  readonly invoices: number;
  readonly lines: number;
  readonly amountMinor: number;
  readonly note: string;
}

/** A stock code that is no product, with the lines that carry it anywhere in the file. */
export interface OddStockCode {
  readonly code: string;
  readonly meaning: string;
  readonly lines: number;
  readonly amountMinor: number;
}

/** Something worth knowing that changes no kind: rows or invoices counted a second time. */
export interface AccountingNote {
  readonly key: string;
  readonly meaning: string;
  readonly count: number;
  readonly note: string;
}

/** Where every row went. The `lines` of `rows` add up to `rowsIn`, their `invoices` to `invoicesIn`. */
export interface Accounting {
  /** Rows after the header, blank lines aside. */
  readonly rowsIn: number;
  /** Different invoice numbers, those of broken rows included. */
  readonly invoicesIn: number;
  /** `null` when the text was given instead of a file. */
  readonly encoding: 'utf-8' | 'latin-1' | null;
  readonly rows: readonly AccountingRow[];
  readonly broken: readonly BrokenRow[];
  readonly unmatched: readonly UnmatchedLine[];
  readonly oddStockCodes: readonly OddStockCode[];
  readonly notes: readonly AccountingNote[];
}

/** A whole file: the orders in the order listed, the refunds in the order of their time. */
export interface Invoices {
  readonly orders: readonly OrderDocument[];
  readonly refunds: readonly RefundDocument[];
  readonly accounting: Accounting;
}
