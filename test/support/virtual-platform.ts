// Time, chance and scheduling under a test's control: the clocks stand still until the test moves them.
// Several processes can live on it one after the other; a killed one is never called back again.

import type { Platform, Timer } from 'sagawright';

interface Sleeper {
  readonly dueMs: number;
  /** Order of arming: timers due at the same moment fire in it. */
  readonly order: number;
  readonly callback: () => void;
}

/** Rounds of the event loop without any work after which everything is taken to be at rest. */
const QUIET_ROUNDS = 4;
const START_MS = Date.UTC(2026, 0, 1, 12);

/** One process as it sees the machine it runs on. */
export interface VirtualProcess {
  readonly platform: Platform;
  /** As SIGKILL does: none of its timers and turns comes any more. */
  kill(): void;
}

export class VirtualPlatform {
  /** What `random()` answers. */
  chance = 0.5;
  #wallMs = START_MS;
  #monotonicMs = 0;
  #armed = 0;
  #processes = 0;
  readonly #sleepers: Set<Sleeper> = new Set();
  #afterIo: (() => void)[] = [];
  #worked = false;

  /** The wall clock, milliseconds since the epoch. */
  get now(): number {
    return this.#wallMs;
  }

  /** Timers that are armed, by all processes. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  startProcess(): VirtualProcess {
    // Each process counts its monotonic time from somewhere else.
    const originMs = -1_000_003 * ++this.#processes;
    const own = new Set<Sleeper>();
    let alive = true;
    const platform: Platform = {
      now: () => this.#wallMs,
      monotonic: () => this.#monotonicMs - originMs,
      random: () => this.chance,
      afterIo: (callback) => this.#queue(() => alive && callback()),
      wakeAfter: (delayMs, callback) => this.#sleep(delayMs, callback, own),
    };
    const kill = (): void => {
      alive = false;
      for (const sleeper of own) this.#sleepers.delete(sleeper);
    };
    return { platform, kill };
  }

  /** Lets all turns finish, and every promise that needs no time. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
      this.#worked = false;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#worked) quiet = -1;
    }
  }

  /** Moves both clocks, runs what falls due at its own moment and lets turns finish in between. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + byMs;
    await this.settle();
    for (;;) {
      const next = this.#nextDue(untilMs);
      if (next === undefined) break;
      this.stall(Math.max(0, next.dueMs - this.#monotonicMs));
      this.#fire(next);
      await this.settle();
    }
    this.stall(untilMs - this.#monotonicMs);
  }

  /** Moves both clocks while nothing runs, as in an event loop that is stuck. */
  stall(byMs: number): void {
    this.#wallMs += byMs;
    this.#monotonicMs += byMs;
  }

  /** Sets the wall clock forward or back; monotonic time goes on as before. */
  jumpWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** Runs what is due right now, before any turn can run. */
  fireDue(): void {
    for (;;) {
      const next = this.#nextDue(this.#monotonicMs);
      if (next === undefined) return;
      this.#fire(next);
    }
  }

  #nextDue(untilMs: number): Sleeper | undefined {
    const due = [...this.#sleepers].filter(({ dueMs }) => dueMs <= untilMs);
    return due.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  }

  #fire(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    sleeper.callback();
  }

  #sleep(delayMs: number, callback: () => void, own: Set<Sleeper>): Timer {
    if (!Number.isFinite(delayMs)) throw new Error(`A timer was armed with a delay of ${delayMs}.`);
    const dueMs = this.#monotonicMs + Math.max(0, delayMs);
    const sleeper: Sleeper = { dueMs, order: this.#armed++, callback };
    this.#sleepers.add(sleeper);
    own.add(sleeper);
    return {
      cancel: () => {
        this.#sleepers.delete(sleeper);
        own.delete(sleeper);
      },
    };
  }

  #queue(callback: () => void): void {
    this.#worked = true;
    if (this.#afterIo.push(callback) > 1) return;
    setImmediate(() => {
      this.#worked = true;
      const callbacks = this.#afterIo;
      this.#afterIo = [];
      for (const call of callbacks) call();
    });
  }
}
