// The notes of the accounting: what a file holds that looks like a fault and is none, or that the
// reader decided. Each note counts rows or invoices already accounted for under their kind; a count
// of zero is said too, since it is an answer. Nothing here changes what is run.

import type { AccountingNote, OrderDocument } from './documents.ts';
import type { InvoiceGroup } from './invoice-groups.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { computeAmountThousandths } from './pence.ts';

/** What the notes are counted from. */
export interface NoteSource {
  readonly rowsIn: number;
  readonly blankLines: number;
  readonly rows: readonly InvoiceRow[];
  readonly invoices: readonly InvoiceGroup[];
  readonly orders: readonly OrderDocument[];
}

const LARGE_QUANTITY = 1_000;

function countDuplicates(rows: readonly InvoiceRow[]): number {
  return rows.length - new Set(rows.map((row) => row.written)).size;
}

function countOrderNotes(orders: readonly OrderDocument[]): readonly AccountingNote[] {
  const lines = orders.flatMap((order) => order.lines);
  const count = (test: (order: OrderDocument) => boolean): number => orders.filter(test).length;
  return [
    {
      key: 'guestOrders',
      meaning: 'Orders of guests',
      count: count((order) => order.customerId === null),
      note: 'no customer number: run like others, but no return can be matched to them',
    },
    {
      key: 'ordersWithoutGoods',
      meaning: 'Orders without goods',
      count: count((order) => order.items.length === 0),
      note: 'only charge lines: charged, nothing to reserve',
    },
    {
      key: 'adjustmentLines',
      meaning: 'Adjustment lines in orders',
      count: lines.filter((line) => line.kind === 'adjustment').length,
      note: 'quantity or price below zero, or no pieces: part of the total, reserves nothing',
    },
    {
      key: 'zeroPriceLines',
      meaning: 'Lines at price 0 in orders',
      count: lines.filter((line) => line.unitPriceThousandths === 0).length,
      note: 'free of charge, but sent: reserved like any other line',
    },
  ];
}

/** Creates all notes, always the same ones in the same order. */
export function createNotes(source: NoteSource): readonly AccountingNote[] {
  const { rows, invoices } = source;
  const count = (test: (row: InvoiceRow) => boolean): number => rows.filter(test).length;
  return [
    ...countOrderNotes(source.orders),
    {
      key: 'unroundedOrders',
      meaning: 'Orders with a fraction of a penny',
      count: invoices.filter(
        (invoice) => invoice.kind === 'order' && invoice.amountThousandths % 10n !== 0n,
      ).length,
      note: 'the exact sum was rounded half up, once for the order',
    },
    {
      key: 'invoicesOverMinutes',
      meaning: 'Invoices with several times',
      count: invoices.filter((invoice) =>
        invoice.rows.some((row) => row.placedAt !== invoice.placedAt),
      ).length,
      note: 'the earliest counts',
    },
    {
      key: 'duplicateRows',
      meaning: 'Rows that repeat another exactly',
      count: countDuplicates(rows),
      note: 'kept as lines of their own: nothing tells a slip from two real lines',
    },
    {
      key: 'missingDescriptions',
      meaning: 'Rows without description',
      count: count((row) => row.description === ''),
      note: 'the stock code says enough',
    },
    {
      key: 'largeQuantities',
      meaning: 'Rows of more than 1,000 pieces',
      count: count((row) => Math.abs(row.quantity) > LARGE_QUANTITY),
      note: 'wholesale, or an entry corrected later; run as they stand',
    },
    {
      key: 'zeroAmountRows',
      meaning: 'Rows worth nothing in the file',
      count: count((row) => computeAmountThousandths(row) === 0n),
      note: 'mostly stock adjustments; also counts the lines at price 0 in orders',
    },
    {
      key: 'rewrittenCodes',
      meaning: 'Stock codes in lower case',
      count: count((row) => row.isCodeRewritten),
      note: 'read in upper case: one product, one stock',
    },
    {
      key: 'blankLines',
      meaning: 'Blank lines',
      count: source.blankLines,
      note: 'no rows, and not counted as such',
    },
  ];
}
