// Every chart of the list on every host: what XState's living actors do is what the engine does, also
// when it forgets everything between two messages, and however messages fall into turns.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { everyChart } from '../unit/charts/every-chart.ts';
import { checkAsyncProperty } from '../unit/seeds.ts';
import { caseOf, commandsOf } from './case.ts';
import { type Compared, compareHosts, HOSTS, nothingCompared } from './compare.ts';

const cases = everyChart.map(caseOf);
const RUNS = 3;

describe('a chart', () => {
  const compared = new Map<string, Compared>();

  // XState warns of each event that reaches a child which has ended.
  beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined));
  afterAll(() => void vi.restoreAllMocks());

  it.each(cases)('of $name goes the same way on every host', async (chart) => {
    const sum = nothingCompared();
    await checkAsyncProperty(
      fc.asyncProperty(commandsOf(chart), (commands) => compareHosts(chart, commands, sum)),
      RUNS,
    );
    expect(sum.looks).toBeGreaterThanOrEqual(RUNS);
    compared.set(chart.name, sum);
  });

  it('is one of at least 80, each on five hosts', () => {
    const all = [...compared.values()];
    const total = (name: keyof Compared): number => all.reduce((sum, each) => sum + each[name], 0);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(all.length).toBe(cases.length);
    expect(all.length).toBeGreaterThanOrEqual(80);
    expect(all.length * HOSTS.length).toBeGreaterThanOrEqual(400);
    expect(total('looks')).toBeGreaterThan(1_000);
    expect(total('messages')).toBeGreaterThan(1_000);
    expect(total('reopened')).toBeGreaterThan(1_000);
    expect(total('commitsSaved')).toBeGreaterThan(500);
    expect(all.filter(({ pureSteps }) => pureSteps > 0).length).toBeGreaterThanOrEqual(70);
  });
});
