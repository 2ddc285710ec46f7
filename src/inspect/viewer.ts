// One viewer: the actors as they are when it connects, then everything that is committed, in order and
// once. What a reader is too slow for is dropped, and it starts anew with the actors as they are. Never
// holds more than its bounds, and never makes anybody wait.

import type { EngineInspectionEvent } from '../client/observers.ts';
import type { ActorSnapshot } from '../client/snapshot-view.ts';
import type { Engine } from '../engine.ts';
import { isEngineError } from '../errors.ts';
import { type ActorId, parentOf } from '../ids.ts';
import type { Platform } from '../platform.ts';
import type { Inspection } from './inspection.ts';
import type { InspectorBounds } from './inspector-options.ts';
import { findLatestActors, withParents } from './latest-actors.ts';
import type { Pace } from './pace.ts';
import type { RestoredMessage, RestoringMessage } from './protocol.ts';

/** What a viewer needs of its websocket. */
export interface ViewerSocket {
  /** Bytes that have been sent, but not taken by the network. */
  readonly bufferedAmount: number;
  send(text: string, done: () => void): void;
  close(code: number, reason: string): void;
}

export interface ViewerOptions {
  readonly engine: Engine;
  readonly socket: ViewerSocket;
  readonly inspection: Inspection;
  readonly platform: Platform;
  readonly bounds: InspectorBounds;
  /** Shared by all viewers. */
  readonly pace: Pace;
  /** Whether it wants the machines of actors. */
  readonly isDefined: boolean;
}

/** Actors of one read: a read is synchronous work of the store. */
const READ_AT_ONCE = 50;
/** Actors that a viewer is known to have heard of; of others it is told anew. */
const FOLLOWED_MAX = 10_000;
/** Between falling behind and starting anew: an engine at its limit is not asked all the time. */
const BREATH_MS = 250;
/** Bytes on their way to the reader before it is waited for. */
const BUFFERED_BYTES = 1_048_576;

export class Viewer {
  readonly #options: ViewerOptions;
  /** The revision with which each actor was restored: later ones are news. */
  readonly #followed: Map<ActorId, number> = new Map();
  /** While the actors to restore are looked for: those that change meanwhile, the last one at the end. */
  #touched: Set<ActorId> | null = new Set();
  #queue: EngineInspectionEvent[] = [];
  #missed = 0;
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(options: ViewerOptions) {
    this.#options = options;
  }

  /** Serves until it is closed or nothing can be read any more. Never rejects. */
  async serve(): Promise<void> {
    try {
      await this.#restore();
      while (!this.#isClosed) {
        if (this.#missed > 0) await this.#restoreAgain();
        else if (this.#queue.length === 0) await this.#news();
        else await this.#tellQueued();
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!this.#isClosed) this.#options.socket.close(1011, why.slice(0, 120));
      this.close();
    }
  }

  /** Takes an event that was committed: no more than a note of it. */
  take(event: EngineInspectionEvent): void {
    if (this.#isClosed) return;
    const { address } = event.actorRef;
    if (this.#touched !== null) {
      this.#touched.delete(address);
      this.#touched.add(address);
      keepNewest(this.#touched, this.#options.bounds.actors);
      return;
    }
    if (this.#missed > 0 || this.#queue.length >= this.#options.bounds.waiting) {
      this.#missed += 1 + this.#queue.length;
      this.#queue = [];
    } else this.#queue.push(event);
    this.#wake();
  }

  /** Forgets everything; the socket is its owner's. */
  close(): void {
    this.#isClosed = true;
    this.#queue = [];
    this.#followed.clear();
    this.#wake();
  }

  async #restoreAgain(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.platform.wakeAfter(BREATH_MS, resolve);
    this.#wake = () => this.#isClosed && resolve();
    await promise;
    timer.cancel();
    await this.#restore();
  }

  async #restore(): Promise<void> {
    const { engine, bounds, pace } = this.#options;
    const touched = new Set<ActorId>();
    this.#touched = touched;
    this.#queue = [];
    this.#followed.clear();
    const restoring: RestoringMessage = { type: '@sagawright.restoring', missed: this.#missed };
    this.#missed = 0;
    await this.#send(() => JSON.stringify(restoring));
    const { ids, active } = await findLatestActors(
      engine,
      bounds.actors,
      pace,
      () => this.#isClosed,
    );
    // From here on events wait. Each row that is read below holds all that was told before.
    this.#touched = null;
    const chosen = [...[...touched].reverse(), ...ids];
    await this.#announce(withParents([...new Set(chosen)].slice(0, bounds.actors)));
    const shown = this.#followed.size;
    const leftOut = Math.max(0, active - shown);
    const restored: RestoredMessage = { type: '@sagawright.restored', shown, leftOut };
    await this.#send(() => JSON.stringify(restored));
  }

  async #tellQueued(): Promise<void> {
    const events = this.#queue.slice(0, READ_AT_ONCE);
    this.#queue = this.#queue.slice(READ_AT_ONCE);
    for (const event of events) {
      // Of what was taken out, all is told, unless there is nobody any more.
      if (this.#isClosed) return;
      await this.#tell(event);
    }
  }

  async #tell(event: EngineInspectionEvent): Promise<void> {
    const { type, revision, actorRef } = event;
    const id = actorRef.address;
    if (!this.#followed.has(id)) {
      const strangers = type === '@xstate.actor' ? parentOf(id) : id;
      if (strangers !== null) {
        await this.#announce(withParents([strangers]).filter((each) => !this.#followed.has(each)));
      }
      if (!this.#followed.has(id)) this.#follow(id, 0);
    }
    const restored = this.#followed.get(id) ?? 0;
    if (revision > restored) {
      const { inspection, isDefined } = this.#options;
      await this.#send(() => inspection.event(event, isDefined));
    }
    // A row that is further on may be of a later start under this id, and has that told already.
    const isLast =
      type === '@xstate.snapshot' && (event.status === 'done' || event.status === 'stopped');
    if (isLast && revision >= restored) this.#followed.delete(id);
  }

  async #announce(ids: readonly ActorId[]): Promise<void> {
    const { engine, inspection, isDefined, pace } = this.#options;
    for (let from = 0; from < ids.length && !this.#isClosed; from += READ_AT_ONCE) {
      const chunk = ids.slice(from, from + READ_AT_ONCE);
      for (const actor of await pace.spendOn(() => readReadable(engine, chunk))) {
        this.#follow(actor.id, actor.revision);
        await this.#send(() => inspection.restored(actor, isDefined));
      }
    }
  }

  #follow(id: ActorId, revision: number): void {
    this.#followed.set(id, revision);
    keepNewest(this.#followed, FOLLOWED_MAX);
  }

  async #send(write: () => string): Promise<void> {
    if (this.#isClosed) return;
    const { socket, pace } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    pace.spend(() => socket.send(write(), resolve));
    if (socket.bufferedAmount > BUFFERED_BYTES) await promise;
    await pace.rest();
  }

  #news(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }
}

/** Forgets what was put in first. */
function keepNewest(known: Set<ActorId> | Map<ActorId, number>, count: number): void {
  for (const oldest of known.keys()) {
    if (known.size <= count) return;
    known.delete(oldest);
  }
}

/** Actors that exist and can be read: one that is parked is passed over. */
async function readReadable(
  engine: Engine,
  ids: readonly ActorId[],
): Promise<readonly ActorSnapshot[]> {
  try {
    return (await engine.read(ids)).filter((actor) => actor !== null);
  } catch (error) {
    if (!isEngineError(error, 'ACTOR_PARKED')) throw error;
    if (ids.length === 1) return [];
  }
  const each: ActorSnapshot[] = [];
  for (const id of ids) each.push(...(await readReadable(engine, [id])));
  return each;
}
