// `sagawright graph`: statecharts as pictures and text, of a module's machines, or of a database's with
// what its actors do. Reads only; takes no lock.

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { Option } from 'commander';
import {
  type AddCommand,
  addSharedOptions,
  type SharedOptions,
  terminalFor,
  wholeNumber,
} from '../command.ts';
import { UsageError } from '../exit-code.ts';
import { loadSetup } from '../load-config.ts';
import { isFolder, writeText } from '../output-file.ts';
import { withReader } from '../reader-session.ts';
import type { Terminal } from '../terminal.ts';
import { printable, printableLines } from '../text/printable.ts';
import { type DrawingFormat, draw, FORMATS, fileOf, formatOf } from './drawing.ts';
import { actorSubject, databaseMachines, machinesOf, type Subject } from './graph-subject.ts';

interface GraphOptions extends SharedOptions {
  readonly machine?: string;
  readonly actor?: string;
  readonly format?: DrawingFormat;
  readonly output?: string;
  readonly sample: number;
}

export const addGraph: AddCommand = (program, context) => {
  addSharedOptions(program.command('graph'))
    .description('draws statecharts: of a module, of a database, of one of its actors')
    .argument('[file]', 'a module that exports machines, or a SQLite file (default: --db)')
    .option('--machine <id>', 'this machine, its newest version or `id@version`')
    .option('--actor <id>', 'where this actor is and has been, and what it waits for')
    .addOption(
      new Option('--format <format>', 'default: by the ending of --output, else mermaid').choices(
        FORMATS,
      ),
    )
    .option('--output <file>', 'a file, or a folder for a file of each machine (default: stdout)')
    .option(
      '--sample <actors>',
      'actors of a machine whose journals are looked at',
      wholeNumber('--sample', 1, 100_000),
      1_000,
    )
    .action(async (file: string | undefined, given: GraphOptions) => {
      const options = withFile(file, given);
      const format = options.json === true ? 'json' : formatOf(options.format, options.output);
      const subject = await readSubject(options);
      await deliver(subject, format, options, terminalFor(context, options));
    });
};

const SQLITE_HEADER = 'SQLite format 3\0';

/** The file stands for `--db` or `--machines`, by what it is. */
function withFile(file: string | undefined, options: GraphOptions): GraphOptions {
  if (file === undefined) return options;
  if (!existsSync(file)) throw new UsageError(`Expected a file ${file}, got none.`);
  return isDatabase(file) ? { ...options, db: file } : { ...options, machines: file };
}

function isDatabase(file: string): boolean {
  const header = Buffer.alloc(SQLITE_HEADER.length);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, header, 0, header.length, 0);
  } finally {
    closeSync(handle);
  }
  return header.toString('latin1') === SQLITE_HEADER;
}

/** A module alone is drawn without a database, even if the config names one. */
async function readSubject(options: GraphOptions): Promise<Subject> {
  const { actor, machine, machines, db, sample } = options;
  if (actor !== undefined) {
    return withReader(options, (reader, setup) => actorSubject(reader, setup, actor));
  }
  const setup = await loadSetup(options);
  if (db === undefined && (machines !== undefined || setup.database === null)) {
    if (setup.machines.length > 0) return machinesOf(setup.machines, machine);
    throw new UsageError(
      'Expected a module with machines or a database: npx sagawright graph <file>.',
    );
  }
  return withReader(options, (reader) => databaseMachines(reader, setup, { machine, sample }));
}

async function deliver(
  { drawn, notes }: Subject,
  format: DrawingFormat,
  { output }: GraphOptions,
  terminal: Terminal,
): Promise<void> {
  const [only, ...others] = drawn;
  if (only === undefined) throw new UsageError('Expected machines in it, found none.');
  if (others.length > 0 && (output === undefined || !isFolder(output))) {
    const names = drawn.map(({ machine }) => machine).join(', ');
    throw new UsageError(
      `Expected --machine with one of ${names}, or a folder for all: --output charts/.`,
    );
  }
  for (const note of notes) terminal.complain(printable(`note: ${note}`));
  for (const each of drawn) {
    // In a folder, what is no saga has no picture of its steps.
    if (format === 'steps' && others.length > 0 && !each.isSaga) continue;
    const text = await draw(each, format);
    if (output === undefined) {
      terminal.print(printableLines(text.trimEnd()));
      continue;
    }
    const file = fileOf(each, format, output);
    writeText(file, text);
    terminal.complain(`wrote ${file}`);
  }
}
