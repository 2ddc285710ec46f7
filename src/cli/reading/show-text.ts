// One actor in words, section by section; empty sections are left out. Prints what it is given.

import type { Terminal } from '../terminal.ts';
import type { ActorContents, Shown } from '../text/actor-view.ts';
import { deadLetterTable } from '../text/dead-letter-view.ts';
import { entryTable } from '../text/journal-view.ts';
import { formatAge, formatMoment, localTime } from '../text/moment.ts';
import { jsonText, printable } from '../text/printable.ts';
import { formatCount, renderTable, statusCell, type Table, tinted } from '../text/table.ts';

export function printActor(
  shown: Shown,
  { contextLines }: { readonly contextLines: number },
  terminal: Terminal,
): void {
  const { contents, entries, children, deadLetters, record } = shown;
  const now = terminal.now();
  printHead(shown, terminal);
  printValue('Output', contents.snapshot?.output, contextLines, terminal);
  printValue('Context', contents.snapshot?.context, contextLines, terminal);
  printSection('Timers', timerTable(contents, now), '', terminal);
  printSection('Effects', effectTable(contents, now), '', terminal);
  const childTable: Table = {
    titles: ['child', 'machine', 'status', 'state', 'revision'],
    rows: children.map(({ id, machine, machineVersion, status, state, revision }) => [
      id,
      `${machine}@${machineVersion}`,
      statusCell(status),
      state,
      revision,
    ]),
  };
  const moreChildren = shown.hasMoreChildren
    ? ` (the first ${children.length}; more by list --parent)`
    : '';
  printSection('Children', childTable, moreChildren, terminal);
  const counted =
    entries.length < record.revision
      ? ` (last ${entries.length} of ${formatCount(record.revision)}; more by history)`
      : '';
  printSection('Journal', entryTable(entries), counted, terminal);
  const moreLetters = shown.hasMoreDeadLetters ? ` (the first ${deadLetters.length})` : '';
  printSection('Dead letters', deadLetterTable(deadLetters, now), moreLetters, terminal);
}

function printHead({ record, contents, since }: Shown, terminal: Terminal): void {
  const { id, parent, machine, machineVersion, status, state, revision, incarnation } = record;
  const now = terminal.now();
  const bound = since?.isExact === false ? 'at least since' : 'since';
  const stateText = printable(state === '' ? '(none)' : state);
  const lines: readonly (readonly [name: string, text: string])[] = [
    ['machine', printable(`${machine}, version ${machineVersion}`)],
    ['status', renderTable({ titles: [''], rows: [[statusCell(status)]] }, terminal).trim()],
    ['state', since === null ? stateText : `${stateText}, ${bound} ${formatMoment(since.at, now)}`],
    ['revision', formatCount(revision) + (incarnation > 1 ? `, started ${incarnation} times` : '')],
    ['created', formatMoment(record.createdAt, now)],
    ['updated', formatMoment(record.updatedAt, now)],
    ...(parent === null ? [] : [['parent', printable(parent)] as const]),
    ...failureLines(contents),
  ];
  terminal.print(tinted(printable(id), 'bold', terminal));
  for (const [name, text] of lines) {
    terminal.print(`${tinted(name.padEnd(8), 'dim', terminal)}  ${text}`);
  }
}

/** Why the actor failed, and what is wrong with its row. */
function failureLines({ snapshot, damage }: ActorContents): readonly (readonly [string, string])[] {
  const error = snapshot?.error;
  const code = error?.code === undefined ? '' : ` (${error.code})`;
  return [
    ...(error === undefined
      ? []
      : [['error', printable(`${error.name}: ${error.message}${code}`)] as const]),
    ...(damage === null ? [] : [['damage', printable(damage)] as const]),
  ];
}

function timerTable({ timers }: ActorContents, now: number): Table {
  return {
    titles: ['timer', 'event', 'to', 'due', ''],
    rows: timers.map(({ id, event, to, dueAt }) => [
      id,
      event.type,
      to?.address ?? '',
      localTime(dueAt),
      { text: formatAge(dueAt, now), tint: 'yellow' },
    ]),
  };
}

function effectTable({ effects }: ActorContents, now: number): Table {
  return {
    titles: ['effect', 'name', 'attempt', 'next', 'key'],
    rows: effects.map(({ id, src, attempt, retryAt, key, maybeRan }) => [
      id,
      src,
      attempt,
      { text: nextAttempt(attempt, retryAt, maybeRan, now), tint: 'yellow' },
      key,
    ]),
  };
}

function nextAttempt(
  attempt: number,
  retryAt: number | null,
  maybeRan: boolean,
  now: number,
): string {
  if (retryAt !== null) return `due ${formatMoment(retryAt, now)}`;
  if (attempt === 0) return 'waits for a place';
  return maybeRan ? 'runs; may have happened before' : 'runs';
}

function printSection(title: string, table: Table, note: string, terminal: Terminal): void {
  if (table.rows.length === 0) return;
  terminal.print('');
  terminal.print(tinted(title, 'bold', terminal) + note);
  terminal.print(renderTable(table, terminal));
}

function printValue(title: string, value: unknown, most: number, terminal: Terminal): void {
  if (value === undefined || value === null) return;
  const lines = jsonText(value, 2).split('\n');
  const rest = lines.length - most;
  terminal.print('');
  terminal.print(tinted(title, 'bold', terminal));
  for (const line of lines.slice(0, most)) terminal.print(line);
  if (rest > 0) {
    terminal.print(
      tinted(`… ${rest} more lines: --context-lines ${lines.length}`, 'dim', terminal),
    );
  }
}
