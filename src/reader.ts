// Reads committed actors outside of turns: for snapshots, recovery and waking. Never writes, never
// fills the cache: a turn may commit while a read is under way.

import type { ActorCache } from './actor-cache.ts';
import { readActor } from './actor-row.ts';
import { isEngineError } from './errors.ts';
import type { StepSystem } from './handle.ts';
import type { ActorId } from './ids.ts';
import type { Registry } from './registry.ts';
import type { ActorRecord, Store } from './store.ts';
import type { Known } from './view.ts';

export class Reader {
  readonly #store: Store;
  readonly #cache: ActorCache;
  readonly #registry: Registry;
  readonly #system: StepSystem;

  constructor(store: Store, cache: ActorCache, registry: Registry, system: StepSystem) {
    this.#store = store;
    this.#cache = cache;
    this.#registry = registry;
    this.#system = system;
  }

  async actor(id: ActorId): Promise<Known> {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    const [record] = await this.#store.load([id]);
    return record === undefined ? null : this.read(record);
  }

  /** Actors that exist, in any order. */
  async actors(ids: readonly ActorId[]): Promise<readonly NonNullable<Known>[]> {
    const cached = ids.flatMap((id) => this.#cache.get(id) ?? []);
    const found = new Set(cached.map(({ id }) => id));
    const missing = ids.filter((id) => !found.has(id));
    if (missing.length === 0) return cached;
    const records = await this.#store.load(missing);
    return [...cached, ...records.map((record) => this.read(record))];
  }

  read(record: ActorRecord): NonNullable<Known> {
    try {
      const logic = this.#registry.hosted(record.machine, record.machineVersion);
      return readActor(record, logic, this.#system);
    } catch (error) {
      if (!isEngineError(error)) throw error;
      return { status: 'parked', id: record.id, record, reason: error.message };
    }
  }
}
