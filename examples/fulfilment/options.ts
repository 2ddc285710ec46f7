// The command line of these examples: which one, and what is to go wrong.

import { Command, type Option } from 'commander';
import { newFileName } from '../option-values.ts';
import { faultOption } from './fault-option.ts';
import type { Fault } from './faults.ts';
import type { Example } from './fulfilments.ts';

export interface ExampleOptions {
  readonly name: string;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly db: string | null;
  /** Whether people mend what is wrong when a saga waits for them. */
  readonly isRetried: boolean;
}

/**
 * Reads the arguments behind `node main.ts`.
 * @throws CommanderError for what is no option, once it has said so
 */
export function readOptions(
  args: readonly string[],
  examples: Readonly<Record<string, Example>>,
): ExampleOptions {
  const [name = '', ...flags] = args;
  const example = examples[name];
  const program = new Command('fulfilment').exitOverride();
  if (example === undefined) {
    program.error(`error: expected an example out of ${Object.keys(examples).join(', ')}`);
    throw new Error('program.error does not return');
  }
  const faults = new Map<string, Fault>();
  const option = (fault: Fault, description: string): Option =>
    faultOption(fault, description, example.steps, faults);
  program
    .name(`npm run example:${name} --`)
    .description(`${example.title}.`)
    .addOption(option('reject', 'its service says no'))
    .addOption(option('fail', 'it takes effect, but the connection breaks in every try'))
    .addOption(option('timeout', 'it takes effect, but no reply comes in any try'))
    .addOption(option('cancel', 'the customer cancels while it is under way'))
    .option(
      '--retry',
      'when the saga waits for people, nothing is wrong any more, and it is retried',
    )
    .option('--db <file>', 'keep everything in a new SQLite file (default: in memory)', newFileName)
    .parse(flags, { from: 'user' });
  const { db, retry } = program.opts<{ readonly db?: string; readonly retry?: boolean }>();
  return { name, faults, db: db ?? null, isRetried: retry === true };
}
