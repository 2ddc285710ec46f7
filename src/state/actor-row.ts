// An actor as a store's record and back. The only place that knows how state is laid out as JSON. What
// is read is checked: a row that makes no sense is reported, and its actor parked, never repaired.

import { type CodecLimits, decode, encode } from '../codec.ts';
import { EngineError } from '../errors.ts';
import { type ActorId, ownIdOf, parentOf } from '../ids.ts';
import { ActorHandle, type StepSystem } from '../step/handle.ts';
import type { HostedLogic } from '../step/logic.ts';
import { reviveReferences } from '../step/reference.ts';
import { childHandle } from '../step/step.ts';
import { restoreSnapshot, type StoredSnapshot, statePaths } from '../step/xstate.ts';
import type { ActorRecord } from '../store.ts';
import type { ActorState, ChildEntry, PendingEffect, TimerEntry } from './actor-state.ts';
import { isRunning, wakeAt } from './actor-state.ts';

/** The `snapshot` column; absent members are the defaults. */
export interface SnapshotColumn extends StoredSnapshot {
  readonly status: ActorState['status'];
  readonly inputHash: string;
  readonly generation?: number;
  readonly children?: Readonly<Record<string, ChildEntry>>;
  readonly armed?: number;
  readonly doubts?: readonly string[];
  readonly answered?: readonly string[];
  readonly error?: NonNullable<ActorState['error']>;
}

/** The `pending` column. */
export interface PendingColumn {
  readonly timers?: Readonly<Record<string, TimerEntry>>;
  readonly effects?: Readonly<Record<string, PendingEffect>>;
}

/** @throws EngineError `VALUE_TOO_LARGE` */
export function writeActor(state: ActorState, limits: CodecLimits): ActorRecord {
  const { id, stored, children, timers, effects, status } = state;
  const column: SnapshotColumn = {
    ...stored,
    status,
    inputHash: state.inputHash,
    ...(state.generation !== null && { generation: state.generation }),
    ...(Object.keys(children).length > 0 && { children }),
    ...(state.armed > 0 && { armed: state.armed }),
    ...(state.doubts.length > 0 && { doubts: state.doubts }),
    ...(state.answered.length > 0 && { answered: state.answered }),
    ...(state.error !== null && { error: state.error }),
  };
  const pending: PendingColumn = {
    ...(Object.keys(timers).length > 0 && { timers }),
    ...(Object.keys(effects).length > 0 && { effects }),
  };
  const active = status === 'active';
  return {
    id,
    root: state.root,
    parent: state.parent,
    machine: state.logic.name,
    machineVersion: state.logic.version,
    revision: state.revision,
    incarnation: state.incarnation,
    status,
    state: statePaths(stored.value).join(' '),
    snapshot: encode(column, `the snapshot of ${id}`, limits),
    pending: encode(pending, `the pending work of ${id}`, limits),
    // A finished actor may still have named actions to run.
    running: (active || status === 'done') && isRunning(state),
    wakeAt: active ? wakeAt(state) : null,
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
  };
}

/**
 * The actor of a record.
 * @throws EngineError `STORE_CORRUPT`: broken JSON, or a state that the machine does not have
 */
export function readActor(record: ActorRecord, logic: HostedLogic, system: StepSystem): ActorState {
  const { id, root, parent, revision, incarnation, createdAt, updatedAt } = record;
  const { column, pending } = readColumns(record);
  const {
    status,
    inputHash,
    generation,
    children = {},
    armed = 0,
    doubts = [],
    answered = [],
    error = null,
    ...stored
  } = column;
  const self = selfHandle(id, system);
  const handles = Object.fromEntries(
    Object.values(children).map((entry) => [entry.id, childHandle(self, entry)]),
  );
  const context = reviveReferences(stored.context, self, handles);
  const alive = status === 'active' || status === 'error' ? 'active' : status;
  const snapshot = restoreSnapshot(logic, self, { ...stored, context }, alive, handles);
  return {
    id,
    root,
    parent,
    generation: generation ?? null,
    self,
    logic,
    revision,
    incarnation,
    status,
    inputHash,
    snapshot,
    stored,
    children,
    timers: pending.timers ?? {},
    effects: pending.effects ?? {},
    armed,
    doubts,
    answered,
    error,
    createdAt,
    updatedAt,
  };
}

/** What an actor's row says, whatever its machine. @throws EngineError `STORE_CORRUPT`: broken JSON */
export function readColumns(record: ActorRecord): {
  readonly column: SnapshotColumn;
  readonly pending: PendingColumn;
} {
  const column = readSnapshotColumn(record);
  const pending = decode(record.pending, `the pending work of ${record.id}`) as PendingColumn;
  return { column, pending };
}

function readSnapshotColumn(record: ActorRecord): SnapshotColumn {
  const column = decode(record.snapshot, `the snapshot of ${record.id}`);
  if (
    typeof column !== 'object' ||
    column === null ||
    !('status' in column && 'context' in column)
  ) {
    const message = `Expected a snapshot with status and context in the row of ${record.id}, got ${record.snapshot.slice(0, 60)}.`;
    throw new EngineError('STORE_CORRUPT', message, { details: { actor: record.id } });
  }
  return column as SnapshotColumn;
}

/** The reference that an actor has of itself: a child's carries the chain of its parents. */
export function selfHandle(address: ActorId, system: StepSystem): ActorHandle {
  const above = parentOf(address);
  const parent = above === null ? undefined : selfHandle(above, system);
  return new ActorHandle({ id: ownIdOf(address), address, parent, system });
}
