// The turn loop: take what waits, step it in memory, commit once, publish. One turn at a time; nobody
// hears of anything before its commit (guarantee 5), and a failed commit leaves memory as the store is.

import type { Handlers } from '../effects/effect.ts';
import type { EffectRunner } from '../effects/effect-runner.ts';
import { createTask, type EffectTask } from '../effects/effect-task.ts';
import { asEngineError, type EngineError, isEngineError } from '../errors.ts';
import type { IdempotencyKey } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { Platform } from '../platform.ts';
import type { ActorCache } from '../state/actor-cache.ts';
import type { PendingEffect } from '../state/actor-state.ts';
import type { Reader } from '../state/reader.ts';
import type { StepSystem } from '../step/handle.ts';
import type { FindSeed } from '../step/virtual.ts';
import type { CommitResult, Store } from '../store.ts';
import { type Envelope, isFromInbox, isRefusable, targetsOf } from './envelope.ts';
import { Mailbox } from './mailbox.ts';
import { type Committed, type Publisher, publish, refuse } from './publication.ts';
import { buildCommit } from './turn-commit.ts';
import { type KeyName, TurnMemory } from './turn-memory.ts';
import { Missing } from './view.ts';
import { type Work, workOn } from './work.ts';

export interface TurnOptions {
  readonly store: Store;
  readonly reader: Reader;
  readonly cache: ActorCache;
  readonly system: StepSystem;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly findSeed: FindSeed;
  readonly handlers: Handlers;
  readonly runner: EffectRunner;
  readonly publisher: Publisher;
  /** A commit's result is not known, or the store is broken: the engine must stop. */
  readonly onFailure: (error: EngineError) => void;
}

/** How long a turn waits before it tries again what a full or busy store has refused. */
const STORE_PAUSE_MS = 100;

/** Why a commit was not made: try again later, alone, or never. */
const TEMPORARY: readonly string[] = ['STORE_FULL', 'STORE_BUSY'];
const FATAL: readonly string[] = ['STORE_FAILED', 'STORE_CORRUPT'];

export class TurnLoop {
  readonly mailbox: Mailbox = new Mailbox();
  readonly #options: TurnOptions;
  #scheduled = false;
  #running = false;
  #halted = false;
  /** What the turn that runs has taken: also told if the engine ends in the middle of it. */
  #taken: readonly Envelope[] = [];
  /** So many envelopes go one by one, because one of them spoils the commit of all. */
  #takeSingly = 0;
  #whenQuiet: (() => void)[] = [];

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  push(envelope: Envelope): void {
    this.mailbox.push(envelope);
    this.#schedule();
  }

  /** Resolves when nothing waits for a turn. */
  quiet(): Promise<void> {
    if (this.#halted || (this.mailbox.size === 0 && !this.#running)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenQuiet.push(resolve);
    return promise;
  }

  /** Ends the loop; whoever still waits is told why. */
  halt(error: EngineError): void {
    this.#halted = true;
    for (const envelope of [...this.#taken, ...this.mailbox.drain()]) refuse(envelope, error);
    this.#settleQuiet();
  }

  #schedule(): void {
    if (this.#scheduled || this.#running || this.#halted) return;
    this.#scheduled = true;
    // After I/O, so that messages which arrived together are committed together.
    this.#options.platform.afterIo(() => {
      this.#scheduled = false;
      void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    if (this.#running || this.#halted) return;
    this.#running = true;
    try {
      const batch = this.mailbox.take(this.#takeSingly > 0 ? 1 : this.#options.limits.batch);
      this.#takeSingly = Math.max(0, this.#takeSingly - 1);
      this.#taken = batch;
      if (batch.length > 0) await this.#process(batch, null);
      this.#taken = [];
      if (!this.#halted) await this.#options.store.maintain();
    } catch (error) {
      // After a halt the store is closed, and a turn that was still waiting for it means nothing.
      if (!this.#halted) this.#fail(error);
    } finally {
      this.#running = false;
    }
    if (this.mailbox.size > 0) this.#schedule();
    else this.#settleQuiet();
  }

  #settleQuiet(): void {
    const waiting = this.#whenQuiet;
    this.#whenQuiet = [];
    for (const resolve of waiting) resolve();
  }

  /** Steps a batch and commits it. `poison`: why this one envelope cannot be committed as it is. */
  async #process(batch: readonly Envelope[], poison: EngineError | null): Promise<void> {
    const { store, cache, reader, limits } = this.#options;
    const memory = new TurnMemory(store, cache, reader);
    let works: readonly Work[] = [];
    let reserved: readonly EffectTask[] = [];
    try {
      await memory.prefetch(batch.flatMap(targetsOf), keysOf(batch), transactionsOf(batch));
      works = await this.#step(batch, memory, poison);
      reserved = this.#reserve(works, memory);
      const commit = buildCommit(works, memory, limits);
      const result = commit === null ? NOTHING : await store.commit(commit);
      this.#accept({ works, memory, reserved, result });
    } catch (error) {
      for (const task of reserved) this.#options.runner.release(task);
      const taken = works.length === 0 ? batch : works.map(({ envelope }) => envelope);
      await this.#recover(taken, error, poison);
    }
  }

  async #step(
    batch: readonly Envelope[],
    memory: TurnMemory,
    poison: EngineError | null,
  ): Promise<readonly Work[]> {
    const { system, limits, findSeed, platform } = this.#options;
    const context = { memory, system, limits, findSeed, now: platform.now(), poison };
    const deadline = platform.monotonic() + limits.turnMs;
    const works: Work[] = [];
    let entries = 0;
    let overflowed = false;
    for (const [index, envelope] of batch.entries()) {
      // What a message has caused runs before the next one from outside, also past a cascade's bound.
      const mustWait = overflowed && !isFromInbox(envelope);
      if (index > 0 && (mustWait || platform.monotonic() > deadline)) {
        this.mailbox.putBack(batch.slice(index));
        break;
      }
      const work = await loading(memory, () => workOn(envelope, context));
      memory.absorb(work.output, entries);
      entries += work.output.journal.length;
      overflowed ||= work.output.overflow.length > 0;
      works.push(work);
    }
    return works;
  }

  /** Places for the effects that this commit starts; those without one are committed as waiting. */
  #reserve(works: readonly Work[], memory: TurnMemory): readonly EffectTask[] {
    const { runner, handlers } = this.#options;
    const reserved: EffectTask[] = [];
    const seen = new Set<PendingEffect>();
    for (const { actor, id, generation } of works.flatMap(({ output }) => output.effectsStarted)) {
      const state = memory.changed.get(actor);
      const effect = state?.effects[id];
      if (state === undefined || effect?.generation !== generation) continue;
      // Started twice by one turn, or its actor has failed again since: it runs when that is resumed.
      if (seen.has(effect) || state.status === 'error') continue;
      seen.add(effect);
      const task = createTask(state, effect, handlers);
      if (runner.reserve(task)) {
        reserved.push(task);
        continue;
      }
      const waiting = { ...effect, attempt: 0 };
      memory.changed.set(actor, { ...state, effects: { ...state.effects, [id]: waiting } });
    }
    return reserved;
  }

  #accept(committed: Committed): void {
    const { memory } = committed;
    const { cache } = this.#options;
    for (const state of memory.changed.values()) cache.set(state);
    for (const root of memory.systemIdChanges.keys()) {
      const systemIds = memory.knownSystemIds(root);
      if (systemIds !== null) cache.setSystemIds(root, systemIds);
    }
    publish(committed, this.#options.publisher);
  }

  /** The commit was not made. Nothing of it is in the cache; the store is as it was, or not to be trusted. */
  async #recover(
    batch: readonly Envelope[],
    error: unknown,
    poison: EngineError | null,
  ): Promise<void> {
    if (!isEngineError(error) || FATAL.includes(error.code)) throw error;
    if (TEMPORARY.includes(error.code)) {
      // Callers decide for themselves; what nobody waits for must not be lost, and is tried again.
      for (const envelope of batch) if (isRefusable(envelope)) refuse(envelope, error);
      this.mailbox.putBack(batch.filter((envelope) => !isRefusable(envelope)));
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#options.platform.wakeAfter(STORE_PAUSE_MS, resolve);
      return promise;
    }
    // A poisoned batch: each on its own, so that only the culprit is refused.
    if (batch.length > 1) {
      this.mailbox.putBack(batch);
      this.#takeSingly = batch.length;
      return;
    }
    const [envelope] = batch;
    if (poison === null || envelope === undefined) await this.#process(batch, error);
    // Not even its refusal can be written: whoever waits is told, and nothing else has happened.
    else if (isRefusable(envelope)) refuse(envelope, poison);
    else throw error;
  }

  #fail(error: unknown): void {
    this.#options.cache.clear();
    this.#options.onFailure(asEngineError(error));
  }
}

const NOTHING: CommitResult = { positions: [], inboxIds: [], deadLetterIds: [] };

/** Runs a unit until it finds everything it reads in memory. */
async function loading(memory: TurnMemory, work: () => Work): Promise<Work> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      await memory.fetch(error);
    }
  }
}

function transactionsOf(batch: readonly Envelope[]): readonly IdempotencyKey[] {
  return batch.flatMap((envelope) => (envelope.kind === 'transact' && envelope.key) || []);
}

function keysOf(batch: readonly Envelope[]): readonly KeyName[] {
  return batch.flatMap((envelope) => {
    if (envelope.kind !== 'message' && envelope.kind !== 'resume') return [];
    if (envelope.message.kind !== 'event') return [];
    const { target, key } = envelope.message;
    return key === null ? [] : [{ actor: target, key }];
  });
}
