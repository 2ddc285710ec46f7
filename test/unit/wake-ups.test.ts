// When actors are woken: by the monotonic clock once this process measures a timer, in order, never
// early, in bounded handfuls, and never for a timer that was cancelled or armed again.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import type { Platform } from '../../src/platform.ts';
import type { ActorState, TimerEntry } from '../../src/state/actor-state.ts';
import { type DueTimer, WakeUps } from '../../src/waking/wake-ups.ts';
import { EngineSteps } from './charts/engine-steps.ts';
import { Timers } from './charts/timers.ts';
import { checkProperty } from './seeds.ts';

/** A wall clock that may be set, and a monotonic one that only goes on. */
class Clocks {
  readonly #timers: Timers<() => void> = new Timers();
  #wakes = 0;
  wallMs: number;

  constructor(wallMs: number) {
    this.wallMs = wallMs;
  }

  readonly platform: Platform = {
    now: () => this.wallMs,
    monotonic: () => this.#timers.nowMs,
    random: () => 0,
    afterIo: (callback) => callback(),
    wakeAfter: (delayMs, callback) => {
      this.#wakes += 1;
      const id = `wake-${this.#wakes}`;
      this.#timers.arm(id, delayMs, callback);
      return { cancel: () => this.#timers.cancel(id) };
    },
  };

  /** How many wake-ups were ever asked of the platform. */
  get wakes(): number {
    return this.#wakes;
  }

  /** How many wake-ups are asked of the platform. */
  get armed(): number {
    return this.#timers.dueAt.length;
  }

  advance(ms: number): void {
    this.wallMs += ms;
    this.#timers.advance(ms, (callback) => callback());
  }
}

const steps = new EngineSteps(createMachine({}), 'a');
steps.start();

function actor(id: string, ...timers: readonly Omit<TimerEntry, 'event' | 'to'>[]): ActorState {
  const entries = timers.map((timer) => [
    timer.id,
    { ...timer, event: { type: 'RING' }, to: null },
  ]);
  return { ...steps.state, id: id as ActorState['id'], timers: Object.fromEntries(entries) };
}

function watched(wallMs = 1_000_000): {
  readonly clocks: Clocks;
  readonly wakeUps: WakeUps;
  readonly fired: string[];
  readonly batches: number[];
} {
  const clocks = new Clocks(wallMs);
  const fired: string[] = [];
  const batches: number[] = [];
  const wakeUps = new WakeUps(clocks.platform, (due: readonly DueTimer[]) => {
    batches.push(due.length);
    for (const { actor: id, timerId, generation } of due)
      fired.push(`${id} ${timerId} ${generation}`);
  });
  return { clocks, wakeUps, fired, batches };
}

describe('wake-ups', () => {
  it('come when they are due and not before, in the order of their time', () => {
    const { clocks, wakeUps, fired } = watched(1_000);
    wakeUps.track(
      actor(
        'a',
        { id: 'late', generation: 1, dueAt: 1_300 },
        { id: 'soon', generation: 2, dueAt: 1_100 },
      ),
    );
    wakeUps.track(actor('b', { id: 'mid', generation: 1, dueAt: 1_200 }));
    clocks.advance(99);
    expect(fired).toEqual([]);
    clocks.advance(1);
    expect(fired).toEqual(['a soon 2']);
    clocks.advance(200);
    expect(fired).toEqual(['a soon 2', 'b mid 1', 'a late 1']);
  });

  it('that are due together come in the order of their arming', () => {
    const { clocks, wakeUps, fired } = watched(0);
    const ids = ['m', 'z', 'a', 'q', 'b', 'y', 'c'];
    const timers = ids.map((id, index) => ({ id, generation: index + 1, dueAt: 50 }));
    // The first was armed again since, in the place of its id.
    wakeUps.track(actor('a', { id: 'again', generation: 9, dueAt: 50 }, ...timers));
    wakeUps.track(actor('b', { id: 't', generation: 1, dueAt: 50 }));
    clocks.advance(50);
    const due = timers.map(({ id, generation }) => `a ${id} ${generation}`);
    expect(fired).toEqual([...due, 'a again 9', 'b t 1']);
  });

  it('come at once for what fell due while nobody ran', () => {
    const { clocks, wakeUps, fired } = watched(1_000);
    wakeUps.track(actor('a', { id: 'past', generation: 1, dueAt: 10 }));
    clocks.advance(0);
    expect(fired).toEqual(['a past 1']);
  });

  it.each([-3_600_000, 3_600_000])(
    'neither stall nor hurry when the wall clock jumps by %i ms',
    (jumpMs) => {
      const { clocks, wakeUps, fired } = watched();
      const armed = actor('a', { id: 't', generation: 1, dueAt: clocks.wallMs + 500 });
      wakeUps.track(armed);
      clocks.advance(200);
      clocks.wallMs += jumpMs;
      // A later commit of the actor, with the same timer, measures nothing anew.
      wakeUps.track({ ...armed, revision: 9 });
      clocks.advance(299);
      expect(fired).toEqual([]);
      clocks.advance(1);
      expect(fired).toEqual(['a t 1']);
    },
  );

  it('do not come for a timer that is gone, or was armed again', () => {
    const { clocks, wakeUps, fired } = watched(0);
    wakeUps.track(
      actor('a', { id: 'x', generation: 1, dueAt: 50 }, { id: 'y', generation: 2, dueAt: 60 }),
    );
    wakeUps.track(actor('a', { id: 'y', generation: 3, dueAt: 90 }));
    clocks.advance(80);
    expect(fired).toEqual([]);
    clocks.advance(20);
    expect(fired).toEqual(['a y 3']);
  });

  it('do not pile up for a timer that is armed again and again', () => {
    const { clocks, wakeUps, fired } = watched(0);
    // Each arming that is kept costs a wake-up of its own in the end.
    for (let generation = 1; generation <= 20_000; generation++) {
      wakeUps.track(actor('a', { id: 't', generation, dueAt: 100 + generation }));
    }
    for (let ms = 0; ms < 20_200; ms++) clocks.advance(1);
    expect(fired).toEqual(['a t 20000']);
    expect(clocks.wakes).toBeLessThan(2_000);
  });

  it('all come, however many timers there are and however often they were armed again', () => {
    const { clocks, wakeUps, fired } = watched(0);
    for (let generation = 1; generation <= 3; generation++) {
      for (let number = 0; number < 1_500; number++) {
        wakeUps.track(actor(`a-${number}`, { id: 't', generation, dueAt: 10 }));
      }
    }
    clocks.advance(10);
    expect(fired).toHaveLength(1_500);
    expect(fired.every((line) => line.endsWith(' t 3'))).toBe(true);
  });

  it('do not come for an actor that has ended or failed', () => {
    const { clocks, wakeUps, fired } = watched(0);
    const timer = { id: 'x', generation: 1, dueAt: 50 };
    for (const status of ['done', 'error', 'stopped'] as const) {
      wakeUps.track(actor(status, timer));
      wakeUps.track({ ...actor(status, timer), status });
      expect(wakeUps.knows(actor(status).id)).toBe(false);
    }
    clocks.advance(100);
    expect(fired).toEqual([]);
  });

  it('come again for a failed actor that goes on', () => {
    const { clocks, wakeUps, fired } = watched(0);
    const going = actor('a', { id: 'x', generation: 1, dueAt: 50 });
    wakeUps.track(going);
    wakeUps.track({ ...going, status: 'error' });
    clocks.advance(100);
    wakeUps.track(going);
    clocks.advance(0);
    expect(fired).toEqual(['a x 1']);
  });

  it('come when an earlier timer is armed while a later one is waited for', () => {
    const { clocks, wakeUps, fired } = watched(0);
    wakeUps.track(actor('a', { id: 'x', generation: 1, dueAt: 500 }));
    wakeUps.track(actor('b', { id: 'y', generation: 1, dueAt: 100 }));
    expect(clocks.armed).toBe(1);
    clocks.advance(100);
    expect(fired).toEqual(['b y 1']);
    clocks.advance(400);
    expect(fired).toEqual(['b y 1', 'a x 1']);
  });

  it('of many timers at once come in handfuls, none lost', () => {
    const { clocks, wakeUps, fired, batches } = watched(0);
    for (let number = 0; number < 1_234; number++) {
      wakeUps.track(actor(`a-${number}`, { id: 't', generation: 1, dueAt: 10 }));
    }
    clocks.advance(10);
    expect(new Set(fired).size).toBe(1_234);
    expect(fired).toHaveLength(1_234);
    expect(Math.max(...batches)).toBeLessThanOrEqual(500);
  });

  it('stop when told to, and are asked of the platform one at a time', () => {
    const { clocks, wakeUps, fired } = watched(0);
    for (let number = 0; number < 20; number++) {
      wakeUps.track(actor(`a-${number}`, { id: 't', generation: 1, dueAt: 100 - number }));
    }
    expect(clocks.armed).toBe(1);
    wakeUps.stop();
    expect(clocks.armed).toBe(0);
    clocks.advance(1_000);
    expect(fired).toEqual([]);
  });

  it('come exactly for the timers that an actor still has, whatever happened before', () => {
    const change = fc.record({
      of: fc.constantFrom('a', 'b', 'c'),
      timers: fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.nat({ max: 200 }), { maxKeys: 3 }),
      wait: fc.nat({ max: 80 }),
    });
    checkProperty(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        const { clocks, wakeUps, fired } = watched(0);
        let generation = 0;
        const expected = new Map<string, number>();
        const due: string[] = [];
        for (const { of, timers, wait } of changes) {
          for (const key of [...expected.keys()])
            if (key.startsWith(`${of} `)) expected.delete(key);
          const entries = Object.entries(timers).map(([id, inMs]) => {
            generation += 1;
            const dueAt = clocks.wallMs + inMs;
            expected.set(`${of} ${id} ${generation}`, dueAt);
            return { id, generation, dueAt };
          });
          wakeUps.track(actor(of, ...entries));
          clocks.advance(wait);
          for (const [key, dueAt] of expected) {
            if (dueAt > clocks.wallMs) continue;
            due.push(key);
            expected.delete(key);
          }
          expect(fired.toSorted()).toEqual(due.toSorted());
        }
      }),
      300,
    );
  });
});
