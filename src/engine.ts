// The public face: open an engine on a store, start actors, watch them, stop. Everything durable
// happens behind it, in turns.

import type { AnyStateMachine, InputFrom } from 'xstate';
import { ActorClient } from './actor-client.ts';
import { DeadLetters } from './dead-letters.ts';
import { type Duration, durationMs } from './duration.ts';
import type { Handlers } from './effect.ts';
import { EngineCore } from './engine-core.ts';
import type { Started } from './envelope.ts';
import type { EngineError } from './errors.ts';
import { type Health, readHealth } from './health.ts';
import { actorAddress, type Position, rootActorId } from './ids.ts';
import { checkPayload } from './intake.ts';
import {
  type ActorSummary,
  type HistoryEntry,
  type ListOptions,
  readEvents,
  readList,
} from './journal-pages.ts';
import { createLimits, type Limits } from './limits.ts';
import { guardedLogger, type Logger, silentLogger } from './logger.ts';
import type { EngineInspectionEvent, Subscription } from './observers.ts';
import { type Platform, systemPlatform } from './platform.ts';
import type { Recovered } from './recovery.ts';
import { Registry } from './registry.ts';
import type { Store } from './store.ts';

export interface EngineOptions {
  /** `sqliteStore(path)` or `memoryStore()` from `sagawright/store`. */
  readonly store: Store;
  /** Every machine whose actors this engine runs; child machines come with their parents. */
  readonly machines: readonly AnyStateMachine[];
  /** The code of effects, by the name under which machines invoke them. */
  readonly handlers?: Handlers;
  readonly limits?: Partial<Limits>;
  /** Silent by default. */
  readonly logger?: Logger;
  /** Time, chance and scheduling; for tests. */
  readonly platform?: Platform;
  /** Told once, when the engine stops because it cannot be sure of its store. */
  readonly onFailure?: (error: EngineError) => void;
}

export type StartOptions<Machine extends AnyStateMachine> = {
  /** Without slashes: those address children. */
  readonly id: string;
  /**
   * `fail` (default): an id in use is `ACTOR_EXISTS`. `attach`: an actor that was started with the
   * same machine and input is taken as it is; `created` tells.
   */
  readonly ifExists?: 'attach' | 'fail';
  /** Carried by every journal entry that this start causes. */
  readonly correlation?: string;
} & (undefined extends InputFrom<Machine>
  ? { readonly input?: InputFrom<Machine> }
  : { readonly input: InputFrom<Machine> });

/** A durable engine over one store. Made by {@link openEngine}. */
export class Engine implements AsyncDisposable {
  readonly deadLetters: DeadLetters;
  /** What this open found unfinished and took up. */
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
   * @throws EngineError `ACTOR_EXISTS`, `BAD_ID`, `BAD_VALUE`, `MACHINE_UNKNOWN`, `STEP_FAILED` (the
   * context factory or an initial action threw: there is no actor), and what `send` throws
   */
  async start<Machine extends AnyStateMachine>(
    machine: Machine,
    options: StartOptions<Machine>,
  ): Promise<ActorClient<Machine>> {
    const id = rootActorId(options.id);
    const logic = this.#registry.of(machine);
    const input = checkPayload(options.input, 'input', this.#core.limits);
    const { ifExists = 'fail', correlation = null } = options;
    const { created } = await this.#core.request<Started>((settle) => ({
      kind: 'start',
      target: id,
      logic,
      input,
      ifExists,
      correlation,
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

  /** Actors in order of id, read page by page. */
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
  stop(options: { readonly drain?: Duration } = {}): Promise<void> {
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
  const { store, machines, handlers = {}, platform = systemPlatform } = options;
  const limits = createLimits(options.limits);
  // Before the lock: what can be refused without touching the store is.
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
