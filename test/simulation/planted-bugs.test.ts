// The simulator is tested: every planted bug is caught within so many seeds, and nothing is caught where
// none is planted.

import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { simulate } from './world.ts';

describe('the simulator catches', () => {
  it.each(PLANTED_BUGS)('$name', { timeout: 120_000 }, async ({ name, plant, withinSeeds }) => {
    for (let seed = 1; seed <= withinSeeds; seed++) {
      const { violations } = await simulate({ seed, plant });
      if (violations.length === 0) continue;
      process.stdout.write(`${name}: seed ${seed}: ${violations[0]}\n`);
      return;
    }
    expect.unreachable(`${withinSeeds} seeds have not caught: ${name}`);
  });
});
