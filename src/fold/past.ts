// An actor as it was: its tree's journal folded up to one of its revisions. Reads only.

import { decode } from '../codec.ts';
import { EngineError } from '../errors.ts';
import { type ActorId, type Position, position } from '../ids.ts';
import { refuseOption } from '../options.ts';
import { type PageQuery, readPages } from '../pages.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { ActorRecord, JournalEntry } from '../store.ts';
import type { EngineCore } from '../turn/engine-core.ts';
import { notFound } from '../turn/view.ts';
import { type Folded, TreeFold } from './fold.ts';
import { Pauses } from './pauses.ts';
import { readTreeJournal, type TreeStore } from './tree-journal.ts';
import { readTree } from './verify.ts';

/**
 * The actor as its journal gives it at a revision.
 * @throws EngineError `ACTOR_NOT_FOUND`, `BAD_OPTION` for a revision that is not there,
 * `JOURNAL_NOT_FOLDABLE`
 */
export async function foldTo(core: EngineCore, id: ActorId, revision: number): Promise<ActorState> {
  if (!Number.isSafeInteger(revision) || revision < 1) {
    refuseOption('the revision', 'a whole number from 1', revision);
  }
  const [record] = await core.store.load([id]);
  if (record === undefined) throw notFound(id);
  const [entry] = await core.store.journal({ actor: id, afterRevision: revision - 1, limit: 1 });
  if (entry?.revision !== revision) {
    refuseOption('the revision', `one that "${id}" has had (it has ${record.revision})`, revision);
  }
  return stateOf(await foldTree(core, record, entry), id, revision);
}

async function foldTree(
  core: EngineCore,
  { id, root }: ActorRecord,
  { revision, position }: JournalEntry,
): Promise<Folded> {
  const records = await readTree(core, root);
  const versions = await versionsAt(core, records, position);
  const fold = new TreeFold({ ...core.folding, root, records: versions, actions: new Set() });
  const pauses = new Pauses(core.platform);
  for await (const batch of readTreeJournal(core.store, [...records.keys()])) {
    for (const entry of batch) {
      fold.apply(entry);
      if (entry.actor === id && entry.revision === revision) return fold.of(id);
      await pauses.pause();
    }
  }
  return fold.of(id);
}

type Version = Pick<ActorRecord, 'machine' | 'machineVersion'>;

/** The machine version of each actor at its start. */
export function firstVersions(
  source: { readonly store: TreeStore },
  records: ReadonlyMap<ActorId, ActorRecord>,
): Promise<ReadonlyMap<ActorId, Version>> {
  return versionsAt(source, records, position(0));
}

/** The machine version of each actor at a position: rows tell the newest, migrations the one before. */
async function versionsAt(
  { store }: { readonly store: TreeStore },
  records: ReadonlyMap<ActorId, ActorRecord>,
  at: Position,
): Promise<ReadonlyMap<ActorId, Version>> {
  const versions = new Map<ActorId, Version>(records);
  for (const { id: actor, machine } of records.values()) {
    const pages = readPages(
      ({ after: afterRevision = 0, limit }: PageQuery<number>) =>
        store.journal({ actor, kinds: ['noted'], afterRevision, limit }),
      ({ revision }) => revision,
    );
    const from = await firstMigration(pages, at);
    if (from !== null) versions.set(actor, { machine, machineVersion: from });
  }
  return versions;
}

/** The version that the first migration after a position has left behind. */
async function firstMigration(
  pages: AsyncIterable<readonly JournalEntry[]>,
  after: Position,
): Promise<string | null> {
  for await (const page of pages) {
    for (const { position: at, type, data } of page) {
      if (at <= after || type !== 'actor.migrated') continue;
      const { from } = decode(data, `journal entry ${at}`) as { readonly from?: string };
      return from ?? null;
    }
  }
  return null;
}

function stateOf({ state, problem, parting }: Folded, id: ActorId, revision: number): ActorState {
  if (state?.revision === revision && problem === null && parting === null) return state;
  const parted =
    parting === null
      ? 'it ends before'
      : `it gives another ${parting.path} at revision ${parting.revision}`;
  const reason = problem ?? parted;
  throw new EngineError(
    'JOURNAL_NOT_FOLDABLE',
    `Expected the journal of "${id}" to fold to its revision ${revision}, but ${reason}. Register the machine version that it was written by; actions and guards must be pure.`,
    { details: { actor: id, revision, reason } },
  );
}
