// One engine at a time on one store and one virtual platform, and ways to end it and open the next:
// stopped in order, or abandoned as a crash would. Tests use the engine's public API only.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  actorRef,
  type DeadLetter,
  type Engine,
  EngineError,
  type EngineOptions,
  openEngine,
  type Store,
} from 'sagawright';
import { type MemoryContents, memoryContents, memoryStore, sqliteStore } from 'sagawright/store';
import { collect } from './collected.ts';
import { ScriptedStore } from './scripted-store.ts';
import { VirtualPlatform, type VirtualProcess } from './virtual-platform.ts';

export interface WorldOptions extends Omit<EngineOptions, 'store' | 'platform'> {
  /** Where actors are kept. Default: memory, which outlives the engine, as a file does. */
  readonly on?: 'memory' | 'sqlite';
  /** Whether the journal is folded and compared at the end. Default: yes, but for impure machines. */
  readonly verified?: boolean;
}

type ActorRow = Awaited<ReturnType<Store['load']>>[number];

/** An effect as an actor's row holds it. */
export interface StoredEffect {
  readonly key: string;
  readonly attempt: number;
  readonly retryAt: number | null;
  readonly maybeRan: boolean;
  readonly input: unknown;
}

export class EngineWorld implements AsyncDisposable {
  readonly time: VirtualPlatform = new VirtualPlatform();
  /** What the memory holds; untouched by a world on SQLite. */
  readonly contents: MemoryContents = memoryContents();
  #options: WorldOptions;
  #folder: string | null = null;
  #process: VirtualProcess | null = null;
  #store: ScriptedStore | null = null;
  #engine: Engine | null = null;

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  get engine(): Engine {
    if (this.#engine === null) throw new Error('No engine is open in this world.');
    return this.#engine;
  }

  get store(): ScriptedStore {
    if (this.#store === null) throw new Error('No store is open in this world.');
    return this.#store;
  }

  /** Opens the next engine on the same store. */
  async open(
    changes: Partial<WorldOptions> = {},
    prepare: (store: ScriptedStore) => void = () => undefined,
  ): Promise<Engine> {
    this.#options = { ...this.#options, ...changes };
    const { on: _on, verified: _verified, ...options } = this.#options;
    const process = this.time.startProcess();
    const scripted = new ScriptedStore(this.#newStore());
    prepare(scripted);
    const { platform } = process;
    this.#process = process;
    this.#store = scripted;
    this.#engine = await openEngine({ ...options, platform, store: scripted.store });
    await this.time.settle();
    return this.#engine;
  }

  /** Begins to open the next engine, and ends it as a crash does once it has made so many commits. */
  async openUntilCommit(count: number, changes: Partial<WorldOptions> = {}): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const opening = this.open(changes, (store) => {
      store.judge = () => {
        if (store.commits.length < count) return null;
        this.#process?.kill();
        resolve();
        return null;
      };
    });
    // A dead process answers nobody.
    void opening.catch(() => undefined);
    await promise;
    await this.abandon();
  }

  /** Begins to open the next engine on a store that takes nothing more. */
  openFull(changes: Partial<WorldOptions> = {}): Promise<Engine> {
    const full = new EngineError('STORE_FULL', 'There is no room.');
    return this.open(changes, (store) => {
      store.judge = ({ actors }) => (actors.length > 0 ? full : null);
    });
  }

  /** Ends the engine as a crash does: nothing of it runs on, what was committed stays. */
  async abandon(): Promise<void> {
    this.#process?.kill();
    await this.#store?.kill();
    this.#engine = null;
  }

  /** Ends the engine in order; effects in flight are aborted unless time is left for them. */
  async stop(drainMs = 0): Promise<void> {
    const stopped = this.engine.stop({ drain: drainMs });
    await this.time.advance(drainMs);
    await stopped;
    this.#engine = null;
  }

  /** Another engine on the same store, after this one was stopped or abandoned. */
  async restart(how: 'abandon' | 'stop', changes: Partial<WorldOptions> = {}): Promise<Engine> {
    if (how === 'stop') await this.stop();
    else await this.abandon();
    return this.open(changes);
  }

  /** The committed row of an actor. */
  async row(id: string): Promise<ActorRow> {
    const [row] = await this.store.store.load([actorRef(id).address]);
    if (row === undefined) throw new Error(`There is no row of ${id}.`);
    return row;
  }

  /** The unsettled effects in an actor's row, by id. */
  async effects(id: string): Promise<Readonly<Record<string, StoredEffect>>> {
    const { pending } = await this.row(id);
    const { effects = {} } = JSON.parse(pending) as {
      readonly effects?: Readonly<Record<string, StoredEffect>>;
    };
    return effects;
  }

  deadLetters(): Promise<readonly DeadLetter[]> {
    return collect(this.engine.deadLetters.list());
  }

  /** Journal of one actor as `kind type` lines, oldest first. */
  async history(id: string): Promise<readonly string[]> {
    const entries = await collect(this.engine.events());
    return entries.filter(({ actor }) => actor === id).map(({ kind, type }) => `${kind} ${type}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#engine !== null && this.#options.verified !== false) await verify(this.#engine);
    } finally {
      await this.abandon();
      if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  #newStore(): Store {
    if (this.#options.on !== 'sqlite') return memoryStore(this.contents);
    this.#folder ??= mkdtempSync(join(tmpdir(), 'sagawright-engine-'));
    return sqliteStore(join(this.#folder, 'world.db'));
  }
}

/** Whatever a test has done, the journal folds to the rows, where they can be read. */
async function verify(engine: Engine): Promise<void> {
  try {
    const { mismatches } = await engine.verify();
    if (mismatches.length > 0)
      throw new Error(`The journal folds to ${JSON.stringify(mismatches)}`);
  } catch (error) {
    // The test has stopped the engine, or keeps it from reading.
    if (!(error instanceof EngineError)) throw error;
  }
}

/** A world with its first engine open. */
export async function openWorld(options: WorldOptions): Promise<EngineWorld> {
  const world = new EngineWorld(options);
  await world.open();
  return world;
}
