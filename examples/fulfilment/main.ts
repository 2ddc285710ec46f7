// `npm run example:payment-first` and its sisters. Exit code 1: the books differ; 2: no such option.

import { runProgram } from '../program.ts';
import { EXAMPLES } from './fulfilments.ts';
import { readOptions } from './options.ts';
import { runExample } from './run.ts';

await runProgram((args, print, look) => runExample(readOptions(args, EXAMPLES), print, look));
