// The engine's parts, joined: mailbox and turns, runner, wake-ups, observers. Its public face is
// engine.ts; clients of single actors use what they need from here.

import { findDone } from '../client/journal-pages.ts';
import { Observers } from '../client/observers.ts';
import type { Handlers } from '../effects/effect.ts';
import { EffectRunner } from '../effects/effect-runner.ts';
import { asEngineError, EngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { Logger } from '../logger.ts';
import type { Platform } from '../platform.ts';
import { ActorCache } from '../state/actor-cache.ts';
import type { ActorState } from '../state/actor-state.ts';
import { Reader } from '../state/reader.ts';
import { StepSystem } from '../step/handle.ts';
import type { Registry } from '../step/registry.ts';
import type { ActorRecord, Store } from '../store.ts';
import type { FormerInvokes } from '../versions/former-charts.ts';
import type { MigrationCheckOptions } from '../versions/migration-check.ts';
import type { MigrationPlan } from '../versions/migration-plan.ts';
import { type MigrationCount, migrateActors } from '../versions/migration-run.ts';
import { pausedError } from '../versions/paused-store.ts';
import { heldReason as heldReasonOf } from '../versions/tree-migration.ts';
import { DormantActors } from '../waking/dormant.ts';
import { type Recovered, recover } from '../waking/recovery.ts';
import { WakeUps } from '../waking/wake-ups.ts';
import type { Envelope, Settle } from './envelope.ts';
import { TurnLoop } from './turn.ts';
import { isParked, notFound, parkedError } from './view.ts';

export interface CoreOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly handlers: Handlers;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly onFailure: (error: EngineError) => void;
  readonly plan: MigrationPlan;
  readonly formerInvokes: FormerInvokes;
  /** Reads only: nothing is taken, taken up or written. */
  readonly paused: boolean;
  /** Makes no call and fires no timer: what is asked for waits in the store. */
  readonly isHolding: boolean;
}

export interface Folding {
  readonly registry: Registry;
  readonly system: StepSystem;
  readonly limits: Limits;
  readonly reader: Reader;
}

/** How long the last turns of a stop may take, after its drain. */
const LAST_TURNS_MS = 5_000;

export type CoreStatus = 'running' | 'paused' | 'stopping' | 'stopped' | 'failed';

export class EngineCore {
  readonly store: Store;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly observers: Observers;
  readonly runner: EffectRunner;
  readonly cache: ActorCache;
  readonly turns: TurnLoop;
  /** What a fold of the journal needs to step as the engine does. */
  readonly folding: Folding;
  readonly migrating: MigrationCheckOptions;
  status: CoreStatus = 'running';
  failure: EngineError | null = null;
  readonly #options: CoreOptions;
  readonly #reader: Reader;
  readonly #wakeUps: WakeUps;
  readonly #dormant: DormantActors;
  #stopping: Promise<void> | null = null;
  /** Handlers may still finish, and what they transact is taken. */
  #draining = false;
  /** Waiters of any kind, told when the engine ends before what they wait for. */
  readonly #waiters: Set<(error: EngineError) => void> = new Set();

  constructor(options: CoreOptions) {
    const { store, registry, handlers, platform, limits, logger, plan, formerInvokes } = options;
    const push = (envelope: Envelope): void => this.turns.push(envelope);
    const system = new StepSystem();
    this.#options = options;
    this.store = store;
    this.platform = platform;
    this.limits = limits;
    this.cache = new ActorCache(limits.cachedActors);
    this.observers = new Observers((message, error) => logger.error(message, { error }));
    if (options.paused) this.status = 'paused';
    this.migrating = { store, registry, plan, system, limits, formerInvokes };
    const heldReason = (record: ActorRecord): string | null =>
      heldReasonOf(record, plan, this.migrating);
    this.#reader = new Reader({ store, cache: this.cache, registry, system, heldReason });
    this.folding = { registry, system, limits, reader: this.#reader };
    this.runner = new EffectRunner({
      platform,
      limits,
      push,
      findDone: (actor, key) => findDone(store, actor, key),
    });
    this.#wakeUps = new WakeUps(platform, (due) => {
      for (const { actor, timerId, generation } of due) {
        const causation = `timer:${timerId}@${generation}`;
        const message = {
          kind: 'timer',
          target: actor,
          timerId,
          generation,
          correlation: null,
          causation,
        } as const;
        push({ kind: 'message', message, settle: null });
      }
    });
    const { observers, runner } = this;
    const wakeUps = this.#wakeUps;
    this.turns = new TurnLoop({
      store,
      cache: this.cache,
      reader: this.#reader,
      system,
      platform,
      limits,
      findSeed: registry.findSeed,
      handlers,
      runner,
      publisher: {
        observers,
        runner,
        wakeUps,
        platform,
        handlers,
        logger,
        mailbox: () => this.turns.mailbox,
      },
      onFailure: (error) => this.#fail(error),
    });
    this.#dormant = new DormantActors({
      store,
      reader: this.#reader,
      wakeUps,
      runner,
      handlers,
      platform,
      push,
      quiet: () => this.turns.quiet(),
      onFailure: (error) => this.#fail(asEngineError(error)),
    });
    if (!options.isHolding) return;
    runner.hold();
    wakeUps.stop();
  }

  /** Actors of versions that have a migration go over to it, before anything else happens. */
  migrate(): Promise<MigrationCount> {
    const { logger } = this.#options;
    const push = (envelope: Envelope): void => this.turns.push(envelope);
    return migrateActors({ ...this.migrating, logger, push });
  }

  /** Takes up what the last process has left. */
  async recover(): Promise<Recovered> {
    const { store, handlers, isHolding } = this.#options;
    const recovered = await recover({
      store,
      reader: this.#reader,
      runner: this.runner,
      handlers,
      isHolding,
      push: (envelope) => this.turns.push(envelope),
      quiet: () => this.turns.quiet(),
    });
    if (!isHolding) void this.#dormant.watch();
    return recovered;
  }

  /** Hands a request to the mailbox; settles after its commit. */
  request<Value>(create: (settle: Settle<Value>) => Envelope): Promise<Value> {
    return this.#request(create, this.status === 'running');
  }

  /** The same for what only looks: a paused engine answers it too. */
  requestToLook<Value>(create: (settle: Settle<Value>) => Envelope): Promise<Value> {
    return this.#request(create, this.canRead);
  }

  /** The same as `request`, also while a stop waits for the handlers that may make this request. */
  requestWhileDraining<Value>(create: (settle: Settle<Value>) => Envelope): Promise<Value> {
    return this.#request(create, this.status === 'running' || this.#draining);
  }

  #request<Value>(create: (settle: Settle<Value>) => Envelope, isOpen: boolean): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const refusal = this.#refusal(isOpen);
    if (refusal !== null) reject(refusal);
    else this.turns.push(create({ resolve, reject }));
    return promise;
  }

  #refusal(isOpen: boolean): EngineError | null {
    if (!isOpen) return this.ended();
    if (this.turns.mailbox.size < this.limits.mailbox) return null;
    return new EngineError(
      'MAILBOX_FULL',
      `Expected fewer than ${this.limits.mailbox} messages waiting. Nothing was taken; slow down, or raise limits.mailbox.`,
    );
  }

  /** Whether what is committed can be read. */
  get canRead(): boolean {
    return this.status === 'running' || this.status === 'paused';
  }

  /** Why nothing is taken any more. */
  ended(): EngineError {
    if (this.failure !== null) {
      const { code, message } = this.failure;
      return new EngineError(
        'ENGINE_FAILED',
        `The engine has stopped because it could not be sure of its store (${code}: ${message}). Mend the cause and open it again.`,
        { cause: this.failure },
      );
    }
    if (this.status === 'paused') return pausedError();
    return new EngineError('ENGINE_STOPPED', 'Expected a running engine, but stop() was called.');
  }

  /** The committed state of an actor. @throws EngineError `ACTOR_NOT_FOUND`, `ACTOR_PARKED` */
  async read(id: ActorId): Promise<ActorState> {
    const known = await this.#reader.actor(id);
    if (known === null) throw notFound(id);
    if (isParked(known)) throw parkedError(known);
    return known;
  }

  /** Several actors as of one moment; null where there is none. @throws EngineError `ACTOR_PARKED` */
  async readTogether(ids: readonly ActorId[]): Promise<readonly (ActorState | null)[]> {
    const records = await this.store.load(ids);
    const byId = new Map(records.map((record) => [record.id, record] as const));
    return ids.map((id) => {
      const record = byId.get(id);
      if (record === undefined) return null;
      const known = this.#reader.read(record);
      if (isParked(known)) throw parkedError(known);
      return known;
    });
  }

  /** Registers somebody who waits; answers with the way to leave again. */
  onEnd(tell: (error: EngineError) => void): () => void {
    this.#waiters.add(tell);
    if (this.status === 'stopped' || this.status === 'failed') tell(this.ended());
    return () => this.#waiters.delete(tell);
  }

  /**
   * Takes nothing more, lets effects in flight finish until the deadline, aborts the rest and releases
   * the store. What is unfinished is driven on at the next open.
   */
  stop(drainMs: number): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  async #stop(drainMs: number): Promise<void> {
    if (!this.canRead) return;
    this.status = 'stopping';
    this.#dormant.stop();
    this.#wakeUps.stop();
    this.#draining = true;
    await this.#within(drainMs, this.#drained());
    this.#draining = false;
    this.runner.abort();
    // A store that takes nothing must not keep the process: what it does not take runs again.
    await this.#within(LAST_TURNS_MS, this.turns.quiet());
    if (this.failure !== null) return;
    this.status = 'stopped';
    this.turns.halt(this.ended());
    this.#tellWaiters();
    await this.store.close();
  }

  /** Waits for the work, but no longer than this. */
  async #within(limitMs: number, work: Promise<void>): Promise<void> {
    const { promise: deadline, resolve } = Promise.withResolvers<void>();
    const timer = this.platform.wakeAfter(limitMs, resolve);
    await Promise.race([work, deadline]);
    timer.cancel();
  }

  async #drained(): Promise<void> {
    await this.turns.quiet();
    await this.runner.drain();
    await this.turns.quiet();
  }

  #fail(error: EngineError): void {
    if (this.failure !== null) return;
    this.failure = error;
    this.status = 'failed';
    const { logger, onFailure } = this.#options;
    logger.error('The engine stops: it cannot be sure of its store.', { error });
    this.#dormant.stop();
    this.#wakeUps.stop();
    void this.runner.drain();
    this.runner.abort();
    this.turns.halt(this.ended());
    this.#tellWaiters();
    this.store
      .close()
      .catch((cause: unknown) => logger.error('Closing the store failed.', { cause }));
    try {
      onFailure(error);
    } catch (cause) {
      logger.error('The onFailure callback threw.', { cause });
    }
  }

  #tellWaiters(): void {
    for (const tell of this.#waiters) tell(this.ended());
    this.#waiters.clear();
  }
}
