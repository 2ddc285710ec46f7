// The process around an example: its arguments and its terminal in, an exit code out. Ends nothing by
// itself: what is still open keeps the process.

import { CommanderError } from 'commander';
import { hasColor, type RenderOptions } from './table.ts';

/** Prints one text and the end of its line. */
export type Print = (text: string) => void;

/** An example on a terminal. Resolves to whether the books of both sides are equal. */
export type Program = (
  args: readonly string[],
  print: Print,
  look: RenderOptions,
) => Promise<{ readonly isWhole: boolean }>;

/**
 * Runs it with what this process was given. Exit code 0: the books are equal; 1: they differ; 2: no such
 * option.
 */
export async function runProgram(run: Program): Promise<void> {
  const { argv, stdout } = process;
  const look = { color: hasColor(stdout), width: stdout.columns || 100 };
  try {
    const { isWhole } = await run(argv.slice(2), (text) => stdout.write(`${text}\n`), look);
    process.exitCode = isWhole ? 0 : 1;
  } catch (error) {
    // Commander has told its own already: help, an unknown option.
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}
