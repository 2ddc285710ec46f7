// Runs many simulated worlds from the command line: `npm run simulate -- --seeds 5000 --from 1`, or one with
// its whole trace: `--seed 123`. Prints what was injected, and how to repeat what failed.

import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';
import { simulate } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});

if (values.seed === undefined) {
  const campaign = await runCampaign(Number(values.from), Number(values.seeds));
  process.stdout.write(`${campaign.summary}\n`);
  process.exitCode = campaign.failures.length > 0 || campaign.counts.missing.length > 0 ? 1 : 0;
} else {
  const report = await simulate({ seed: Number(values.seed), isTraced: true });
  process.stdout.write(`${report.trace.join('\n')}\n${report.violations.join('\n')}\n`);
  process.stdout.write(
    `${report.hash}, ${report.steps} steps, ${report.virtualMs} ms of its time\n`,
  );
  process.exitCode = report.violations.length > 0 ? 1 : 0;
}
