// From an invoice that is an order to the order document: says of each line whether it takes stock,
// is a priced service or corrects the total, and sums the goods per product for the reservation. It
// never decides whether an invoice is an order.

import type { OrderItem } from 'sagawright/machines';
import type { LineKind, OrderDocument, OrderLine } from './documents.ts';
import type { InvoiceGroup } from './invoice-groups.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { roundToMinor } from './pence.ts';
import { isProduct } from './stock-codes.ts';

function computeLineKind(row: InvoiceRow): LineKind {
  // A line that takes something back, or nothing, moves money only: there is nothing to reserve.
  if (row.quantity <= 0 || row.unitPriceThousandths < 0) return 'adjustment';
  return isProduct(row.sku) ? 'goods' : 'charge';
}

function sumItems(lines: readonly OrderLine[]): readonly OrderItem[] {
  const quantities = new Map<string, number>();
  for (const { kind, sku, quantity } of lines) {
    if (kind === 'goods') quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  }
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}

/** Creates the document of an invoice of the kind `order`. */
export function createOrder(invoice: InvoiceGroup): OrderDocument {
  const [first] = invoice.rows;
  if (first === undefined || invoice.kind !== 'order') {
    throw new RangeError(
      `expected an invoice of kind order, got ${invoice.invoiceNo} of kind ${invoice.kind}; ` +
        'filter the invoices by kind first',
    );
  }
  const lines = invoice.rows.map((row) => ({
    line: row.line,
    sku: row.sku,
    description: row.description,
    quantity: row.quantity,
    unitPriceThousandths: row.unitPriceThousandths,
    kind: computeLineKind(row),
  }));
  return {
    orderId: `order-${invoice.invoiceNo}`,
    invoiceNo: invoice.invoiceNo,
    customerId: first.customerId,
    placedAt: invoice.placedAt,
    country: first.country,
    currency: 'GBP',
    totalMinor: roundToMinor(invoice.amountThousandths),
    lines,
    items: sumItems(lines),
  };
}
