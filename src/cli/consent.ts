// Whoever is to change a database says so: by `--yes`, or by a yes on the terminal to what was shown
// before. Without either, nothing is done; `--dry-run` only shows.

import type { Command as Program } from 'commander';
import type { SharedOptions } from './command.ts';
import { UsageError } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** What {@link addWriteOptions} gives to a command's action. */
export interface WriteOptions extends SharedOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `--dry-run` and `--yes`. */
export function addWriteOptions(command: Program): Program {
  return command
    .option('--dry-run', 'show what would change, and write nothing')
    .option('-y, --yes', 'do not ask');
}

/** @throws UsageError when a yes is needed and nobody can be asked for it */
export function checkConsent({ confirm }: Terminal, options: WriteOptions): void {
  if (options.yes === true || options.dryRun === true) return;
  // A question would be in the middle of the one document that programs read.
  if (confirm !== null && options.json !== true) return;
  throw new UsageError(
    'Expected --yes, or a terminal to ask on: this command changes the database. --dry-run shows how.',
  );
}

/** Whether to go on. What was declined is told. */
export async function isAgreed(
  { confirm, print }: Terminal,
  { yes }: WriteOptions,
  question: string,
): Promise<boolean> {
  if (yes === true || (await confirm?.(question)) === true) return true;
  print('Nothing was changed.');
  return false;
}
