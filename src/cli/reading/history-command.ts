// `sagawright history <actor>`: the journal of one actor by revision, page by page, with what caused
// each entry.

import { actorAddress } from '../../ids.ts';
import type { JournalEntry } from '../../store.ts';
import {
  type AddCommand,
  addSharedOptions,
  type SharedOptions,
  terminalFor,
  wholeNumber,
} from '../command.ts';
import { noActor, withReader } from '../reader-session.ts';
import type { Terminal } from '../terminal.ts';
import { entryJson, entryTable, readJson } from '../text/journal-view.ts';
import { jsonText } from '../text/printable.ts';
import { renderTable } from '../text/table.ts';
import { MOST_ROWS, type Page, printNext, readPage } from './page.ts';

interface HistoryOptions extends SharedOptions {
  readonly after: number;
  readonly limit: number;
  readonly data?: boolean;
}

export const addHistory: AddCommand = (program, context) => {
  addSharedOptions(program.command('history'))
    .description('what an actor has received, emitted and noted, with causes')
    .argument('<actor>', 'its id')
    .option(
      '--after <revision>',
      'only entries after this one',
      wholeNumber('--after', 0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .option('--limit <n>', 'at most so many', wholeNumber('--limit', 1, MOST_ROWS), 50)
    .option('--data', 'with events and inputs')
    .action(async (id: string, options: HistoryOptions) => {
      const terminal = terminalFor(context, options);
      const page = await readHistory(id, options);
      if (options.json === true) {
        const next = page.hasMore ? (page.rows.at(-1)?.revision ?? null) : null;
        terminal.print(jsonText({ entries: page.rows.map(entryJson), next }, 2));
      } else printPage(page, options, terminal);
    });
};

function readHistory(id: string, options: HistoryOptions): Promise<Page<JournalEntry>> {
  const actor = actorAddress(id);
  return withReader(options, async (reader) => {
    const page = await readPage(
      options.limit,
      options.after,
      ({ after = 0, limit }) => reader.journal({ actor, afterRevision: after, limit }),
      ({ revision }) => revision,
    );
    if (page.rows.length === 0 && (await reader.load([actor])).length === 0) throw noActor(id);
    return page;
  });
}

function printPage(
  { rows, hasMore }: Page<JournalEntry>,
  { data }: HistoryOptions,
  terminal: Terminal,
): void {
  if (rows.length === 0) terminal.print('No entries after that revision.');
  else if (data === true) printWithData(rows, terminal);
  else terminal.print(renderTable(entryTable(rows), terminal));
  const last = rows.at(-1);
  if (hasMore && last !== undefined) printNext(`--after ${last.revision}`, terminal);
}

/** A line for each entry and one for its data: in a table every column would lose to it. */
function printWithData(rows: readonly JournalEntry[], terminal: Terminal): void {
  const lines = renderTable(entryTable(rows), terminal).split('\n');
  terminal.print(lines[0] ?? '');
  for (const [index, { data, key, correlation }] of rows.entries()) {
    terminal.print(lines[index + 1] ?? '');
    const names = [
      ...(key === null ? [] : [`key ${jsonText(key)}`]),
      ...(correlation === null ? [] : [`correlation ${jsonText(correlation)}`]),
    ];
    if (names.length > 0) terminal.print(`    ${names.join(', ')}`);
    terminal.print(`    ${jsonText(readJson(data))}`);
  }
}
