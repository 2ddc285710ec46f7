// `npm run bench`: a 3-step saga with handlers that do nothing, durable (SQLite, synchronous=FULL)
// beside plain in-memory XState on the same machine, in turns within one run. Ratios are what counts:
// absolute numbers are this computer's.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { type Measured, measure, median } from './load.ts';
import { benchMachines, runDurable, runInMemory } from './saga-machine.ts';

const ROUNDS = 5;
const LEVELS: readonly { readonly concurrent: number; readonly total: number }[] = [
  { concurrent: 1, total: 1_000 },
  { concurrent: 100, total: 10_000 },
  { concurrent: 1_000, total: 10_000 },
];

async function durable(concurrent: number, total: number, folder: string): Promise<Measured> {
  const path = join(folder, `bench-${concurrent}-${performance.now()}.db`);
  const engine = await openEngine({ store: sqliteStore(path), machines: benchMachines });
  try {
    return await measure(total, concurrent, (index) => runDurable(engine, index));
  } finally {
    await engine.stop();
  }
}

const format = (value: number, digits = 0): string =>
  value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });

function printRow(cells: readonly string[]): void {
  console.log(
    cells.map((cell, index) => (index === 0 ? cell.padEnd(12) : cell.padStart(11))).join(''),
  );
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sagawright-bench-'));
  try {
    console.log(
      `3-step saga, no-op handlers, synchronous=FULL, Node ${process.version}; medians of ${ROUNDS} rounds\n`,
    );
    printRow([
      'concurrent',
      'durable/s',
      'p50 ms',
      'p99 ms',
      'memory/s',
      'p50 ms',
      'p99 ms',
      'ratio',
    ]);
    for (const { concurrent, total } of LEVELS) {
      const runs: { durable: Measured; memory: Measured }[] = [];
      // The first round warms both up and is not counted.
      for (let round = 0; round <= ROUNDS; round++) {
        const run = {
          durable: await durable(concurrent, total, folder),
          memory: await measure(total, concurrent, runInMemory),
        };
        if (round > 0) runs.push(run);
      }
      const ours = median(runs.map((run) => run.durable));
      const plain = median(runs.map((run) => run.memory));
      printRow([
        format(concurrent),
        format(ours.perSecond),
        format(ours.p50Ms, 2),
        format(ours.p99Ms, 2),
        format(plain.perSecond),
        format(plain.p50Ms, 2),
        format(plain.p99Ms, 2),
        format(ours.perSecond / plain.perSecond, 2),
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
