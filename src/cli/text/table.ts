// Tables for people: aligned, numbers to the right, as wide as the terminal and no wider. Text is made
// harmless here, whatever it is: no cell can move the cursor. Prints nothing.

import { formatAge, formatMoment } from './moment.ts';
import { printable } from './printable.ts';
import { columnsOf, shorten } from './text-columns.ts';

export type Tint = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

/** What a cell says, and in which colour; a number stands to the right, null stays empty. */
export type Cell = string | number | null | TintedCell;

interface TintedCell {
  readonly text: string;
  readonly tint: Tint | null;
  /** What it says where the whole table has no room: a time that is cut off says nothing. */
  readonly short?: string;
}

export interface Table {
  /** Titles; one that starts with `>` heads a column whose texts stand to the right. */
  readonly titles: readonly string[];
  /** One cell for each title. */
  readonly rows: readonly (readonly Cell[])[];
}

/** What a table must fit: part of a terminal. */
export interface Look {
  readonly width: number;
  readonly hasColor: boolean;
}

interface Written {
  readonly text: string;
  readonly tint: Tint | null;
  readonly isRight: boolean;
}

const CODES: Readonly<Record<Tint, number>> = { green: 32, red: 31, yellow: 33, dim: 2, bold: 1 };
const GAP = '  ';
/** Below it a cut text says nothing. */
const LEAST_COLUMNS = 6;
/** The first column names what the next command asks for: it is cut last. */
const LEAST_FIRST_COLUMNS = 20;

/** The text in its colour, where there are colours. The text must be harmless already. */
export function tinted(
  text: string,
  tint: Tint | null,
  { hasColor }: Pick<Look, 'hasColor'>,
): string {
  return hasColor && tint !== null && text !== '' ? `\u001b[${CODES[tint]}m${text}\u001b[0m` : text;
}

/** Lines without an end; a table without rows is its titles. */
export function renderTable(table: Table, look: Look): string {
  const whole = layOut(table, false);
  const lines = widthOf(columnWidths(whole)) > look.width ? layOut(table, true) : whole;
  const isText = (lines[0] ?? []).map(({ isRight }) => !isRight);
  const widths = narrow(columnWidths(lines), isText, look.width);
  return lines.map((line) => renderLine(line, widths, look)).join('\n');
}

/** The titles and then the rows, as they are written, whatever room there is. */
function layOut({ titles, rows }: Table, isShort: boolean): readonly (readonly Written[])[] {
  const alignments = titles.map((title) => title.startsWith('>'));
  const written = rows.map((row) =>
    titles.map((_, index) => write(row[index] ?? null, alignments[index] ?? false, isShort)),
  );
  const head = titles.map((title, index): Written => {
    const isNumeric = rows.length > 0 && written.every((row) => row[index]?.isRight === true);
    return { text: title.replace(/^>/, ''), tint: 'dim', isRight: isNumeric };
  });
  return [head, ...written];
}

function columnWidths(lines: readonly (readonly Written[])[]): readonly number[] {
  return (lines[0] ?? []).map((_, index) =>
    Math.max(...lines.map((line) => columnsOf(line[index]?.text ?? ''))),
  );
}

function widthOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
}

function write(cell: Cell, isRight: boolean, isShort: boolean): Written {
  if (cell === null) return { text: '', tint: null, isRight };
  if (typeof cell === 'number') return { text: formatCount(cell), tint: null, isRight: true };
  if (typeof cell === 'string') return { text: printable(cell), tint: null, isRight };
  const text = isShort ? (cell.short ?? cell.text) : cell.text;
  return { text: printable(text), tint: cell.tint, isRight };
}

/** Takes from the widest column of text until all of it fits, or until nothing more can be taken. */
function narrow(
  wanted: readonly number[],
  isText: readonly boolean[],
  width: number,
): readonly number[] {
  const widths = [...wanted];
  let excess = widthOf(widths) - width;
  while (excess > 0) {
    const texts = widths.map((each, index) => (isText[index] ? each : 0));
    const isFirstSpared = (texts[0] ?? 0) <= LEAST_FIRST_COLUMNS;
    const others = texts.map((each, index) => (index === 0 && isFirstSpared ? 0 : each));
    const from = Math.max(...others) > LEAST_COLUMNS ? others : texts;
    const widest = Math.max(...from);
    if (widest <= LEAST_COLUMNS) break;
    widths[from.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}

function renderLine(line: readonly Written[], widths: readonly number[], look: Look): string {
  const cells = line.map(({ text, tint, isRight }, index) => {
    const width = widths[index] ?? 0;
    const shown = shorten(text, width);
    const space = ' '.repeat(width - columnsOf(shown));
    const isLast = index === line.length - 1;
    return isRight
      ? space + tinted(shown, tint, look)
      : tinted(shown, tint, look) + (isLast ? '' : space);
  });
  return cells.join(GAP).trimEnd();
}

/** `1234567` as `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 actor`, `2,000 actors`. */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** The colour of an actor's status. */
export function statusCell(status: string): Cell {
  const tints: Readonly<Record<string, Tint>> = {
    done: 'green',
    error: 'red',
    parked: 'red',
    stopped: 'dim',
  };
  return { text: status, tint: tints[status] ?? null };
}

/** A moment, without its date where there is no room for it. */
export function momentCell(at: number, now: number): Cell {
  return { text: formatMoment(at, now), short: formatAge(at, now), tint: 'dim' };
}
