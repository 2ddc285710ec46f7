// The order of version texts.

import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../src/versions/versions.ts';

describe('versions', () => {
  it.each([
    ['1', '2'],
    ['2', '10'],
    ['1.2', '1.10'],
    ['1', '1.0'],
    ['1.9.9', '2'],
    ['2.0.0-rc.2', '2.0.0-rc.10'],
    ['2.0.0-rc.1', '2.0.0'],
    ['2026-01-31', '2026-02-01'],
    ['v9', 'v10'],
    ['alpha', 'beta'],
    ['99999999999999999998', '99999999999999999999'],
    ['01', '1'],
    ['', '1'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
    expect(compareVersions(older, older)).toBe(0);
  });
});
