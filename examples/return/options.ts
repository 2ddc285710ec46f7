// The command line of the return: what comes of the inspection, and where it is kept.

import { Command, Option } from 'commander';
import { newFileName } from '../option-values.ts';

export interface ReturnOptions {
  /** `none`: nobody inspects it in time. */
  readonly inspection: 'approve' | 'none' | 'reject';
  /** A SQLite file that is not there yet; null: in memory. */
  readonly db: string | null;
}

/**
 * Reads the arguments behind `node main.ts`.
 * @throws CommanderError for what is no option, once it has said so
 */
export function readOptions(args: readonly string[]): ReturnOptions {
  const program = new Command('npm run example:return --')
    .exitOverride()
    .description(
      'Takes a delivered order back: somebody inspects it, the money goes back, the goods go on the shelf.',
    )
    .addOption(new Option('--reject', 'the inspection rejects it').conflicts('expire'))
    .addOption(new Option('--expire', 'nobody inspects it in time'))
    .option('--db <file>', 'keep everything in a new SQLite file (default: in memory)', newFileName)
    .allowExcessArguments(false)
    .parse([...args], { from: 'user' });
  const { reject, expire, db } = program.opts<{
    readonly reject?: true;
    readonly expire?: true;
    readonly db?: string;
  }>();
  const inspection = reject ? 'reject' : expire ? 'none' : 'approve';
  return { inspection, db: db ?? null };
}
