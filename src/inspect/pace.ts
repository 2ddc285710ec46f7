// Keeps all viewers of an inspector together to a share of the process's time: an engine at its limit goes
// on nearly as if nobody watched, and those who watch are told less often.

import type { Platform } from '../platform.ts';

/** Work after which the share is looked at. */
const PIECE_MS = 2;
/** Time in all for each millisecond of work: a fifth is work. */
const SHARE = 5;
/** One long piece (a large read) is not rested from for seconds. */
const REST_MAX_MS = 250;

export class Pace {
  readonly #platform: Platform;
  #sinceMs: number;
  #spentMs = 0;
  #resting: Promise<void> | null = null;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#sinceMs = platform.monotonic();
  }

  /** Does a step of the work; what it waits for afterwards is not counted. */
  spend<Value>(step: () => Value): Value {
    const startedMs = this.#platform.monotonic();
    try {
      return step();
    } finally {
      this.#spentMs += this.#platform.monotonic() - startedMs;
    }
  }

  /** The same for a step of the store, which works before it answers. */
  async spendOn<Value>(step: () => Promise<Value>): Promise<Value> {
    const startedMs = this.#platform.monotonic();
    try {
      return await step();
    } finally {
      this.#spentMs += this.#platform.monotonic() - startedMs;
    }
  }

  /** To be awaited between steps; there is nothing to wait for until the share is used up. */
  async rest(): Promise<void> {
    if (this.#spentMs < PIECE_MS) return;
    const dueMs = this.#sinceMs + this.#spentMs * SHARE;
    this.#resting ??= this.#rest(dueMs - this.#platform.monotonic());
    await this.#resting;
  }

  async #rest(restMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (restMs > 0) this.#platform.wakeAfter(Math.min(restMs, REST_MAX_MS), resolve);
    else this.#platform.afterIo(resolve);
    await promise;
    this.#spentMs = 0;
    this.#sinceMs = this.#platform.monotonic();
    this.#resting = null;
  }
}
