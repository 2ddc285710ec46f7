// From rows to invoices: gathers the rows of each invoice number, wherever they stand in the file,
// and decides what the invoice is. The decision looks at one invoice alone; which order a return
// belongs to is decided later. Nothing is left out: every row ends in exactly one group.

import type { BrokenRow } from './documents.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { computeAmountThousandths, roundToMinor } from './pence.ts';

/** What an invoice turns out to be. */
export type InvoiceKind =
  | 'order'
  | 'stockAdjustment'
  | 'return'
  | 'irregularReturn'
  | 'otherDocument'
  | 'contradictory'
  | 'incomplete';

/** All rows that name one invoice; the first row stands for what the rows agree on. */
export interface InvoiceGroup {
  readonly invoiceNo: string;
  readonly kind: InvoiceKind;
  readonly rows: readonly InvoiceRow[];
  /** The earliest of its rows: an invoice of the real file carries two times. */
  readonly placedAt: string;
  /** Exact sum of the rows. */
  readonly amountThousandths: bigint;
}

const ORDER_NUMBER = /^\d+$/;
const RETURN_NUMBER = /^C\d+$/;

function isContradictory(rows: readonly InvoiceRow[]): boolean {
  const [first] = rows;
  return rows.some((row) => row.customerId !== first?.customerId || row.country !== first.country);
}

function computeKind(
  invoiceNo: string,
  rows: readonly InvoiceRow[],
  amountThousandths: bigint,
  hasLostRows: boolean,
): InvoiceKind {
  if (hasLostRows) return 'incomplete';
  const isReturn = RETURN_NUMBER.test(invoiceNo);
  if (!isReturn && !ORDER_NUMBER.test(invoiceNo)) return 'otherDocument';
  if (isContradictory(rows)) return 'contradictory';
  if (isReturn) {
    const isRegular = rows.every((row) => row.quantity < 0 && row.unitPriceThousandths >= 0);
    return isRegular ? 'return' : 'irregularReturn';
  }
  return roundToMinor(amountThousandths) > 0 ? 'order' : 'stockAdjustment';
}

/** Gathers rows into invoices, in the order in which the file first names them. */
export function groupInvoices(
  rows: readonly InvoiceRow[],
  broken: readonly BrokenRow[],
): readonly InvoiceGroup[] {
  const rowsByInvoice = new Map<string, InvoiceRow[]>();
  for (const row of rows) {
    const known = rowsByInvoice.get(row.invoiceNo);
    if (known === undefined) rowsByInvoice.set(row.invoiceNo, [row]);
    else known.push(row);
  }
  const invoicesWithLostRows = new Set<string>();
  for (const { invoiceNo } of broken) {
    if (invoiceNo === null) continue;
    invoicesWithLostRows.add(invoiceNo);
    if (!rowsByInvoice.has(invoiceNo)) rowsByInvoice.set(invoiceNo, []);
  }
  return [...rowsByInvoice].map(([invoiceNo, own]) => {
    const amountThousandths = own.reduce((sum, row) => sum + computeAmountThousandths(row), 0n);
    return {
      invoiceNo,
      kind: computeKind(invoiceNo, own, amountThousandths, invoicesWithLostRows.has(invoiceNo)),
      rows: own,
      placedAt: own.reduce(
        (earliest, row) => (row.placedAt < earliest ? row.placedAt : earliest),
        own[0]?.placedAt ?? '',
      ),
      amountThousandths,
    };
  });
}
