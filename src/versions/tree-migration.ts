// A root and everything below it go over to another version together: planned from their rows, then
// written by one unit of work, or the whole tree is parked and nothing of it has changed.

import { asEngineError, EngineError } from '../errors.ts';
import { resultOf } from '../fold/result-entry.ts';
import { type ActorId, childAddress, ownIdOf, parentOf } from '../ids.ts';
import { limitless } from '../limits.ts';
import { readActor, readColumns, writeActor } from '../state/actor-row.ts';
import type { ActorState } from '../state/actor-state.ts';
import { endedLogic } from '../step/logic.ts';
import type { ActorRecord } from '../store.ts';
import type { TreeOutcome } from '../turn/envelope.ts';
import { asStopped } from '../turn/settling.ts';
import type { UnitScope } from '../turn/unit-scope.ts';
import { isParked } from '../turn/view.ts';
import { type Migrated, type MigrationContext, migrateRecord, type Passage } from './migrating.ts';
import type { MigrationChain, MigrationPlan } from './migration-plan.ts';

interface Move extends Migrated {
  readonly record: ActorRecord;
}

/** What becomes of the actors of a tree that are in flight. */
export interface TreePlan {
  readonly moves: readonly Move[];
  /** Child actors that the migration has left out. */
  readonly stopped: readonly ActorRecord[];
}

/** Whether an actor has not ended, also while it is parked. @throws EngineError `STORE_CORRUPT` */
export function isInFlight(record: ActorRecord): boolean {
  const status = record.status === 'parked' ? readColumns(record).column.status : record.status;
  return status === 'active' || status === 'error';
}

/**
 * Migrates copies of all rows of a tree, parents first.
 * @throws EngineError `MIGRATION_FAILED`, `STORE_CORRUPT`
 */
export function planTree(
  records: readonly ActorRecord[],
  chain: MigrationChain,
  plan: MigrationPlan,
  context: MigrationContext,
): TreePlan {
  const moves = new Map<ActorId, Move>();
  const stopped: ActorRecord[] = [];
  for (const record of records.filter(isInFlight).sort((a, b) => depth(a.id) - depth(b.id))) {
    const passage =
      record.parent === null
        ? { logic: chain.logic, steps: chain.steps }
        : passageBelow(record, moves.get(record.parent), chain, plan);
    if (passage === null) stopped.push(record);
    else moves.set(record.id, { record, ...migrateRecord(record, passage, context) });
  }
  return { moves: [...moves.values()], stopped };
}

function depth(id: ActorId): number {
  return id.split('/').length;
}

/** Where a child goes is what its parent's new version says; null: nowhere, it is not kept. */
function passageBelow(
  record: ActorRecord,
  above: Move | undefined,
  chain: MigrationChain,
  plan: MigrationPlan,
): Passage | null {
  const entry = above?.state.children[ownIdOf(record.id)];
  if (entry?.kind !== 'actor' || entry.generation !== readColumns(record).column.generation) {
    return null;
  }
  const source = above?.state.logic.sources.get(entry.src);
  // The parent has been checked: there is such an actor.
  if (source?.kind !== 'actor') return null;
  if (record.machineVersion !== chain.from) {
    throw new EngineError(
      'MIGRATION_FAILED',
      `Expected "${record.id}" at version ${chain.from}, as its root, got ${record.machineVersion}.`,
      { details: { actor: record.id } },
    );
  }
  return { logic: source.logic, steps: plan.stepsBelow(record.machine, chain) };
}

export interface TreeMigration extends MigrationContext {
  readonly tree: readonly ActorId[];
  readonly chain: MigrationChain;
  readonly plan: MigrationPlan;
}

/** Part of a unit of work. */
export function migrateTree(unit: UnitScope, options: TreeMigration): TreeOutcome {
  const { tree, chain, plan } = options;
  const records = tree.flatMap((id) => recordOf(unit, id) ?? []);
  let planned: TreePlan;
  try {
    planned = planTree(records, chain, plan, options);
  } catch (error) {
    return parkTree(unit, tree, asEngineError(error));
  }
  const { moves, stopped } = planned;
  if (moves.length === 0) return { type: 'nothing' };
  for (const move of moves) writeMove(unit, move);
  for (const record of stopped) stop(unit, record);
  for (const { record, state } of moves) renameSystemIds(unit, record, state);
  if (stopped.length > 0) freeSystemIds(unit, stopped);
  const missing = moves.flatMap((move) =>
    move.missing.map((what) => `${what} of ${move.state.id}`),
  );
  return { type: 'migrated', actors: moves.length, missing };
}

/** Nothing of the tree has changed, and none of it may go on alone. */
export function parkTree(
  unit: UnitScope,
  tree: readonly ActorId[],
  error: EngineError,
): TreeOutcome {
  for (const id of tree) {
    const record = recordOf(unit, id);
    if (record === null || record.status === 'done' || record.status === 'stopped') continue;
    unit.output.parked.push({ status: 'parked', id, record, reason: error.message });
  }
  return { type: 'parked', error };
}

function recordOf(unit: UnitScope, id: ActorId): ActorRecord | null {
  const known = unit.actor(id);
  if (known === null) return null;
  return isParked(known) ? known.record : writeActor(known, limitless);
}

const UNCAUSED = { correlation: null, causation: null };

function writeMove(unit: UnitScope, { record, state }: Move): void {
  const { machineVersion: from } = record;
  // All of the actor: its journal can be folded from here on, without the old version.
  const result = resultOf({ ...state, revision: state.revision + 1 }, unit.limits);
  unit.output.noted(
    state,
    'actor.migrated',
    { from, to: state.logic.version, ...result },
    UNCAUSED,
  );
}

function stop(unit: UnitScope, record: ActorRecord): void {
  const logic = endedLogic(record.machine, record.machineVersion);
  const state = readActor(record, logic, unit.system);
  unit.output.noted(asStopped(state), 'actor.stopped', null, UNCAUSED);
}

/** Effects and asks may have names in the tree: these lead to their new ids, or are free. */
function renameSystemIds(unit: UnitScope, record: ActorRecord, after: ActorState): void {
  const { children: before = {} } = readColumns(record).column;
  const current = new Set<string>();
  for (const { id, systemId } of Object.values(after.children)) {
    if (systemId === undefined) continue;
    current.add(systemId);
    if (before[id]?.systemId === systemId) continue;
    unit.output.setSystemId(after.root, systemId, childAddress(after.id, id));
  }
  for (const { systemId } of Object.values(before)) {
    if (systemId === undefined || current.has(systemId)) continue;
    unit.output.setSystemId(after.root, systemId, null);
  }
}

/** What the stopped ones, and all below them, were called. */
function freeSystemIds(unit: UnitScope, stopped: readonly ActorRecord[]): void {
  const gone = new Set(stopped.map(({ id }) => id));
  const [first] = stopped;
  if (first === undefined) return;
  for (const [systemId, address] of unit.systemIds(first.root)) {
    const above = parentOf(address);
    if (gone.has(address) || (above !== null && gone.has(above))) {
      unit.output.setSystemId(first.root, systemId, null);
    }
  }
}

/** Why an actor that an earlier open has parked stays so; null when nothing holds it. */
export function heldReason(
  record: ActorRecord,
  plan: MigrationPlan,
  context: MigrationContext,
): string | null {
  if (record.status !== 'parked') return null;
  const [chain] = plan.chainsOver(record);
  if (chain === undefined) return null;
  if (record.parent !== null) {
    return `It waits for its root "${record.root}" to be migrated to version ${chain.to}.`;
  }
  try {
    const { moves } = planTree([record], chain, plan, context);
    // It has ended, and was parked when its version was gone.
    if (moves.length === 0) return null;
    return `It waits to be migrated to version ${chain.to}, with all below it.`;
  } catch (error) {
    return asEngineError(error).message;
  }
}
