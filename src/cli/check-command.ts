// `sagawright check ./file.ts`: proves the sagas that a module exports. Reads the module, never runs a
// saga; findings go to standard output, mistakes of usage to standard error.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import { type CheckOptions, checkSaga, type SagaReport } from '../saga/saga-check.ts';
import { formatFindings, type ReportFormat } from '../saga/saga-check-format.ts';
import { readMarks } from '../saga/saga-check-marks.ts';
import { isMachine } from '../step/classify.ts';

/** Where a command writes, so that tests read along. */
export interface Output {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** 0: proven. 1: there are findings. 2: nothing could be checked. */
export type ExitCode = 0 | 1 | 2;

const USAGE = `Usage: sagawright check <file> [options]

Proves the sagas that a module exports: whatever was or may have been done is undone on every path.
Steps without a compensation are taken at their word, and named.

  --format text|json|sarif   how findings are written (default: text)
  --saga <name>              only this export (may be given several times)
  --faults <n>               at most so many faults on one path, for sagas of many steps
  --help

A module may export \`checkOptions\`: samples and bounds of checkSaga by the names of its sagas.
Exit codes: 0 proven, 1 findings, 2 nothing could be checked.`;

const FORMATS: readonly string[] = ['text', 'json', 'sarif'];

/** What is wrong with the call or the file; said on standard error. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

export async function check(args: readonly string[], output: Output): Promise<ExitCode> {
  try {
    const request = readRequest(args);
    if (request === null) {
      output.print(USAGE);
      return 0;
    }
    const reports = await checkFile(request);
    output.print(render(reports, request.format));
    return reports.every(({ ok }) => ok) ? 0 : 1;
  } catch (error) {
    output.complain(error instanceof UsageError ? error.message : describe(error));
    return 2;
  }
}

interface Request {
  readonly file: string;
  readonly format: ReportFormat;
  /** Names of exports; empty: all sagas. */
  readonly sagas: readonly string[];
  readonly faults: number | null;
}

/** Null: the usage was asked for. */
function readRequest(args: readonly string[]): Request | null {
  const { values, positionals } = parse(args);
  if (values.help === true) return null;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new UsageError(`Expected one file, got ${positionals.length}.\n\n${USAGE}`);
  }
  const { format = 'text', saga: sagas = [], faults } = values;
  if (!FORMATS.includes(format)) {
    throw new UsageError(`Expected --format ${FORMATS.join('|')}, got "${format}".`);
  }
  if (faults !== undefined && !/^[1-9]\d*$/.test(faults)) {
    throw new UsageError(`Expected --faults as a positive whole number, got "${faults}".`);
  }
  const bound = faults === undefined ? null : Number(faults);
  return { file, format: format as ReportFormat, sagas, faults: bound };
}

function parse(args: readonly string[]): {
  readonly values: {
    readonly help?: boolean;
    readonly format?: string;
    readonly saga?: string[];
    readonly faults?: string;
  };
  readonly positionals: readonly string[];
} {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        format: { type: 'string' },
        saga: { type: 'string', multiple: true },
        faults: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${describe(error)}\n\n${USAGE}`);
  }
}

async function checkFile({ file, sagas, faults }: Request): Promise<readonly SagaReport[]> {
  const exported = await load(file);
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
    return checkSaga(machine, { ...options[name], ...(faults !== null && { faults }) });
  });
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(resolve(file)).href;
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (!existsSync(resolve(file))) throw new UsageError(`Expected a file ${file}, got none.`);
    const isTypeScript = describe(error).includes('Unknown file extension ".ts"');
    const hint = isTypeScript ? ' TypeScript needs Node 22.18 or later.' : '';
    throw new UsageError(`Expected a module in ${file}, got: ${describe(error)}${hint}`);
  }
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

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
