// One row of the file, checked field by field: the fields of a CSV record go in, a typed row or the
// description of what is wrong with it comes out. It never throws for bad data and never repairs a
// value; it only trims spaces around a field, and the collector counts where that mattered.

import type { BrokenReason, BrokenRow } from './documents.ts';
import { computeAmountThousandths, parsePriceThousandths } from './pence.ts';
import { readSku } from './stock-codes.ts';

/** The columns that the file must have, each once, in any order. */
export const INVOICE_COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

/** Name of a column of the file. */
type InvoiceColumn = (typeof INVOICE_COLUMNS)[number];

/** Where each column stands in this file. */
export type ColumnPositions = Readonly<Record<InvoiceColumn, number>>;

/** Bounds of what a row may hold; beyond them it is broken. */
export interface RowLimits {
  /** Characters of one field. */
  readonly maxTextLength: number;
  /** Pieces of one line, without its sign. */
  readonly maxQuantity: number;
  /** Pence of one line, without its sign: with the limit of rows it keeps every sum below 2^53. */
  readonly maxRowMinor: number;
}

/** A row whose every field was understood. */
export interface InvoiceRow {
  readonly line: number;
  readonly invoiceNo: string;
  readonly sku: string;
  readonly description: string;
  readonly quantity: number;
  readonly unitPriceThousandths: number;
  readonly placedAt: string;
  readonly customerId: string | null;
  readonly country: string;
  /** All fields as written: equal for exact duplicates. */
  readonly written: string;
  /** Whether the code as written differs from the one used. */
  readonly isCodeRewritten: boolean;
}

const EXCERPT_LENGTH = 80;
const INTEGER = /^-?\d{1,30}$/;
const CUSTOMER = /^(\d{1,15})(?:\.0+)?$/;
const DATE = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/;
// Cc: a terminal may obey it. Cs: half a character, which no store keeps as it is.
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const UNPRINTABLES = /[\p{Cc}\p{Cs}]/gu;

/** Shortens a text and escapes what a terminal would obey. */
export function excerptOf(text: string): string {
  const short = text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}...` : text;
  return short.replace(
    UNPRINTABLES,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Where a line holds what must not be printed or stored; -1 if nowhere. */
export function findUnprintable(text: string): number {
  return text.search(UNPRINTABLE);
}

/** The invoice that a row names, as far as the row can be read. */
export function readInvoiceNo(text: string, limits: RowLimits): string | null {
  const invoiceNo = text.trim();
  const isReadable =
    invoiceNo !== '' && invoiceNo.length <= limits.maxTextLength && !UNPRINTABLE.test(invoiceNo);
  return isReadable ? invoiceNo : null;
}

function parseDate(text: string): string | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const placedAt = `${match[1]}T${match[2]}.000Z`;
  const timeMs = Date.parse(placedAt);
  // The round trip refuses what Date.parse carries over, such as 30 February.
  if (Number.isNaN(timeMs) || new Date(timeMs).toISOString() !== placedAt) return null;
  return placedAt;
}

function isBeyond(value: bigint, limit: number): boolean {
  return value > BigInt(limit) || value < -BigInt(limit);
}

/** Checks one record of the file, taken from a line without unprintable characters. */
export function readInvoiceRow(
  fields: readonly string[],
  line: number,
  columns: ColumnPositions,
  limits: RowLimits,
): InvoiceRow | BrokenRow {
  const field = (column: InvoiceColumn): string => (fields[columns[column]] ?? '').trim();
  const invoiceNo = readInvoiceNo(field('InvoiceNo'), limits);
  const broken = (reason: BrokenReason, expected: string, got: string): BrokenRow => ({
    line,
    invoiceNo,
    reason,
    expected,
    got: excerptOf(got),
  });

  if (fields.length !== INVOICE_COLUMNS.length) {
    return broken('fieldCount', `${INVOICE_COLUMNS.length} fields`, `${fields.length} fields`);
  }
  const long = fields.find((text) => text.length > limits.maxTextLength);
  if (long !== undefined) {
    return broken('textTooLong', `at most ${limits.maxTextLength} characters in a field`, long);
  }
  if (invoiceNo === null) return broken('invoiceNo', 'an invoice number', 'an empty field');
  const stockCode = field('StockCode');
  if (stockCode === '') return broken('stockCode', 'a stock code', 'an empty field');
  const placedAt = parseDate(field('InvoiceDate'));
  if (placedAt === null) {
    return broken('invoiceDate', 'a date like 2010-12-01 08:26:00', field('InvoiceDate'));
  }
  const customer = field('CustomerID');
  const customerMatch = CUSTOMER.exec(customer);
  if (customer !== '' && customerMatch === null) {
    return broken('customerId', 'digits like 17850, or nothing', customer);
  }
  if (!INTEGER.test(field('Quantity'))) {
    return broken('quantity', 'an integer', field('Quantity'));
  }
  const quantity = BigInt(field('Quantity'));
  if (isBeyond(quantity, limits.maxQuantity)) {
    return broken('numberTooLarge', `at most ${limits.maxQuantity} pieces`, field('Quantity'));
  }
  const price = parsePriceThousandths(field('UnitPrice'));
  if (price === null) {
    return broken('unitPrice', 'pounds with at most three decimals', field('UnitPrice'));
  }
  const amounts = { quantity: Number(quantity), unitPriceThousandths: Number(price) };
  const limitThousandths = limits.maxRowMinor * 10;
  if (
    isBeyond(price, limitThousandths) ||
    isBeyond(computeAmountThousandths(amounts), limitThousandths)
  ) {
    const got = `${field('Quantity')} x ${field('UnitPrice')}`;
    return broken('numberTooLarge', `at most ${limits.maxRowMinor} pence in a row`, got);
  }
  const sku = readSku(stockCode);
  return {
    line,
    invoiceNo,
    sku,
    description: field('Description'),
    ...amounts,
    placedAt,
    customerId: customerMatch?.[1] ?? null,
    country: field('Country'),
    written: fields.join('\u0000'),
    isCodeRewritten: sku !== stockCode,
  };
}
