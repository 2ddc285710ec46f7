// Durations as people write them, in whole milliseconds.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Duration, durationMs } from '../../src/duration.ts';
import { checkProperty } from './seeds.ts';

describe('a duration', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1_500, 1_500],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['2d', 172_800_000],
    ['1.5s', 1_500],
  ])('of %s is %i milliseconds', (written, ms) => {
    expect(durationMs(written, 'timeout')).toBe(ms);
  });

  it('is rounded up, so that nothing falls due early', () => {
    expect(durationMs(0.1, 'timeout')).toBe(1);
    expect(durationMs('0.5ms', 'timeout')).toBe(1);
    checkProperty(
      fc.property(fc.double({ min: 0, minExcluded: true, max: 1e12, noNaN: true }), (ms) => {
        const whole = durationMs(ms, 'timeout');
        expect(Number.isInteger(whole)).toBe(true);
        expect(whole).toBeGreaterThanOrEqual(ms);
        expect(whole - 1).toBeLessThan(ms);
      }),
    );
  });

  it.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '10',
    '-5s',
    '5 s',
    '1h30m',
    's',
    '5S',
    '5 minutes',
    '1e3ms',
    ' 5s',
  ])('of %s is refused with the name of the option', (written) => {
    expect(() => durationMs(written as Duration, 'retry.initial')).toThrow(
      expect.objectContaining({
        code: 'BAD_DURATION',
        message: expect.stringContaining('retry.initial'),
        details: { what: 'retry.initial' },
      }),
    );
  });
});
