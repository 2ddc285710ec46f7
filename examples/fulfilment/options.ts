// The command line of these examples: which one, and what is to go wrong.

import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
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
    new Option(`--${fault} <step>`, description).choices(example.steps).argParser((step) => {
      if (!example.steps.includes(step)) {
        program.error(`error: expected --${fault} with one of ${example.steps.join(', ')}`);
      }
      faults.set(step, fault);
      return step;
    });
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
    .option('--db <file>', 'keep everything in a new SQLite file (default: in memory)')
    .parse(flags, { from: 'user' });
  const { db, retry } = program.opts<{ readonly db?: string; readonly retry?: boolean }>();
  // A second order under the same name would be neither the first nor another.
  if (db !== undefined && existsSync(db)) {
    program.error(`error: expected --db with a file that is not there yet, got ${db}`);
  }
  return { name, faults, db: db ?? null, isRetried: retry === true };
}
