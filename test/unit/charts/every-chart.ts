// The one list of charts: whatever is held to XState runs all of them that fit it.

import { actionCharts } from './action-charts.ts';
import type { Chart } from './chart.ts';
import { childCharts } from './child-charts.ts';
import { choiceCharts } from './choice-charts.ts';
import { endingCharts } from './ending-charts.ts';
import { invokeTrees } from './invoke-trees.ts';
import { levelCharts } from './level-charts.ts';
import { messageCharts } from './message-charts.ts';
import { orderTrees } from './order-trees.ts';
import { spawnTrees } from './spawn-trees.ts';
import { structureCharts } from './structure-charts.ts';
import { talkingTrees } from './talking-trees.ts';
import { timeCharts } from './time-charts.ts';
import { trees } from './trees.ts';
import { watchingTrees } from './watching-trees.ts';

export const everyChart: readonly Chart[] = [
  ...structureCharts,
  ...choiceCharts,
  ...actionCharts,
  ...timeCharts,
  ...childCharts,
  ...messageCharts,
  ...levelCharts,
  ...endingCharts,
  ...trees,
  ...invokeTrees,
  ...spawnTrees,
  ...talkingTrees,
  ...orderTrees,
  ...watchingTrees,
];

/** Charts whose steps mean something without their children. */
export const singleCharts: readonly Chart[] = everyChart.filter(({ below }) => below === undefined);
