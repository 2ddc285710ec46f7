// The only file that touches the clock, timers, randomness and the event loop. Everything else is
// given a Platform, so that tests and the simulator own time.

import { performance } from 'node:perf_hooks';

export interface Timer {
  cancel(): void;
}

/** Time, chance and scheduling as the engine sees them. */
export interface Platform {
  /** Wall clock, milliseconds since the epoch: what is stored. May jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back: what delays are measured with. */
  monotonic(): number;
  /** Calls back once, not before `delayMs` have passed on the monotonic clock; any finite delay. */
  wakeAfter(delayMs: number, callback: () => void): Timer;
  /** Calls back after I/O that is already waiting has been handled. */
  afterIo(callback: () => void): void;
  /** Uniform in [0, 1). */
  random(): number;
}

/** Node's setTimeout turns anything above into 1 ms. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/**
 * After a stall, Node runs expired timers before it reads the sockets that became readable in the
 * meantime. A wake-up that comes this late therefore lets the event loop turn a few times first, so
 * that a reply that is already there is heard before its timeout.
 */
const STALL_MS = 100;
const TURNS_AFTER_STALL = 8;

export const systemPlatform: Platform = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  afterIo: (callback) => {
    setImmediate(callback);
  },
  wakeAfter: (delayMs, callback) => {
    const dueMs = performance.now() + delayMs;
    let cancelled = false;
    let handle: NodeJS.Timeout;
    const turn = (turns: number): void => {
      if (cancelled) return;
      if (turns === 0) callback();
      else setImmediate(turn, turns - 1);
    };
    const arm = (): void => {
      const leftMs = Math.ceil(dueMs - performance.now());
      handle = setTimeout(wake, Math.min(Math.max(leftMs, 0), MAX_TIMEOUT_MS));
    };
    const wake = (): void => {
      const lateMs = performance.now() - dueMs;
      if (lateMs < 0) arm();
      else turn(lateMs > STALL_MS ? TURNS_AFTER_STALL : 1);
    };
    arm();
    return {
      cancel: () => {
        cancelled = true;
        clearTimeout(handle);
      },
    };
  },
};
