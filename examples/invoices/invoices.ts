// The invoice reader: from the retailer's file to the orders to run, the refunds that follow them
// and an account of every row. It stands before the engine and knows nothing of it; it runs,
// charges and stores nothing. Everything but `readInvoices` is pure.

import { type AccountingSource, computeAccounting } from './accounting.ts';
import { type CsvLimits, type CsvReader, createCsvReader } from './csv-rows.ts';
import type { Accounting, BrokenRow, Invoices } from './documents.ts';
import { InvoiceFileError, readInvoiceFile } from './invoice-file.ts';
import { groupInvoices } from './invoice-groups.ts';
import type { InvoiceRow } from './invoice-row.ts';
import { createOrder } from './order-documents.ts';
import { matchReturns } from './returns.ts';

/** Bounds of one file. Beyond the file's, reading stops; beyond a row's, the row is broken. */
interface InvoiceLimits extends CsvLimits {
  readonly maxBytes: number;
}

/** What may be set when reading. */
interface InvoiceOptions {
  readonly limits?: Partial<InvoiceLimits>;
}

/**
 * Room for the whole data set (541,909 rows) almost twice. A million rows of ten million pounds each
 * sum to less than 2^53 pence, so no sum of a file within these limits can lose a penny.
 */
export const DEFAULT_LIMITS: InvoiceLimits = {
  maxBytes: 268_435_456,
  maxRows: 1_000_000,
  maxLineLength: 1_048_576,
  maxTextLength: 200,
  maxQuantity: 1_000_000_000,
  maxRowMinor: 1_000_000_000,
};

interface InvoiceParser extends Pick<CsvReader, 'push'> {
  finish(encoding: Accounting['encoding']): Invoices;
}

function assembleInvoices(
  read: Pick<AccountingSource, 'rows' | 'broken' | 'blankLines' | 'encoding'>,
): Invoices {
  const { rows, broken } = read;
  const invoices = groupInvoices(rows, broken);
  const orders = invoices.filter((invoice) => invoice.kind === 'order').map(createOrder);
  const returns = matchReturns(
    orders,
    invoices.filter((invoice) => invoice.kind === 'return'),
  );
  const rowsIn = rows.length + broken.length;
  const accounting = computeAccounting({ ...read, rowsIn, invoices, orders, returns });
  return { orders, refunds: returns.refunds, accounting };
}

function createInvoiceParser(limits: CsvLimits): InvoiceParser {
  const rows: InvoiceRow[] = [];
  const broken: BrokenRow[] = [];
  const reader = createCsvReader(limits, (read) => {
    if (read.kind === 'row') rows.push(read.row);
    else broken.push(read.row);
  });
  return {
    push: reader.push,
    finish(encoding) {
      const { blankLines } = reader.end();
      return assembleInvoices({ rows, broken, blankLines, encoding });
    },
  };
}

/**
 * Reads invoices from text.
 *
 * @throws InvoiceFileError when the text as a whole is no such file
 */
export function parseInvoices(text: string, options: InvoiceOptions = {}): Invoices {
  const parser = createInvoiceParser({ ...DEFAULT_LIMITS, ...options.limits });
  parser.push(text);
  return parser.finish(null);
}

/**
 * Reads invoices from a file in UTF-8 or, where it is not that, Latin-1; piece by piece, so that
 * only what is kept of it takes memory.
 *
 * @throws InvoiceFileError when the file is missing or as a whole no such file
 */
export async function readInvoices(path: string, options: InvoiceOptions = {}): Promise<Invoices> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  try {
    const asUtf8 = createInvoiceParser(limits);
    if (await readInvoiceFile(path, 'utf-8', limits.maxBytes, asUtf8.push)) {
      return asUtf8.finish('utf-8');
    }
    const asLatin1 = createInvoiceParser(limits);
    await readInvoiceFile(path, 'latin-1', limits.maxBytes, asLatin1.push);
    return asLatin1.finish('latin-1');
  } catch (error) {
    if (!(error instanceof InvoiceFileError)) throw error;
    throw new InvoiceFileError({ ...error.problem, path }, { cause: error });
  }
}
