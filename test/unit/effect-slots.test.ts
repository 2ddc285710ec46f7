// Places for attempts: per effect, for the engine, and by rate, on a clock of the test's own.

import { describe, expect, it } from 'vitest';
import {
  type EffectOptions,
  type EffectPolicy,
  effect,
  effectOf,
} from '../../src/effects/effect.ts';
import { EffectSlots } from '../../src/effects/effect-slots.ts';

function policyOf(options: EffectOptions<unknown>): EffectPolicy {
  const declared = effectOf(effect(options));
  if (declared === null) throw new Error('Expected an effect.');
  return declared.policy;
}

function slots(limit: number): { readonly slots: EffectSlots; advance(ms: number): void } {
  let now = 5_000;
  return {
    slots: new EffectSlots(limit, () => now),
    advance: (ms) => {
      now += ms;
    },
  };
}

const free = policyOf({});

describe('places for effects', () => {
  it('are as many as the engine allows, over all effects', () => {
    const { slots: places } = slots(2);
    expect([places.take('a', free), places.take('b', free), places.take('c', free)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(places.taken).toBe(2);
    places.release('a');
    expect(places.taken).toBe(1);
    expect(places.take('c', free)).toBe(true);
  });

  it('are as many as an effect allows itself, whatever the others take', () => {
    const { slots: places } = slots(10);
    const narrow = policyOf({ concurrency: 1 });
    expect(places.take('a', narrow)).toBe(true);
    expect(places.take('a', narrow)).toBe(false);
    expect(places.take('b', narrow)).toBe(true);
    places.release('a');
    expect(places.take('a', narrow)).toBe(true);
  });

  it('are not used up by a refusal', () => {
    const { slots: places } = slots(1);
    const rated = policyOf({ rate: { limit: 1, per: '1s' } });
    expect(places.take('b', free)).toBe(true);
    expect(places.take('a', rated)).toBe(false);
    places.release('b');
    expect(places.waitMs('a', rated)).toBe(0);
    expect(places.take('a', rated)).toBe(true);
  });
});

describe('a rate', () => {
  const rated = policyOf({ rate: { limit: 2, per: '1s' } });

  it('allows so many starts in any window of its length', () => {
    const { slots: places, advance } = slots(100);
    const start = (): boolean => {
      const taken = places.take('a', rated);
      if (taken) places.release('a');
      return taken;
    };
    expect([start(), start(), start()]).toEqual([true, true, false]);
    expect(places.waitMs('a', rated)).toBe(1_000);
    advance(400);
    expect(start()).toBe(false);
    expect(places.waitMs('a', rated)).toBe(600);
    advance(600);
    expect([start(), start(), start()]).toEqual([true, true, false]);
  });

  it('slides: a window begins with each start', () => {
    const { slots: places, advance } = slots(100);
    expect(places.take('a', rated)).toBe(true);
    advance(900);
    expect(places.take('a', rated)).toBe(true);
    advance(100);
    expect(places.take('a', rated)).toBe(true);
    expect(places.take('a', rated)).toBe(false);
    expect(places.waitMs('a', rated)).toBe(900);
  });

  it('is counted for each effect alone, and for none that has no rate', () => {
    const { slots: places } = slots(100);
    places.take('a', rated);
    places.take('a', rated);
    expect(places.take('b', rated)).toBe(true);
    expect(places.waitMs('c', free)).toBe(0);
    expect(Array.from({ length: 50 }, () => places.take('c', free))).not.toContain(false);
  });
});
