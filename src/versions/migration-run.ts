// At open, before anything is taken up: actors in flight of versions that have a migration go over, page
// by page, each tree by its own unit of an ordinary turn. A crash in between loses nothing: the next open
// finds the others where they are.

import { asEngineError, type EngineError, isEngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { Logger } from '../logger.ts';
import { type PageQuery, readPages } from '../pages.ts';
import type { ActorGroup, ActorRecord, Store } from '../store.ts';
import type { Envelope, TreeOutcome } from '../turn/envelope.ts';
import type { UnitScope } from '../turn/unit-scope.ts';
import type { MigrationContext } from './migrating.ts';
import type { MigrationChain, MigrationPlan } from './migration-plan.ts';
import { migrateTree, parkTree } from './tree-migration.ts';

export interface MigrationRunOptions extends MigrationContext {
  readonly store: Store;
  readonly plan: MigrationPlan;
  readonly logger: Logger;
  readonly push: (envelope: Envelope) => void;
}

/** What the migrations of an open have done. */
export interface MigrationCount {
  /** Actors that are of another version now, children included. */
  readonly migrated: number;
  /** Roots that could not be migrated: parked with all below them. */
  readonly parked: number;
}

/** Actors that wait for one another in memory, children included. */
const AT_ONCE = 2_000;
/** Failures told one by one. */
const TOLD = 20;
/** The statuses of actors that have not ended. Parked first: what fails in this run is not tried again. */
const IN_FLIGHT = ['parked', 'active', 'error'] as const;
/** The store refuses for now, or is broken: not the migration's fault. */
const NOT_ITS_FAULT: readonly string[] = [
  'STORE_FULL',
  'STORE_BUSY',
  'STORE_FAILED',
  'STORE_CORRUPT',
  'ENGINE_FAILED',
  'ENGINE_STOPPED',
];

/** The roots of a chain that are in flight or parked, page by page. */
export async function* rootsOf(
  store: Store,
  { machine, from }: MigrationChain,
  groups: readonly ActorGroup[],
): AsyncGenerator<readonly ActorRecord[]> {
  for (const status of IN_FLIGHT) {
    const isThere = groups.some(
      (group) =>
        group.machine === machine && group.machineVersion === from && group.status === status,
    );
    if (!isThere) continue;
    const pages = readPages(
      (page: PageQuery<ActorId>) => store.list({ machine, machineVersion: from, status, ...page }),
      ({ id }) => id,
    );
    // A machine that spawns itself has children of its own name: they go with their roots.
    for await (const page of pages) yield page.filter(({ parent }) => parent === null);
  }
}

/** All rows of a root's tree, itself included. */
export async function readTree(store: Store, root: ActorId): Promise<readonly ActorRecord[]> {
  const records: ActorRecord[] = [];
  const pages = readPages(
    (page: PageQuery<ActorId>) => store.list({ root, ...page }),
    ({ id }) => id,
  );
  for await (const page of pages) records.push(...page);
  return records;
}

export async function migrateActors(options: MigrationRunOptions): Promise<MigrationCount> {
  const { store, plan } = options;
  const tally = new Tally(options.logger);
  if (plan.chains.length === 0) return tally.count;
  const groups = await store.groups();
  for (const chain of plan.chains) {
    for await (const roots of rootsOf(store, chain, groups)) {
      let waiting: Promise<void>[] = [];
      let actors = 0;
      for (const { id } of roots) {
        const tree = (await readTree(store, id)).map((record) => record.id);
        const done = migrateRoot(id, tree, chain, options).then((outcome) =>
          tally.add(id, outcome),
        );
        // Awaited below; if a read fails before that, it must not be a rejection that nobody handles.
        done.catch(() => undefined);
        waiting.push(done);
        actors += tree.length;
        if (actors < AT_ONCE) continue;
        await Promise.all(waiting);
        waiting = [];
        actors = 0;
      }
      await Promise.all(waiting);
      tally.tell(chain);
    }
  }
  return tally.count;
}

async function migrateRoot(
  target: ActorId,
  tree: readonly ActorId[],
  chain: MigrationChain,
  options: MigrationRunOptions,
): Promise<TreeOutcome> {
  const request = (run: (unit: UnitScope) => TreeOutcome): Promise<TreeOutcome> => {
    const { promise, resolve, reject } = Promise.withResolvers<TreeOutcome>();
    options.push({ kind: 'migrate', target, tree, run, settle: { resolve, reject } });
    return promise;
  };
  try {
    return await request((unit) => migrateTree(unit, { ...options, tree, chain }));
  } catch (error) {
    if (isEngineError(error) && NOT_ITS_FAULT.includes(error.code)) throw error;
    // It could not be written as it is.
    return request((unit) => parkTree(unit, tree, asEngineError(error)));
  }
}

class Tally {
  #migrated = 0;
  #parked = 0;
  #missing: string | null = null;
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get count(): MigrationCount {
    return { migrated: this.#migrated, parked: this.#parked };
  }

  add(root: ActorId, outcome: TreeOutcome): void {
    if (outcome.type === 'migrated') {
      this.#migrated += outcome.actors;
      this.#missing ??= outcome.missing[0] ?? null;
    }
    if (outcome.type === 'parked') this.#fail(root, outcome.error);
  }

  #fail(root: ActorId, error: EngineError): void {
    this.#parked += 1;
    if (this.#parked > TOLD) return;
    this.#logger.error('A migration has failed; its actor is parked.', { actor: root, error });
  }

  tell({ machine, from, to }: MigrationChain): void {
    this.#logger.info('Migrating actors.', { machine, from, to, ...this.count });
    if (this.#missing === null) return;
    const missing = this.#missing;
    this.#missing = null;
    this.#logger.warn('A migrated actor is in a state whose timer or invoke it does not have.', {
      machine,
      to,
      missing,
    });
  }
}
