// Waiting for a lock without blocking the event loop: SQLite's own busy handler sleeps inside the
// call, so it gets a short timeout, and the long wait happens here, between attempts.

import { isEngineError } from '../src/errors.ts';

export interface Patience {
  /** Longest wait between attempts, in all. */
  readonly busyWaitMs: number;
  /** The timer; injected, so that tests need none. */
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Pauses between attempts; the last one repeats. SQLite's own handler waits alike. */
const PAUSES_MS: readonly number[] = [1, 2, 5, 10, 15, 20, 25];
const LAST_PAUSE_MS = 50;

/**
 * Runs `attempt` until it does anything else than throw `STORE_BUSY`, or patience ends.
 * `attempt` hears whether it is a repetition, to spend no more blocking time on it.
 */
export async function whileBusy<T>(
  patience: Patience,
  attempt: (repeated: boolean) => T,
): Promise<T> {
  let leftMs = patience.busyWaitMs;
  for (let count = 0; ; count++) {
    try {
      return attempt(count > 0);
    } catch (error) {
      if (!isEngineError(error, 'STORE_BUSY') || leftMs <= 0) {
        throw error;
      }
    }
    const pauseMs = Math.min(PAUSES_MS[count] ?? LAST_PAUSE_MS, leftMs);
    leftMs -= pauseMs;
    await patience.wait(pauseMs);
  }
}
