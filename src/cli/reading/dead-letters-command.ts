// `sagawright dead-letters`: what the engine gave up on, oldest first, page by page. Looking takes
// nothing out.

import type { Command } from 'commander';
import { actorAddress } from '../../ids.ts';
import type { DeadLetterQuery, DeadLetterRecord } from '../../store.ts';
import {
  type AddCommand,
  addSharedOptions,
  type CommandContext,
  type SharedOptions,
  terminalFor,
  wholeNumber,
} from '../command.ts';
import { withReader } from '../reader-session.ts';
import { deadLetterJson, deadLetterTable } from '../text/dead-letter-view.ts';
import { jsonText } from '../text/printable.ts';
import { renderTable } from '../text/table.ts';
import {
  addLetterDiscard,
  addLetterPurge,
  addLetterRetry,
} from '../writing/dead-letters-writing.ts';
import { MOST_ROWS, printNext, readPage } from './page.ts';

interface ListOptions extends SharedOptions {
  readonly reason?: string;
  readonly actor?: string;
  readonly after: number;
  readonly limit: number;
}

export const addDeadLetters: AddCommand = (program, context) => {
  const letters = program
    .command('dead-letters')
    .description('what the engine gave up on, kept until somebody decides');
  addLetterList(letters, context);
  addLetterRetry(letters, context);
  addLetterDiscard(letters, context);
  addLetterPurge(letters, context);
};

function addLetterList(letters: Command, context: CommandContext): void {
  addSharedOptions(letters.command('list', { isDefault: true }))
    .description('lists them, oldest first')
    .option('--reason <reason>', 'of this reason, such as STEP_FAILED (docs/errors.md)')
    .option('--actor <id>', 'of this actor')
    .option(
      '--after <letter>',
      'only letters after this one',
      wholeNumber('--after', 0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .option('--limit <n>', 'at most so many', wholeNumber('--limit', 1, MOST_ROWS), 50)
    .action(async (options: ListOptions) => {
      const terminal = terminalFor(context, options);
      const { rows, hasMore } = await withReader(options, (reader) =>
        readPage(
          options.limit,
          options.after,
          (page) => reader.deadLetters({ ...queryOf(options), ...page }),
          ({ id }: DeadLetterRecord) => id,
        ),
      );
      const last = rows.at(-1);
      if (options.json === true) {
        const next = hasMore ? (last?.id ?? null) : null;
        terminal.print(jsonText({ deadLetters: rows.map(deadLetterJson), next }, 2));
        return;
      }
      if (rows.length === 0) terminal.print('No dead letters.');
      else terminal.print(renderTable(deadLetterTable(rows, terminal.now()), terminal));
      if (hasMore && last !== undefined) printNext(`--after ${last.id}`, terminal);
    });
}

function queryOf({ reason, actor }: ListOptions): Omit<DeadLetterQuery, 'limit' | 'after'> {
  return {
    ...(reason !== undefined && { reason }),
    ...(actor !== undefined && { actor: actorAddress(actor) }),
  };
}
