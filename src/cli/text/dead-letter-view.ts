// Dead letters, as `dead-letters` and `show` give them: to programs as JSON with times in UTC, to people
// as a table.

import type { DeadLetterRecord } from '../../store.ts';
import { readJson } from './journal-view.ts';
import { isoTime } from './moment.ts';
import { momentCell, type Table } from './table.ts';

/** A letter for programs: the message that was given up on, and why. */
export function deadLetterJson(record: DeadLetterRecord): Readonly<Record<string, unknown>> {
  const { data, error, at, ...rest } = record;
  return { ...rest, at: isoTime(at), message: readJson(data), error: readJson(error) };
}

export function deadLetterTable(records: readonly DeadLetterRecord[], now: number): Table {
  return {
    titles: ['letter', 'reason', 'actor', 'type', 'cause', 'replays', 'at'],
    rows: records.map(({ id, reason, actor, type, error, replays, at }) => [
      id,
      { text: reason, tint: 'red' },
      actor,
      type,
      causeText(error),
      replays,
      momentCell(at, now),
    ]),
  };
}

/** `NAME: message`, from the JSON of a cause; as it is stored when it is none. */
export function causeText(json: string): string {
  const error = readJson(json);
  if (typeof error !== 'object' || error === null) return json;
  const { name, code, message } = error as Readonly<Record<string, unknown>>;
  return [code ?? name, message].filter((part) => typeof part === 'string').join(': ');
}
