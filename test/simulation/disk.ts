// The disk of a simulated world: a memory store that outlives its processes, behind calls that take time,
// come in order, fail as told and die with their process. Never changes what is written.

import { EngineError, type Store } from 'sagawright';
import { type MemoryContents, memoryContents, memoryStore } from 'sagawright/store';
import type { Chance } from './chance.ts';
import type { FaultCounts, Weather } from './faults.ts';
import { INSTANT_MS, never, type Schedule, type SimulatedProcess } from './schedule.ts';

export type Commit = Parameters<Store['commit']>[0];

/** Moments at which a process may be killed. */
export type KillPoint = 'before-commit' | 'after-commit' | 'before-call' | 'after-call';

export interface DiskOptions {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly counts: FaultCounts;
  /** Told of each commit at the moment it is durable. */
  readonly onCommitted: (commit: Commit, process: SimulatedProcess) => void;
  /** The process may end here. */
  readonly onPoint: (point: KillPoint, process: SimulatedProcess) => void;
}

export class Disk {
  contents: MemoryContents = memoryContents();
  /** Until then every commit is refused. */
  fullUntilMs = 0;
  isCalm = false;
  /** Calls of living processes that were not answered yet. */
  unanswered = 0;
  /** Processes whose engine has a reason to stop by itself. */
  readonly broken: Set<SimulatedProcess> = new Set();
  readonly #options: DiskOptions;
  readonly #commits: Commit[] = [];
  readonly #open: Map<SimulatedProcess, Store> = new Map();

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  /** The store as one process has it. */
  mount(process: SimulatedProcess): Store {
    const inner = memoryStore(this.contents);
    this.#open.set(process, inner);
    let appliedAtMs = 0;
    let answeredAtMs = 0;
    const { schedule, chance } = this.#options;
    /** In the order of the calls, as one connection works. */
    const perform = (
      name: string,
      call: () => Promise<unknown>,
      commit: Commit | null,
    ): unknown => {
      if (!process.isAlive) return never();
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      this.unanswered += 1;
      const answer = (tell: () => void): void => {
        const atMs = Math.max(answeredAtMs + INSTANT_MS, schedule.nowMs + this.#latencyMs());
        answeredAtMs = atMs;
        process.at(atMs - schedule.nowMs, () => {
          this.unanswered -= 1;
          tell();
        });
      };
      const apply = (): void => {
        if (commit !== null) this.#options.onPoint('before-commit', process);
        if (!process.isAlive) return;
        const refusal = this.#refusal(name, commit, process);
        if (refusal !== null) {
          answer(() => reject(refusal));
          return;
        }
        const isHidden = commit !== null && this.#isUnknown(process);
        if (isHidden && chance.happens(0.5)) {
          this.#options.counts.count('commit of unknown result, not applied');
          answer(() => reject(unknownResult()));
          return;
        }
        call().then(
          (value) => {
            if (commit !== null) this.#durable(commit, process);
            if (isHidden) this.#options.counts.count('commit of unknown result, applied');
            answer(() => (isHidden ? reject(unknownResult()) : resolve(value)));
          },
          (error: unknown) => answer(() => reject(error)),
        );
      };
      const atMs = Math.max(appliedAtMs + INSTANT_MS, schedule.nowMs + this.#latencyMs());
      appliedAtMs = atMs;
      process.at(atMs - schedule.nowMs, apply);
      return promise;
    };
    return new Proxy(inner, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || typeof name !== 'string') return member;
        return (...args: readonly unknown[]) => {
          const call = (): Promise<unknown> =>
            Reflect.apply(member, target, args) as Promise<unknown>;
          if (name === 'close') return process.isAlive ? call() : never();
          return perform(name, call, name === 'commit' ? (args[0] as Commit) : null);
        };
      },
    });
  }

  /** The kernel frees what a dead process has held. */
  release(process: SimulatedProcess): void {
    const store = this.#open.get(process);
    this.unanswered = 0;
    this.#open.delete(process);
    store?.close().catch(() => undefined);
  }

  /** Forgets the last commits, as a disk does that was never told to sync. */
  loseLast(count: number): void {
    this.#commits.splice(Math.max(0, this.#commits.length - count));
    this.contents = memoryContents();
    for (const commit of this.#commits) this.contents.apply(commit);
  }

  #durable(commit: Commit, process: SimulatedProcess): void {
    this.#commits.push(commit);
    this.#options.onCommitted(commit, process);
    this.#options.onPoint('after-commit', process);
  }

  #latencyMs(): number {
    const { chance } = this.#options;
    return chance.happens(0.05) ? chance.between(1, 60) : chance.next() * 2;
  }

  #refusal(name: string, commit: Commit | null, process: SimulatedProcess): EngineError | null {
    const { schedule, chance, weather, counts } = this.#options;
    if (commit === null) {
      const isRead = !['open', 'maintain', 'health'].includes(name);
      if (this.isCalm || !isRead || !chance.happens(weather.busyRead)) return null;
      counts.count('read refused as busy');
      return new EngineError('STORE_BUSY', 'The simulated disk is busy.');
    }
    const isFull = schedule.nowMs < this.fullUntilMs || chance.happens(weather.full);
    if (!this.isCalm && isFull) {
      counts.count('commit refused as full');
      return new EngineError('STORE_FULL', 'The simulated disk is full.');
    }
    if (!this.isCalm && chance.happens(weather.busy)) {
      counts.count('commit refused as busy');
      return new EngineError('STORE_BUSY', 'The simulated disk is busy.');
    }
    if (!this.isCalm && chance.happens(weather.refused)) {
      counts.count('commit refused by the database');
      // What is refused twice, alone, and cannot be told to anybody stops the engine.
      this.broken.add(process);
      return new EngineError('STORE_REFUSED', 'The simulated disk refuses this commit.');
    }
    return null;
  }

  #isUnknown(process: SimulatedProcess): boolean {
    const { chance, weather } = this.#options;
    if (this.isCalm || !chance.happens(weather.unknown)) return false;
    this.broken.add(process);
    return true;
  }
}

function unknownResult(): EngineError {
  return new EngineError('STORE_FAILED', 'The simulated disk does not say whether it has written.');
}
