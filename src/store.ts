// The port between the engine and what keeps its actors: asynchronous and batch-shaped, so that a
// store may live in this process, in a worker or on another machine. A store never sees XState: all
// state arrives as JSON text. The engine never sees SQL.
//
// Single writer: `commit` may assume that no other engine writes between `open` and `close`. A store
// for several engines must replace the lock taken by `open`, and make `commit` fail with
// STORE_REFUSED when an actor's `previousRevision` is not the one stored.

import type { ActorId, IdempotencyKey, Position } from './ids.ts';

export type ActorStatus = 'active' | 'done' | 'error' | 'stopped' | 'parked';

/** All that an actor is, as one row. JSON texts are written by the engine's codec. */
export interface ActorRecord {
  readonly id: ActorId;
  /** The actor without a parent at the top of this one's tree; itself for a root. */
  readonly root: ActorId;
  readonly parent: ActorId | null;
  readonly machine: string;
  readonly machineVersion: string;
  /** How many journal entries the actor has; also its optimistic-concurrency number. */
  readonly revision: number;
  /** How often an actor was started under this id, from 1. */
  readonly incarnation: number;
  readonly status: ActorStatus;
  /** Paths of the active leaf states, sorted, a space between: `PENDING`, `pay.a pay.b`. */
  readonly state: string;
  /** JSON: state value, context, children, history, output, error. */
  readonly snapshot: string;
  /** JSON: timers and unsettled effects; `{}` when there is none. */
  readonly pending: string;
  /** Whether an effect is in flight: what recovery looks for. */
  readonly running: boolean;
  /** Earliest timer or retry, in milliseconds since the epoch; null when there is none. */
  readonly wakeAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * An actor's new row, and the revision that the commit expects to replace (0: it is new). The revision
 * may stay as it is, never fall; `root` and `parent` never change.
 */
export interface ActorWrite {
  readonly record: ActorRecord;
  readonly previousRevision: number;
}

/**
 * `started` holds the input, `received` a message that changed the actor, `emitted` a domain event,
 * `noted` a fact without transition (a late reply, a stop, a failure).
 */
export type JournalKind = 'started' | 'received' | 'emitted' | 'noted';

export interface NewJournalEntry {
  readonly actor: ActorId;
  readonly revision: number;
  readonly kind: JournalKind;
  readonly type: string;
  /** JSON of the event, the input or the fact. */
  readonly data: string;
  /** JSON of the state value after this entry; null where no state was entered or kept by it. */
  readonly state: string | null;
  readonly at: number;
  readonly key: IdempotencyKey | null;
  readonly correlation: string | null;
  /** The entry that caused this one, as `actor@revision`; or an effect or timer, by a prefix. */
  readonly causation: string | null;
}

export interface JournalEntry extends NewJournalEntry {
  readonly position: Position;
}

/** A message that a turn accepted but did not process: it did not fit. Loaded first at open. */
export interface InboxMessage {
  readonly target: ActorId;
  /** JSON of the engine's envelope. */
  readonly data: string;
}

export interface StoredInboxMessage extends InboxMessage {
  /** In the order of arrival. */
  readonly id: number;
}

export interface NewDeadLetter {
  /** Why the engine gave up, one of its `DeadLetterReason`s; any text to a store. */
  readonly reason: string;
  readonly actor: ActorId;
  /** Event type or effect name. */
  readonly type: string;
  /** JSON of the message or effect, enough to deliver it again. */
  readonly data: string;
  /** JSON of the cause: name, message, code. */
  readonly error: string;
  readonly at: number;
  /** The actor's revision when it happened. */
  readonly revision: number;
}

export interface DeadLetterRecord extends NewDeadLetter {
  readonly id: number;
  /** How often it has been delivered again. */
  readonly replays: number;
}

export interface SystemIdRecord {
  readonly root: ActorId;
  readonly systemId: string;
  readonly actor: ActorId;
}

export interface MachineRecord {
  readonly machine: string;
  readonly version: string;
  /** Hash of the definition's shape. */
  readonly fingerprint: string;
  /** JSON of the definition. */
  readonly definition: string;
  readonly registeredAt: number;
}

/** What a transaction under a key has answered: a repetition gets it again. */
export interface TransactionResult {
  readonly key: IdempotencyKey;
  /** JSON: `{ value }`. */
  readonly result: string;
  readonly at: number;
}

/** An id or a key that outlives the pruning of its actor. */
export interface Tombstone {
  readonly actor: ActorId;
  /** Null for the actor's id itself. */
  readonly key: IdempotencyKey | null;
  /** JSON: the first receipt and the body's hash for a key, the last snapshot's end for an id. */
  readonly data: string;
  /** When it may be forgotten, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * One turn's writes: all of it becomes durable, or none. Applied in the order of the fields. An inbox
 * message or dead letter that is not there, and a transaction whose key has a result, refuses the
 * commit: somebody has already handled it. A
 * system id that is not there may be removed; machines, tombstones and checkpoints are replaced.
 */
export interface Commit {
  /** Positions are given in this order. */
  readonly journal: readonly NewJournalEntry[];
  readonly actors: readonly ActorWrite[];
  readonly inboxAdded?: readonly InboxMessage[];
  readonly inboxRemoved?: readonly number[];
  readonly deadLettersAdded?: readonly NewDeadLetter[];
  readonly deadLettersRemoved?: readonly number[];
  /** Ids whose replay count grows by one. */
  readonly deadLettersReplayed?: readonly number[];
  readonly systemIdsRemoved?: readonly { readonly root: ActorId; readonly systemId: string }[];
  readonly systemIdsAdded?: readonly SystemIdRecord[];
  readonly transactionResults?: readonly TransactionResult[];
  readonly machines?: readonly MachineRecord[];
  readonly tombstones?: readonly Tombstone[];
  readonly checkpoints?: readonly { readonly projection: string; readonly position: Position }[];
}

export interface CommitResult {
  /** One for each journal entry of the commit, in its order. */
  readonly positions: readonly Position[];
  /** Ids of the inbox messages and dead letters added, in the order of the commit. */
  readonly inboxIds: readonly number[];
  readonly deadLetterIds: readonly number[];
}

/** A page of the journal: entries after `after`, in order of position (or of revision for one actor). */
export interface JournalQuery {
  readonly after?: Position;
  readonly actor?: ActorId;
  readonly afterRevision?: number;
  readonly kinds?: readonly JournalKind[];
  /** 1 to 1,000. */
  readonly limit: number;
}

/** A page of actors in order of id, by code points. */
export interface ListQuery {
  readonly machine?: string;
  readonly machineVersion?: string;
  readonly status?: ActorStatus;
  /** A state path: matches actors in that state or in one below it, in any parallel region. */
  readonly state?: string;
  readonly parent?: ActorId;
  readonly root?: ActorId;
  readonly after?: ActorId;
  /** 1 to 1,000. */
  readonly limit: number;
}

/** A combination of what lists of actors filter by. */
export type ActorGroup = Pick<ActorRecord, 'machine' | 'machineVersion' | 'state' | 'status'>;

export interface DeadLetterQuery {
  readonly reason?: string;
  readonly actor?: ActorId;
  /** Only letters older than this, in milliseconds since the epoch. */
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
}

/** An actor that wants to be woken. Pages go by (`wakeAt`, `id`). */
export interface Wake {
  readonly id: ActorId;
  readonly wakeAt: number;
}

export interface KeyedEntry {
  readonly actor: ActorId;
  readonly key: IdempotencyKey;
  /** The first entry in the journal under that key; tombstones are not looked at. */
  readonly entry: JournalEntry;
}

export interface StoreHealth {
  /** `full` unless the user has opted out of durability. */
  readonly durability: 'full' | 'relaxed' | 'memory';
  readonly walBytes: number;
  readonly actors: number;
  readonly parked: number;
  readonly failed: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly inbox: number;
  readonly oldestWakeAt: number | null;
}

/** A complete copy, on disk. */
export interface Backup {
  readonly path: string;
  readonly pages: number;
  readonly bytes: number;
}

export interface BackupProgress {
  /** Of the whole database as it is now. */
  readonly pages: number;
  readonly remainingPages: number;
}

/**
 * What the engine asks of a store. All promises reject with an EngineError: `STORE_BUSY` and
 * `STORE_FULL` after a clean rollback, `STORE_REFUSED` when the database refused the write itself (rolled
 * back too), `STORE_FAILED` when the result of a write is not known, `STORE_CORRUPT` when what was read
 * cannot be right.
 */
export interface Store {
  /** Takes the single-writer lock, migrates, checks settings. Rejects with `STORE_LOCKED`, `STORE_TOO_NEW`, ... */
  open(): Promise<void>;
  /** Records of those ids that exist, all of one moment, in any order. */
  load(ids: readonly ActorId[]): Promise<readonly ActorRecord[]>;
  findKeys(
    wanted: readonly { readonly actor: ActorId; readonly key: IdempotencyKey }[],
  ): Promise<readonly KeyedEntry[]>;
  /** Results that there are under these keys, in any order. */
  findTransactionResults(keys: readonly IdempotencyKey[]): Promise<readonly TransactionResult[]>;
  findTombstones(ids: readonly ActorId[]): Promise<readonly Tombstone[]>;
  commit(commit: Commit): Promise<CommitResult>;
  /** Active actors to be woken at or before `before`, after the cursor, by (wakeAt, id). */
  due(query: {
    readonly before: number;
    readonly after?: Wake;
    readonly limit: number;
  }): Promise<readonly Wake[]>;
  /** Ids of actors with an effect in flight, after `after`, in order of id. */
  running(query: { readonly after?: ActorId; readonly limit: number }): Promise<readonly ActorId[]>;
  journal(query: JournalQuery): Promise<readonly JournalEntry[]>;
  list(query: ListQuery): Promise<readonly ActorRecord[]>;
  /** The combinations that there are, each once, in order of their members: few, however many actors. */
  groups(): Promise<readonly ActorGroup[]>;
  inbox(query: {
    readonly after?: number;
    readonly limit: number;
  }): Promise<readonly StoredInboxMessage[]>;
  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetterRecord[]>;
  deadLetter(id: number): Promise<DeadLetterRecord | undefined>;
  systemIds(root: ActorId): Promise<readonly SystemIdRecord[]>;
  machines(): Promise<readonly MachineRecord[]>;
  checkpoint(projection: string): Promise<Position | undefined>;
  health(): Promise<StoreHealth>;
  /**
   * Housekeeping between turns, such as a WAL checkpoint; cheap when there is nothing to do.
   * `STORE_FULL` is harmless here: nothing was lost, and it is tried again next time.
   */
  maintain(): Promise<void>;
  /**
   * Copies everything to a new file, in steps between which commits are made; the copy holds all of them.
   * One at a time. Rejects with `BAD_OPTION` for a path that is taken or a store without files, and with
   * `BACKUP_FAILED` when no copy could be made; both leave the store as it is.
   */
  backup(path: string, onProgress?: (progress: BackupProgress) => void): Promise<Backup>;
  /** Releases the lock. After it every call rejects with `STORE_FAILED`. Safe to call twice. */
  close(): Promise<void>;
}
