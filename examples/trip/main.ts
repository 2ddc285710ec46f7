// `npm run example:trip`. Exit code 1: the bookings differ from the saga's end; 2: no such option.

import { runProgram } from '../program.ts';
import { readOptions } from './options.ts';
import { runTrip } from './run.ts';

await runProgram((args, print, look) => runTrip(readOptions(args), print, look));
