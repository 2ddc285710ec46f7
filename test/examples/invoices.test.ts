// The invoice reader on the real file, to the penny, and on hand-made files, one rule each.
// Returns, broken files and random rows have test files of their own.

import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Invoices, RowKind } from '../../examples/invoices/documents.ts';
import { parseInvoices, readInvoices } from '../../examples/invoices/invoices.ts';
import { csvFile } from './invoice-csv.ts';

const REAL_FILE = fileURLToPath(
  new URL('../../examples/data/online-retail-2010-12.csv', import.meta.url),
);

function shareOf(
  { accounting }: Invoices,
  kind: RowKind,
): readonly [invoices: number, lines: number, amountMinor: number] {
  const row = accounting.rows.find((each) => each.kind === kind);
  if (row === undefined) throw new Error(`expected a row of kind ${kind} in the accounting`);
  return [row.invoices, row.lines, row.amountMinor];
}

function noteOf({ accounting }: Invoices, key: string): number | undefined {
  return accounting.notes.find((note) => note.key === key)?.count;
}

describe('the real file', () => {
  let real: Invoices;
  beforeAll(async () => {
    real = await readInvoices(REAL_FILE);
  });

  it('gives 424 orders worth 18,424,833 pence', () => {
    expect(real.orders).toHaveLength(424);
    expect(real.orders.reduce((sum, order) => sum + order.totalMinor, 0)).toBe(18_424_833);
    expect(new Set(real.orders.map((order) => order.orderId)).size).toBe(424);
  });

  it('accounts for all 10,000 rows and 512 invoices', () => {
    expect(real.accounting).toMatchObject({ rowsIn: 10_000, invoicesIn: 512, encoding: 'utf-8' });
    expect(shareOf(real, 'order')).toEqual([424, 9855, 18_424_833]);
    expect(shareOf(real, 'stockAdjustment')).toEqual([45, 45, 0]);
    expect(shareOf(real, 'returnMatched')).toEqual([9, 10, -18_400]);
    expect(shareOf(real, 'returnUnmatched')).toEqual([34, 90, -339_658]);
    for (const kind of [
      'returnIrregular',
      'otherDocument',
      'contradictory',
      'incomplete',
      'broken',
    ] as const) {
      expect(shareOf(real, kind)).toEqual([0, 0, 0]);
    }
  });

  it('matches nine returns, each to one order', () => {
    expect(real.refunds.map((refund) => [refund.refundId, refund.amountMinor])).toEqual([
      ['refund-C536506-536488', 2550],
      ['refund-C536737-536537', 590],
      ['refund-C536758-536395', 210],
      ['refund-C536826-536397', 2325],
      ['refund-C536979-536557', 375],
      ['refund-C537024-536617', 7560],
      ['refund-C537143-537140', 795],
      ['refund-C537157-537144', 3000],
      ['refund-C537203-536591', 995],
    ]);
  });

  it('says why 90 returned rows match no order', () => {
    const reasons = real.accounting.unmatched.map((line) => line.reason);
    const count = (reason: string): number => reasons.filter((each) => each === reason).length;
    expect(reasons).toHaveLength(90);
    expect(count('noEarlierOrder')).toBe(77);
    expect(count('productNotBought')).toBe(11);
    expect(count('notReturnable')).toBe(2);
  });

  it('counts the stock codes that are no product', () => {
    expect(
      real.accounting.oddStockCodes.map((odd) => [odd.code, odd.lines, odd.amountMinor]),
    ).toEqual([
      ['POST', 18, 86_300],
      ['M', 10, 6541],
      ['DOT', 6, 293_874],
      ['D', 2, -5679],
      ['BANK CHARGES', 1, 1500],
      ['C2', 1, 5000],
    ]);
  });

  it('counts what looks odd and is kept', () => {
    const counts = Object.fromEntries(real.accounting.notes.map((note) => [note.key, note.count]));
    expect(counts).toEqual({
      guestOrders: 23,
      ordersWithoutGoods: 1,
      adjustmentLines: 0,
      zeroPriceLines: 1,
      unroundedOrders: 0,
      invoicesOverMinutes: 1,
      duplicateRows: 196,
      missingDescriptions: 42,
      largeQuantities: 5,
      zeroAmountRows: 46,
      rewrittenCodes: 36,
      blankLines: 0,
    });
  });

  it('gives the first order line by line', () => {
    const [order] = real.orders;
    expect(order).toMatchObject({
      orderId: 'order-536365',
      invoiceNo: '536365',
      customerId: '17850',
      placedAt: '2010-12-01T08:26:00.000Z',
      country: 'United Kingdom',
      currency: 'GBP',
      totalMinor: 13_912,
    });
    expect(order?.lines[0]).toEqual({
      line: 2,
      sku: '85123A',
      description: 'WHITE HANGING HEART T-LIGHT HOLDER',
      quantity: 6,
      unitPriceThousandths: 2550,
      kind: 'goods',
    });
    expect(order?.items).toHaveLength(7);
  });
});

describe('an invoice', () => {
  it('sums its rows wherever they stand in the file', () => {
    const { orders } = parseInvoices(
      csvFile({ invoice: '1', price: '1.10' }, { invoice: '2' }, { invoice: '1', price: '2.20' }),
    );
    expect(orders.map((order) => [order.orderId, order.totalMinor])).toEqual([
      ['order-1', 330],
      ['order-2', 255],
    ]);
  });

  it('is exact where floating point is not', () => {
    const rows = Array.from({ length: 10 }, () => ({ price: '0.1' }));
    expect(parseInvoices(csvFile(...rows)).orders[0]?.totalMinor).toBe(100);
    const large = parseInvoices(csvFile({ quantity: '4503599', price: '1.005' })).orders[0];
    expect(large?.totalMinor).toBe(452_611_700);
  });

  it('rounds half up once, not per row', () => {
    const read = parseInvoices(csvFile({ price: '1.004' }, { price: '1.004' }));
    expect(read.orders[0]?.totalMinor).toBe(201);
    expect(noteOf(read, 'unroundedOrders')).toBe(1);
    expect(parseInvoices(csvFile({ price: '1.005' })).orders[0]?.totalMinor).toBe(101);
    expect(parseInvoices(csvFile({ price: '1.004' })).orders[0]?.totalMinor).toBe(100);
  });

  it('of a total of zero or less is a stock adjustment and not an order', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1', price: '0' },
        { invoice: '2', quantity: '-5' },
        { invoice: '3', price: '0.004' },
      ),
    );
    expect(read.orders).toEqual([]);
    expect(shareOf(read, 'stockAdjustment')).toEqual([3, 3, -1275]);
  });

  it('with a negative line pays less and reserves only the goods', () => {
    const read = parseInvoices(csvFile({ quantity: '3' }, { quantity: '-1' }, { price: '-0.55' }));
    const [order] = read.orders;
    expect(order?.totalMinor).toBe(455);
    expect(order?.lines.map((line) => line.kind)).toEqual(['goods', 'adjustment', 'adjustment']);
    expect(order?.items).toEqual([{ sku: '85123A', quantity: 3 }]);
    expect(noteOf(read, 'adjustmentLines')).toBe(2);
  });

  it('sums the goods of one product and takes both spellings of a code as one', () => {
    const read = parseInvoices(csvFile({ code: '85123A' }, { code: '85123a', quantity: '2' }));
    expect(read.orders[0]?.items).toEqual([{ sku: '85123A', quantity: 3 }]);
    expect(noteOf(read, 'rewrittenCodes')).toBe(1);
  });

  it('prices charge lines and reserves nothing for them', () => {
    const codes = ['POST', 'DOT', 'C2', 'M', 'BANK CHARGES', 'gift_0001_20', '1234', '85123ABC'];
    const read = parseInvoices(csvFile(...codes.map((code) => ({ code, price: '1' }))));
    const [order] = read.orders;
    expect(order?.totalMinor).toBe(800);
    expect(order?.items).toEqual([]);
    expect(order?.lines.every((line) => line.kind === 'charge')).toBe(true);
    expect(noteOf(read, 'ordersWithoutGoods')).toBe(1);
    expect(read.accounting.oddStockCodes).toHaveLength(8);
    expect(read.accounting.oddStockCodes).toContainEqual({
      code: 'GIFT_0001_20',
      meaning: 'unknown code',
      lines: 1,
      amountMinor: 100,
    });
  });

  it('without customer is an order of a guest', () => {
    const read = parseInvoices(csvFile({ customer: '' }));
    expect(read.orders[0]?.customerId).toBeNull();
    expect(noteOf(read, 'guestOrders')).toBe(1);
  });

  it('keeps exact duplicates, free lines, missing descriptions and large quantities', () => {
    const read = parseInvoices(
      csvFile({}, {}, {}, { price: '0', description: '' }, { quantity: '1001' }),
    );
    expect(read.orders[0]?.lines).toHaveLength(5);
    expect(read.orders[0]?.items).toEqual([{ sku: '85123A', quantity: 1005 }]);
    expect(noteOf(read, 'duplicateRows')).toBe(2);
    expect(noteOf(read, 'zeroPriceLines')).toBe(1);
    expect(noteOf(read, 'missingDescriptions')).toBe(1);
    expect(noteOf(read, 'largeQuantities')).toBe(1);
  });

  it('with another prefix is another document, whatever its rows say', () => {
    const read = parseInvoices(
      csvFile({ invoice: 'A563185' }, { invoice: 'A563186', price: '-11062.06' }),
    );
    expect(read.orders).toEqual([]);
    expect(shareOf(read, 'otherDocument')).toEqual([2, 2, 255 - 1_106_206]);
  });

  it('of two customers or two countries is not run', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1' },
        { invoice: '1', customer: '12345' },
        { invoice: '2' },
        { invoice: '2', country: 'EIRE' },
      ),
    );
    expect(read.orders).toEqual([]);
    expect(shareOf(read, 'contradictory')).toEqual([2, 4, 1020]);
  });

  it('whose rows carry several times was placed at the earliest', () => {
    const read = parseInvoices(csvFile({ date: '2010-12-01 08:27:00' }, {}));
    expect(read.orders[0]?.placedAt).toBe('2010-12-01T08:26:00.000Z');
    expect(noteOf(read, 'invoicesOverMinutes')).toBe(1);
  });

  it('that lost a row is not run, and the row is reported', () => {
    const read = parseInvoices(
      csvFile({ invoice: '1' }, { invoice: '1', quantity: '2.5' }, { invoice: '2' }),
    );
    expect(read.orders.map((order) => order.orderId)).toEqual(['order-2']);
    expect(shareOf(read, 'incomplete')).toEqual([1, 1, 255]);
    expect(shareOf(read, 'broken')).toEqual([0, 1, 0]);
    expect(read.accounting.broken).toEqual([
      { line: 3, invoiceNo: '1', reason: 'quantity', expected: 'an integer', got: '2.5' },
    ]);
  });
});
