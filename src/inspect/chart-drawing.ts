// The program of a thread that draws one statechart and ends: the layout of a large one takes half a second,
// in which no engine may stand still. Knows nothing of engines.

import { parentPort, workerData } from 'node:worker_threads';
import type { Chart } from '../graph/chart.ts';
import { toSvg } from '../graph/svg.ts';

// What charts.ts gives it: both are one package.
const chart = workerData as Chart;
parentPort?.postMessage(await toSvg(chart, { legend: false, named: true }));
