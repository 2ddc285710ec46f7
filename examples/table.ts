// Text tables for people: numbers to the right with thousands separators, money as £1,234.56, long
// last columns wrapped. Pure functions from values to one string; they print nothing and ask no
// terminal: whether the reader sees colour is the caller's knowledge, handed in.

/** What a cell may hold; `null` stays empty. Money is in pence. */
type Cell = string | number | bigint | null;

/** A column. Counts and money stand to the right, text to the left. */
interface Column {
  readonly title: string;
  readonly format?: 'text' | 'count' | 'money';
}

/** A table; rows and the footer have one cell per column. */
export interface Table {
  readonly title?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Stands under a rule: the totals. */
  readonly footer?: readonly Cell[];
}

/** How it is shown. */
export interface RenderOptions {
  /** True only if the stream is a terminal with colour, see {@link hasColor}. Default false. */
  readonly color?: boolean;
  /** Characters of a line; wraps the last column if it is text. Default 100. */
  readonly width?: number;
}

const DEFAULT_WIDTH = 100;
const MIN_WRAP_WIDTH = 20;
const GAP = '  ';
const BOLD = '\u001B[1m';
const DIM = '\u001B[2m';
const RESET = '\u001B[0m';
// What a terminal would obey must not come out of a cell.
const CONTROLS = /\p{Cc}/gu;
const graphemes: Intl.Segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Whether a stream shows colour: a terminal that says so itself. */
export function hasColor(stream: {
  readonly isTTY?: boolean;
  readonly hasColors?: () => boolean;
}): boolean {
  return stream.isTTY === true && stream.hasColors?.() === true;
}

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

function toInteger(value: number | bigint): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new RangeError(`expected an integer below 2^53, got ${value}: round before rendering`);
}

/**
 * `1234567` as `1,234,567`.
 *
 * @throws RangeError when it is no safe integer
 */
export function formatCount(value: number | bigint): string {
  const count = toInteger(value);
  return count < 0n ? `-${groupThousands(String(-count))}` : groupThousands(String(count));
}

/**
 * Pence as pounds: `-123456` as `-£1,234.56`.
 *
 * @throws RangeError when it is no safe integer
 */
export function formatMoney(amountMinor: number | bigint): string {
  const minor = toInteger(amountMinor);
  const digits = String(minor < 0n ? -minor : minor).padStart(3, '0');
  const pounds = groupThousands(digits.slice(0, -2));
  return `${minor < 0n ? '-' : ''}£${pounds}.${digits.slice(-2)}`;
}

function formatCell(cell: Cell, column: Column): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell.replace(CONTROLS, '\uFFFD');
  return column.format === 'money' ? formatMoney(cell) : formatCount(cell);
}

function isRightAligned(column: Column): boolean {
  return column.format === 'count' || column.format === 'money';
}

function widthOf(text: string): number {
  return [...graphemes.segment(text)].length;
}

function padCell(text: string, width: number, column: Column): string {
  const padding = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isRightAligned(column) ? padding + text : text + padding;
}

function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** The widths of all columns; a last column of text gets what the others leave. */
function computeWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  lineWidth: number,
): readonly number[] {
  const natural = columns.map((_, index) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), 0),
  );
  const last = columns.at(-1);
  const lastWidth = natural.at(-1);
  if (last === undefined || lastWidth === undefined || isRightAligned(last)) return natural;
  const others = natural.slice(0, -1);
  const taken = others.reduce((sum, width) => sum + width + GAP.length, 0);
  return [...others, Math.min(lastWidth, Math.max(MIN_WRAP_WIDTH, lineWidth - taken))];
}

function renderRow(
  cells: readonly string[],
  columns: readonly Column[],
  widths: readonly number[],
): readonly string[] {
  const lastIndex = columns.length - 1;
  const wrapped = wrapText(cells[lastIndex] ?? '', widths[lastIndex] ?? 0);
  return wrapped.map((part, lineIndex) => {
    const shown = columns.map((column, index) => {
      if (index === lastIndex) return padCell(part, widths[index] ?? 0, column);
      return padCell(lineIndex === 0 ? (cells[index] ?? '') : '', widths[index] ?? 0, column);
    });
    return shown.join(GAP).trimEnd();
  });
}

function assertShape(table: Table): void {
  const expected = table.columns.length;
  const all = table.footer === undefined ? table.rows : [...table.rows, table.footer];
  const wrong = all.findIndex((row) => row.length !== expected);
  if (wrong === -1) return;
  throw new RangeError(
    `table "${table.title ?? ''}": expected ${expected} cells a row, got ${all[wrong]?.length} ` +
      `in row ${wrong + 1}: give one cell per column, null for an empty one`,
  );
}

/**
 * Renders a table, without a line break at its end.
 *
 * @throws RangeError when a row has not one cell per column, or a number is no safe integer
 */
export function renderTable(table: Table, options: RenderOptions = {}): string {
  assertShape(table);
  const { columns } = table;
  const format = (row: readonly Cell[]): readonly string[] =>
    columns.map((column, index) => formatCell(row[index] ?? null, column));
  const header = columns.map((column) => formatCell(column.title, column));
  const rows = table.rows.map(format);
  const footer = table.footer === undefined ? null : format(table.footer);

  const all = [header, ...rows, ...(footer === null ? [] : [footer])];
  const widths = computeWidths(columns, all, options.width ?? DEFAULT_WIDTH);
  const paint = (line: string, style: string): string =>
    options.color === true && line !== '' ? `${style}${line}${RESET}` : line;
  const rule = paint(widths.map((width) => '-'.repeat(width)).join(GAP), DIM);
  const linesOf = (row: readonly string[]): readonly string[] => renderRow(row, columns, widths);

  return [
    ...(table.title === undefined ? [] : [paint(formatCell(table.title, { title: '' }), BOLD)]),
    ...linesOf(header).map((line) => paint(line, BOLD)),
    rule,
    ...rows.flatMap(linesOf),
    ...(footer === null ? [] : [rule, ...linesOf(footer).map((line) => paint(line, BOLD))]),
  ].join('\n');
}
