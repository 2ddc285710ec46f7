// Builds the one commit of a turn from the work of its units. Pure.

import { type Limits, snapshotLimits } from '../limits.ts';
import { writeActor } from '../state/actor-row.ts';
import type { ActorWrite, Commit, NewDeadLetter, SystemIdRecord } from '../store.ts';
import type { TurnMemory } from './turn-memory.ts';
import type { UnitOutput } from './unit-output.ts';
import type { Work } from './work.ts';

/** The commit of a turn; null when there is nothing to write. @throws EngineError `VALUE_TOO_LARGE` */
export function buildCommit(
  works: readonly Work[],
  memory: TurnMemory,
  limits: Limits,
): Commit | null {
  const outputs = works.map(({ output }) => output);
  const commit = {
    journal: outputs.flatMap(({ journal }) => journal),
    actors: [...changedActors(memory, limits), ...parkedActors(outputs, memory)],
    inboxAdded: outputs.flatMap(({ overflow }) =>
      overflow.map((message) => ({ target: message.target, data: JSON.stringify(message) })),
    ),
    inboxRemoved: works.flatMap(({ envelope }) =>
      envelope.kind === 'message' && envelope.inboxId !== undefined ? [envelope.inboxId] : [],
    ),
    deadLettersAdded: works.flatMap(newDeadLetters),
    deadLettersRemoved: works.flatMap((work) => redelivered(work, true)),
    deadLettersReplayed: works.flatMap((work) => redelivered(work, false)),
    transactionResults: outputs.flatMap(({ transactionResults }) => transactionResults),
    ...systemIds(memory),
  };
  const empty = Object.values(commit).every(({ length }) => length === 0);
  return empty ? null : commit;
}

function changedActors(memory: TurnMemory, limits: Limits): readonly ActorWrite[] {
  const bounds = snapshotLimits(limits);
  return [...memory.changed.values()].map((state) => ({
    record: writeActor(state, bounds),
    previousRevision: memory.before.get(state.id) ?? 0,
  }));
}

/** Their rows stay as they are but for the status: nothing is dropped or repaired silently. */
function parkedActors(outputs: readonly UnitOutput[], memory: TurnMemory): readonly ActorWrite[] {
  const found = [...memory.newlyParked, ...outputs.flatMap(({ parked }) => parked)];
  const byId = new Map(found.map((parked) => [parked.id, parked] as const));
  return [...byId.values()]
    .filter(({ id, record }) => record.status !== 'parked' && !memory.changed.has(id))
    .map(({ record }) => ({
      record: { ...record, status: 'parked', running: false, wakeAt: null },
      previousRevision: record.revision,
    }));
}

function deadLetterOf({ envelope }: Work): number | undefined {
  return envelope.kind === 'message' || envelope.kind === 'resume'
    ? envelope.deadLetterId
    : undefined;
}

/** Delivered again, a letter is done with; if that failed once more, it is kept and counted. */
function redelivered(work: Work, succeeded: boolean): readonly number[] {
  const id = deadLetterOf(work);
  if (id === undefined) return [];
  const failed = work.answer.type === 'error' || work.answer.type === 'rejected';
  return failed === succeeded ? [] : [id];
}

/** A letter that failed again stands for its message already. */
function newDeadLetters(work: Work): readonly NewDeadLetter[] {
  const { deadLetters } = work.output;
  if (deadLetterOf(work) === undefined) return deadLetters;
  return deadLetters.filter(({ reason }) => reason !== 'STEP_FAILED');
}

function systemIds(memory: TurnMemory): {
  readonly systemIdsAdded: readonly SystemIdRecord[];
  readonly systemIdsRemoved: readonly Pick<SystemIdRecord, 'root' | 'systemId'>[];
} {
  const changes = [...memory.systemIdChanges].flatMap(([root, byId]) =>
    [...byId].map(([systemId, actor]) => ({ root, systemId, actor })),
  );
  return {
    // A name that changes hands is removed and added by one commit.
    systemIdsRemoved: changes.map(({ root, systemId }) => ({ root, systemId })),
    systemIdsAdded: changes.flatMap(({ root, systemId, actor }) =>
      actor === null ? [] : [{ root, systemId, actor }],
    ),
  };
}
