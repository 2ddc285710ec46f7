// The public face: open an engine on a store, start actors, watch them, stop. Everything durable
// happens behind it, in turns.

import type { AnyStateMachine } from 'xstate';
import { ActorClient } from './actor-client.ts';
import { DeadLetters } from './dead-letters.ts';
import { type Duration, durationMs } from './duration.ts';
import { EngineCore } from './engine-core.ts';
import { checkEngineOptions, type EngineOptions } from './engine-options.ts';
import type { Started } from './envelope.ts';
import { isEngineError } from './errors.ts';
import { type Health, readHealth } from './health.ts';
import { actorAddress, idempotencyKey, type Position } from './ids.ts';
import {
  type ActorSummary,
  type HistoryEntry,
  type ListOptions,
  readEvents,
  readList,
} from './journal-pages.ts';
import { createLimits } from './limits.ts';
import { guardedLogger, silentLogger } from './logger.ts';
import type { EngineInspectionEvent, Subscription } from './observers.ts';
import { checkMembers, checkText, type Members, refuseOption } from './options.ts';
import { systemPlatform } from './platform.ts';
import type { Recovered } from './recovery.ts';
import { Registry } from './registry.ts';
import { type ActorSnapshot, createSnapshot } from './snapshot-view.ts';
import { checkStartOptions, type StartOptions } from './start-options.ts';
import type { Store } from './store.ts';
import { runTransaction, type Transaction } from './transaction.ts';

export interface TransactOptions {
  /**
   * The same key again gets the first result, and the callback does not run: it has its own scope, apart
   * from the keys of messages. A handler passes its effect's key. A throw is not remembered.
   */
  readonly key?: string;
  /** How often the callback is run when it throws `REVISION_CONFLICT`. Default: once. */
  readonly conflicts?: { readonly attempts: number };
  /** Carried by every journal entry that this transaction causes. */
  readonly correlation?: string;
}

/** Most actors of one `read`. */
const READ_AT_ONCE = 1_000;

const TRANSACT_OPTIONS: Members<TransactOptions> = {
  key: true,
  conflicts: true,
  correlation: true,
};

/** A durable engine over one store. Made by {@link openEngine}. */
export class Engine implements AsyncDisposable {
  readonly deadLetters: DeadLetters;
  /** What this open found unfinished and took up; timers and later retries are not counted. */
  readonly recovered: Recovered;
  readonly #core: EngineCore;
  readonly #registry: Registry;

  constructor(core: EngineCore, registry: Registry, recovered: Recovered) {
    this.#core = core;
    this.#registry = registry;
    this.recovered = recovered;
    this.deadLetters = new DeadLetters(core);
  }

  /**
   * Starts an actor; resolves when its first state is on disk.
   * @throws EngineError `ACTOR_EXISTS`, `BAD_ID`, `BAD_OPTION`, `BAD_VALUE`, `MACHINE_UNKNOWN`,
   * `STEP_FAILED` (the context factory or an initial action threw: there is no actor), and what `send`
   * throws
   */
  async start<Machine extends AnyStateMachine>(
    machine: Machine,
    options: StartOptions<Machine>,
  ): Promise<ActorClient<Machine>> {
    const { id, ...order } = checkStartOptions(options, this.#core.limits);
    const logic = this.#registry.of(machine);
    const { created } = await this.#core.request<Started>((settle) => ({
      kind: 'start',
      target: id,
      logic,
      ...order,
      settle,
    }));
    return new ActorClient<Machine>(this.#core, id, created);
  }

  /**
   * The actor at an address, children included (`order-123/payment`). No I/O: whether it exists shows
   * when it is used.
   * @param _machine gives the types of events and snapshots; the store knows what the actor is
   * @throws EngineError `BAD_ID`
   */
  actor<Machine extends AnyStateMachine>(_machine: Machine, id: string): ActorClient<Machine> {
    return new ActorClient<Machine>(this.#core, actorAddress(id), false);
  }

  /**
   * Changes several actors in one commit: all of it, or nothing. The callback is synchronous and without
   * side effects of its own: it is run again when an actor that it touches must be loaded first.
   * @throws EngineError `BAD_OPTION` for a callback that returns a promise, `BAD_KEY`, `BAD_VALUE` for a
   * result that is not JSON, `REVISION_CONFLICT`, `TRANSACTION_TOO_LARGE`, what the callback throws, and
   * what `send` throws
   */
  async transact<Result>(
    callback: (transaction: Transaction) => Result,
    options: TransactOptions = {},
  ): Promise<Result> {
    checkMembers(options, 'the options of transact', TRANSACT_OPTIONS);
    checkText(options.correlation, 'correlation');
    if (typeof callback !== 'function') refuseOption('the callback', 'a function', callback);
    const attempts = options.conflicts?.attempts ?? 1;
    if (!Number.isInteger(attempts) || attempts < 1) {
      refuseOption('conflicts.attempts', 'a whole number of at least 1', attempts);
    }
    const key = options.key === undefined ? null : idempotencyKey(options.key);
    const origin = {
      correlation: options.correlation ?? null,
      causation: key === null ? null : `transaction:${key}`,
    };
    const context = { logicOf: (machine: AnyStateMachine) => this.#registry.of(machine), origin };
    for (let attempt = 1; ; attempt++) {
      try {
        // The result is JSON of what the callback gave: the type is the caller's own.
        return (await this.#core.requestWhileDraining<unknown>((settle) => ({
          kind: 'transact',
          run: (unit) => runTransaction(unit, callback, context),
          key,
          settle,
        }))) as Result;
      } catch (error) {
        if (attempt === attempts || !isEngineError(error, 'REVISION_CONFLICT')) throw error;
      }
    }
  }

  /**
   * Several actors as of one moment, in the order asked for; null where there is none.
   * @param ids 1,000 at most
   * @throws EngineError `ACTOR_PARKED`, `BAD_ID`, `BAD_OPTION`
   */
  async read(ids: readonly string[]): Promise<readonly (ActorSnapshot | null)[]> {
    if (!Array.isArray(ids) || ids.length > READ_AT_ONCE) {
      refuseOption('ids', `an array of at most ${READ_AT_ONCE} ids`, ids);
    }
    const states = await this.#core.readTogether(ids.map(actorAddress));
    return states.map((state) => state && createSnapshot(state));
  }

  /** Actors in order of id, read page by page. The first page throws EngineError `BAD_OPTION`, `BAD_ID`. */
  list(options: ListOptions = {}): AsyncIterable<ActorSummary> {
    return readList(this.#core.store, options);
  }

  /** The journal of all actors in commit order, after a position, up to now. */
  events(options: { readonly after?: Position } = {}): AsyncIterable<HistoryEntry> {
    return readEvents(this.#core.store, options.after);
  }

  /** Called with committed events and snapshots of all actors, in XState's inspection shapes. */
  inspect(observer: (event: EngineInspectionEvent) => void): Subscription {
    return this.#core.observers.inspect(observer);
  }

  health(): Promise<Health> {
    return readHealth(this.#core);
  }

  /**
   * Takes nothing more, waits for effects in flight until the drain's deadline (default 10 s), aborts
   * the others and releases the store. Unfinished work goes on at the next open.
   */
  async stop(options: { readonly drain?: Duration } = {}): Promise<void> {
    checkMembers(options, 'the options of stop', { drain: true });
    return this.#core.stop(durationMs(options.drain ?? '10s', 'drain'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/**
 * Opens an engine: takes the store's lock, checks the machines, takes up what the last process has left
 * and resolves when messages are taken.
 * @throws EngineError `STORE_LOCKED` with the holder's pid, `STORE_TOO_NEW`, `STORE_CORRUPT`,
 * `MACHINE_UNSUPPORTED`, `BAD_OPTION`, `NODE_UNSUPPORTED`
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  // Before the lock: what can be refused without touching the store is.
  checkEngineOptions(options);
  const { store, machines, handlers = {}, platform = systemPlatform } = options;
  const limits = createLimits(options.limits);
  const registry = new Registry(machines, handlers);
  await store.open();
  try {
    await rememberMachines(store, registry, platform.now());
    const core = new EngineCore({
      store,
      registry,
      handlers,
      platform,
      limits,
      logger: guardedLogger(options.logger ?? silentLogger),
      onFailure: options.onFailure ?? ((): void => undefined),
    });
    return new Engine(core, registry, await core.recover());
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The store keeps the definition of every machine version that has run on it. */
async function rememberMachines(store: Store, registry: Registry, now: number): Promise<void> {
  const known = new Set(
    (await store.machines()).map(({ machine, version }) => `${machine}@${version}`),
  );
  const machines = registry
    .records(now)
    .filter(({ machine, version }) => !known.has(`${machine}@${version}`));
  if (machines.length > 0) await store.commit({ journal: [], actors: [], machines });
}
