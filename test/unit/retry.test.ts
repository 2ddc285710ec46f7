// When a failed attempt is tried again, and when a restart has cut one too often.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effect, effectOf, type RetryOptions } from '../../src/effects/effect.ts';
import { computeBackoffMs, mayRunAfterCut } from '../../src/effects/retry.ts';
import { checkProperty } from './seeds.ts';

function policyOf(retry: RetryOptions): NonNullable<ReturnType<typeof effectOf>>['policy'] {
  const declared = effectOf(effect({ retry }));
  if (declared === null) throw new Error('Expected an effect.');
  return declared.policy;
}

const delays = (retry: RetryOptions, count: number, chance = 0): number[] =>
  Array.from({ length: count }, (_, index) => computeBackoffMs(policyOf(retry), index + 1, chance));

describe('the delay before the next attempt', () => {
  it('doubles up to its cap', () => {
    const retry = { attempts: 9, initial: 100, max: '1s', jitter: false } as const;
    expect(delays(retry, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('stays the same when it is constant', () => {
    const retry = { attempts: 9, backoff: 'constant', initial: 70, jitter: false } as const;
    expect(delays(retry, 3)).toEqual([70, 70, 70]);
  });

  it('is spread by jitter over its upper half', () => {
    const retry = { attempts: 9, initial: 100, max: '1s' } as const;
    expect(delays(retry, 3, 0)).toEqual([50, 100, 200]);
    expect(delays(retry, 3, 0.5)).toEqual([75, 150, 300]);
    expect(delays(retry, 3, 1 - Number.EPSILON)).toEqual([100, 200, 400]);
  });

  it('is a whole number within its bounds for every attempt and chance', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const options = fc.record({
      attempts: fc.constant(1_000),
      backoff: fc.constantFrom('constant', 'exponential'),
      initial: fc.nat({ max: 100_000 }),
      max: fc.nat({ max: 10_000_000 }),
      jitter: fc.boolean(),
    });
    checkProperty(
      fc.property(options, fc.integer({ min: 1, max: 1_000 }), chance, (retry, attempt, random) => {
        const delayMs = computeBackoffMs(policyOf(retry), attempt, random);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(retry.max);
      }),
      300,
    );
  });
});

describe('an effect that restarts have cut', () => {
  it('runs again as often as its attempts, but at least ten times', () => {
    const few = policyOf({ attempts: 1 });
    expect([1, 10, 11].map((cuts) => mayRunAfterCut(few, cuts))).toEqual([true, true, false]);
    const many = policyOf({ attempts: 25 });
    expect([11, 25, 26].map((cuts) => mayRunAfterCut(many, cuts))).toEqual([true, true, false]);
  });
});
