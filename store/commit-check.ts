// What every store checks before it writes, so that a wrong commit fails the same way everywhere and
// before anything has begun. Looks at the commit alone; what depends on stored rows (revisions,
// uniqueness) is checked while writing.

import { EngineError } from '../src/errors.ts';
import type { ActorRecord, ActorStatus, Commit, JournalKind } from '../src/store.ts';

const STATUSES: ReadonlySet<string> = new Set<ActorStatus>([
  'active',
  'done',
  'error',
  'stopped',
  'parked',
]);
const KINDS: ReadonlySet<string> = new Set<JournalKind>([
  'started',
  'received',
  'emitted',
  'noted',
]);

export function isActorStatus(value: unknown): value is ActorStatus {
  return typeof value === 'string' && STATUSES.has(value);
}

export function isJournalKind(value: unknown): value is JournalKind {
  return typeof value === 'string' && KINDS.has(value);
}

/** A refusal that left nothing behind. */
export function refused(
  expected: string,
  got: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): EngineError {
  return new EngineError(
    'STORE_REFUSED',
    `Expected ${expected}, got ${got}. Nothing of this commit was written; correct it and commit again.`,
    { details, cause },
  );
}

/** The refusal of an actor whose stored row is not the one that the commit was made from. */
export function refusedRevision(record: ActorRecord, previousRevision: number): EngineError {
  const { id, root, parent } = record;
  const expected =
    previousRevision === 0
      ? `actor ${id} not to exist yet`
      : `actor ${id} to be stored with revision ${previousRevision}, under root ${root} and parent ${parent}`;
  return refused(expected, 'something else', { actor: id, previousRevision });
}

function checkInteger(value: number, least: number, what: string, actor: string): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw refused(`${what} to be an integer of at least ${least}`, String(value), { actor });
  }
}

/** @throws EngineError `STORE_REFUSED` for a value that no store may keep */
export function checkCommit(commit: Commit): void {
  for (const entry of commit.journal) {
    checkInteger(entry.revision, 1, 'the revision of a journal entry', entry.actor);
    checkInteger(entry.at, 0, 'the time of a journal entry', entry.actor);
    if (!isJournalKind(entry.kind)) {
      throw refused('a journal kind', String(entry.kind), { actor: entry.actor });
    }
  }
  for (const { record, previousRevision } of commit.actors) {
    const { id } = record;
    checkInteger(previousRevision, 0, 'the previous revision', id);
    checkInteger(record.revision, Math.max(1, previousRevision), 'the revision of an actor', id);
    checkInteger(record.incarnation, 1, 'the incarnation of an actor', id);
    checkInteger(record.createdAt, 0, 'the time of creation', id);
    checkInteger(record.updatedAt, 0, 'the time of update', id);
    if (record.wakeAt !== null) {
      checkInteger(record.wakeAt, 0, 'the wake-up time', id);
    }
    if (!isActorStatus(record.status)) {
      throw refused('an actor status', String(record.status), { actor: id });
    }
    if ((record.parent === null) !== (record.root === id)) {
      throw refused('a root to have no parent and a child to have one', `root ${record.root}`, {
        actor: id,
        root: record.root,
        parent: record.parent,
      });
    }
  }
  for (const letter of commit.deadLettersAdded ?? []) {
    checkInteger(letter.revision, 0, 'the revision of a dead letter', letter.actor);
    checkInteger(letter.at, 0, 'the time of a dead letter', letter.actor);
  }
  for (const { key, at } of commit.transactionResults ?? []) {
    checkInteger(at, 0, 'the time of a transaction', key);
  }
  for (const machine of commit.machines ?? []) {
    checkInteger(machine.registeredAt, 0, 'the time of registration', machine.machine);
  }
  for (const tombstone of commit.tombstones ?? []) {
    checkInteger(tombstone.expiresAt, 0, 'the expiry of a tombstone', tombstone.actor);
  }
  for (const { projection, position } of commit.checkpoints ?? []) {
    checkInteger(position, 0, 'the position of a checkpoint', projection);
  }
}

/** Most rows of one page for people and programs outside the engine. */
const MAX_PAGE = 1_000;
/** Most ids of one page for the engine's own scans, whose rows are small. */
export const MAX_SCAN = 100_000;

/** @throws EngineError `BAD_OPTION` for a page size out of bounds */
export function checkLimit(limit: number, most: number = MAX_PAGE): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    throw new EngineError(
      'BAD_OPTION',
      `Expected a limit of 1 to ${most}, got ${limit}. Read in pages, each after the last row's key.`,
      { details: { limit, most } },
    );
  }
  return limit;
}
