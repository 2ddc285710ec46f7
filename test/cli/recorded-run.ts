// One command of the command line, run in this process on a terminal that keeps what is printed: by
// default a pipe, with nobody to ask, no colours and no width.

import { runCommandLine } from '../../src/cli/command-line.ts';
import type { ExitCode } from '../../src/cli/exit-code.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export interface Ran {
  readonly exit: ExitCode;
  readonly printed: string;
  readonly complained: string;
  /** What was asked. */
  readonly asked: readonly string[];
}

export interface Scene extends Partial<Terminal> {
  /** What a person at the terminal says to each question; without it, nobody is there. */
  readonly answer?: boolean;
}

/** What a command printed and asked, and how it ended. */
export async function runCommand(
  args: readonly string[],
  { answer, ...terminal }: Scene = {},
): Promise<Ran> {
  const printed: string[] = [];
  const complained: string[] = [];
  const asked: string[] = [];
  const confirm = (question: string): Promise<boolean> => {
    asked.push(question);
    return Promise.resolve(answer === true);
  };
  const exit = await runCommandLine(args, {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    hasColor: false,
    width: Number.POSITIVE_INFINITY,
    confirm: answer === undefined ? null : confirm,
    signal: new AbortController().signal,
    now: () => Date.now(),
    wait: () => Promise.resolve(),
    flushed: () => Promise.resolve(),
    ...terminal,
  });
  return { exit, printed: printed.join('\n'), complained: complained.join('\n'), asked };
}
