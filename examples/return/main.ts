// `npm run example:return`. Exit code 1: the books differ; 2: no such option.

import { CommanderError } from 'commander';
import { hasColor } from '../orders/report.ts';
import { readOptions } from './options.ts';
import { runReturn } from './run.ts';

const { stdout } = process;

try {
  const options = readOptions(process.argv.slice(2));
  const look = { color: hasColor(stdout), width: stdout.columns || 100 };
  const { isWhole } = await runReturn(options, (text) => stdout.write(`${text}\n`), look);
  process.exitCode = isWhole ? 0 : 1;
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
