// Many seeds, one after the other: what failed and how to repeat it, and how often each fault was made.
// Knows nothing of what happens inside of a run.

import { FaultCounts } from './faults.ts';
import { type Report, type RunOptions, simulate } from './world.ts';

export interface Campaign {
  readonly failures: readonly Report[];
  readonly counts: FaultCounts;
  /** For people: totals, faults by name, failures with the command that repeats each. */
  readonly summary: string;
}

export async function runCampaign(
  from: number,
  seeds: number,
  options: Omit<RunOptions, 'seed'> = {},
): Promise<Campaign> {
  const counts = new FaultCounts();
  const failures: Report[] = [];
  const totals = { steps: 0, commits: 0, lives: 0, virtualMs: 0 };
  for (let seed = from; seed < from + seeds; seed++) {
    const report = await simulate({ ...options, seed });
    counts.add(report.counts);
    for (const name of ['steps', 'commits', 'lives', 'virtualMs'] as const) {
      totals[name] += report[name];
    }
    if (report.violations.length > 0) failures.push(report);
  }
  const hours = Math.round(totals.virtualMs / 3_600_000);
  const summary = [
    `${seeds} seeds from ${from}: ${totals.steps} steps, ${totals.commits} commits, ${totals.lives} lives, ${hours} h of simulated time`,
    counts.toString(),
    ...counts.missing.map((fault) => `never made: ${fault}`),
    ...failures.slice(0, 10).map(describeFailure),
    `${failures.length} failed`,
  ].join('\n');
  return { failures, counts, summary };
}

/** Why a run failed, how it came to that, and how to see it again. */
export function describeFailure({ seed, violations, trace }: Report): string {
  return [
    `Seed ${seed}: ${violations.join('; ')}`,
    ...trace.slice(-25).map((line) => `    ${line}`),
    `Repeat it: SEED=${seed} npx vitest run test/simulation`,
    `Its whole trace: npm run simulate -- --seed ${seed}`,
  ].join('\n');
}
