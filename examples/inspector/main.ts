// `npm run example:inspector`: a saga under the inspector. Exit code 2: no such option.

import { once } from 'node:events';
import { CommanderError } from 'commander';
import { readOptions } from './options.ts';
import { showFulfilment } from './run.ts';

const { stdin, stdout } = process;

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const print = (text: string): void => {
    stdout.write(`${text}\n`);
  };
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  // Whoever looks wants to be there first; a program that reads this does not press keys.
  if (stdin.isTTY) print('Open the page, then press Enter: the order is placed.');
  const placed = stdin.isTTY ? once(stdin, 'data') : Promise.resolve();
  await showFulfilment(options, { print, placed, ended });
  // A terminal that is still read would keep the process.
  stdin.destroy();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
