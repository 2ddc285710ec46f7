// The command line of this example. Reads arguments and nothing else.

import { Command } from 'commander';
import { integer } from '../option-values.ts';

export interface InspectorExampleOptions {
  readonly isOffline: boolean;
  /** 0: any free one. */
  readonly port: number;
}

/** @throws CommanderError for what is no option, once it has said so */
export function readOptions(args: readonly string[]): InspectorExampleOptions {
  const program = new Command('inspector')
    .exitOverride()
    .name('npm run example:inspector --')
    .description('An order fulfilled under the inspector, open until Ctrl-C.')
    .option('--offline', 'only the page of our own, without stately.ai')
    .option('--port <port>', 'of 127.0.0.1 (default: any free one)', integer(0, 65_535), 0)
    .parse(args, { from: 'user' });
  const { offline, port } = program.opts<{ readonly offline?: boolean; readonly port: number }>();
  return { isOffline: offline === true, port };
}
