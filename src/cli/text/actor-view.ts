// One actor as `show` gives it: all that its row says, without any machine, so that it can be looked at
// where the code is not. A row that makes no sense is told as it is.

import { isEngineError } from '../../errors.ts';
import { readColumns, type SnapshotColumn } from '../../state/actor-row.ts';
import type { PendingEffect, TimerEntry } from '../../state/actor-state.ts';
import type { ActorRecord, DeadLetterRecord, JournalEntry } from '../../store.ts';
import type { StoreReader } from '../../store-reader.ts';
import { stateOf } from './journal-view.ts';
import { isoTime } from './moment.ts';

/** What is in an actor's row. */
export interface ActorContents {
  /** Null: it cannot be read, see `damage`. */
  readonly snapshot: SnapshotColumn | null;
  /** In order of due time. */
  readonly timers: readonly TimerEntry[];
  readonly effects: readonly PendingEffect[];
  /** What is wrong with the row. */
  readonly damage: string | null;
}

export function readContents(record: ActorRecord): ActorContents {
  try {
    const { column, pending } = readColumns(record);
    return {
      snapshot: column,
      timers: Object.values(pending.timers ?? {}).sort((a, b) => a.dueAt - b.dueAt),
      effects: Object.values(pending.effects ?? {}),
      damage: null,
    };
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return { snapshot: null, timers: [], effects: [], damage: error.message };
  }
}

/** Since when an actor is in its state. */
export interface Since {
  readonly at: number;
  /** False: longer; the entries that were looked at do not tell. */
  readonly isExact: boolean;
}

/** Entries that {@link readSince} looks at, from the newest back. */
const LOOKED_AT = 500;

/** Since when the actor is in its present state, by its newest entries; null when none of them has one. */
export async function readSince(
  reader: Pick<StoreReader, 'journal'>,
  { id, revision }: ActorRecord,
): Promise<Since | null> {
  const afterRevision = Math.max(0, revision - LOOKED_AT);
  const entries = await reader.journal({ actor: id, afterRevision, limit: LOOKED_AT });
  return sinceOf(entries.filter(({ state }) => state !== null));
}

function sinceOf(stated: readonly JournalEntry[]): Since | null {
  const last = stated.at(-1);
  if (last === undefined) return null;
  const state = stateOf(last);
  let entered = last;
  for (const entry of stated.toReversed()) {
    if (stateOf(entry) !== state) return { at: entered.at, isExact: true };
    entered = entry;
    if (entry.kind === 'started') return { at: entry.at, isExact: true };
  }
  return { at: entered.at, isExact: false };
}

/** An actor with all that is shown of it. */
export interface Shown {
  readonly record: ActorRecord;
  readonly contents: ActorContents;
  readonly since: Since | null;
  /** The newest, oldest of them first. */
  readonly entries: readonly JournalEntry[];
  /** The first ones by id; `more` are not among them. */
  readonly children: readonly ActorRecord[];
  readonly hasMoreChildren: boolean;
  readonly deadLetters: readonly DeadLetterRecord[];
  readonly hasMoreDeadLetters: boolean;
}

/** An actor for programs, without what is in it. */
export function actorJson(record: ActorRecord): Readonly<Record<string, unknown>> {
  const { snapshot: _snapshot, pending: _pending, createdAt, updatedAt, wakeAt, ...rest } = record;
  return {
    ...rest,
    wakeAt: isoTime(wakeAt),
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
  };
}
