// Output by pages: one page of rows that knows whether there is more, and how people ask for the next.

import type { Terminal } from '../terminal.ts';
import { printable } from '../text/printable.ts';
import { tinted } from '../text/table.ts';

/** A page of the output, at most. */
export const MOST_ROWS = 1_000;

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Whether there is more after the last row. */
  readonly hasMore: boolean;
}

/** One page, and one look behind it. */
export async function readPage<Row, Cursor>(
  limit: number,
  after: Cursor | undefined,
  read: (page: { readonly after?: Cursor; readonly limit: number }) => Promise<readonly Row[]>,
  cursorOf: (row: Row) => Cursor,
): Promise<Page<Row>> {
  const rows = await read({ ...(after !== undefined && { after }), limit });
  const last = rows.at(-1);
  if (last === undefined || rows.length < limit) return { rows, hasMore: false };
  const behind = await read({ after: cursorOf(last), limit: 1 });
  return { rows, hasMore: behind.length > 0 };
}

/** How the next page is asked for. Apart from the rows, so that a pipe gets rows alone. */
export function printNext(option: string, terminal: Terminal): void {
  terminal.complain(tinted(`More: add ${printable(option)}`, 'dim', terminal));
}

/** An id as an argument of a shell. */
export function quoted(id: string): string {
  return /^[\w./:@+-]+$/.test(id) ? id : `'${id.replaceAll("'", `'\\''`)}'`;
}
