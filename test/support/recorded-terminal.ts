// A terminal for tests of the command line: keeps what is printed, answers what is asked, and has a
// clock of its own. Runs no process.

import { runCommandLine } from '../../src/cli/command-line.ts';
import type { ExitCode } from '../../src/cli/exit-code.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export interface Ran {
  readonly exit: ExitCode;
  readonly printed: string;
  readonly complained: string;
}

/** What a command printed, and how it ended. Without anybody to ask, colours or a width, as in a pipe. */
export async function runCommand(
  args: readonly string[],
  terminal: Partial<Terminal> = {},
): Promise<Ran> {
  const printed: string[] = [];
  const complained: string[] = [];
  const exit = await runCommandLine(args, {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    hasColor: false,
    width: Number.POSITIVE_INFINITY,
    confirm: null,
    signal: new AbortController().signal,
    now: () => Date.now(),
    wait: () => Promise.resolve(),
    ...terminal,
  });
  return { exit, printed: printed.join('\n'), complained: complained.join('\n') };
}
