// From text to rows: cuts the text of the file into lines, has csv-parse read the CSV syntax, finds
// the columns in the header and hands out one typed or broken row per line. In this format a row is
// a line, and a field never spans two; so a stray quote spoils its own line, and not, as in plain
// CSV, all that follows up to the next quote. Memory stays bounded by one piece of text.

import { parse } from 'csv-parse/sync';
import type { BrokenRow } from './documents.ts';
import { InvoiceFileError } from './invoice-file.ts';
import {
  type ColumnPositions,
  excerptOf,
  findUnprintable,
  INVOICE_COLUMNS,
  type InvoiceRow,
  type RowLimits,
  readInvoiceNo,
  readInvoiceRow,
} from './invoice-row.ts';

/** Bounds of the rows of one file. */
export interface CsvLimits extends RowLimits {
  /** Rows of the file, without the header. */
  readonly maxRows: number;
  /** Characters of one line; a longer one means that this is no such file. */
  readonly maxLineLength: number;
}

/** What came out of one line. */
export type ReadRow =
  | { readonly kind: 'row'; readonly row: InvoiceRow }
  | { readonly kind: 'broken'; readonly row: BrokenRow };

/** Takes the text in pieces of any size; every row goes to the sink given at creation. */
export interface CsvReader {
  push(text: string): void;
  /** To be called once, after the last piece. */
  end(): { readonly blankLines: number };
}

interface Line {
  readonly number: number;
  readonly text: string;
}

type CsvRecord = readonly string[];

// A broken line makes its group be parsed again line by line, so the group is kept small.
const LINES_PER_PARSE = 500;
const BINARY_PROBE_LENGTH = 1_024;
const CSV = { delimiter: ',', record_delimiter: '\n', relax_column_count: true } as const;

function parseCsv(text: string): readonly CsvRecord[] {
  return parse(text, CSV);
}

function parseLine(line: Line): CsvRecord | null {
  try {
    const records = parseCsv(line.text);
    return records.length === 1 ? (records[0] ?? null) : null;
  } catch {
    // Whatever csv-parse objects to, the line is reported as broken with its text.
    return null;
  }
}

/** One record per line, `null` where the line is no CSV. */
function parseLines(lines: readonly Line[]): readonly (CsvRecord | null)[] {
  try {
    const records = parseCsv(lines.map((line) => line.text).join('\n'));
    // As many records as lines: no record swallowed a line.
    if (records.length === lines.length) return records;
  } catch {
    // One of the lines is broken: read them one by one to find it.
  }
  return lines.map(parseLine);
}

function createColumnsError(got: string): InvoiceFileError {
  return new InvoiceFileError({
    code: 'COLUMNS',
    expected: `a header line with the columns ${INVOICE_COLUMNS.join(', ')}`,
    got,
    advice: 'give a comma separated file in the form of the Online Retail data set',
    path: null,
  });
}

function readHeader(line: Line): ColumnPositions {
  const names = parseLine(line)?.map((name) => name.trim());
  if (names === undefined) throw createColumnsError(`"${excerptOf(line.text)}"`);
  const missing = INVOICE_COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    throw createColumnsError(`"${excerptOf(line.text)}" without ${missing.join(', ')}`);
  }
  if (names.length !== INVOICE_COLUMNS.length) {
    throw createColumnsError(`${names.length} columns: "${excerptOf(line.text)}"`);
  }
  const at = (column: (typeof INVOICE_COLUMNS)[number]): number => names.indexOf(column);
  return {
    InvoiceNo: at('InvoiceNo'),
    StockCode: at('StockCode'),
    Description: at('Description'),
    Quantity: at('Quantity'),
    InvoiceDate: at('InvoiceDate'),
    UnitPrice: at('UnitPrice'),
    CustomerID: at('CustomerID'),
    Country: at('Country'),
  };
}

function createLineError(code: 'EMPTY' | 'BINARY', got: string): InvoiceFileError {
  return new InvoiceFileError({
    code,
    expected: 'a text file with a header line',
    got,
    advice: 'check that this is the CSV file, unpacked, in UTF-8 or Latin-1',
    path: null,
  });
}

function createTooLarge(expected: string, got: string, limit: keyof CsvLimits): InvoiceFileError {
  return new InvoiceFileError({
    code: 'TOO_LARGE',
    expected,
    got,
    advice: `check that this is the CSV file, or raise the limit ${limit}`,
    path: null,
  });
}

function createBrokenLine(
  line: Line,
  columns: ColumnPositions,
  limits: CsvLimits,
  problem: Pick<BrokenRow, 'reason' | 'expected' | 'got'>,
): ReadRow {
  // The syntax is broken, so this is a guess; it only makes an invoice not run that lost a row.
  const invoiceNo = line.text.replaceAll('"', '').split(',')[columns.InvoiceNo] ?? '';
  const row = { line: line.number, invoiceNo: readInvoiceNo(invoiceNo, limits), ...problem };
  return { kind: 'broken', row };
}

function readRow(
  line: Line,
  record: CsvRecord | null,
  columns: ColumnPositions,
  limits: CsvLimits,
): ReadRow {
  // Looked for in the line and not in the record: csv-parse turns half characters into others.
  const unprintableAt = findUnprintable(line.text);
  if (unprintableAt !== -1) {
    return createBrokenLine(line, columns, limits, {
      reason: 'controlCharacter',
      expected: 'text without control characters',
      got: excerptOf(line.text.slice(unprintableAt)),
    });
  }
  if (record === null) {
    return createBrokenLine(line, columns, limits, {
      reason: 'csvSyntax',
      expected: 'comma separated fields, quotes in pairs around a whole field',
      got: excerptOf(line.text),
    });
  }
  const row = readInvoiceRow(record, line.number, columns, limits);
  return 'reason' in row ? { kind: 'broken', row } : { kind: 'row', row };
}

/**
 * Creates the reader of one file.
 *
 * @throws InvoiceFileError from `push` and `end`: `EMPTY`, `BINARY`, `COLUMNS`, `TOO_LARGE`
 */
export function createCsvReader(limits: CsvLimits, sink: (row: ReadRow) => void): CsvReader {
  let columns: ColumnPositions | null = null;
  let unfinished = '';
  let lineNumber = 0;
  let blankLines = 0;
  let rowCount = 0;

  const takeLines = (texts: readonly string[]): void => {
    const lines: Line[] = [];
    for (const withReturn of texts) {
      lineNumber += 1;
      const text = withReturn.endsWith('\r') ? withReturn.slice(0, -1) : withReturn;
      if (text.length > limits.maxLineLength) throw lineTooLong();
      if (columns === null) {
        // A header after blank lines would be a guess about a file that says nothing.
        if (text.trim() === '') throw createLineError('EMPTY', 'a blank first line');
        columns = readHeader({ number: lineNumber, text });
      } else if (text.trim() === '') blankLines += 1;
      else lines.push({ number: lineNumber, text });
    }
    if (columns === null || lines.length === 0) return;
    rowCount += lines.length;
    if (rowCount > limits.maxRows) {
      throw createTooLarge(`at most ${limits.maxRows} rows`, 'more', 'maxRows');
    }
    for (let start = 0; start < lines.length; start += LINES_PER_PARSE) {
      const part = lines.slice(start, start + LINES_PER_PARSE);
      for (const [index, record] of parseLines(part).entries()) {
        const line = part[index];
        if (line !== undefined) sink(readRow(line, record, columns, limits));
      }
    }
  };

  const lineTooLong = (): InvoiceFileError =>
    createTooLarge(
      `lines of at most ${limits.maxLineLength} characters`,
      `a longer one at line ${Math.max(lineNumber, 1)}`,
      'maxLineLength',
    );

  return {
    push(text) {
      const isStart = lineNumber === 0 && unfinished === '';
      if (isStart && text.slice(0, BINARY_PROBE_LENGTH).includes('\0')) {
        throw createLineError('BINARY', 'zero bytes (a packed file, or text in UTF-16)');
      }
      const texts = (unfinished + (isStart ? withoutByteOrderMark(text) : text)).split('\n');
      unfinished = texts.pop() ?? '';
      takeLines(texts);
      if (unfinished.length > limits.maxLineLength) throw lineTooLong();
    },
    end() {
      if (unfinished !== '') takeLines([unfinished]);
      unfinished = '';
      if (columns === null) throw createLineError('EMPTY', 'nothing');
      return { blankLines };
    },
  };
}

/** Also removes the three bytes of the UTF-8 mark as Latin-1 shows them. */
function withoutByteOrderMark(text: string): string {
  return text.replace(/^(?:\uFEFF|\u00EF\u00BB\u00BF)/, '');
}
