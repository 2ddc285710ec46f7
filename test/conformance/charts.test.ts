// Every chart of the list on every host: what XState's living actors do is what the engine does, also
// when it forgets everything between two messages, and however messages fall into turns.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMachine } from 'xstate';
import { everyChart } from '../unit/charts/every-chart.ts';
import { checkAsyncProperty } from '../unit/seeds.ts';
import { caseOf, commandsOf } from './case.ts';
import { type Compared, compareHosts, HOSTS, nothingCompared } from './compare.ts';
import type { Command } from './host.ts';

const cases = everyChart.map(caseOf);
const RUNS = 3;

/** Two children whose timers, armed by one step, are due at one moment. */
const tick = createMachine({ initial: 'on', states: { on: { after: { 100: 'off' } }, off: {} } });
const twins = createMachine({
  context: { log: [] },
  invoke: [
    { id: 'left', src: tick },
    { id: 'right', src: tick },
  ],
});

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
    expect(sum.tied, 'timers of two actors due together: choose other delays').toBe(0);
    compared.set(chart.name, sum);
  });

  it('is compared up to the moment at which timers of two actors are due', async () => {
    const chart = caseOf({ name: 'twins', machine: twins, events: [], advances: [60] });
    const advance: Command = { type: 'advance', ms: 60 };
    const sum = nothingCompared();
    await compareHosts(chart, [advance], sum);
    expect([sum.looks, sum.tied]).toEqual([2, 0]);
    await compareHosts(chart, [advance, advance, advance], sum);
    expect([sum.looks, sum.tied]).toEqual([4, 1]);
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
