// An actor's whole life, entry by entry: its tree's journal folded once, with the actor as each of its
// entries left it. For reading only; needs a store's journal and machines, no engine.

import type { ActorId } from '../ids.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Platform } from '../platform.ts';
import type { ActorState } from '../state/actor-state.ts';
import { StepSystem } from '../step/handle.ts';
import type { Registry } from '../step/registry.ts';
import { type TransitionName, transitionNames } from '../step/xstate.ts';
import type { JournalEntry } from '../store.ts';
import { notFound } from '../turn/view.ts';
import { type Folded, TreeFold } from './fold.ts';
import { firstVersions } from './past.ts';
import { Pauses } from './pauses.ts';
import { readTreeJournal, type TreeStore } from './tree-journal.ts';
import { readTree } from './verify.ts';

export interface PastSource {
  readonly store: TreeStore;
  /** Of the machine versions that the journal was written by. */
  readonly registry: Registry;
  readonly platform: Platform;
}

/** One entry of an actor's journal and what it made of the actor. */
export interface PastEntry {
  readonly entry: JournalEntry;
  /** Null: the entry cannot be folded, and `problem` says why. */
  readonly state: ActorState | null;
  readonly problem: string | null;
  /** In the order in which they were taken. */
  readonly taken: readonly TransitionName[];
}

/**
 * All entries of one actor, oldest first. What cannot be folded is given all the same, without a state.
 * @throws EngineError `ACTOR_NOT_FOUND`
 */
export async function* foldEntries(
  { store, registry, platform }: PastSource,
  id: ActorId,
): AsyncGenerator<PastEntry> {
  const [record] = await store.load([id]);
  if (record === undefined) throw notFound(id);
  const { root } = record;
  const records = await readTree({ store }, root);
  const fold = new TreeFold({
    root,
    registry,
    system: new StepSystem(),
    limits: DEFAULT_LIMITS,
    records: await firstVersions({ store }, records),
    actions: new Set(),
  });
  const pauses = new Pauses(platform);
  for await (const batch of readTreeJournal(store, [...records.keys()])) {
    for (const entry of batch) {
      fold.apply(entry);
      if (entry.actor === id) yield pastEntry(entry, fold.of(id));
      await pauses.pause();
    }
  }
}

function pastEntry(entry: JournalEntry, { state, problem, parting, taken }: Folded): PastEntry {
  const parted =
    parting === null ? null : `it gives another ${parting.path} at revision ${parting.revision}`;
  const reason =
    problem ?? parted ?? (state?.revision === entry.revision ? null : 'it ends before');
  if (reason === null) return { entry, state, problem: null, taken: transitionNames(taken) };
  return { entry, state: null, problem: reason, taken: [] };
}
