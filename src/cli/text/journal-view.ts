// Entries of the journal, as `history`, `show` and `tail` give them: to programs as JSON with times in
// UTC, to people in words. What is stored may be damaged; then it is shown as it is.

import { statePaths } from '../../step/xstate.ts';
import type { JournalEntry } from '../../store.ts';
import { isoTime, localTime } from './moment.ts';
import type { Table } from './table.ts';

/** An entry for programs. */
export function entryJson(entry: JournalEntry): Readonly<Record<string, unknown>> {
  const { state, data, at, ...rest } = entry;
  return { ...rest, at: isoTime(at), value: readJson(state), data: readJson(data) };
}

/** The active leaf states after an entry, as they are named everywhere; empty when it has none. */
export function stateOf(entry: Pick<JournalEntry, 'state'>): string {
  return entry.state === null ? '' : stateText(entry.state);
}

/** A state value's JSON as paths of its leaves. */
export function stateText(json: string): string {
  const value = readJson(json);
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
    ? statePaths(value as Parameters<typeof statePaths>[0]).join(' ')
    : json;
}

/** What a JSON text says; broken JSON as its text, so that a damaged row can be looked at too. */
export function readJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Entries of one actor as a table. */
export function entryTable(entries: readonly JournalEntry[]): Table {
  return {
    titles: ['revision', 'time', 'kind', 'type', 'state', 'cause'],
    rows: entries.map((entry) => [
      entry.revision,
      { text: localTime(entry.at), tint: 'dim' },
      entry.kind,
      entry.type,
      stateOf(entry),
      { text: entry.causation ?? '', tint: 'dim' },
    ]),
  };
}
