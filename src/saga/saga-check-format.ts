// A saga's report for readers: text for people, JSON for scripts, SARIF 2.1.0 for code scanning
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/). Pure; prints nothing.

import { checkChoice } from '../options.ts';
import type { SagaReport } from './saga-check.ts';
import type { FindingCode, SagaFinding } from './saga-check-graph.ts';

export type ReportFormat = 'text' | 'json' | 'sarif';

/** What each code means, whatever the case. */
const RULES: Readonly<Record<FindingCode, string>> = {
  MISSING_COMPENSATION: 'A step that was or may have been done is not undone at an end.',
  COMPENSATION_AFTER_PIVOT: 'An undo starts past the point of no return.',
  COMPENSATED_WITH_FAILURE: 'A saga ends as compensated although an undo failed.',
  UNDO_ORDER: 'A step is undone before one that may build on it.',
  RUN_TWICE: 'A step runs under a new key while its last run may have happened.',
  END_MISMATCH: "A saga's output says another end than its final state.",
  NO_ERROR_PATH: 'An error of a call is handled by nothing.',
  NO_EXIT: 'A state waits for ever.',
  NO_END: 'No end can be reached.',
  UNREACHABLE_STATE: 'No path enters a state.',
  THROWS: 'The machine throws.',
  BAD_MARK: 'A mark in meta means nothing.',
  TOO_MANY_STATES: 'The saga was not explored to its end.',
};

/** @throws EngineError `BAD_OPTION` */
export function formatFindings(report: SagaReport, format: ReportFormat = 'text'): string {
  checkChoice(format, 'the format of a report', ['text', 'json', 'sarif']);
  if (format === 'json') return JSON.stringify(report, null, 2);
  return format === 'sarif' ? JSON.stringify(sarif(report), null, 2) : text(report);
}

function text(report: SagaReport): string {
  const { machine, findings, neverUndone, faults, states, transitions, paths } = report;
  const count = counted(findings.length, 'finding');
  const bound = faults === null ? '' : `, at most ${counted(faults, 'fault')} on a path`;
  const explored = `${states} states, ${transitions} transitions${bound}`;
  const head = `${machine.id} version ${machine.version}: ${count} (${explored})`;
  const ends = paths.map(
    ({ state, path }) => `  ends in ${state} after ${counted(path.length, 'event')}`,
  );
  const never = neverUndone.length === 0 ? [] : [`  never undone: ${neverUndone.join(', ')}`];
  const proven = findings.length === 0 ? [...ends, ...never] : [];
  return [head, ...proven, ...findings.map(paragraph)].join('\n');
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

function paragraph({ code, state, step, message, path }: SagaFinding): string {
  const where = step === null ? state : `${state}, ${step}`;
  const way = path.map((words, index) => `    ${index + 1}. ${words}`);
  return [``, `${code} in ${where}`, `  ${message}`, ...way].join('\n');
}

function sarif({ machine, findings }: SagaReport): object {
  const rules = Object.entries(RULES).map(([id, meaning]) => ({
    id,
    shortDescription: { text: meaning },
  }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'sagawright', rules } },
        results: findings.map((finding) => result(machine.id, finding)),
      },
    ],
  };
}

function result(machine: string, { code, state, step, message, path }: SagaFinding): object {
  const name = `${machine}.${state}`;
  const location = { logicalLocations: [{ fullyQualifiedName: name, kind: 'member' }] };
  const steps = path.map((words) => ({ location: { message: { text: words } } }));
  return {
    ruleId: code,
    level: 'error',
    message: { text: message },
    locations: [location],
    ...(steps.length > 0 && { codeFlows: [{ threadFlows: [{ locations: steps }] }] }),
    properties: { state, step },
  };
}
