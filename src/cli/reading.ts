// What the reading commands have in common: a reader of the database, which is closed again whatever
// happens, and pages that know whether there is more. Takes no lock.

import { existsSync } from 'node:fs';
import { sqliteReader } from '../../store/sqlite-reader.ts';
import type { StoreReader } from '../store-reader.ts';
import { NotFoundError } from './exit-code.ts';
import { databaseOf, loadSetup, type Setup, type SetupOptions } from './load-config.ts';
import { printable } from './printable.ts';
import { tinted } from './table.ts';
import type { Terminal } from './terminal.ts';

/** A page of the output, at most. */
export const MOST_ROWS = 1_000;

/**
 * Opens the database that the call or the config names, and closes it after use.
 * @throws NotFoundError when there is no such file; UsageError; EngineError as `sqliteReader`
 */
export async function withReader<Result>(
  options: SetupOptions,
  use: (reader: StoreReader, setup: Setup) => Promise<Result>,
): Promise<Result> {
  const setup = await loadSetup(options);
  const database = databaseOf(setup);
  if (!existsSync(database)) throw new NotFoundError(`Expected a database ${database}, got none.`);
  const reader = await sqliteReader(database);
  try {
    return await use(reader, setup);
  } finally {
    await reader.close();
  }
}

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

/** Nobody has that id. */
export function noActor(id: string): NotFoundError {
  return new NotFoundError(`Expected an actor ${id}, found none. \`sagawright list\` names them.`);
}

/** How the next page is asked for. Apart from the rows, so that a pipe gets rows alone. */
export function printNext(option: string, terminal: Terminal): void {
  terminal.complain(tinted(`More: add ${printable(option)}`, 'dim', terminal));
}

/** An id as an argument of a shell. */
export function quoted(id: string): string {
  return /^[\w./:@+-]+$/.test(id) ? id : `'${id.replaceAll("'", `'\\''`)}'`;
}
