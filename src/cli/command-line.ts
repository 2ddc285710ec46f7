// The command line as one function: arguments and a terminal in, an exit code out. Each command adds
// itself; here they are joined, and whatever is thrown becomes one line and a number. Ends no process.

import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addBackup } from './backup-command.ts';
import { addCheck } from './check-command.ts';
import type { AddCommand, CommandContext } from './command.ts';
import { addCompensate } from './compensate-command.ts';
import { addDeadLetters } from './dead-letters-command.ts';
import { addDoctor } from './doctor-command.ts';
import { EXIT_CODES, type ExitCode, exitCodeOf } from './exit-code.ts';
import { addGraph } from './graph-command.ts';
import { addHistory } from './history-command.ts';
import { addList } from './list-command.ts';
import { addMigrate } from './migrate-command.ts';
import { printable } from './printable.ts';
import { addRetry } from './retry-command.ts';
import { addSend } from './send-command.ts';
import { addShow } from './show-command.ts';
import { addStats } from './stats-command.ts';
import { addTail } from './tail-command.ts';
import type { Terminal } from './terminal.ts';
import { addVerify } from './verify-command.ts';

/** In the order of the help. */
const COMMANDS: readonly AddCommand[] = [
  addList,
  addShow,
  addHistory,
  addTail,
  addStats,
  addDeadLetters,
  addDoctor,
  addVerify,
  addSend,
  addRetry,
  addCompensate,
  addMigrate,
  addBackup,
  addGraph,
  addCheck,
];

/** Commander's program with all commands; throws instead of ending the process. */
function createProgram(context: CommandContext): Command {
  const { terminal } = context;
  const columns = Number.isFinite(terminal.width) ? terminal.width : 80;
  const program = new Command('sagawright')
    .description('Looks at, mends and checks durable actors and sagas.')
    .version(installedVersion(), '-V, --version', 'the version of this package')
    .helpOption('-h, --help', 'how a command is used')
    .helpCommand('help [command]', 'how a command is used')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => terminal.hasColor,
      getErrHasColors: () => terminal.hasColor,
    });
  for (const add of COMMANDS) add(program, context);
  return program;
}

/**
 * Runs one command. Never throws: what goes wrong is one line on standard error, with its stack when
 * `SAGAWRIGHT_DEBUG` is set.
 * @param args without the names of Node and of the program
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.ok;
  const end = (given: ExitCode): void => {
    code = given;
  };
  try {
    await createProgram({ terminal, end }).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has told its own already: help, version, an unknown option.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    }
    terminal.complain(`error: ${oneLine(error)}`);
    const { SAGAWRIGHT_DEBUG } = process.env;
    if (SAGAWRIGHT_DEBUG && error instanceof Error) terminal.complain(error.stack ?? '');
    return exitCodeOf(error);
  }
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.split(/\s*\n\s*/).join(' '));
}

function installedVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('sagawright/package.json');
  return (manifest as { readonly version: string }).version;
}
