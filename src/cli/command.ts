// What a command of the command line is: it adds itself to commander's program, and says by `end` how it
// has ended. Options that all commands share are added here, so that they mean the same.

import type { Command as Program } from 'commander';
import { type ExitCode, UsageError } from './exit-code.ts';
import type { SetupOptions } from './load-config.ts';
import type { Terminal } from './terminal.ts';

/** Adds one command to the program. `end` is told how it ended; what it throws is told by command-line.ts. */
export type AddCommand = (program: Program, context: CommandContext) => void;

export interface CommandContext {
  readonly terminal: Terminal;
  /** Said at most once; without it a command has ended well. */
  readonly end: (code: ExitCode) => void;
}

/** What {@link addSharedOptions} gives to a command's action. */
export interface SharedOptions extends SetupOptions {
  readonly json?: boolean;
  readonly color: boolean;
}

/** `--db`, `--config`, `--machines`, `--json`, `--no-color`. */
export function addSharedOptions(command: Program): Program {
  return command
    .option('--db <file>', 'the SQLite file (default: `database` of the config file)')
    .option('--config <file>', 'the config file (default: ./sagawright.config.ts, .mts, .js, .mjs)')
    .option(
      '--machines <file>',
      'a module that exports the machines (default: those of the config)',
    )
    .option('--json', 'JSON instead of text for people')
    .option('--no-color', 'no colours');
}

/** The terminal as this call wants it. */
export function terminalFor({ terminal }: CommandContext, { color }: SharedOptions): Terminal {
  return color ? terminal : { ...terminal, hasColor: false };
}

/**
 * Reads an option that is a whole number, as commander's argument parser.
 * @throws UsageError outside of the bounds
 */
export function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(
      `Expected ${name} as a whole number of ${least} to ${most}, got "${text}".`,
    );
  };
}
