// One command of the command line, run in this process with a person at the terminal who answers each
// question alike, or with nobody there.

import type { Terminal } from '../../src/cli/terminal.ts';
import { type Ran, runCommand } from '../support/recorded-terminal.ts';

export interface RecordedRun extends Ran {
  /** What was asked. */
  readonly asked: readonly string[];
}

/**
 * @param answer what is said to each question; null: nobody is there
 * @param look how the terminal is otherwise; by default as a pipe
 */
export async function recordRun(
  args: readonly string[],
  answer: boolean | null = null,
  look: Partial<Terminal> = {},
): Promise<RecordedRun> {
  const asked: string[] = [];
  const confirm = (question: string): Promise<boolean> => {
    asked.push(question);
    return Promise.resolve(answer === true);
  };
  const ran = await runCommand(args, { confirm: answer === null ? null : confirm, ...look });
  return { ...ran, asked };
}
