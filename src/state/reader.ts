// Reads committed actors outside of turns: for snapshots, recovery and waking. Never writes, never
// fills the cache: a turn may commit while a read is under way.

import { type EngineError, isEngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { StepSystem } from '../step/handle.ts';
import { endedLogic } from '../step/logic.ts';
import type { Registry } from '../step/registry.ts';
import type { ActorRecord, Store } from '../store.ts';
import type { Known, ParkedActor } from '../turn/view.ts';
import type { ActorCache } from './actor-cache.ts';
import { readActor } from './actor-row.ts';
import type { ActorState } from './actor-state.ts';

export interface ReaderOptions {
  readonly store: Store;
  readonly cache: ActorCache;
  readonly registry: Registry;
  readonly system: StepSystem;
  readonly heldReason: (record: ActorRecord) => string | null;
}

export class Reader {
  readonly #store: Store;
  readonly #cache: ActorCache;
  readonly #registry: Registry;
  readonly #system: StepSystem;

  /** Why an actor that was parked must stay so, whatever its row says; null when it need not. */
  readonly #heldReason: (record: ActorRecord) => string | null;

  constructor({ store, cache, registry, system, heldReason }: ReaderOptions) {
    this.#store = store;
    this.#cache = cache;
    this.#registry = registry;
    this.#system = system;
    this.#heldReason = heldReason;
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
    const held = this.#heldReason(record);
    if (held !== null) return { status: 'parked', id: record.id, record, reason: held };
    try {
      const logic = this.#registry.hosted(record.machine, record.machineVersion);
      return readActor(record, logic, this.#system);
    } catch (error) {
      if (!isEngineError(error)) throw error;
      return this.#readEnded(record) ?? parkedBecause(record, error);
    }
  }

  /** What has ended takes no step: it can be read without its machine, or after that has changed. */
  #readEnded(record: ActorRecord): ActorState | null {
    const { machine, machineVersion } = record;
    try {
      const state = readActor(record, endedLogic(machine, machineVersion), this.#system);
      return state.status === 'done' || state.status === 'stopped' ? state : null;
    } catch (error) {
      if (isEngineError(error)) return null;
      throw error;
    }
  }
}

function parkedBecause(record: ActorRecord, { message }: EngineError): ParkedActor {
  return { status: 'parked', id: record.id, record, reason: message };
}
