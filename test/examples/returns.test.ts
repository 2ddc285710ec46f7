// Which order a return belongs to, on hand-made files, one rule each; and, on random ones, that no
// order ever gives back more than it took.

import { describe, expect, it } from 'vitest';
import type { Invoices } from '../../examples/invoices/documents.ts';
import { parseInvoices } from '../../examples/invoices/invoices.ts';
import { csvFile, type RowFields } from './invoice-csv.ts';

const NEXT_DAY = '2010-12-02 08:26:00';

/** An order of 6 pieces at £2.55 by customer 17850, then the returned rows a day later. */
function readReturn(...returned: readonly Partial<RowFields>[]): Invoices {
  const rows = returned.map((row) => ({
    invoice: 'C2',
    quantity: '-1',
    date: NEXT_DAY,
    ...row,
  }));
  return parseInvoices(csvFile({ invoice: '1', quantity: '6' }, ...rows));
}

function reasonsOf({ accounting }: Invoices): readonly string[] {
  return accounting.unmatched.map((line) => line.reason);
}

describe('a returned line', () => {
  it('becomes a partial refund of the order it came from', () => {
    expect(readReturn({ quantity: '-2', price: '2.50' }).refunds).toEqual([
      {
        refundId: 'refund-C2-1',
        returnNo: 'C2',
        orderId: 'order-1',
        amountMinor: 500,
        placedAt: '2010-12-02T08:26:00.000Z',
        lines: [{ sku: '85123A', quantity: 2, amountMinor: 500 }],
      },
    ]);
  });

  it('joins the others of its return in one refund per order', () => {
    const { refunds } = readReturn({ quantity: '-2' }, { quantity: '-3' });
    expect(refunds).toHaveLength(1);
    expect(refunds[0]?.amountMinor).toBe(1275);
    expect(refunds[0]?.lines.map((line) => line.quantity)).toEqual([2, 3]);
  });

  it('is reported with its line, quantity and amount when it fits no order', () => {
    expect(readReturn({ code: '22222', quantity: '-4' }).accounting.unmatched).toEqual([
      {
        line: 3,
        returnNo: 'C2',
        customerId: '17850',
        sku: '22222',
        quantity: 4,
        amountMinor: 1020,
        reason: 'productNotBought',
      },
    ]);
  });

  it.each<[why: string, row: Partial<RowFields>, reason: string]>([
    ['of a guest', { customer: '' }, 'noCustomer'],
    ['of another customer', { customer: '1' }, 'noEarlierOrder'],
    ['returned before it was bought', { date: '2010-11-30 08:26:00' }, 'noEarlierOrder'],
    ['of a product not bought', { code: '85123B' }, 'productNotBought'],
    ['at a higher price', { price: '2.551' }, 'priceHigherThanPaid'],
    ['of more pieces than bought', { quantity: '-7' }, 'notEnoughQuantity'],
    ['that is a discount', { code: 'D' }, 'notReturnable'],
    ['entered by hand', { code: 'M' }, 'notReturnable'],
    ['that is a fee', { code: 'AMAZONFEE' }, 'notReturnable'],
    ['at price 0', { price: '0' }, 'worthNothing'],
    ['worth less than half a penny', { price: '0.004' }, 'worthNothing'],
  ])('%s gives nothing back and says why', (_, row, reason) => {
    const read = readReturn(row);
    expect(read.refunds).toEqual([]);
    expect(reasonsOf(read)).toEqual([reason]);
  });

  it('cannot take back what was returned already', () => {
    const read = readReturn({ invoice: 'C2', quantity: '-4' }, { invoice: 'C3', quantity: '-3' });
    expect(read.refunds.map((refund) => refund.refundId)).toEqual(['refund-C2-1']);
    expect(reasonsOf(read)).toEqual(['notEnoughQuantity']);
  });

  it('cannot take more than an order paid after an adjustment', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1', quantity: '2', price: '5' },
        { invoice: '1', code: 'D', quantity: '-1', price: '4' },
        { invoice: 'C2', quantity: '-1', price: '5', date: NEXT_DAY },
        { invoice: 'C3', quantity: '-1', price: '5', date: NEXT_DAY },
      ),
    );
    expect(read.orders[0]?.totalMinor).toBe(600);
    expect(read.refunds.map((refund) => refund.amountMinor)).toEqual([500]);
    expect(reasonsOf(read)).toEqual(['moreThanPaid']);
  });

  it('never takes back what an order only corrected', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1', quantity: '3' },
        { invoice: '1', code: '22222', quantity: '-1', price: '0.50' },
        { invoice: 'C2', code: '22222', quantity: '-1', price: '0.50', date: NEXT_DAY },
      ),
    );
    expect(reasonsOf(read)).toEqual(['productNotBought']);
  });

  it('takes half pennies from the running sum, never more than was paid', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1', quantity: '3', price: '0.125' },
        ...['C2', 'C3', 'C4'].map((invoice) => ({
          invoice,
          quantity: '-1',
          price: '0.125',
          date: NEXT_DAY,
        })),
      ),
    );
    expect(read.orders[0]?.totalMinor).toBe(38);
    expect(read.refunds.map((refund) => refund.amountMinor)).toEqual([13, 12, 13]);
  });

  it('leaves the dear pieces of an order to a dear return', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1', price: '3' },
        { invoice: '1', price: '2' },
        { invoice: 'C2', quantity: '-1', price: '2', date: NEXT_DAY },
        { invoice: 'C3', quantity: '-1', price: '3', date: NEXT_DAY },
      ),
    );
    expect(read.refunds.map((refund) => refund.amountMinor)).toEqual([200, 300]);
  });

  it('belongs to the newest order that fits, and among those of one minute to the first', () => {
    const at = (minute: string): string => `2010-12-01 08:${minute}:00`;
    const read = parseInvoices(
      csvFile(
        { invoice: '1', date: at('10') },
        { invoice: '2', date: at('30') },
        { invoice: '3', date: at('30') },
        { invoice: '4', date: at('20') },
        ...['C5', 'C6', 'C7', 'C8'].map((invoice) => ({ invoice, quantity: '-1', date: NEXT_DAY })),
      ),
    );
    expect(read.refunds.map((refund) => refund.orderId)).toEqual([
      'order-2',
      'order-3',
      'order-4',
      'order-1',
    ]);
  });

  it('may belong to an order of the same minute only if that is listed before', () => {
    const order = { invoice: '1' };
    const returned = { invoice: 'C2', quantity: '-1' };
    expect(parseInvoices(csvFile(order, returned)).refunds).toHaveLength(1);
    expect(reasonsOf(parseInvoices(csvFile(returned, order)))).toEqual(['noEarlierOrder']);
  });

  it('is matched in the order of time, not of the file', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: 'C3', quantity: '-1', date: '2010-12-03 08:26:00' },
        { invoice: 'C2', quantity: '-1', date: NEXT_DAY },
        { invoice: '1' },
      ),
    );
    expect(read.refunds.map((refund) => refund.returnNo)).toEqual(['C2']);
    expect(read.accounting.unmatched.map((line) => line.returnNo)).toEqual(['C3']);
  });

  it('of carriage is matched like a product', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1' },
        { invoice: '1', code: 'POST', price: '18' },
        { invoice: 'C2', code: 'POST', price: '18', quantity: '-1', date: NEXT_DAY },
      ),
    );
    expect(read.refunds[0]?.lines).toEqual([{ sku: 'POST', quantity: 1, amountMinor: 1800 }]);
  });

  it('never matches an invoice that is not run', () => {
    const read = parseInvoices(
      csvFile({ invoice: '1' }, { invoice: '1', price: 'x' }, { invoice: 'C2', quantity: '-1' }),
    );
    expect(read.refunds).toEqual([]);
    expect(reasonsOf(read)).toEqual(['noEarlierOrder']);
  });
});

describe('a return', () => {
  it.each<[why: string, row: Partial<RowFields>]>([
    ['a positive line', { quantity: '1' }],
    ['an empty line', { quantity: '0' }],
    ['a negative price', { price: '-1' }],
  ])('with %s is irregular and not run at all', (_, row) => {
    const read = readReturn({}, row);
    expect(read.refunds).toEqual([]);
    expect(read.accounting.unmatched).toEqual([]);
    const irregular = read.accounting.rows.find((each) => each.kind === 'returnIrregular');
    expect(irregular).toMatchObject({ invoices: 1, lines: 2 });
  });

  it('of which some lines match counts as an invoice once', () => {
    const read = readReturn({}, { code: '22222' });
    const share = (kind: string): unknown =>
      read.accounting.rows.find((each) => each.kind === kind);
    expect(share('returnMatched')).toMatchObject({ invoices: 1, lines: 1, amountMinor: -255 });
    expect(share('returnUnmatched')).toMatchObject({ invoices: 0, lines: 1, amountMinor: -255 });
  });
});
