// `sagawright doctor`: looks at a database and at what runs it, and says in one line each what is well,
// what waits for somebody and what is broken. Mends nothing.

import { isEngineError } from '../../errors.ts';
import type { StoreExamination, StoreReader } from '../../store-reader.ts';
import { type AddCommand, addSharedOptions, type SharedOptions, terminalFor } from '../command.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { Setup } from '../load-config.ts';
import { withReader } from '../reader-session.ts';
import type { Terminal } from '../terminal.ts';
import { jsonText, printable } from '../text/printable.ts';
import { renderTable, type Tint, tinted } from '../text/table.ts';
import { type Finding, findInContents, findInFile, type Level } from './doctor-findings.ts';
import { findInMachines } from './doctor-machines.ts';

interface DoctorOptions extends SharedOptions {
  /** False by `--no-integrity`. */
  readonly integrity: boolean;
}

const TINTS: Readonly<Record<Level, Tint>> = { ok: 'green', warn: 'yellow', fail: 'red' };

export const addDoctor: AddCommand = (program, context) => {
  addSharedOptions(program.command('doctor'))
    .description('says what is well, what waits for somebody, what is broken, and what to do')
    .option('--no-integrity', 'without a look at every page: seconds for gigabytes')
    .addHelpText('after', '\nExits with 1 when something is broken.')
    .action(async (options: DoctorOptions) => {
      const terminal = terminalFor(context, options);
      const findings = await withReader(options, (reader, setup) =>
        examine(reader, setup, options.integrity, terminal.now()),
      );
      if (options.json === true) terminal.print(jsonText({ findings }, 2));
      else printFindings(findings, terminal);
      if (findings.some(({ level }) => level === 'fail')) context.end(EXIT_CODES.findings);
    });
};

async function examine(
  reader: StoreReader,
  setup: Setup,
  isChecked: boolean,
  now: number,
): Promise<readonly Finding[]> {
  const examination = await reader.examine(isChecked);
  const found = [...findInProcess(examination), ...findInFile(examination)];
  try {
    const overview = await reader.overview(now);
    found.push(
      ...findInContents(overview, await reader.groupCounts(), examination.lock.isHeld, now),
      ...(await findInMachines(reader, setup, now)),
    );
  } catch (error) {
    // A damaged page is what the doctor is asked about: it is told beside what else was found.
    if (!isEngineError(error, 'STORE_CORRUPT')) throw error;
    found.push({ level: 'fail', subject: 'contents', text: error.message, advice: null });
  }
  return found;
}

/** The program itself. What is too old to work is refused when the database is opened. */
function findInProcess({ sqlite }: StoreExamination): readonly Finding[] {
  const { node } = process.versions;
  return [
    { level: 'ok', subject: 'versions', text: `Node ${node}, SQLite ${sqlite}`, advice: null },
  ];
}

function printFindings(findings: readonly Finding[], terminal: Terminal): void {
  const rows = findings.map(({ level, subject, text }) => [
    { text: level, tint: TINTS[level] },
    subject,
    text,
  ]);
  const [, ...lines] = renderTable({ titles: ['', '', ''], rows }, terminal).split('\n');
  for (const [index, line] of lines.entries()) {
    terminal.print(line);
    const advice = findings[index]?.advice ?? null;
    if (advice !== null) terminal.print(`      ${tinted(printable(advice), 'dim', terminal)}`);
  }
}
