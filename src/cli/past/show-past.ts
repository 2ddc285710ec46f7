// One actor at one of its revisions, in words and for programs: what `show --at` gives. Prints what it is
// given; reads two revisions and no more than is folded for them.

import { statePaths } from '../../step/xstate.ts';
import { NotFoundError } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { entryJson } from '../text/journal-view.ts';
import { formatMoment, isoTime, localTime } from '../text/moment.ts';
import { jsonText, printable } from '../text/printable.ts';
import { renderTable, type Table, tinted } from '../text/table.ts';
import { computeChanges, pathText, type ValueChange } from '../text/value-changes.ts';
import { isStateValue } from './actor-track.ts';
import type { Past, PastRevision } from './past.ts';

/** A revision and the one before it. */
export interface Moment {
  readonly past: Past;
  readonly now: PastRevision;
  readonly before: PastRevision | null;
  /** Null: contexts are not known. */
  readonly changes: readonly ValueChange[] | null;
}

/** @throws NotFoundError for a revision that the actor has not had */
export async function readMoment(past: Past, at: number): Promise<Moment> {
  const found: PastRevision[] = [];
  for await (const revision of past.revisions(Math.max(1, at - 1), at)) found.push(revision);
  const now = found.find(({ entry }) => entry.revision === at);
  const before = found.find(({ entry }) => entry.revision === at - 1) ?? null;
  if (now === undefined) {
    const { id, revision } = past.record;
    throw new NotFoundError(
      `Expected a revision that "${id}" has had (1 to ${revision}), got ${at}.`,
    );
  }
  const isKnown = now.state !== null && (at === 1 || before?.state != null);
  return {
    past,
    now,
    before,
    changes: isKnown ? computeChanges(before?.state?.context ?? {}, now.state.context) : null,
  };
}

export function momentJson({ past, now, changes }: Moment): unknown {
  const { entry, value, state, problem } = now;
  const { id, machine, machineVersion } = past.record;
  return {
    id,
    machine,
    machineVersion,
    entry: entryJson(entry),
    value,
    status: state?.status ?? null,
    context: state?.context ?? null,
    output: state?.output ?? null,
    changes,
    taken: state?.taken ?? null,
    timers:
      state?.timers.map(({ dueAt, ...timer }) => ({ ...timer, dueAt: isoTime(dueAt) })) ?? null,
    effects: state?.effects ?? null,
    missing: past.missing,
    problem,
  };
}

export function printMoment(
  moment: Moment,
  { contextLines }: { readonly contextLines: number },
  terminal: Terminal,
): void {
  printMomentHead(moment, terminal);
  const { now, changes, past } = moment;
  const { state } = now;
  if (changes !== null) {
    const title = 'Changed since the revision before';
    if (changes.length === 0) printTitle(`${title}: nothing`, terminal);
    else printTable(title, changeTable(changes), terminal);
  }
  if (state !== null) {
    printTitle('Context', terminal);
    const lines = jsonText(state.context, 2).split('\n');
    for (const line of lines.slice(0, contextLines)) terminal.print(line);
    const rest = lines.length - contextLines;
    if (rest > 0) {
      const more = `… ${rest} more lines: --context-lines ${lines.length}`;
      terminal.print(tinted(more, 'dim', terminal));
    }
    printTable('Timers', timerTable(state.timers), terminal);
    printTable('Effects', effectTable(state.effects), terminal);
  }
  if (past.missing !== null) terminal.complain(printable(`note: ${past.missing}`));
}

function printMomentHead({ past, now, before }: Moment, terminal: Terminal): void {
  const { entry, state, problem } = now;
  const { id, machine, machineVersion, revision: last } = past.record;
  const { kind, type, at, key, correlation, causation, revision } = entry;
  const from = before === null ? '' : `${stateWords(before.value)} → `;
  const lines: readonly (readonly [name: string, text: string | null])[] = [
    ['machine', `${machine}, version ${machineVersion}`],
    ['revision', `${revision} of ${last}`],
    ['event', `${type} (${kind})`],
    ['data', now.data === null ? null : JSON.stringify(now.data)],
    ['state', `${from}${stateWords(now.value)}`],
    ['status', state?.status ?? null],
    ['took', state === null || state.taken.length === 0 ? null : state.taken.join(', ')],
    ['time', formatMoment(at, terminal.now())],
    ['cause', causation],
    ['key', key],
    ['trace', correlation],
    ['problem', problem],
  ];
  terminal.print(tinted(printable(`${id}@${revision}`), 'bold', terminal));
  for (const [name, text] of lines) {
    if (text === null) continue;
    terminal.print(`${tinted(name.padEnd(8), 'dim', terminal)}  ${printable(text)}`);
  }
}

function stateWords(value: unknown): string {
  if (!isStateValue(value)) return '(none)';
  return statePaths(value as Parameters<typeof statePaths>[0]).join(' ');
}

function printTitle(title: string, terminal: Terminal): void {
  terminal.print('');
  terminal.print(tinted(title, 'bold', terminal));
}

function printTable(title: string, table: Table, terminal: Terminal): void {
  if (table.rows.length === 0) return;
  printTitle(title, terminal);
  terminal.print(renderTable(table, terminal));
}

const SIGNS: Readonly<Record<ValueChange['kind'], string>> = {
  added: '+',
  removed: '-',
  changed: '~',
};

function changeTable(changes: readonly ValueChange[]): Table {
  return {
    titles: ['', 'context', 'before', 'after'],
    rows: changes.map((change) => [
      SIGNS[change.kind],
      pathText(change.path),
      change.kind === 'added' ? '' : JSON.stringify(change.before),
      change.kind === 'removed' ? '' : JSON.stringify(change.after),
    ]),
  };
}

function timerTable(timers: NonNullable<PastRevision['state']>['timers']): Table {
  return {
    titles: ['timer', 'event', 'due'],
    rows: timers.map(({ id, event, dueAt }) => [id, event, localTime(dueAt)]),
  };
}

function effectTable(effects: NonNullable<PastRevision['state']>['effects']): Table {
  return {
    titles: ['effect', 'name', 'key'],
    rows: effects.map(({ id, name, key }) => [id, name, key]),
  };
}
