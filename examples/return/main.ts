// `npm run example:return`. Exit code 1: the books differ; 2: no such option.

import { runProgram } from '../program.ts';
import { readOptions } from './options.ts';
import { runReturn } from './run.ts';

await runProgram((args, print, look) => runReturn(readOptions(args), print, look));
