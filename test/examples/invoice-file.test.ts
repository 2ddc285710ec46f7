// The file itself: encodings, line ends, rows that cannot be read and files that are none; and, on
// random files, that every row is accounted for.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertAccountingAddsUp } from '../../examples/invoices/accounting.ts';
import { createCsvReader, type ReadRow } from '../../examples/invoices/csv-rows.ts';
import type { BrokenRow, Invoices } from '../../examples/invoices/documents.ts';
import { InvoiceFileError } from '../../examples/invoices/invoice-file.ts';
import { DEFAULT_LIMITS, parseInvoices, readInvoices } from '../../examples/invoices/invoices.ts';
import { csvFile, csvRow, HEADER, type RowFields } from './invoice-csv.ts';
import { randomRows } from './random-invoices.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'invoices-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function readBytes(bytes: Buffer | string): Promise<Invoices> {
  const path = join(folder, 'invoices.csv');
  await writeFile(path, bytes);
  return readInvoices(path);
}

function brokenOf(...rows: readonly (string | Partial<RowFields>)[]): readonly BrokenRow[] {
  return parseInvoices(csvFile(...rows)).accounting.broken;
}

function errorOf(read: () => unknown): InvoiceFileError {
  try {
    read();
  } catch (error) {
    if (error instanceof InvoiceFileError) return error;
    throw error;
  }
  throw new Error('expected an InvoiceFileError, got a result');
}

describe('the text of a file', () => {
  const text = csvFile({ description: 'CAFÉ £5' }, { invoice: '2', description: 'NAÏVE' });

  it('is read as UTF-8, with and without a byte order mark', async () => {
    const plain = await readBytes(text);
    expect(plain.accounting.encoding).toBe('utf-8');
    expect(plain.orders[0]?.lines[0]?.description).toBe('CAFÉ £5');
    expect((await readBytes(`\uFEFF${text}`)).orders).toEqual(plain.orders);
    expect(parseInvoices(`\uFEFF${text}`).orders).toEqual(plain.orders);
  });

  it('is read as Latin-1 when it is not UTF-8', async () => {
    const latin = await readBytes(Buffer.from(text, 'latin1'));
    expect(latin.accounting.encoding).toBe('latin-1');
    expect(latin.orders).toEqual(parseInvoices(text).orders);
  });

  it('is Latin-1 throughout when the first byte that says so comes late', async () => {
    const rows = Array.from({ length: 3000 }, (_, index) => csvRow({ invoice: String(index) }));
    const late = csvFile(...rows, { invoice: '9999', description: 'CAFÉ' });
    const latin = await readBytes(Buffer.from(late, 'latin1'));
    expect(latin.accounting).toMatchObject({ encoding: 'latin-1', rowsIn: 3001 });
    expect(latin.orders.at(-1)?.lines[0]?.description).toBe('CAFÉ');
  });

  it('is Latin-1 when a character of UTF-8 is cut off at its end', async () => {
    const cut = Buffer.concat([Buffer.from(csvFile({}).trimEnd()), Buffer.of(0xc3)]);
    expect((await readBytes(cut)).orders[0]?.country).toBe('United KingdomÃ');
  });

  it('may have Windows line ends, no last line end, and blank lines', () => {
    const expected = parseInvoices(text).orders;
    const windows = parseInvoices(text.replaceAll('\n', '\r\n'));
    expect(windows.orders).toEqual(expected);
    expect(windows.accounting.broken).toEqual([]);
    expect(parseInvoices(text.trimEnd()).orders).toEqual(expected);
    const blank = parseInvoices(text.replaceAll('\n', '\n\n'));
    expect(blank.orders.map((order) => order.totalMinor)).toEqual([255, 255]);
    expect(blank.accounting.rowsIn).toBe(2);
    expect(blank.accounting.notes.find((note) => note.key === 'blankLines')?.count).toBe(3);
  });

  it('may order the columns as it likes', () => {
    const swapped = `Country,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,InvoiceNo
EIRE,85123A,"A ""B"", C",2,2010-12-01 08:26:00,2.5,17850,536365`;
    const [order] = parseInvoices(swapped).orders;
    expect(order).toMatchObject({ invoiceNo: '536365', country: 'EIRE', customerId: '17850' });
    expect(order?.lines[0]?.description).toBe('A "B", C');
  });

  it('gives the same rows in whatever pieces it comes', () => {
    const whole = csvFile({}, { invoice: '2', quantity: 'x' }, '', 'a,"b', { invoice: '3' });
    const rowsOf = (pieces: readonly string[]): readonly ReadRow[] => {
      const rows: ReadRow[] = [];
      const reader = createCsvReader(DEFAULT_LIMITS, (row) => rows.push(row));
      for (const piece of pieces) reader.push(piece);
      reader.end();
      return rows;
    };
    const expected = rowsOf([whole]);
    expect(expected).toHaveLength(4);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
        expect(rowsOf(pieces)).toEqual(expected);
      }),
    );
  });
});

describe('a broken row', () => {
  // Shown from the character on, escaped, so that a terminal does not obey it.
  const after = ',1,2010-12-01 08:26:00,2.55,17850.0,United Kingdom';
  const CLEAR = `\\u001b[2JB${after}`;
  const HALF = `\\ud800${after}`;

  it.each<[what: string, row: Partial<RowFields>, reason: string, expected: string, got: string]>([
    ['quantity', { quantity: '1.5' }, 'quantity', 'an integer', '1.5'],
    ['quantity', { quantity: '' }, 'quantity', 'an integer', ''],
    ['quantity', { quantity: '1e3' }, 'quantity', 'an integer', '1e3'],
    ['price', { price: '2.5555' }, 'unitPrice', 'pounds with at most three decimals', '2.5555'],
    ['price', { price: '£2' }, 'unitPrice', 'pounds with at most three decimals', '£2'],
    ['price', { price: 'NaN' }, 'unitPrice', 'pounds with at most three decimals', 'NaN'],
    ['date', { date: '2010-02-30 08:00:00' }, 'invoiceDate', 'a date like', '2010-02-30 08:00:00'],
    ['date', { date: '12/1/2010 8:26' }, 'invoiceDate', 'a date like', '12/1/2010 8:26'],
    ['date', { date: '2010-12-01 24:00:00' }, 'invoiceDate', 'a date', '2010-12-01 24:00:00'],
    ['number', { invoice: '  ' }, 'invoiceNo', 'an invoice number', 'an empty field'],
    ['code', { code: '' }, 'stockCode', 'a stock code', 'an empty field'],
    ['customer', { customer: 'Smith' }, 'customerId', 'digits like 17850', 'Smith'],
    ['size', { quantity: '9007199254740993' }, 'numberTooLarge', 'pieces', '9007199254740993'],
    ['size', { price: '99999999999' }, 'numberTooLarge', 'pence in a row', '1 x 99999999999'],
    ['text', { description: 'A\u001B[2JB' }, 'controlCharacter', 'control', CLEAR],
    ['text', { description: 'A\uD800' }, 'controlCharacter', 'control', HALF],
  ])('says what is wrong with its %s: %o', (_, row, reason, expected, got) => {
    const [broken] = brokenOf({ invoice: '2' }, row);
    expect(broken).toMatchObject({ line: 3, reason, got });
    expect(broken?.expected).toContain(expected);
  });

  it('has the wrong number of fields, and still names its invoice', () => {
    expect(brokenOf('536365,85123A', `${csvRow()},more`)).toMatchObject([
      { line: 2, invoiceNo: '536365', reason: 'fieldCount', got: '2 fields' },
      { line: 3, invoiceNo: '536365', reason: 'fieldCount', got: '9 fields' },
    ]);
  });

  it('is cut short in the report when its text is too long', () => {
    const [broken] = brokenOf({ description: 'x'.repeat(201) });
    expect(broken).toMatchObject({ reason: 'textTooLong', got: `${'x'.repeat(80)}...` });
  });

  it('with a stray quote spoils its own line and no other', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1', description: '"OPEN' },
        { invoice: '2' },
        { invoice: '3', description: 'IN "THE" MIDDLE' },
        { invoice: '4', description: '"CLOSED' },
        { invoice: '5' },
      ),
    );
    expect(read.orders.map((order) => order.invoiceNo)).toEqual(['2', '5']);
    expect(read.accounting.broken.map((row) => [row.line, row.invoiceNo, row.reason])).toEqual([
      [2, '1', 'csvSyntax'],
      [4, '3', 'csvSyntax'],
      [5, '4', 'csvSyntax'],
    ]);
  });
});

describe('two stray quotes', () => {
  it('never make one row of the lines between them', () => {
    // Plain CSV would read an order of 8 fields here, its description two lines long.
    const read = parseInvoices(
      csvFile(
        { invoice: '1', description: '"OPEN' },
        { invoice: '2', description: 'CLOSED"' },
        { invoice: '3' },
      ),
    );
    expect(read.orders.map((order) => order.invoiceNo)).toEqual(['3']);
    expect(read.accounting.broken.map((row) => [row.line, row.invoiceNo])).toEqual([
      [2, '1'],
      [3, '2'],
    ]);
  });
});

describe('a file that is no invoice file', () => {
  it.each<[what: string, text: string, code: string]>([
    ['is empty', '', 'EMPTY'],
    ['starts with a blank line', `\n${csvFile({})}`, 'EMPTY'],
    ['has other columns', 'a,b,c\n1,2,3\n', 'COLUMNS'],
    ['has a column too many', `${HEADER},More\n`, 'COLUMNS'],
    ['has no header', csvRow(), 'COLUMNS'],
    ['is binary', `${HEADER}\n\0\0`, 'BINARY'],
  ])('%s', (_, text, code) => {
    const error = errorOf(() => parseInvoices(text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^invoices: expected .+, got .+; .+/);
  });

  it('names the columns that it misses', () => {
    const header = HEADER.replace('UnitPrice', 'Price');
    expect(errorOf(() => parseInvoices(header)).message).toContain('without UnitPrice');
  });

  it('has more rows or longer lines than the limits allow', () => {
    const text = csvFile({}, {}, {});
    const read = (limits: object) => () => parseInvoices(text, { limits });
    expect(errorOf(read({ maxRows: 2 })).problem.advice).toContain('maxRows');
    expect(errorOf(read({ maxLineLength: HEADER.length - 1 })).problem.advice).toContain(
      'maxLineLength',
    );
    expect(read({ maxRows: 3, maxLineLength: HEADER.length })().accounting.rowsIn).toBe(3);
  });

  it('is missing, a folder, too large or packed, and the error says which file', async () => {
    const missing = join(folder, 'missing.csv');
    await expect(readInvoices(missing)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(readInvoices(missing)).rejects.toThrow(missing);
    await expect(readInvoices(folder)).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    const path = join(folder, 'large.csv');
    await writeFile(path, csvFile({}));
    const limits = { maxBytes: 100 };
    await expect(readInvoices(path, { limits })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await writeFile(path, 'a,b');
    await expect(readInvoices(path)).rejects.toMatchObject({ code: 'COLUMNS', problem: { path } });
    await expect(readBytes(Buffer.of(0x1f, 0x8b, 8, 0, 0, 0))).rejects.toMatchObject({
      code: 'BINARY',
    });
    const utf16 = Buffer.from(`\uFEFF${csvFile({})}`, 'utf16le');
    await expect(readBytes(utf16)).rejects.toMatchObject({ code: 'BINARY' });
  });

  it('with a header and no rows is an empty one, not an error', () => {
    expect(parseInvoices(HEADER)).toMatchObject({
      orders: [],
      refunds: [],
      accounting: { rowsIn: 0, invoicesIn: 0 },
    });
  });
});

describe('the accounting', () => {
  it('adds up to the rows of any file, and refunds never exceed their order', () => {
    let refundCount = 0;
    let brokenCount = 0;
    fc.assert(
      fc.property(randomRows, (rows) => {
        const { orders, refunds, accounting } = parseInvoices(csvFile(...rows));
        brokenCount += accounting.broken.length;
        expect(accounting.rowsIn).toBe(rows.length);
        expect(accounting.rows.reduce((sum, each) => sum + each.lines, 0)).toBe(rows.length);
        expect(accounting.rows.reduce((sum, each) => sum + each.invoices, 0)).toBe(
          accounting.invoicesIn,
        );
        for (const order of orders) {
          const own = refunds.filter((refund) => refund.orderId === order.orderId);
          const refundedMinor = own.reduce((sum, refund) => sum + refund.amountMinor, 0);
          expect(order.totalMinor).toBeGreaterThan(0);
          expect(refundedMinor).toBeLessThanOrEqual(order.totalMinor);
          for (const sku of new Set(order.lines.map((line) => line.sku))) {
            const sold = order.lines
              .filter((line) => line.sku === sku && line.kind !== 'adjustment')
              .reduce((sum, line) => sum + line.quantity, 0);
            const back = own
              .flatMap((refund) => refund.lines)
              .filter((line) => line.sku === sku)
              .reduce((sum, line) => sum + line.quantity, 0);
            expect(back).toBeLessThanOrEqual(sold);
          }
        }
        for (const refund of refunds) {
          refundCount += 1;
          expect(refund.amountMinor).toBeGreaterThan(0);
          expect(refund.lines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(
            refund.amountMinor,
          );
        }
      }),
      { numRuns: 500, seed: 20_101_201 },
    );
    // Files without refunds and broken rows would prove nothing about them.
    expect(brokenCount).toBeGreaterThan(100);
    expect(refundCount).toBeGreaterThan(200);
  });

  it('stops the program when a row or an invoice is lost', () => {
    const { accounting } = parseInvoices(csvFile({}, { invoice: '2' }));
    const lost = (change: object) => () => assertAccountingAddsUp({ ...accounting, ...change });
    expect(lost({})).not.toThrow();
    expect(lost({ rowsIn: 3 })).toThrow('expected the lines of all kinds to add up to 3, got 2');
    expect(lost({ invoicesIn: 1 })).toThrow('expected the invoices of all kinds to add up to 1');
  });
});
