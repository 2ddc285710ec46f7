// The public face: open an engine on a store, start actors, watch them, stop. Everything durable
// happens behind it, in turns.

import type { AnyStateMachine } from 'xstate';
import { ActorClient } from './client/actor-client.ts';
import { DeadLetters } from './client/dead-letters.ts';
import { checkEngineOptions, type EngineOptions } from './client/engine-options.ts';
import { type Health, readHealth } from './client/health.ts';
import {
  type ActorSummary,
  type HistoryEntry,
  type ListOptions,
  readEvents,
  readList,
} from './client/journal-pages.ts';
import type { EngineInspectionEvent, Subscription } from './client/observers.ts';
import { type ActorSnapshot, createSnapshot } from './client/snapshot-view.ts';
import { checkStartOptions, type StartOptions } from './client/start-options.ts';
import { type Duration, durationMs } from './duration.ts';
import { asEngineError, isEngineError } from './errors.ts';
import { type BackupOptions, backUp } from './fold/backup.ts';
import { rebuildActor } from './fold/rebuild.ts';
import { type VerifyOptions, type VerifyReport, verify } from './fold/verify.ts';
import { type ActorId, actorAddress, idempotencyKey, type Position } from './ids.ts';
import { createLimits } from './limits.ts';
import { guardedLogger, silentLogger } from './logger.ts';
import { checkMembers, checkText, type Members, refuseOption } from './options.ts';
import { systemPlatform } from './platform.ts';
import { Registry } from './step/registry.ts';
import type { Backup } from './store.ts';
import { EngineCore } from './turn/engine-core.ts';
import type { Started } from './turn/envelope.ts';
import { runTransaction, type Transaction } from './turn/transaction.ts';
import { rememberMachines } from './versions/drift.ts';
import { formerInvokesOf } from './versions/former-charts.ts';
import { checkMigrations, type MigrationReport } from './versions/migration-check.ts';
import { MigrationPlan } from './versions/migration-plan.ts';
import type { MigrationCount } from './versions/migration-run.ts';
import { readOnly } from './versions/paused-store.ts';
import type { Recovered } from './waking/recovery.ts';

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
  /**
   * Actors that the callback will touch, as far as they are known: read in one query before it runs, 10,000
   * at most. Any other that is not in memory is read when it is touched, and the callback runs again.
   */
  readonly actors?: readonly string[];
}

/** Most actors of one `read`, and that one `transact` names. */
const READ_AT_ONCE = 1_000;
const TRANSACT_AT_ONCE = 10_000;

/** @throws EngineError `BAD_OPTION`, `BAD_ID` */
function addressesOf(ids: readonly string[], option: string, most: number): readonly ActorId[] {
  if (!Array.isArray(ids) || ids.length > most) {
    refuseOption(option, `an array of at most ${most} ids`, ids);
  }
  return ids.map(actorAddress);
}

const TRANSACT_OPTIONS: Members<TransactOptions> = {
  key: true,
  conflicts: true,
  correlation: true,
  actors: true,
};

/** A durable engine over one store. Made by {@link openEngine}. */
export class Engine implements AsyncDisposable {
  readonly deadLetters: DeadLetters;
  /** What this open found unfinished and took up; timers and later retries are not counted. */
  readonly recovered: Recovered;
  /** How many actors this open has brought to another version of their machine. */
  readonly migrated: MigrationCount;
  readonly #core: EngineCore;
  readonly #registry: Registry;

  constructor(core: EngineCore, registry: Registry, { migrated, recovered }: TakenUp) {
    this.#core = core;
    this.#registry = registry;
    this.migrated = migrated;
    this.recovered = recovered;
    this.deadLetters = new DeadLetters(core);
  }

  /**
   * Starts an actor; resolves when its first state is on disk.
   * @param machine one that was given to `openEngine`, or its id: then the newest version of it
   * @throws EngineError `ACTOR_EXISTS`, `BAD_ID`, `BAD_OPTION`, `BAD_VALUE`, `MACHINE_UNKNOWN`,
   * `STEP_FAILED` (the context factory or an initial action threw: there is no actor), and what `send`
   * throws
   */
  async start<Machine extends AnyStateMachine>(
    machine: Machine | string,
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
    const actors = addressesOf(options.actors ?? [], 'actors', TRANSACT_AT_ONCE);
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
          actors,
          settle,
        }))) as Result;
      } catch (error) {
        if (attempt === attempts || !isEngineError(error, 'REVISION_CONFLICT')) throw error;
      }
    }
  }

  /**
   * The statechart that actors of this machine and version follow, child machines included, for pictures
   * and tools: its invoked logic is put out of action. Null for one that this engine does not have, and
   * for logic that is no statechart.
   * @param name an {@link ActorSnapshot}'s `machine`
   */
  machine(name: string, version: string): AnyStateMachine | null {
    const logic = this.#registry.find(name, version);
    return logic?.kind === 'machine' ? logic.machine : null;
  }

  /**
   * Several actors as of one moment, in the order asked for; null where there is none.
   * @param ids 1,000 at most
   * @throws EngineError `ACTOR_PARKED`, `BAD_ID`, `BAD_OPTION`
   */
  async read(ids: readonly string[]): Promise<readonly (ActorSnapshot | null)[]> {
    const states = await this.#core.readTogether(addressesOf(ids, 'ids', READ_AT_ONCE));
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

  /**
   * Folds the journal again and compares what comes out with every actor's row: at rest or while the
   * engine works. A difference means that a machine is not pure (a clock or chance in an assign), that it
   * was changed under its version, or that a row was. Repairs nothing.
   * @throws EngineError `BAD_OPTION`, `BAD_ID`, `ACTOR_NOT_FOUND`, `ENGINE_STOPPED`, `ENGINE_FAILED`
   */
  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    return verify(this.#core, options);
  }

  /**
   * Rebuilds the row of a parked actor from its journal, when the row cannot be read; the actor goes on.
   * Its effects run again under their keys. Named actions that were still to run are lost with the row.
   * @throws EngineError `ACTOR_NOT_FOUND`, `BAD_ID`, `BAD_OPTION` for an actor whose row can be read,
   * `JOURNAL_NOT_FOLDABLE`
   */
  async rebuild(id: string): Promise<void> {
    await rebuildActor(this.#core, actorAddress(id));
  }

  /**
   * Copies the store to a new file while the engine works: all of what was committed when it resolves, or
   * shortly before. The copy is a database of its own.
   * @throws EngineError `BAD_OPTION` for a path that is taken or a store without files, `BACKUP_FAILED`,
   * `ENGINE_STOPPED`, `ENGINE_FAILED`
   */
  backup(path: string, options: BackupOptions = {}): Promise<Backup> {
    return backUp(this.#core, path, options);
  }

  /**
   * What the migrations given to `openEngine` would do to the actors in flight, on copies; also tells those
   * of versions that are neither registered nor go over to one that is. Writes nothing: meant for an
   * engine opened with `paused: true`, before the real thing.
   */
  checkMigrations(): Promise<MigrationReport> {
    return checkMigrations(this.#core.migrating);
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
 * `MACHINE_DRIFT`, `MACHINE_UNSUPPORTED`, `BAD_OPTION`, `NODE_UNSUPPORTED`
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  // Before the lock: what can be refused without touching the store is.
  checkEngineOptions(options);
  const { store, machines, handlers = {}, platform = systemPlatform, paused = false } = options;
  const isHolding = options.effects === 'hold';
  const limits = createLimits(options.limits);
  const registry = new Registry(machines, isHolding ? null : handlers);
  const plan = new MigrationPlan(options.migrations ?? [], registry);
  const logger = guardedLogger(options.logger ?? silentLogger);
  await store.open();
  try {
    const formerInvokes = formerInvokesOf(await store.machines(), registry);
    const { drift = 'refuse' } = options;
    const now = platform.now();
    if (!paused) await rememberMachines({ store, registry, plan, logger, drift, now });
    const core = new EngineCore({
      store: paused ? readOnly(store) : store,
      registry,
      handlers,
      platform,
      limits,
      logger,
      onFailure: options.onFailure ?? ((): void => undefined),
      plan,
      formerInvokes,
      paused,
      isHolding,
    });
    return new Engine(core, registry, paused ? NOTHING : await takeUp(core));
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What an open has done before it takes messages. */
interface TakenUp {
  readonly migrated: MigrationCount;
  readonly recovered: Recovered;
}

const NOTHING: TakenUp = {
  migrated: { migrated: 0, parked: 0 },
  recovered: { inbox: 0, released: 0, effects: 0 },
};

async function takeUp(core: EngineCore): Promise<TakenUp> {
  try {
    const migrated = await core.migrate();
    return { migrated, recovered: await core.recover() };
  } catch (error) {
    // Its store is about to be closed: what still waits for a turn must not find that out.
    core.turns.halt(asEngineError(error));
    throw error;
  }
}
