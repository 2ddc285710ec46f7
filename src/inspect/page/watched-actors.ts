// What the page knows: the actors and the last events, from the messages of the server, bounded. No
// element of the page and no network in here.

import type { InspectedSnapshot, InspectionMessage, ViewerMessage } from '../protocol.ts';

export interface WatchedActor {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly machine: string;
  readonly machineVersion: string;
  readonly revision: number;
  readonly snapshot: InspectedSnapshot;
}

export interface WatchedEvent {
  /** Grows by one with each. */
  readonly number: number;
  readonly actor: string;
  readonly source: string | null;
  readonly atMs: number;
  readonly event: { readonly type: string };
  /** Where the actor was after it; null before that is known. */
  readonly state: string | null;
}

const ACTORS_MAX = 2_000;
const EVENTS_MAX = 500;

export class WatchedActors {
  readonly actors: Map<string, WatchedActor> = new Map();
  /** The oldest first. */
  readonly events: WatchedEvent[] = [];
  isRestoring = true;
  leftOut = 0;
  /** Events that were too many for this page, in all. */
  missed = 0;
  #number = 0;

  apply(message: ViewerMessage): void {
    switch (message.type) {
      case '@sagawright.restoring':
        this.isRestoring = true;
        this.missed += message.missed;
        this.actors.clear();
        return;
      case '@sagawright.restored':
        this.isRestoring = false;
        this.leftOut = message.leftOut;
        return;
      case '@xstate.actor': {
        const { name, parentId = null, machine, machineVersion, revision, snapshot } = message;
        const id = message.sessionId;
        // Told of something that was left out so far.
        if (!this.isRestoring && !this.actors.has(id) && revision > 1 && this.leftOut > 0) {
          this.leftOut -= 1;
        }
        this.actors.set(id, { id, name, parentId, machine, machineVersion, revision, snapshot });
        this.#forgetActors();
        return;
      }
      case '@xstate.event':
        this.#add(message, message.sourceId ?? null, null);
        return;
      case '@xstate.snapshot':
        this.#moved(message);
        return;
    }
  }

  #moved(message: InspectionMessage & { readonly type: '@xstate.snapshot' }): void {
    const { sessionId, revision, snapshot } = message;
    const actor = this.actors.get(sessionId);
    if (actor !== undefined) this.actors.set(sessionId, { ...actor, revision, snapshot });
    const state = describeState(snapshot);
    const last = this.events.at(-1);
    const isIts = last?.actor === sessionId && last.state === null;
    if (last !== undefined && isIts) this.events[this.events.length - 1] = { ...last, state };
    // A stop or a failure comes without an event.
    else this.#add(message, null, state);
  }

  #add(
    message: Exclude<InspectionMessage, { readonly type: '@xstate.actor' }>,
    source: string | null,
    state: string | null,
  ): void {
    const { sessionId, createdAt, event } = message;
    this.#number += 1;
    this.events.push({
      number: this.#number,
      actor: sessionId,
      source,
      atMs: Number(createdAt),
      event,
      state,
    });
    if (this.events.length > EVENTS_MAX) this.events.shift();
  }

  /** Those that have ended go first, then the ones that were told of first. */
  #forgetActors(): void {
    if (this.actors.size <= ACTORS_MAX) return;
    for (const { id, snapshot } of this.actors.values()) {
      if (snapshot.status === 'active') continue;
      this.actors.delete(id);
      return;
    }
    for (const id of this.actors.keys()) {
      this.actors.delete(id);
      return;
    }
  }
}

/** Paths of the active leaf states; the status, for an actor that is not active. */
export function describeState({ value, status }: InspectedSnapshot): string {
  const state = leavesOf(value).join(' ');
  if (status === 'active' || status === 'done') return state === '' ? status : state;
  return state === '' ? status : `${state} (${status})`;
}

function leavesOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const leaves = leavesOf(inner);
    return leaves.length === 0 ? [key] : leaves.map((leaf) => `${key}.${leaf}`);
  });
}
