// What one turn knows: actors, keys and system ids, from its own units first, then the cache, then the
// store. Thrown away if the turn's commit fails.

import { EngineError } from '../errors.ts';
import type { ActorId, IdempotencyKey, Position } from '../ids.ts';
import type { ActorCache } from '../state/actor-cache.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { Reader } from '../state/reader.ts';
import type { ActorRecord, JournalEntry, Store } from '../store.ts';
import type { UnitOutput } from './unit-output.ts';
import { isParked, type Known, Missing, type ParkedActor, type View, withChanges } from './view.ts';

/** The first message under a key: stored, or of this turn and not yet at a position. */
export interface KeyedMessage {
  /** JSON of its event. */
  readonly data: string;
  readonly revision: number;
  /** JSON of the state value after it. */
  readonly state: string | null;
  readonly at: { readonly position: Position } | { readonly entry: number };
}

/** Loads that the next run did not read, before a unit is taken for one that makes ids up as it runs. */
const VAIN_LOADS = 100;

export interface KeyName {
  readonly actor: ActorId;
  readonly key: IdempotencyKey;
}

export class TurnMemory implements View {
  /** Actors changed by this turn. */
  readonly changed: Map<ActorId, ActorState> = new Map();
  /** Revision that the store has of each changed actor; 0: none. */
  readonly before: Map<ActorId, number> = new Map();
  readonly systemIdChanges: Map<ActorId, Map<string, ActorId | null>> = new Map();
  readonly newlyParked: ParkedActor[] = [];
  readonly #loaded: Map<ActorId, Known> = new Map();
  /** System ids that this turn has read: the cache may give them up before it ends. */
  readonly #systemIds: Map<ActorId, ReadonlyMap<string, ActorId>> = new Map();
  readonly #transactionResults: Map<IdempotencyKey, string> = new Map();
  readonly #keys: Map<string, KeyedMessage | null> = new Map();
  /** What was loaded for a unit that has not read it yet. */
  #awaited: ActorId | null = null;
  #vain = 0;
  readonly #store: Store;
  readonly #cache: ActorCache;
  readonly #reader: Reader;

  constructor(store: Store, cache: ActorCache, reader: Reader) {
    this.#store = store;
    this.#cache = cache;
    this.#reader = reader;
  }

  actor(id: ActorId): Known {
    if (id === this.#awaited) this.#awaited = null;
    const known = this.changed.get(id) ?? this.#cache.get(id) ?? this.#loaded.get(id);
    if (known === undefined) throw new Missing({ actor: id });
    return known;
  }

  systemIds(root: ActorId): ReadonlyMap<string, ActorId> {
    const known = this.knownSystemIds(root);
    if (known === null) throw new Missing({ root });
    return known;
  }

  /** Null when nobody has read them: an actor that ends frees its name without a look at the others. */
  knownSystemIds(root: ActorId): ReadonlyMap<string, ActorId> | null {
    const before = this.#systemIds.get(root) ?? this.#cache.systemIds(root);
    if (before === undefined) return null;
    this.#systemIds.set(root, before);
    return withChanges(before, this.systemIdChanges.get(root));
  }

  /** JSON of what a transaction under the key has answered. */
  transactionResult(key: IdempotencyKey): string | null {
    return this.#transactionResults.get(key) ?? null;
  }

  key({ actor, key }: KeyName): KeyedMessage | null {
    return this.#keys.get(`${actor}\n${key}`) ?? null;
  }

  /** Reads actors and keys that the turn will need, with one query each. */
  async prefetch(
    actors: readonly ActorId[],
    keys: readonly KeyName[],
    transactions: readonly IdempotencyKey[],
  ): Promise<void> {
    const unknown = [...new Set(actors)].filter((id) => this.#known(id) === undefined);
    if (unknown.length > 0) await this.#load(unknown);
    if (transactions.length > 0) {
      const results = await this.#store.findTransactionResults(transactions);
      for (const { key, result } of results) this.#transactionResults.set(key, result);
    }
    if (keys.length === 0) return;
    for (const { actor, key, entry } of await this.#store.findKeys(keys)) {
      this.#keys.set(`${actor}\n${key}`, storedKey(entry));
    }
  }

  /** Reads what a unit found missing. */
  async fetch({ actor, root }: Missing): Promise<void> {
    if (actor !== null) {
      if (this.#awaited !== null && ++this.#vain > VAIN_LOADS) throw endless(actor);
      this.#awaited = actor;
      await this.#load([actor]);
    }
    if (root === null) return;
    const records = await this.#store.systemIds(root);
    const systemIds = new Map(records.map((record) => [record.systemId, record.actor] as const));
    this.#systemIds.set(root, systemIds);
  }

  /** Takes over what a unit has produced; later units of the turn see it. */
  absorb(output: UnitOutput, firstEntry: number): void {
    for (const [id, state] of output.actors) {
      if (!this.before.has(id)) this.before.set(id, this.#revisionBefore(id));
      this.changed.set(id, state);
    }
    for (const [root, changes] of output.systemIds) {
      const all = this.systemIdChanges.get(root) ?? new Map<string, ActorId | null>();
      for (const [systemId, actor] of changes) all.set(systemId, actor);
      this.systemIdChanges.set(root, all);
    }
    for (const { key, result } of output.transactionResults) {
      this.#transactionResults.set(key, result);
    }
    output.journal.forEach(({ actor, key, data, revision, state }, index) => {
      if (key === null) return;
      this.#keys.set(`${actor}\n${key}`, {
        data,
        revision,
        state,
        at: { entry: firstEntry + index },
      });
    });
  }

  #known(id: ActorId): Known | undefined {
    return this.#cache.get(id) ?? this.#loaded.get(id);
  }

  #revisionBefore(id: ActorId): number {
    const known = this.#known(id);
    if (known === undefined || known === null) return 0;
    return isParked(known) ? known.record.revision : known.revision;
  }

  async #load(ids: readonly ActorId[]): Promise<void> {
    for (const id of ids) this.#loaded.set(id, null);
    for (const record of await this.#store.load(ids))
      this.#loaded.set(record.id, this.#read(record));
  }

  #read(record: ActorRecord): Known {
    const known = this.#reader.read(record);
    if (isParked(known) && record.status !== 'parked') this.newlyParked.push(known);
    return known;
  }
}

function endless(actor: ActorId): EngineError {
  return new EngineError(
    'STEP_FAILED',
    `Expected each run to read what the one before it was missing, got another address in each of ${VAIN_LOADS} (the last: "${actor}"). Make ids up before a transaction or a step, not in it.`,
    { details: { actor } },
  );
}

function storedKey({ data, revision, state, position }: JournalEntry): KeyedMessage {
  return { data, revision, state, at: { position } };
}
