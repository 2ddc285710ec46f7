// The command line of the approval: how much is asked for, what is decided, where it is kept.

import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';

export interface ApprovalOptions {
  /** In cents. */
  readonly amountMinor: number;
  /** `none`: nobody decides in time. */
  readonly decision: 'approve' | 'none' | 'reject';
  /** A SQLite file that is not there yet; null: one that is taken away at the end. */
  readonly db: string | null;
}

function cents(text: string): number {
  const value = /^[1-9]\d{0,11}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('expected a positive integer of cents');
}

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
      new Option('--amount <cents>', 'how much is asked for').argParser(cents).default(120_000),
    )
    .addOption(new Option('--reject', 'the person says no').conflicts('expire'))
    .addOption(new Option('--expire', 'nobody decides in time'))
    .option('--db <file>', 'keep everything in a new SQLite file')
    .allowExcessArguments(false)
    .parse([...args], { from: 'user' });
  const { amount, reject, expire, db } = program.opts<{
    readonly amount: number;
    readonly reject?: true;
    readonly expire?: true;
    readonly db?: string;
  }>();
  if (db !== undefined && existsSync(db)) {
    program.error(`error: expected --db with a file that is not there yet, got ${db}`);
  }
  const decision = reject ? 'reject' : expire ? 'none' : 'approve';
  return { amountMinor: amount, decision, db: db ?? null };
}
