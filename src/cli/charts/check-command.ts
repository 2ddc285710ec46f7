// `sagawright check ./file.ts`: proves the sagas that a module exports. Reads the module, never runs a
// saga; findings go to standard output.

import { type Command, Option } from 'commander';
import type { AnyStateMachine } from 'xstate';
import { type CheckOptions, checkSaga, type SagaReport } from '../../saga/saga-check.ts';
import { formatFindings, type ReportFormat } from '../../saga/saga-check-format.ts';
import { readMarks } from '../../saga/saga-check-marks.ts';
import { isMachine } from '../../step/classify.ts';
import { type CommandContext, wholeNumber } from '../command.ts';
import { EXIT_CODES, UsageError } from '../exit-code.ts';
import { loadModule } from '../load-config.ts';

interface CheckCommandOptions {
  readonly format: ReportFormat;
  /** Names of exports; without it, all sagas. */
  readonly saga?: readonly string[];
  readonly faults?: number;
}

const FORMATS: readonly ReportFormat[] = ['text', 'json', 'sarif'];

export function addCheck(program: Command, { terminal, end }: CommandContext): void {
  program
    .command('check')
    .summary('proves the sagas that a module exports')
    .description(
      'Proves the sagas that a module exports: whatever was or may have been done is undone on every path. Steps without a compensation are taken at their word, and named.',
    )
    .argument('<file>', 'a module; it may export `checkOptions`: samples and bounds by saga')
    .addOption(
      new Option('--format <format>', 'how findings are written').choices(FORMATS).default('text'),
    )
    .option('--saga <name>', 'only this export (may be given several times)', collect)
    .option(
      '--faults <n>',
      'at most so many faults on one path, for sagas of many steps',
      wholeNumber('--faults', 1, 1_000),
    )
    .action(async (file: string, options: CheckCommandOptions) => {
      const reports = await checkFile(file, options);
      terminal.print(render(reports, options.format));
      end(reports.every(({ ok }) => ok) ? EXIT_CODES.ok : EXIT_CODES.findings);
    });
}

function collect(name: string, names: readonly string[] = []): readonly string[] {
  return [...names, name];
}

async function checkFile(
  file: string,
  { saga: sagas = [], faults }: CheckCommandOptions,
): Promise<readonly SagaReport[]> {
  const exported = await loadModule(file);
  const found = sagasOf(exported);
  const names = sagas.length > 0 ? sagas : [...found.keys()];
  if (names.length === 0) {
    throw new UsageError(
      `Expected ${file} to export a saga, found none: a machine built by saga(), or one whose states have \`meta: sagaMeta(...)\`.`,
    );
  }
  const options = optionsOf(exported, found);
  return names.map((name) => {
    const machine = found.get(name);
    if (machine === undefined) {
      throw new UsageError(
        `Expected ${file} to export the saga "${name}"; it exports ${[...found.keys()].join(', ') || 'none'}.`,
      );
    }
    return checkWhole(machine, { ...options[name], ...(faults !== undefined && { faults }) });
  });
}

function sagasOf(
  exported: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, AnyStateMachine> {
  const found = new Map<string, AnyStateMachine>();
  for (const name of Object.keys(exported).sort()) {
    const value = exported[name];
    if (typeof value !== 'object' || value === null || !isMachine(value)) continue;
    if (readMarks(value).steps.length > 0) found.set(name, value);
  }
  return found;
}

function optionsOf(
  exported: Readonly<Record<string, unknown>>,
  found: ReadonlyMap<string, AnyStateMachine>,
): Readonly<Record<string, CheckOptions>> {
  const { checkOptions = {} } = exported;
  if (typeof checkOptions !== 'object' || checkOptions === null) {
    throw new UsageError('Expected the export `checkOptions` to be an object by names of sagas.');
  }
  const unknown = Object.keys(checkOptions).filter((name) => !found.has(name));
  if (unknown.length > 0) {
    throw new UsageError(
      `Expected \`checkOptions\` by names of exported sagas (${[...found.keys()].join(', ')}), got ${unknown.join(', ')}.`,
    );
  }
  return checkOptions as Readonly<Record<string, CheckOptions>>;
}

/** One document, however many sagas there are. */
function render(reports: readonly SagaReport[], format: ReportFormat): string {
  const texts = reports.map((report) => formatFindings(report, format));
  if (format === 'text') return texts.join('\n\n');
  const documents = texts.map((text): unknown => JSON.parse(text));
  if (format === 'json') return JSON.stringify(documents, null, 2);
  const runs = (documents as readonly { readonly runs: readonly unknown[] }[]).flatMap(
    (document) => document.runs,
  );
  return JSON.stringify({ ...(documents[0] as object), runs }, null, 2);
}

/** Sagas that cannot be explored within their bounds are no findings: nothing could be checked. */
function checkWhole(machine: AnyStateMachine, options: CheckOptions): SagaReport {
  try {
    return checkSaga(machine, options);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
