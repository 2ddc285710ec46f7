// Journal entries that hold the whole state that an actor had after them. A fold does not step them: it
// begins anew with what they hold. Written by a rebuild; every other change that is no step belongs here.

import { decode } from '../codec.ts';
import { parentOf } from '../ids.ts';
import { type Limits, snapshotLimits } from '../limits.ts';
import { readActor, writeActor } from '../state/actor-row.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { StepSystem } from '../step/handle.ts';
import type { Registry } from '../step/registry.ts';
import type { ActorRecord, JournalEntry } from '../store.ts';

/** Types of `noted` entries whose data is a {@link ResultingState}. */
const RESULT_TYPES: readonly string[] = ['actor.migrated', 'actor.rebuilt'];

/** What such an entry holds, beside facts of its own. */
export interface ResultingState {
  readonly machine: string;
  readonly machineVersion: string;
  readonly incarnation: number;
  /** As in the actor's row. */
  readonly snapshot: unknown;
  readonly pending: unknown;
}

export function isResult({ kind, type }: JournalEntry): boolean {
  return kind === 'noted' && RESULT_TYPES.includes(type);
}

/** The data for the entry. @throws EngineError `VALUE_TOO_LARGE` */
export function resultOf(state: ActorState, limits: Limits): ResultingState {
  const record = writeActor(state, snapshotLimits(limits));
  const { machine, machineVersion, incarnation, snapshot, pending } = record;
  const what = `the resulting state of ${state.id}`;
  return {
    machine,
    machineVersion,
    incarnation,
    snapshot: decode(snapshot, what),
    pending: decode(pending, what),
  };
}

/** The actor as the entry left it. @throws EngineError `MACHINE_UNKNOWN`, `STORE_CORRUPT` */
export function stateOfResult(
  { actor, revision, data, at, position }: JournalEntry,
  root: ActorState['root'],
  registry: Registry,
  system: StepSystem,
): ActorState {
  const result = decode(data, `journal entry ${position}`) as ResultingState;
  const { machine, machineVersion, incarnation, snapshot, pending } = result;
  const record: ActorRecord = {
    id: actor,
    root,
    parent: parentOf(actor),
    machine,
    machineVersion,
    revision,
    incarnation,
    status: 'active',
    state: '',
    snapshot: JSON.stringify(snapshot),
    pending: JSON.stringify(pending),
    running: false,
    wakeAt: null,
    createdAt: at,
    updatedAt: at,
  };
  return readActor(record, registry.hosted(machine, machineVersion), system);
}
