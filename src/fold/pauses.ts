// Lets long work of one caller give way: after a few milliseconds of it, everything that waits for the
// event loop comes first. Measures with the platform's clock; does nothing itself.

import type { Platform } from '../platform.ts';

/** Work in one piece; the budget for a delay of the loop is 20 ms. */
const PIECE_MS = 4;

export class Pauses {
  readonly #platform: Platform;
  #since: number;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#since = platform.monotonic();
  }

  /** To be awaited between small steps; nearly always there is nothing to wait for. */
  async pause(): Promise<void> {
    if (this.#platform.monotonic() - this.#since < PIECE_MS) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#platform.afterIo(resolve);
    await promise;
    this.#since = this.#platform.monotonic();
  }
}
