// The command line of the approval: how much is asked for, what is decided, where it is kept.

import { Command, Option } from 'commander';
import { integer, newFileName } from '../option-values.ts';

export interface ApprovalOptions {
  /** In cents. */
  readonly amountMinor: number;
  /** `none`: nobody decides in time. */
  readonly decision: 'approve' | 'none' | 'reject';
  /** A SQLite file that is not there yet; null: one that is taken away at the end. */
  readonly db: string | null;
}

const MAX_AMOUNT_MINOR = 999_999_999_999;

/**
 * Reads the arguments behind `node main.ts`.
 * @throws CommanderError for what is no option, once it has said so
 */
export function readOptions(args: readonly string[]): ApprovalOptions {
  const program = new Command('npm run example:approval --')
    .exitOverride()
    .description(
      'Pays an expense out. From a limit on it waits for a person; meanwhile the engine is stopped and ' +
        'opened again.',
    )
    .addOption(
      new Option('--amount <cents>', 'how much is asked for')
        .argParser(integer(1, MAX_AMOUNT_MINOR))
        .default(120_000),
    )
    .addOption(new Option('--reject', 'the person says no').conflicts('expire'))
    .addOption(new Option('--expire', 'nobody decides in time'))
    .option('--db <file>', 'keep everything in a new SQLite file', newFileName)
    .allowExcessArguments(false)
    .parse([...args], { from: 'user' });
  const { amount, reject, expire, db } = program.opts<{
    readonly amount: number;
    readonly reject?: true;
    readonly expire?: true;
    readonly db?: string;
  }>();
  const decision = reject ? 'reject' : expire ? 'none' : 'approve';
  return { amountMinor: amount, decision, db: db ?? null };
}
