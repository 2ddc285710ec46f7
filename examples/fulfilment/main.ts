// `npm run example:payment-first` and its sisters. Exit code 1: the books differ; 2: no such option.

import { CommanderError } from 'commander';
import { hasColor } from '../orders/report.ts';
import { EXAMPLES } from './fulfilments.ts';
import { readOptions } from './options.ts';
import { runExample } from './run.ts';

const { stdout } = process;

try {
  const options = readOptions(process.argv.slice(2), EXAMPLES);
  const look = { color: hasColor(stdout), width: stdout.columns || 100 };
  const { isWhole } = await runExample(options, (text) => stdout.write(`${text}\n`), look);
  process.exitCode = isWhole ? 0 : 1;
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
