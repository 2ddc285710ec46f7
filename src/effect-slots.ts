// How many attempts may run at one time and how often they may start: per effect and for the engine.
// Counts only; who waits for a place is kept by the runner.

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

  /** Takes a place if there is one now. */
  take(src: string, policy: EffectPolicy): boolean {
    const running = this.#bySource.get(src) ?? 0;
    if (this.#taken >= this.#limit || running >= policy.concurrency) return false;
    if (policy.rate !== null && this.waitMs(src, policy) > 0) return false;
    if (policy.rate !== null) this.#recent(src, policy.rate.perMs).push(this.#monotonic());
    this.#taken += 1;
    this.#bySource.set(src, running + 1);
    return true;
  }

  release(src: string): void {
    this.#taken -= 1;
    this.#bySource.set(src, (this.#bySource.get(src) ?? 1) - 1);
  }

  /** Milliseconds until the rate of an effect allows another start; 0 when it does. */
  waitMs(src: string, { rate }: EffectPolicy): number {
    if (rate === null) return 0;
    const recent = this.#recent(src, rate.perMs);
    const oldest = recent[recent.length - rate.limit];
    return oldest === undefined ? 0 : Math.max(0, oldest + rate.perMs - this.#monotonic());
  }

  #recent(src: string, perMs: number): number[] {
    const since = this.#monotonic() - perMs;
    const recent = (this.#starts.get(src) ?? []).filter((at) => at > since);
    this.#starts.set(src, recent);
    return recent;
  }
}
