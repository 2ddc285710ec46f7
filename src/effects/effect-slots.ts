// How many attempts may run at one time and how often they may start: per effect and for the engine.
// Counts only; waiting-lines.ts knows who waits for a place.

import type { EffectPolicy } from './effect.ts';

export class EffectSlots {
  readonly #limit: number;
  readonly #monotonic: () => number;
  readonly #bySource: Map<string, number> = new Map();
  readonly #starts: Map<string, number[]> = new Map();
  #taken = 0;

  /** @param monotonic milliseconds that never go back: windows are measured with it */
  constructor(limit: number, monotonic: () => number) {
    this.#limit = limit;
    this.#monotonic = monotonic;
  }

  get taken(): number {
    return this.#taken;
  }

  hasPlace(src: string, policy: EffectPolicy): boolean {
    if (this.#taken >= this.#limit || this.#takenBy(src) >= policy.concurrency) return false;
    return this.waitMs(src, policy) === 0;
  }

  /** Takes a place if there is one now. */
  take(src: string, policy: EffectPolicy): boolean {
    if (!this.hasPlace(src, policy)) return false;
    if (policy.rate !== null) this.#recent(src, policy.rate.perMs).push(this.#monotonic());
    this.#taken += 1;
    this.#bySource.set(src, this.#takenBy(src) + 1);
    return true;
  }

  release(src: string): void {
    this.#taken -= 1;
    this.#bySource.set(src, this.#takenBy(src) - 1);
  }

  /** Milliseconds until the rate of an effect allows another start; 0 when it does. */
  waitMs(src: string, { rate }: EffectPolicy): number {
    if (rate === null) return 0;
    const recent = this.#recent(src, rate.perMs);
    const oldest = recent[recent.length - rate.limit];
    return oldest === undefined ? 0 : Math.max(0, oldest + rate.perMs - this.#monotonic());
  }

  #takenBy(src: string): number {
    return this.#bySource.get(src) ?? 0;
  }

  #recent(src: string, perMs: number): number[] {
    const since = this.#monotonic() - perMs;
    const recent = (this.#starts.get(src) ?? []).filter((at) => at > since);
    this.#starts.set(src, recent);
    return recent;
  }
}
