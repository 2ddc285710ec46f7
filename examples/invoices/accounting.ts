// Where every row of the file went: one entry per kind, whose lines add up to the rows read, or the
// program stops. Besides the kinds it lists what is odd without changing a kind (guests,
// duplicates, stock codes that are no product), because a reader who finds it later would suspect
// the import. It moves no row from one kind to another.

import type {
  Accounting,
  AccountingRow,
  BrokenRow,
  OddStockCode,
  OrderDocument,
  RowKind,
} from './documents.ts';
import type { InvoiceGroup, InvoiceKind } from './invoice-groups.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { createNotes, type NoteSource } from './notes.ts';
import { computeAmountThousandths, roundToMinor, sum } from './pence.ts';
import type { MatchedReturns } from './returns.ts';
import { describeOddCode, isProduct } from './stock-codes.ts';

/** Everything that the reading of one file produced. */
export interface AccountingSource extends NoteSource {
  readonly orders: readonly OrderDocument[];
  readonly rows: readonly InvoiceRow[];
  readonly broken: readonly BrokenRow[];
  readonly invoices: readonly InvoiceGroup[];
  readonly returns: MatchedReturns;
  readonly encoding: Accounting['encoding'];
}

const MEANINGS: Readonly<Record<RowKind, readonly [meaning: string, note: string]>> = {
  order: ['Orders', 'run: charged, and their goods reserved'],
  stockAdjustment: [
    'Stock adjustments',
    'invoices of zero or less: damaged, found or given away; nothing charged, nothing reserved',
  ],
  returnMatched: ['Returns of an order', 'run: partial refunds of an earlier order'],
  returnUnmatched: ['Returns of no order here', 'not run: see the reasons'],
  returnIrregular: [
    'Irregular returns',
    'not run: a C invoice with a line that gives nothing back (quantity above -1, or price below 0)',
  ],
  otherDocument: [
    'Other documents',
    'not run: numbers that are neither digits nor C and digits, such as A for bad debt',
  ],
  contradictory: [
    'Contradictory invoices',
    'not run: rows of one invoice name different customers or countries',
  ],
  incomplete: ['Incomplete invoices', 'not run: a row was lost, so the money would be wrong'],
  broken: ['Broken rows', 'could not be read; their amounts are not known'],
};

interface Share {
  invoices: number;
  lines: number;
  amountMinor: number;
}

function sumInvoices(invoices: readonly InvoiceGroup[], kind: InvoiceKind): Share {
  const own = invoices.filter((invoice) => invoice.kind === kind);
  const amountThousandths = own.reduce((total, each) => total + each.amountThousandths, 0n);
  return {
    invoices: own.length,
    lines: sum(own, (invoice) => invoice.rows.length),
    amountMinor: roundToMinor(amountThousandths),
  };
}

/** Orders are rounded each, as they are charged, and not as one sum. */
function sumOrders(orders: readonly OrderDocument[]): Share {
  return {
    invoices: orders.length,
    lines: sum(orders, (order) => order.lines.length),
    amountMinor: sum(orders, (order) => order.totalMinor),
  };
}

function sumMatched({ refunds }: MatchedReturns): Share {
  return {
    invoices: new Set(refunds.map((refund) => refund.returnNo)).size,
    lines: sum(refunds, (refund) => refund.lines.length),
    amountMinor: 0 - sum(refunds, (refund) => refund.amountMinor),
  };
}

function sumUnmatched({ refunds, unmatched }: MatchedReturns): Share {
  const matched = new Set(refunds.map((refund) => refund.returnNo));
  const others = unmatched.map((line) => line.returnNo).filter((no) => !matched.has(no));
  return {
    invoices: new Set(others).size,
    lines: unmatched.length,
    amountMinor: 0 - sum(unmatched, (line) => line.amountMinor),
  };
}

function computeRows(source: AccountingSource): readonly AccountingRow[] {
  const { invoices, returns } = source;
  const shares: Readonly<Record<RowKind, Share>> = {
    order: sumOrders(source.orders),
    stockAdjustment: sumInvoices(invoices, 'stockAdjustment'),
    returnMatched: sumMatched(returns),
    returnUnmatched: sumUnmatched(returns),
    returnIrregular: sumInvoices(invoices, 'irregularReturn'),
    otherDocument: sumInvoices(invoices, 'otherDocument'),
    contradictory: sumInvoices(invoices, 'contradictory'),
    incomplete: sumInvoices(invoices, 'incomplete'),
    broken: { invoices: 0, lines: source.broken.length, amountMinor: 0 },
  };
  const row = (kind: RowKind): AccountingRow => {
    const [meaning, note] = MEANINGS[kind];
    return { kind, meaning, ...shares[kind], note };
  };
  return [
    row('order'),
    row('stockAdjustment'),
    row('returnMatched'),
    row('returnUnmatched'),
    row('returnIrregular'),
    row('otherDocument'),
    row('contradictory'),
    row('incomplete'),
    row('broken'),
  ];
}

function countOddStockCodes(rows: readonly InvoiceRow[]): readonly OddStockCode[] {
  const byCode = new Map<string, { lines: number; amountThousandths: bigint }>();
  for (const row of rows) {
    if (isProduct(row.sku)) continue;
    const known = byCode.get(row.sku) ?? { lines: 0, amountThousandths: 0n };
    known.lines += 1;
    known.amountThousandths += computeAmountThousandths(row);
    byCode.set(row.sku, known);
  }
  return [...byCode]
    .map(([code, { lines, amountThousandths }]) => ({
      code,
      meaning: describeOddCode(code),
      lines,
      amountMinor: roundToMinor(amountThousandths),
    }))
    .sort((a, b) => b.lines - a.lines || (a.code < b.code ? -1 : 1));
}

function assertAddsUp(what: string, expected: number, got: number): void {
  if (got === expected) return;
  throw new Error(
    `invoice accounting: expected the ${what} of all kinds to add up to ${expected}, got ${got}; ` +
      'the reader lost or doubled some: do not run these orders, report the file',
  );
}

/**
 * Checks that no row and no invoice was lost or counted twice.
 *
 * @throws Error when the kinds do not add up
 */
export function assertAccountingAddsUp(
  accounting: Pick<Accounting, 'rowsIn' | 'invoicesIn' | 'rows'>,
): void {
  const { rowsIn, invoicesIn, rows } = accounting;
  const lines = sum(rows, (row) => row.lines);
  const invoices = sum(rows, (row) => row.invoices);
  assertAddsUp('lines', rowsIn, lines);
  assertAddsUp('invoices', invoicesIn, invoices);
}

/** Accounts for every row that was read. */
export function computeAccounting(source: AccountingSource): Accounting {
  const accounting: Accounting = {
    rowsIn: source.rowsIn,
    invoicesIn: source.invoices.length,
    encoding: source.encoding,
    rows: computeRows(source),
    broken: source.broken,
    unmatched: source.returns.unmatched,
    oddStockCodes: countOddStockCodes(source.rows),
    notes: createNotes(source),
  };
  assertAccountingAddsUp(accounting);
  return accounting;
}
