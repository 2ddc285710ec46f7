// What a store has a lot of, read page by page: nothing is held open between two pages, and whoever
// stops asking stops reading.

/** Rows of one page. */
const PAGE = 500;

/** What a query needs to know of its page; `after` is absent for the first one. */
export interface PageQuery<Cursor> {
  readonly after?: Cursor;
  readonly limit: number;
}

/** All pages in order, none empty. `read` reads one; `cursorOf` says where the next one begins. */
export async function* readPages<Row, Cursor>(
  read: (page: PageQuery<Cursor>) => Promise<readonly Row[]>,
  cursorOf: (row: Row) => Cursor,
): AsyncGenerator<readonly Row[]> {
  let query: PageQuery<Cursor> = { limit: PAGE };
  for (;;) {
    const page = await read(query);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < PAGE) return;
    query = { after: cursorOf(last), limit: PAGE };
  }
}
