// What the migrations would do, on copies: every actor in flight of a version that goes over, put
// together by configuration, and those that have nowhere to go. Writes nothing.

import { asEngineError, type EngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import { type PageQuery, readPages } from '../pages.ts';
import { readColumns } from '../state/actor-row.ts';
import type { Registry } from '../step/registry.ts';
import type { ActorGroup, ActorRecord, Store } from '../store.ts';
import type { MigrationContext } from './migrating.ts';
import type { MigrationChain, MigrationPlan } from './migration-plan.ts';
import { readTree, rootsOf } from './migration-run.ts';
import { isInFlight, planTree } from './tree-migration.ts';

/** Actors in flight that are alike: one machine, version and state, timers, effects and children. */
export interface MigrationCheck {
  readonly machine: string;
  readonly version: string;
  /** The version that they go over to; null when there is no way. */
  readonly to: string | null;
  /** Paths of the active leaf states, a space between. */
  readonly state: string;
  /** Ids; for what an action has started under an id of its own, the event type or name in its place. */
  readonly timers: readonly string[];
  readonly effects: readonly string[];
  readonly children: readonly string[];
  readonly count: number;
  /** How many of them would be parked. */
  readonly failing: number;
  /** One of them, a failing one if there is any. */
  readonly example: ActorId;
  /** Why the example fails; null when all go over. A tree goes over as one, or not at all. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** What the error says is left over. */
  readonly leftovers: readonly string[];
  /** Timers and invokes of the new states that the example would not have: nothing starts them. */
  readonly missing: readonly string[];
}

export interface MigrationReport {
  readonly ok: boolean;
  readonly checks: readonly MigrationCheck[];
  /** Actors of configurations beyond the bound on their number; counted, and checked too. */
  readonly others: { readonly count: number; readonly failing: number };
}

export interface MigrationCheckOptions extends MigrationContext {
  readonly store: Store;
  readonly registry: Registry;
  readonly plan: MigrationPlan;
}

/** Configurations that are told one by one. */
const CONFIGURATIONS = 1_000;

type Result = Pick<MigrationCheck, 'to' | 'missing'> & { readonly error: EngineError | null };

export async function checkMigrations(options: MigrationCheckOptions): Promise<MigrationReport> {
  const { store, plan } = options;
  const found = new Findings(options);
  const groups = await store.groups();
  for (const chain of plan.chains) {
    for await (const roots of rootsOf(store, chain, groups)) {
      for (const { id } of roots) checkTree(await readTree(store, id), chain, options, found);
    }
  }
  const stranded = groups.filter(({ status }) => status !== 'done' && status !== 'stopped');
  const byVersion = new Map(
    stranded.map((group) => [JSON.stringify({ ...group, state: '' }), group] as const),
  );
  for (const group of byVersion.values()) await checkGroup(group, options, found);
  return found.report;
}

function checkTree(
  records: readonly ActorRecord[],
  chain: MigrationChain,
  options: MigrationCheckOptions,
  found: Findings,
): void {
  const { to } = chain;
  try {
    const { moves, stopped } = planTree(records, chain, options.plan, options);
    for (const { record, missing } of moves) found.add(record, { to, missing, error: null });
    for (const record of stopped) found.add(record, { to, missing: [], error: null });
  } catch (error) {
    const known = asEngineError(error);
    // The whole tree would be parked.
    for (const record of records) {
      if (mayBeInFlight(record)) found.add(record, { to, missing: [], error: known });
    }
  }
}

/** A row that cannot be read may be anything. */
function mayBeInFlight(record: ActorRecord): boolean {
  try {
    return isInFlight(record);
  } catch {
    return true;
  }
}

/** Actors of a version that is neither registered nor goes over to another. */
async function checkGroup(
  { machine, machineVersion, status }: ActorGroup,
  { store, registry, plan }: MigrationCheckOptions,
  found: Findings,
): Promise<void> {
  if (registry.find(machine, machineVersion) !== undefined) return;
  if (plan.chainsOver({ machine, machineVersion }).length > 0) return;
  const error = registry.unknown(machine, machineVersion);
  const pages = readPages(
    (page: PageQuery<ActorId>) => store.list({ machine, machineVersion, status, ...page }),
    ({ id }) => id,
  );
  for await (const page of pages) {
    for (const record of page) {
      if (mayBeInFlight(record)) found.add(record, { to: null, missing: [], error });
    }
  }
}

class Findings {
  readonly #options: MigrationCheckOptions;
  readonly #checks: Map<string, MigrationCheck> = new Map();
  #others = { count: 0, failing: 0 };

  constructor(options: MigrationCheckOptions) {
    this.#options = options;
  }

  get report(): MigrationReport {
    const checks = [...this.#checks.values()];
    const ok = this.#others.failing === 0 && checks.every(({ failing }) => failing === 0);
    return { ok, checks, others: this.#others };
  }

  add(record: ActorRecord, { to, missing, error }: Result): void {
    const { id, machine, machineVersion: version, state } = record;
    const failing = error === null ? 0 : 1;
    const parts = this.#partsOf(record);
    const name = JSON.stringify([machine, version, state, ...Object.values(parts)]);
    const known = this.#checks.get(name);
    if (known === undefined && this.#checks.size >= CONFIGURATIONS) {
      const { count, failing: before } = this.#others;
      this.#others = { count: count + 1, failing: before + failing };
      return;
    }
    const example =
      known === undefined || (failing > 0 && known.failing === 0)
        ? { example: id, missing, ...toldError(error) }
        : {};
    this.#checks.set(name, {
      ...(known ?? { ...nothing, machine, version, to, state, ...parts, example: id }),
      ...example,
      count: (known?.count ?? 0) + 1,
      failing: (known?.failing ?? 0) + failing,
    });
  }

  /** Ids made by actions hold revisions, or anything: they would make every actor one of its own. */
  #partsOf(record: ActorRecord): Pick<MigrationCheck, 'timers' | 'effects' | 'children'> {
    const { machine, machineVersion } = record;
    const invokes = this.#options.formerInvokes(machine, machineVersion);
    try {
      const { column, pending } = readColumns(record);
      const named = (id: string, other: string): string => (invokes.has(id) ? id : other);
      const { timers = {}, effects = {} } = pending;
      return {
        timers: distinct(Object.values(timers).map(({ event }) => event.type)),
        effects: distinct(Object.values(effects).map(({ id, src }) => named(id, src))),
        children: distinct(
          Object.values(column.children ?? {}).map(({ id, src }) => named(id, src)),
        ),
      };
    } catch {
      return { timers: [], effects: [], children: [] };
    }
  }
}

const nothing = { count: 0, failing: 0, error: null, leftovers: [], missing: [] } as const;

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

function toldError(error: EngineError | null): Pick<MigrationCheck, 'error' | 'leftovers'> {
  if (error === null) return { error: null, leftovers: [] };
  const { code, message, details } = error;
  const { leftovers } = details;
  return {
    error: { code, message },
    leftovers: Array.isArray(leftovers) ? leftovers.map(String) : [],
  };
}
