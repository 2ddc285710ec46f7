// Compares every actor's row with what its journal folds to, one tree at a time, while the engine works:
// rows are read first, and each is compared when the fold has come to its revision. Repairs nothing.

import { decode } from '../codec.ts';
import { type ActorId, rootActorId } from '../ids.ts';
import { checkMembers, refuseOption } from '../options.ts';
import { type PageQuery, readPages } from '../pages.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { ActorRecord } from '../store.ts';
import type { EngineCore } from '../turn/engine-core.ts';
import { isParked, notFound } from '../turn/view.ts';
import { type Folded, TreeFold } from './fold.ts';
import { Pauses } from './pauses.ts';
import { type Difference, rowDifferences } from './row-differences.ts';
import { readTreeJournal, type TreeStore } from './tree-journal.ts';

/** A place where an actor's row is not what its journal folds to. */
export interface Mismatch extends Difference {
  readonly actor: ActorId;
  /** The first revision at which it shows; the row's, where only the row tells. */
  readonly revision: number;
}

/** An actor that could not be compared. */
export interface Unverifiable {
  readonly actor: ActorId;
  readonly reason: string;
}

export interface VerifyReport {
  /** Actors whose rows were compared. */
  readonly actors: number;
  /** Journal entries that were folded. */
  readonly entries: number;
  readonly mismatches: readonly Mismatch[];
  readonly unverifiable: readonly Unverifiable[];
  /** Mismatches and unverifiable actors beyond the first 1,000 of each: counted, not kept. */
  readonly omitted: number;
}

export interface VerifyProgress {
  readonly actors: number;
  readonly entries: number;
}

export interface VerifyOptions {
  /** The id of a root: only its tree. Default: all actors. */
  readonly actor?: string;
  /** Called after each tree. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

/** Findings kept of each kind. */
const KEPT = 1_000;

/** @throws EngineError `BAD_OPTION`, `BAD_ID`, `ACTOR_NOT_FOUND`, `ENGINE_STOPPED`, `ENGINE_FAILED` */
export async function verify(core: EngineCore, options: VerifyOptions): Promise<VerifyReport> {
  checkMembers(options, 'the options of verify', { actor: true, onProgress: true });
  const { actor, onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    refuseOption('onProgress', 'a function', onProgress);
  }
  const only = actor === undefined ? null : rootActorId(actor);
  const verifier = new Verifier(core);
  try {
    for await (const root of only === null ? roots(core) : [only]) {
      const found = await verifier.verifyTree(root);
      if (!found && root === only) throw notFound(root);
      onProgress?.(verifier.progress);
    }
  } catch (error) {
    throw core.canRead ? error : core.ended();
  }
  return verifier.report;
}

async function* roots({ store }: EngineCore): AsyncIterable<ActorId> {
  const pages = readPages(
    (page: PageQuery<ActorId>) => store.list(page),
    ({ id }) => id,
  );
  for await (const page of pages) {
    for (const { id, root } of page) if (id === root) yield id;
  }
}

class Verifier {
  readonly #core: EngineCore;
  readonly #pauses: Pauses;
  readonly #mismatches: Mismatch[] = [];
  readonly #unverifiable: Unverifiable[] = [];
  #actors = 0;
  #entries = 0;
  #omitted = 0;

  constructor(core: EngineCore) {
    this.#core = core;
    this.#pauses = new Pauses(core.platform);
  }

  get report(): VerifyReport {
    return {
      actors: this.#actors,
      entries: this.#entries,
      mismatches: this.#mismatches,
      unverifiable: this.#unverifiable,
      omitted: this.#omitted,
    };
  }

  get progress(): VerifyProgress {
    return { actors: this.#actors, entries: this.#entries };
  }

  /** False: there is no such tree. */
  async verifyTree(root: ActorId): Promise<boolean> {
    const { store } = this.#core;
    const records = await readTree(this.#core, root);
    const fold = new TreeFold({
      ...this.#core.folding,
      root,
      records,
      actions: actionsOf(records),
    });
    const left = new Set(records.keys());
    const newest = new Map<ActorId, number>();
    for await (const batch of readTreeJournal(store, [...records.keys()])) {
      for (const entry of batch) {
        const { actor, revision } = entry;
        newest.set(actor, revision);
        fold.apply(entry);
        if (revision === records.get(actor)?.revision && left.delete(actor)) {
          this.#compare(records.get(actor), fold.of(actor));
        }
        await this.#pauses.pause();
      }
      this.#entries += batch.length;
      if (left.size === 0) break;
    }
    for (const id of left) this.#compare(records.get(id), fold.of(id));
    for (const record of records.values()) await this.#checkNewest(record, newest.get(record.id));
    await this.#pauses.pause();
    return records.size > 0;
  }

  #compare(record: ActorRecord | undefined, { state, problem, parting }: Folded): void {
    if (record === undefined) return;
    const { id: actor, revision } = record;
    const stored = this.#core.folding.reader.read(record);
    if (isParked(stored)) return this.#cannot(actor, stored.reason);
    if (record.status === 'parked') {
      return this.#cannot(actor, 'It is parked, though it can be read: open the engine again.');
    }
    if (problem !== null) return this.#cannot(actor, `The journal cannot be folded: ${problem}.`);
    this.#actors += 1;
    if (parting !== null) this.#found({ actor, ...parting });
    if (state?.revision !== revision) {
      const folded = state?.revision ?? 0;
      this.#found({ actor, revision, path: 'revision', stored: revision, folded });
      return;
    }
    for (const difference of rowDifferences(record, stored, state)) {
      this.#found({ actor, revision, ...difference });
    }
  }

  /** A row older than its journal: it was put back, or an entry was written without it. */
  async #checkNewest({ id: actor, revision }: ActorRecord, seen = 0): Promise<void> {
    const { store } = this.#core;
    const query = { actor, afterRevision: Math.max(seen, revision), limit: 1 };
    const [later] = seen > revision ? [] : await store.journal(query);
    const newest = later?.revision ?? seen;
    if (newest <= revision) return;
    const [row] = await store.load([actor]);
    if (row === undefined || row.revision >= newest) return;
    const { revision: stored } = row;
    this.#found({ actor, revision: stored, path: 'revision', stored, folded: newest });
  }

  #found(mismatch: Mismatch): void {
    if (this.#mismatches.length < KEPT) this.#mismatches.push(mismatch);
    else this.#omitted += 1;
  }

  #cannot(actor: ActorId, reason: string): void {
    if (this.#unverifiable.length < KEPT) this.#unverifiable.push({ actor, reason });
    else this.#omitted += 1;
  }
}

/** The rows of a tree, its root first. */
export async function readTree(
  { store }: { readonly store: TreeStore },
  root: ActorId,
): Promise<ReadonlyMap<ActorId, ActorRecord>> {
  const records = new Map<ActorId, ActorRecord>();
  for (const record of await store.load([root])) records.set(record.id, record);
  const pages = readPages(
    (page: PageQuery<ActorId>) => store.list({ root, ...page }),
    ({ id }) => id,
  );
  for await (const page of pages) for (const record of page) records.set(record.id, record);
  return records;
}

/** Keys of the named actions that rows still have to run; none of a row that cannot be read. */
function actionsOf(records: ReadonlyMap<ActorId, ActorRecord>): ReadonlySet<string> {
  return new Set([...records.values()].flatMap(({ id, pending }) => pendingActions(id, pending)));
}

function pendingActions(id: ActorId, pending: string): readonly string[] {
  try {
    const { effects = {} } = decode(pending, `the pending work of ${id}`) as Partial<ActorState>;
    return Object.values(effects).flatMap(({ kind, key }) => (kind === 'action' ? [key] : []));
  } catch {
    return [];
  }
}
