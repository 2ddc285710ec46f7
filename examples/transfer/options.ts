// The command line of the transfers: what may be set, checked before anything is opened.

import { Command, Option } from 'commander';
import { fileName, integer } from '../option-values.ts';

export interface TransferOptions {
  /** The database; left out: memory. */
  readonly db?: string;
  /** Transfers at one time. */
  readonly transfers: number;
  /** Chooses who pays whom how much. */
  readonly seed: number;
}

const MAX_TRANSFERS = 50_000;

/**
 * @param argv without the program's own name
 * @throws CommanderError when there is nothing to run; what is to be said has been said
 */
export function readOptions(argv: readonly string[]): TransferOptions {
  return new Command('npm run example:transfer --')
    .description(
      'Moves money between accounts, both sides in one commit: one transfer that is made, one that ' +
        'is asked for again, one that is refused, then many at one time while others read. ' +
        'Run it again on the same file: what was done is not done twice.',
    )
    .addOption(
      new Option('--db <file>', 'keeps the accounts (default: memory)').argParser(fileName),
    )
    .addOption(
      new Option('--transfers <count>', 'transfers at one time')
        .argParser(integer(0, MAX_TRANSFERS))
        .default(1_000),
    )
    .addOption(
      new Option('--seed <integer>', 'chooses who pays whom how much')
        .argParser(integer(0, Number.MAX_SAFE_INTEGER))
        .default(1),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 the books balance, 1 they do not, 2 wrong usage or an unusable file.',
    )
    .allowExcessArguments(false)
    .exitOverride()
    .parse([...argv], { from: 'user' })
    .opts<TransferOptions>();
}
