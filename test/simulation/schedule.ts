// Time and order in a simulated world: everything that happens is an event at a moment, and what falls on
// one moment comes in a random order. Processes live on it one after the other, each with its Platform; a
// killed one is never called back. Never reads a real clock.

import { setImmediate } from 'node:timers';
import type { Platform, Timer } from 'sagawright';
import type { Chance } from './chance.ts';

interface Event {
  readonly dueMs: number;
  readonly tie: number;
  readonly run: () => void;
  isCancelled: boolean;
}

const START_MS = Date.UTC(2026, 0, 1, 12);
/** Least time between two things that must keep their order. */
export const INSTANT_MS = 0.001;

export class Schedule {
  readonly #chance: Chance;
  /** Latest first: the next one is at the end. */
  readonly #events: Event[] = [];
  #monotonicMs = 0;
  #skewMs = START_MS;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#monotonicMs;
  }

  get wallMs(): number {
    return Math.floor(this.#monotonicMs + this.#skewMs);
  }

  /** The wall clock is ahead of the world's own time by this much. */
  get skewMs(): number {
    return this.#skewMs;
  }

  jumpWall(byMs: number): void {
    this.#skewMs += byMs;
  }

  /** Time passes while code runs, as in a step that takes long. */
  pass(byMs: number): void {
    this.#monotonicMs += byMs;
  }

  at(delayMs: number, run: () => void): Timer {
    if (!Number.isFinite(delayMs)) throw new Error(`An event was planned in ${delayMs} ms.`);
    const dueMs = this.#monotonicMs + Math.max(0, delayMs);
    const event: Event = { dueMs, tie: this.#chance.next(), run, isCancelled: false };
    this.#insert(event);
    return {
      cancel: () => {
        event.isCancelled = true;
      },
    };
  }

  /** Runs the next event, and every promise that follows from it; false when nothing is planned. */
  async step(): Promise<boolean> {
    let event = this.#events.pop();
    while (event?.isCancelled) event = this.#events.pop();
    if (event === undefined) return false;
    this.#monotonicMs = Math.max(this.#monotonicMs, event.dueMs);
    event.run();
    // A turn of the real event loop: by then, no promise is left that needs no simulated time.
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }

  #insert(event: Event): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#events[middle];
      if (other === undefined || isLater(event, other)) high = middle;
      else low = middle + 1;
    }
    this.#events.splice(low, 0, event);
  }
}

function isLater(event: Event, other: Event): boolean {
  return event.dueMs > other.dueMs || (event.dueMs === other.dueMs && event.tie > other.tie);
}

/** One life of the engine's process. */
export class SimulatedProcess {
  readonly number: number;
  readonly platform: Platform;
  isAlive = true;
  /** Most by which the wall clock was ahead in this life: no timer fires earlier than by this clock. */
  mostSkewMs: number;
  readonly #schedule: Schedule;

  constructor(number: number, schedule: Schedule, chance: Chance) {
    this.number = number;
    this.#schedule = schedule;
    this.mostSkewMs = schedule.skewMs;
    // Each process counts its monotonic time from somewhere else.
    const originMs = -1_000_003 * number;
    const slowness = chance.happens(0.2) ? 0.05 : 0;
    this.platform = {
      now: () => schedule.wallMs,
      monotonic: () => {
        if (slowness > 0 && this.isAlive && chance.happens(slowness)) schedule.pass(5);
        return schedule.nowMs - originMs;
      },
      random: () => chance.next(),
      afterIo: (callback) => {
        this.at(chance.next(), callback);
      },
      wakeAfter: (delayMs, callback) => {
        const lateMs = chance.happens(0.03) ? chance.between(1, 400) : chance.next();
        return this.at(Math.max(0, delayMs) + lateMs, callback);
      },
    };
  }

  /** An event of this process: it dies with it. */
  at(delayMs: number, run: () => void): Timer {
    return this.#schedule.at(delayMs, () => {
      if (this.isAlive) run();
    });
  }
}

/** What a dead process waits for. */
export function never<Value>(): Promise<Value> {
  return new Promise<Value>(() => undefined);
}
