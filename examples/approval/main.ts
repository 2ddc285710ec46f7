// `npm run example:approval`. Exit code 1: the books differ; 2: no such option.

import { runProgram } from '../program.ts';
import { readOptions } from './options.ts';
import { runApproval } from './run.ts';

await runProgram((args, print, look) => runApproval(readOptions(args), print, look));
