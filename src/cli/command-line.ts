// The command line as one function: arguments and a terminal in, an exit code out. Each command adds
// itself; here they are joined, and whatever is thrown becomes one line and a number. Ends no process.

import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addCheck } from './charts/check-command.ts';
import { addGraph } from './charts/graph-command.ts';
import type { AddCommand, CommandContext } from './command.ts';
import { addBackup } from './database/backup-command.ts';
import { addDoctor } from './database/doctor-command.ts';
import { addMigrate } from './database/migrate-command.ts';
import { addVerify } from './database/verify-command.ts';
import { EXIT_CODES, type ExitCode, exitCodeOf } from './exit-code.ts';
import { addDeadLetters } from './reading/dead-letters-command.ts';
import { addHistory } from './reading/history-command.ts';
import { addList } from './reading/list-command.ts';
import { addShow } from './reading/show-command.ts';
import { addStats } from './reading/stats-command.ts';
import { addTail } from './reading/tail-command.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './text/printable.ts';
import { addCompensate } from './writing/compensate-command.ts';
import { addRetry } from './writing/retry-command.ts';
import { addSend } from './writing/send-command.ts';

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
