// The platform that programs run on: its timers wait in full, however long, and after a stall let the
// event loop turn first. Node's own timers are replaced by ones that a test moves.

import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemPlatform } from '../../src/platform.ts';

/** What passes without any timer being run, as in a loop that stands still. */
let stalledMs = 0;

beforeEach(() => {
  stalledMs = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'Date'] });
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now() + stalledMs);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The greatest delay that setTimeout takes; it makes a millisecond of anything above. */
const MAX_MS = 2 ** 31 - 1;

describe('a wake-up', () => {
  it.each([
    ['of 2^31 ms', 2 ** 31],
    ['of 2^31 ms and some', 2 ** 31 + 5_000],
    ['of three months', 90 * 86_400_000],
  ])('%s comes when they have passed, and not before (F31)', (_what, delayMs) => {
    let woken = 0;
    systemPlatform.wakeAfter(delayMs, () => {
      woken += 1;
    });
    // Not by a timer that comes back each millisecond, either.
    const arming = vi.spyOn(globalThis, 'setTimeout');
    vi.advanceTimersByTime(1_000);
    expect(arming).not.toHaveBeenCalled();
    vi.advanceTimersByTime(delayMs - 1_001);
    expect(woken).toBe(0);
    vi.advanceTimersByTime(2);
    expect(woken).toBe(1);
    vi.advanceTimersByTime(2 * MAX_MS);
    expect(woken).toBe(1);
  });

  it('that is cancelled does not come, also after its first part', () => {
    let woken = 0;
    const timer = systemPlatform.wakeAfter(2 ** 31 + 5_000, () => {
      woken += 1;
    });
    vi.advanceTimersByTime(MAX_MS + 1);
    timer.cancel();
    vi.advanceTimersByTime(2 * MAX_MS);
    expect(woken).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ['late lets what waits in the event loop go first', 1_000, ['answer', 'timeout']],
    ['in time goes on at once', 0, ['timeout', 'answer']],
  ] as const)('that comes %s', (_what, lateMs, expected) => {
    const order: string[] = [];
    systemPlatform.wakeAfter(10, () => order.push('timeout'));
    // An answer that is read and handled in a few turns of the loop.
    setTimeout(() => {
      let turns = 4;
      const read = (): void => {
        turns -= 1;
        if (turns === 0) order.push('answer');
        else setImmediate(read);
      };
      setImmediate(read);
    }, 10);
    stalledMs = lateMs;
    vi.runAllTimers();
    expect(order).toEqual(expected);
  });
});
