// Effects that wait for a place: one line for each effect, so that a free place is given on without a
// walk over all who wait. Whom it starts has a place; it never runs anything itself.

import type { Platform, Timer } from '../platform.ts';
import type { EffectPolicy } from './effect.ts';
import type { EffectSlots } from './effect-slots.ts';
import type { Running } from './running-effect.ts';

export interface WaitingLinesOptions {
  readonly platform: Pick<Platform, 'wakeAfter'>;
  readonly slots: Pick<EffectSlots, 'hasPlace' | 'take' | 'waitMs'>;
  /** Told who has been given a place. */
  readonly start: (running: Running) => void;
}

/** Two machines may declare an effect under one name with policies of their own: each is a line. */
interface Line {
  readonly src: string;
  readonly policy: EffectPolicy;
  first: Waiter | null;
  last: Waiter | null;
}

/** Linked to its neighbours: anyone may leave a long line at any time. */
interface Waiter {
  readonly running: Running;
  readonly line: Line;
  /** Grows with each arrival, over all lines. */
  readonly arrival: number;
  before: Waiter | null;
  after: Waiter | null;
}

export class WaitingLines {
  readonly #options: WaitingLinesOptions;
  /** Those in which somebody waits. */
  readonly #lines: Set<Line> = new Set();
  readonly #waiters: Map<Running, Waiter> = new Map();
  #arrivals = 0;
  #rateTimer: Timer | null = null;
  #closed = false;

  constructor(options: WaitingLinesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** At the end of its effect's line; started at once if there is a place. */
  join(running: Running): void {
    if (this.#waiters.has(running)) return;
    const line = this.#lineOf(running);
    const before = line.last;
    const waiter: Waiter = { running, line, arrival: this.#arrivals++, before, after: null };
    if (before === null) line.first = waiter;
    else before.after = waiter;
    line.last = waiter;
    this.#waiters.set(running, waiter);
    this.serve();
  }

  leave(running: Running): void {
    const waiter = this.#waiters.get(running);
    if (waiter === undefined) return;
    this.#waiters.delete(running);
    const { line, before, after } = waiter;
    if (before === null) line.first = after;
    else before.after = after;
    if (after === null) line.last = before;
    else after.before = before;
    if (line.first === null) this.#lines.delete(line);
  }

  /** Gives on what is free: first come, first served, among those whose effect has a place. */
  serve(): void {
    if (this.#closed) return;
    const { slots, start } = this.#options;
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const { running, line } = next;
      slots.take(line.src, line.policy);
      this.leave(running);
      start(running);
    }
    this.#wakeForRate();
  }

  /** Nobody is started any more. */
  close(): void {
    this.#closed = true;
    this.#rateTimer?.cancel();
  }

  #lineOf({ task }: Running): Line {
    const { src } = task.effect;
    const { policy } = task;
    for (const line of this.#lines) if (line.src === src && line.policy === policy) return line;
    const line: Line = { src, policy, first: null, last: null };
    this.#lines.add(line);
    return line;
  }

  #next(): Waiter | null {
    const { slots } = this.#options;
    let next: Waiter | null = null;
    for (const { src, policy, first } of this.#lines) {
      if (first === null || (next !== null && next.arrival < first.arrival)) continue;
      if (slots.hasPlace(src, policy)) next = first;
    }
    return next;
  }

  /** A place that is free but for its rate opens by itself: look again when the first one does. */
  #wakeForRate(): void {
    this.#rateTimer?.cancel();
    this.#rateTimer = null;
    const { slots, platform } = this.#options;
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const { src, policy } of this.#lines) {
      const waitMs = slots.waitMs(src, policy);
      if (waitMs > 0) soonestMs = Math.min(soonestMs, waitMs);
    }
    if (soonestMs === Number.POSITIVE_INFINITY) return;
    this.#rateTimer = platform.wakeAfter(soonestMs, () => this.serve());
  }
}
