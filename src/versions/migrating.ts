// One actor goes over to another version of its machine: its row is handed to the migrations, and what
// they give is put together with what never changes, and checked against the new chart. Pure.

import type { StateValue } from 'xstate';
import { copyJson, toPlain } from '../codec.ts';
import { EngineError, isEngineError } from '../errors.ts';
import { eventLimits, type Limits, snapshotLimits } from '../limits.ts';
import { checkMembers, type Members } from '../options.ts';
import {
  type PendingColumn,
  readActor,
  readColumns,
  type SnapshotColumn,
  writeActor,
} from '../state/actor-row.ts';
import { type ActorState, withKey } from '../state/actor-state.ts';
import { isEnd, lostHistory } from '../step/chart.ts';
import type { StepSystem } from '../step/handle.ts';
import type { HostedLogic } from '../step/logic.ts';
import { completeValue } from '../step/xstate.ts';
import type { ActorRecord } from '../store.ts';
import { describeError } from '../turn/message.ts';
import { findMisfits, findMissing } from './fit.ts';
import { mergeChildren, mergeEffects, mergeTimers } from './migrating-parts.ts';
import type { MigratedActor, MigratingActor, Migration } from './migration.ts';

export interface MigrationContext {
  readonly system: StepSystem;
  readonly limits: Limits;
  /** Ids of the invokes that a version of a machine has had. */
  readonly formerInvokes: (machine: string, version: string) => ReadonlySet<string>;
}

/** Where one actor goes. */
export interface Passage {
  readonly logic: HostedLogic;
  /** Null: nothing changes for this actor at that step. */
  readonly steps: readonly (Migration | null)[];
}

export interface Migrated {
  /** At the revision that it had. */
  readonly state: ActorState;
  /** Timers and invokes of its states that it does not have: nothing will ever start them. */
  readonly missing: readonly string[];
}

const MEMBERS: Members<MigratingActor> = {
  id: true,
  value: true,
  context: true,
  history: true,
  timers: true,
  effects: true,
  children: true,
};

/** @throws EngineError `MIGRATION_FAILED`, `STORE_CORRUPT` for a row that cannot be read at all */
export function migrateRecord(
  record: ActorRecord,
  passage: Passage,
  context: MigrationContext,
): Migrated {
  const { column, pending } = readColumns(record);
  try {
    const given = runSteps(record, portray(record, column, pending), passage, context);
    const state = assemble({ record, column, pending }, given, passage.logic, context);
    const misfits = findMisfits(
      state,
      context.formerInvokes(record.machine, record.machineVersion),
    );
    if (misfits.length > 0) {
      const where = JSON.stringify(state.stored.value ?? {});
      const why = `leaves over what version ${passage.logic.version} cannot have in ${where}: ${misfits.join(', ')}`;
      throw failure(record, passage, why, { leftovers: misfits });
    }
    return { state, missing: findMissing(state) };
  } catch (error) {
    if (isEngineError(error, 'MIGRATION_FAILED')) throw error;
    const { message } = describeError(error);
    throw failure(record, passage, `failed: ${message.replace(/\.$/, '')}`, {}, error);
  }
}

function failure(
  { id, machine, machineVersion }: ActorRecord,
  { logic }: Passage,
  why: string,
  details: object,
  cause?: unknown,
): EngineError {
  return new EngineError(
    'MIGRATION_FAILED',
    `The migration of "${id}" (${machine}) from version ${machineVersion} to ${logic.version} ${why}. Nothing of it was changed; correct the migration and open again.`,
    { cause, details: { actor: id, machine, from: machineVersion, to: logic.version, ...details } },
  );
}

/** The actor as migrations see it. */
function portray(
  { id }: ActorRecord,
  { value, context, history, children = {} }: SnapshotColumn,
  { timers = {}, effects = {} }: PendingColumn,
): MigratingActor {
  return {
    id,
    ...(value !== undefined && { value }),
    context,
    ...(history !== undefined && { history }),
    timers: Object.values(timers).map(({ id: own, dueAt, event }) => ({
      was: own,
      id: own,
      dueAt,
      event,
    })),
    effects: Object.values(effects).map(({ id: own, kind, src, key, input }) => ({
      was: own,
      id: own,
      kind,
      src,
      key,
      input,
    })),
    children: Object.values(children).map(({ id: own, kind, src, status }) => ({
      was: own,
      id: own,
      kind,
      src,
      status,
    })),
  };
}

function runSteps(
  { id }: ActorRecord,
  actor: MigratingActor,
  { steps }: Passage,
  { limits }: MigrationContext,
): MigratedActor {
  let given: MigratingActor = actor;
  for (const step of steps) {
    if (step === null) continue;
    const what = `the result of the migration to version ${step.to}`;
    // Its own copy: a function that changes what it gets does not change what the next one compares with.
    const result: unknown = step.migrate(copyJson(given) as MigratingActor<never>);
    checkMembers(result, what, MEMBERS);
    const plain = toPlain(result, what, eventLimits(limits)) as Partial<MigratedActor>;
    given = { ...checkShape(plain, what), id };
  }
  return given;
}

/** @throws EngineError `BAD_VALUE` */
function checkShape(result: Partial<MigratedActor>, what: string): MigratedActor {
  const { timers, effects, children } = result;
  for (const [name, list] of Object.entries({ timers, effects, children })) {
    const isList = Array.isArray(list) && list.every(isEntry);
    if (isList) continue;
    throw new EngineError(
      'BAD_VALUE',
      `Expected ${name} of ${what} as an array of objects with an id.`,
    );
  }
  if (!('context' in result)) {
    throw new EngineError('BAD_VALUE', `Expected a context in ${what}, got none.`);
  }
  return result as MigratedActor;
}

function isEntry(entry: unknown): boolean {
  return (
    typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string'
  );
}

interface Before {
  readonly record: ActorRecord;
  readonly column: SnapshotColumn;
  readonly pending: PendingColumn;
}

/** The whole actor in its new version. */
function assemble(
  { record, column, pending }: Before,
  given: MigratedActor,
  logic: HostedLogic,
  { system, limits }: MigrationContext,
): ActorState {
  const { armed = 0, doubts = [], value: _value, history: _history, ...kept } = column;
  const scope = { actor: record.id, revision: record.revision + 1, logic, doubts };
  const timers = mergeTimers(pending.timers ?? {}, given.timers, armed);
  const effects = mergeEffects(pending.effects ?? {}, given.effects, scope);
  const children = mergeChildren(column.children ?? {}, given.children, effects.entries, scope);
  const value = completeValue(logic, checkValue(logic, given.value));
  // Looked for here, as XState would drop it without a word.
  const lost = lostHistory(logic, given.history ?? {});
  if (lost.length > 0) throw new Error(`there is no ${lost.join(', no ')}`);
  const migrated: SnapshotColumn = {
    ...kept,
    ...(value !== undefined && { value }),
    context: given.context,
    ...(given.history !== undefined && { history: given.history }),
    children,
    armed: timers.armed,
    doubts: effects.dropped.reduce(withKey, doubts),
  };
  const state = readActor(
    {
      ...record,
      machine: logic.name,
      machineVersion: logic.version,
      snapshot: JSON.stringify(migrated),
      pending: JSON.stringify({ timers: timers.entries, effects: effects.entries }),
    },
    logic,
    system,
  );
  if (isEnd(logic, state.snapshot)) throw endless(value);
  // Also refuses what has grown too large to be stored.
  writeActor(state, snapshotLimits(limits));
  return state;
}

/** XState takes much for a state value; transition logic has none. */
function checkValue(logic: HostedLogic, value: unknown): unknown {
  if (logic.kind === 'transition' ? value === undefined : isStateValue(value)) return value;
  throw new Error(`the value of "${logic.name}" cannot be ${JSON.stringify(value)}`);
}

function isStateValue(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(isStateValue);
}

function endless(value: StateValue | undefined): Error {
  const where = JSON.stringify(value);
  return new Error(`${where} is an end of the machine, which only a transition can lead to`);
}
