// `sagawright dead-letters retry|discard|purge`: what the engine gave up on is delivered again, or given up
// for good. Discarded letters are gone: their text is shown before.

import type { Command } from 'commander';
import { type Duration, durationMs } from '../../duration.ts';
import { actorAddress } from '../../ids.ts';
import { type PageQuery, readPages } from '../../pages.ts';
import type { DeadLetterReason } from '../../turn/message.ts';
import { addSharedOptions, type CommandContext, terminalFor, wholeNumber } from '../command.ts';
import { addWriteOptions, checkConsent, isAgreed, type WriteOptions } from '../consent.ts';
import { whileHolding } from '../engine-session.ts';
import { UsageError } from '../exit-code.ts';
import { loadSetup } from '../load-config.ts';
import { withReader } from '../reader-session.ts';
import { deadLetterJson } from '../text/dead-letter-view.ts';
import { jsonText } from '../text/printable.ts';
import { renderTable } from '../text/table.ts';
import { letterText, readLetter, retryLetter } from './letter-retry.ts';

const letterId: (text: string) => number = wholeNumber('<id>', 1, Number.MAX_SAFE_INTEGER);

export function addLetterRetry(deadLetters: Command, context: CommandContext): void {
  const command = deadLetters
    .command('retry')
    .description('delivers a dead letter again; a failed actor goes on by it')
    .argument('<id>', 'its number', letterId)
    .option('--force', 'also one that has been delivered again and again');
  addSharedOptions(addWriteOptions(command)).action(
    async (id: number, options: WriteOptions & { readonly force?: boolean }) => {
      const setup = await loadSetup(options);
      await retryLetter(id, options.force === true, { setup, options, context });
    },
  );
}

export function addLetterDiscard(deadLetters: Command, context: CommandContext): void {
  const command = deadLetters
    .command('discard')
    .description('gives a dead letter up for good')
    .argument('<id>', 'its number', letterId);
  addSharedOptions(addWriteOptions(command)).action(async (id: number, options: WriteOptions) => {
    const terminal = terminalFor(context, options);
    checkConsent(terminal, options);
    const letter = await readLetter(id, options);
    const isJson = options.json === true;
    if (!isJson) terminal.print(letterText(letter));
    if (options.dryRun === true) {
      if (isJson) terminal.print(jsonText({ dryRun: true, letter: deadLetterJson(letter) }, 2));
      return;
    }
    if (!(await isAgreed(terminal, options, 'Discard it for good?'))) return;
    const setup = await loadSetup(options);
    await whileHolding(setup, terminal, (engine) => engine.deadLetters.discard(id));
    terminal.print(isJson ? jsonText({ discarded: deadLetterJson(letter) }, 2) : 'Discarded.');
  });
}

interface PurgeOptions extends WriteOptions {
  /** In milliseconds. */
  readonly olderThan: number;
  readonly reason?: DeadLetterReason;
  readonly actor?: string;
}

export function addLetterPurge(deadLetters: Command, context: CommandContext): void {
  const command = deadLetters
    .command('purge')
    .description('gives up all dead letters older than an age')
    .requiredOption('--older-than <age>', 'as 30d, 12h, 90m', readAge)
    .option('--reason <reason>', 'only of this reason')
    .option('--actor <id>', 'only of this actor');
  addSharedOptions(addWriteOptions(command)).action(async (options: PurgeOptions) => {
    const terminal = terminalFor(context, options);
    checkConsent(terminal, options);
    const isJson = options.json === true;
    if (options.yes !== true || options.dryRun === true) {
      const counts = await countOld(options, terminal.now());
      const letters = [...counts.values()].reduce((sum, count) => sum + count, 0);
      if (isJson)
        terminal.print(
          jsonText({ dryRun: true, letters, byReason: Object.fromEntries(counts) }, 2),
        );
      else
        terminal.print(
          letters === 0
            ? 'No such dead letters.'
            : renderTable({ titles: ['reason', 'letters'], rows: [...counts] }, terminal),
        );
      if (options.dryRun === true || letters === 0) return;
      if (!(await isAgreed(terminal, options, `Discard these ${letters} for good?`))) return;
    }
    const setup = await loadSetup(options);
    const { olderThan, reason, actor } = options;
    const filter = {
      ...(reason !== undefined && { reason }),
      ...(actor !== undefined && { actor }),
    };
    const purged = await whileHolding(setup, terminal, (engine) =>
      engine.deadLetters.purge({ ...filter, olderThan }),
    );
    terminal.print(isJson ? jsonText({ purged }, 2) : `Discarded ${purged} dead letters.`);
  });
}

function readAge(text: string): number {
  try {
    return durationMs(text as Duration, '--older-than');
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** How many letters of each reason a purge would discard. */
function countOld(options: PurgeOptions, now: number): Promise<ReadonlyMap<string, number>> {
  const { olderThan, reason, actor } = options;
  const query = {
    before: now - olderThan,
    ...(reason !== undefined && { reason }),
    ...(actor !== undefined && { actor: actorAddress(actor) }),
  };
  return withReader(options, async (reader) => {
    const counts = new Map<string, number>();
    const pages = readPages(
      (page: PageQuery<number>) => reader.deadLetters({ ...query, ...page }),
      ({ id }) => id,
    );
    for await (const page of pages) {
      for (const letter of page) counts.set(letter.reason, (counts.get(letter.reason) ?? 0) + 1);
    }
    return counts;
  });
}
