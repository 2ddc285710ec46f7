// Actors kept in memory between turns, the least recently used given up first. It holds only what has
// been committed; as the one writer of its store, the engine may trust it.

import type { ActorId } from '../ids.ts';
import type { ActorState } from './actor-state.ts';

const ENDED_KEPT = 256;

export class ActorCache {
  readonly #actors: Map<ActorId, ActorState> = new Map();
  /** Ended actors are seldom asked again: few are kept, so that they do not fill the heap. */
  readonly #ended: Map<ActorId, ActorState> = new Map();
  readonly #systemIds: Map<ActorId, ReadonlyMap<string, ActorId>> = new Map();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#actors.size + this.#ended.size;
  }

  get(id: ActorId): ActorState | undefined {
    return this.#actors.get(id) ?? this.#ended.get(id);
  }

  set(state: ActorState): void {
    this.#actors.delete(state.id);
    this.#ended.delete(state.id);
    const ended = state.status === 'done' || state.status === 'stopped';
    const actors = ended ? this.#ended : this.#actors;
    actors.set(state.id, state);
    if (actors.size > (ended ? Math.min(ENDED_KEPT, this.#limit) : this.#limit)) drop(actors);
  }

  systemIds(root: ActorId): ReadonlyMap<string, ActorId> | undefined {
    return this.#systemIds.get(root);
  }

  setSystemIds(root: ActorId, systemIds: ReadonlyMap<string, ActorId>): void {
    this.#systemIds.delete(root);
    this.#systemIds.set(root, systemIds);
    if (this.#systemIds.size > this.#limit) drop(this.#systemIds);
  }

  /** Forgets everything: after a failed commit, memory is read again from the store. */
  clear(): void {
    this.#actors.clear();
    this.#ended.clear();
    this.#systemIds.clear();
  }
}

/** Gives up the entry that was set longest ago. */
function drop<Key>(entries: Map<Key, unknown>): void {
  for (const key of entries.keys()) {
    entries.delete(key);
    return;
  }
}
