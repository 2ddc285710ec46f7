// Between rows and records, both ways, and nowhere else. What is read is checked column by column:
// a value that this package would not have written is STORE_CORRUPT with its table and id, and is
// never repaired. JSON texts stay texts; the engine's codec reads them.

import { EngineError } from '../src/errors.ts';
import {
  type ActorId,
  actorAddress,
  type IdempotencyKey,
  idempotencyKey,
  type Position,
  position,
} from '../src/ids.ts';
import type {
  ActorGroup,
  ActorRecord,
  DeadLetterRecord,
  JournalEntry,
  MachineRecord,
  NewDeadLetter,
  NewJournalEntry,
  StoredInboxMessage,
  SystemIdRecord,
  Tombstone,
  TransactionResult,
  Wake,
} from '../src/store.ts';
import type { LeafStay, ReplyCount, StateStay } from '../src/store-reader.ts';
import { isActorStatus, isJournalKind } from './commit-check.ts';

export type Value = string | number | null;

/** One row on its way in: knows where it came from, to say so when a column is wrong. */
class Row {
  readonly #table: string;
  readonly #columns: Readonly<Record<string, unknown>>;
  readonly #identity: string;

  constructor(table: string, row: unknown, identity: string) {
    this.#table = table;
    this.#identity = identity;
    // The driver returns rows as plain objects; every column is checked where it is taken.
    this.#columns = row as Readonly<Record<string, unknown>>;
  }

  corrupt(column: string, expected: string, cause?: unknown): EngineError {
    const got = JSON.stringify(this.#columns[column])?.slice(0, 100) ?? 'nothing';
    const id = this.#columns[this.#identity];
    return new EngineError(
      'STORE_CORRUPT',
      `Expected ${expected} in ${this.#table}.${column} of ${String(id)}, got ${got}. Nothing was repaired; restore a backup or correct that row.`,
      { details: { table: this.#table, column, id }, cause },
    );
  }

  text(column: string): string {
    const value = this.#columns[column];
    if (typeof value !== 'string') {
      throw this.corrupt(column, 'text');
    }
    return value;
  }

  textOrNull(column: string): string | null {
    return this.#columns[column] === null ? null : this.text(column);
  }

  /** Beyond 2^53 the driver's numbers are rounded, so they count as wrong. */
  integer(column: string, least = 0): number {
    const value = this.#columns[column];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
      throw this.corrupt(column, `an integer of ${least} to 2^53`);
    }
    return value;
  }

  integerOrNull(column: string): number | null {
    return this.#columns[column] === null ? null : this.integer(column);
  }

  member<T>(column: string, expected: string, isMember: (value: unknown) => value is T): T {
    const value = this.#columns[column];
    if (!isMember(value)) {
      throw this.corrupt(column, expected);
    }
    return value;
  }

  actor(column: string): ActorId {
    try {
      return actorAddress(this.#columns[column]);
    } catch (error) {
      throw this.corrupt(column, 'an actor id', error);
    }
  }

  actorOrNull(column: string): ActorId | null {
    return this.#columns[column] === null ? null : this.actor(column);
  }

  keyOrNull(column: string): IdempotencyKey | null {
    return this.#columns[column] === null ? null : this.key(column);
  }

  key(column: string): IdempotencyKey {
    try {
      return idempotencyKey(this.#columns[column]);
    } catch (error) {
      throw this.corrupt(column, 'an idempotency key', error);
    }
  }

  position(column: string): Position {
    return position(this.integer(column, 1));
  }
}

function isFlag(value: unknown): value is 0 | 1 {
  return value === 0 || value === 1;
}

export const JOURNAL_COLUMNS: string =
  'position, actor, revision, kind, type, data, state, at, key, correlation, causation';

export function pushJournalValues(into: Value[], at: number, entry: NewJournalEntry): void {
  into.push(at, entry.actor, entry.revision, entry.kind, entry.type, entry.data, entry.state);
  into.push(entry.at, entry.key, entry.correlation, entry.causation);
}

export function journalEntry(raw: unknown): JournalEntry {
  const row = new Row('journal', raw, 'position');
  return {
    position: row.position('position'),
    actor: row.actor('actor'),
    revision: row.integer('revision', 1),
    kind: row.member('kind', 'a journal kind', isJournalKind),
    type: row.text('type'),
    data: row.text('data'),
    state: row.textOrNull('state'),
    at: row.integer('at'),
    key: row.keyOrNull('key'),
    correlation: row.textOrNull('correlation'),
    causation: row.textOrNull('causation'),
  };
}

/** What an update sets; identity and place in the tree never change. */
export const ACTOR_CHANGES: readonly string[] = [
  'machine',
  'machine_version',
  'revision',
  'incarnation',
  'status',
  'state',
  'snapshot',
  'pending',
  'running',
  'wake_at',
  'created_at',
  'updated_at',
];

export const ACTOR_COLUMNS: string = ['id', 'root', 'parent', ...ACTOR_CHANGES].join(', ');

/** In the order of {@link ACTOR_CHANGES}. */
export function actorChanges(record: ActorRecord): Value[] {
  return [
    record.machine,
    record.machineVersion,
    record.revision,
    record.incarnation,
    record.status,
    record.state,
    record.snapshot,
    record.pending,
    record.running ? 1 : 0,
    record.wakeAt,
    record.createdAt,
    record.updatedAt,
  ];
}

export function actorRecord(raw: unknown): ActorRecord {
  const row = new Row('actors', raw, 'id');
  return {
    id: row.actor('id'),
    root: row.actor('root'),
    parent: row.actorOrNull('parent'),
    machine: row.text('machine'),
    machineVersion: row.text('machine_version'),
    revision: row.integer('revision', 1),
    incarnation: row.integer('incarnation', 1),
    status: row.member('status', 'an actor status', isActorStatus),
    state: row.text('state'),
    snapshot: row.text('snapshot'),
    pending: row.text('pending'),
    running: row.member('running', '0 or 1', isFlag) === 1,
    wakeAt: row.integerOrNull('wake_at'),
    createdAt: row.integer('created_at'),
    updatedAt: row.integer('updated_at'),
  };
}

export function wake(raw: unknown): Wake {
  const row = new Row('actors', raw, 'id');
  return { id: row.actor('id'), wakeAt: row.integer('wake_at') };
}

export function actorId(raw: unknown): ActorId {
  return new Row('actors', raw, 'id').actor('id');
}

export function actorGroup(raw: unknown): ActorGroup {
  const row = new Row('actors', raw, 'machine');
  return {
    machine: row.text('machine'),
    machineVersion: row.text('machine_version'),
    state: row.text('state'),
    status: row.member('status', 'a status', isActorStatus),
  };
}

export function inboxMessage(raw: unknown): StoredInboxMessage {
  const row = new Row('inbox', raw, 'id');
  return { id: row.integer('id', 1), target: row.actor('target'), data: row.text('data') };
}

export function deadLetterValues(letter: NewDeadLetter): Value[] {
  const { reason, actor, type, data, error, at, revision } = letter;
  return [reason, actor, type, data, error, at, revision];
}

export function deadLetterRecord(raw: unknown): DeadLetterRecord {
  const row = new Row('dead_letters', raw, 'id');
  return {
    id: row.integer('id', 1),
    reason: row.text('reason'),
    actor: row.actor('actor'),
    type: row.text('type'),
    data: row.text('data'),
    error: row.text('error'),
    at: row.integer('at'),
    revision: row.integer('revision'),
    replays: row.integer('replays'),
  };
}

export function systemIdRecord(raw: unknown): SystemIdRecord {
  const row = new Row('system_ids', raw, 'system_id');
  return {
    root: row.actor('root'),
    systemId: row.text('system_id'),
    actor: row.actor('actor'),
  };
}

export function machineRecord(raw: unknown): MachineRecord {
  const row = new Row('machines', raw, 'machine');
  return {
    machine: row.text('machine'),
    version: row.text('version'),
    fingerprint: row.text('fingerprint'),
    definition: row.text('definition'),
    registeredAt: row.integer('registered_at'),
  };
}

export function transactionResult(raw: unknown): TransactionResult {
  const row = new Row('transaction_results', raw, 'key');
  return { key: row.key('key'), result: row.text('result'), at: row.integer('at') };
}

/** The column is part of the primary key and cannot be null. */
export function tombstoneValues(tombstone: Tombstone): Value[] {
  return [tombstone.actor, tombstone.key ?? '', tombstone.data, tombstone.expiresAt];
}

export function tombstone(raw: unknown): Tombstone {
  const row = new Row('tombstones', raw, 'actor');
  return {
    actor: row.actor('actor'),
    key: row.text('key') === '' ? null : row.keyOrNull('key'),
    data: row.text('data'),
    expiresAt: row.integer('expires_at'),
  };
}

export function checkpointPosition(raw: unknown): Position {
  const row = new Row('checkpoints', raw, 'projection');
  return position(row.integer('position'));
}

/** The one number of a counting query. */
export function count(raw: unknown): number {
  return new Row('counts', raw, 'count').integer('count');
}

export function reasonCount(raw: unknown): readonly [reason: string, count: number] {
  const row = new Row('dead_letters', raw, 'reason');
  return [row.text('reason'), row.integer('count')];
}

export function oldestWakeAt(raw: unknown): number | null {
  return new Row('actors', raw, 'wake_at').integerOrNull('wake_at');
}

export function positionOrNull(raw: unknown): Position | null {
  const value = new Row('journal', raw, 'position').integerOrNull('position');
  return value === null ? null : position(value);
}

/** When an entry was written. */
export function journalMoment(raw: unknown): { readonly position: Position; readonly at: number } {
  const row = new Row('journal', raw, 'position');
  return { position: row.position('position'), at: row.integer('at') };
}

export function stateStay(raw: unknown): StateStay {
  const row = new Row('journal', raw, 'state');
  return {
    machine: row.text('machine'),
    state: row.text('state'),
    stays: row.integer('stays'),
    p50Ms: row.integer('p50_ms'),
    p95Ms: row.integer('p95_ms'),
    longestMs: row.integer('longest_ms'),
  };
}

export function leafStay(raw: unknown): LeafStay {
  const row = new Row('journal', raw, 'name');
  return {
    state: [...keysOf(row.text('path')), row.text('name')].join('.'),
    stays: row.integer('stays'),
    p50Ms: row.integer('p50_ms'),
    p95Ms: row.integer('p95_ms'),
  };
}

export function replyCount(raw: unknown): ReplyCount {
  const row = new Row('journal', raw, 'type');
  return { type: row.text('type'), count: row.integer('count') };
}

/** The keys of a JSON path: `$.pay."card paid"`. */
function keysOf(path: string): readonly string[] {
  const steps = path.slice(1).match(/\."(?:[^"\\]|\\.)*"|\.[^.]+/g) ?? [];
  return steps.map((step) => (step.startsWith('."') ? JSON.parse(step.slice(1)) : step.slice(1)));
}

/** Frames of the WAL, and how many of them a checkpoint has copied; -1 when there is no WAL. */
export interface WalFrames {
  readonly busy: boolean;
  readonly log: number;
  readonly checkpointed: number;
}

export function walFrames(raw: unknown): WalFrames {
  const row = new Row('wal_checkpoint', raw, 'busy');
  return {
    busy: row.integer('busy') !== 0,
    log: Math.max(0, row.integer('log', -1)),
    checkpointed: Math.max(0, row.integer('checkpointed', -1)),
  };
}
