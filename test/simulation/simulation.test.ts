// Hundreds of simulated worlds, the same for everybody: what a seed finds, its number finds again.
// `SEED=123 npx vitest run test/simulation` runs one, `npm run simulate -- --seeds 5000` thousands.

import { describe, expect, it } from 'vitest';
import { describeFailure, runCampaign } from './campaign.ts';
import { REGRESSION_SEEDS } from './regression-seeds.ts';
import { simulate } from './world.ts';

const SEEDS = 250;
const chosen = process.env['SEED'];

describe('an engine in a simulated world', () => {
  it('holds its invariants through everything that goes wrong', { timeout: 120_000 }, async () => {
    const [from, seeds] = chosen === undefined ? [1, SEEDS] : [Number(chosen), 1];
    const { failures, counts, summary } = await runCampaign(from, seeds);
    expect(failures.map(describeFailure)).toEqual([]);
    // One world does not see everything.
    if (chosen !== undefined) return;
    process.stdout.write(`${summary}\n`);
    expect(counts.missing, 'faults that were never made').toEqual([]);
  });

  it.each([1, 2, 3])('does the same again with seed %s, whatever ran before', async (seed) => {
    const first = await simulate({ seed });
    await simulate({ seed: seed + 100 });
    const second = await simulate({ seed });
    expect(second.hash).toBe(first.hash);
    expect(first.commits).toBeGreaterThan(10);
    expect((await simulate({ seed: seed + 1 })).hash).not.toBe(first.hash);
  });

  it.each(Object.entries(REGRESSION_SEEDS))('no longer: %s', async (_, seed) => {
    const report = await simulate({ seed });
    expect(report.violations, describeFailure(report)).toEqual([]);
  });
});
