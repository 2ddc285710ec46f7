// The accounting as text, for the start of a run: where every row went, why returned lines match no
// order, the odd stock codes, the notes and the first broken rows. It shows what the accounting
// says and computes nothing but totals; empty parts are left out, kinds with no row are not.

import type { Accounting, UnmatchedReason } from '../invoices/documents.ts';
import { sum } from '../invoices/pence.ts';
import { formatCount, type RenderOptions, renderTable, type Table } from '../table.ts';

const SHOWN_BROKEN_ROWS = 10;

/** In the order in which they are shown. */
const REASONS: Readonly<Record<UnmatchedReason, string>> = {
  noCustomer: 'no customer number on the return',
  notReturnable: 'a discount, a fee or an amount entered by hand: no order names it',
  worthNothing: 'worth less than a penny',
  noEarlierOrder: 'no earlier order of this customer in the file',
  productNotBought: 'the product is in no earlier order of this customer',
  priceHigherThanPaid: 'bought only at a lower price',
  notEnoughQuantity: 'more pieces than were bought and not yet returned',
  moreThanPaid: 'more money than the order still holds',
};

function createKindTable(accounting: Accounting): Table {
  const { rows } = accounting;
  return {
    title: `Rows of the file: ${formatCount(accounting.rowsIn)}`,
    columns: [
      { title: 'What they are' },
      { title: 'Invoices', format: 'count' },
      { title: 'Rows', format: 'count' },
      { title: 'Amount', format: 'money' },
      { title: 'What is done' },
    ],
    rows: rows.map((row) => [row.meaning, row.invoices, row.lines, row.amountMinor, row.note]),
    footer: [
      'All',
      sum(rows, (row) => row.invoices),
      sum(rows, (row) => row.lines),
      sum(rows, (row) => row.amountMinor),
      null,
    ],
  };
}

function createReasonTable(accounting: Accounting): Table {
  const rows = Object.entries(REASONS).map(([reason, meaning]) => {
    const lines = accounting.unmatched.filter((line) => line.reason === reason);
    return [lines.length, sum(lines, (line) => line.amountMinor), meaning] as const;
  });
  return {
    title: 'Why returned rows belong to no order here',
    columns: [
      { title: 'Rows', format: 'count' },
      { title: 'Amount', format: 'money' },
      { title: 'Reason' },
    ],
    rows: rows.filter(([lines]) => lines > 0),
  };
}

function createOddCodeTable(accounting: Accounting): Table {
  return {
    title: 'Stock codes that are no product (priced, never reserved)',
    columns: [
      { title: 'Code' },
      { title: 'Rows', format: 'count' },
      { title: 'Amount', format: 'money' },
      { title: 'Meaning' },
    ],
    rows: accounting.oddStockCodes.map((odd) => [
      odd.code,
      odd.lines,
      odd.amountMinor,
      odd.meaning,
    ]),
  };
}

function createNoteTable(accounting: Accounting): Table {
  return {
    title: 'Worth knowing (counted above, under their kind)',
    columns: [{ title: 'What' }, { title: 'Count', format: 'count' }, { title: 'What it means' }],
    rows: accounting.notes
      .filter((note) => note.count > 0)
      .map((note) => [note.meaning, note.count, note.note]),
  };
}

function createBrokenTable(accounting: Accounting): Table {
  const { broken } = accounting;
  const hidden = broken.length - SHOWN_BROKEN_ROWS;
  return {
    title: `Broken rows${hidden > 0 ? ` (the first ${SHOWN_BROKEN_ROWS})` : ''}`,
    // A line number is a name, not an amount: no thousands separator.
    columns: [{ title: 'Line' }, { title: 'Invoice' }, { title: 'Expected' }, { title: 'Got' }],
    rows: broken
      .slice(0, SHOWN_BROKEN_ROWS)
      .map((row) => [String(row.line), row.invoiceNo, row.expected, row.got]),
  };
}

/** Renders the whole accounting, without a line break at its end. */
export function renderAccounting(accounting: Accounting, options: RenderOptions = {}): string {
  const details = [
    createReasonTable(accounting),
    createOddCodeTable(accounting),
    createNoteTable(accounting),
    createBrokenTable(accounting),
  ];
  const shown = details.filter((table) => table.rows.length > 0);
  return [createKindTable(accounting), ...shown]
    .map((table) => renderTable(table, options))
    .join('\n\n');
}
