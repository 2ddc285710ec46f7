// Random machines with random children, and random things that happen to them: every host goes the same
// way. What one of them has shown to be wrong becomes a chart of its own, which says it by name.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkAsyncProperty } from '../unit/seeds.ts';
import { type Case, commandsOf } from './case.ts';
import { compareHosts, nothingCompared } from './compare.ts';
import type { Seen } from './host.ts';
import { createRandomMachine } from './random-machine.ts';
import { EVENTS, type MachinePlan, machinePlans } from './random-plan.ts';

const RUNS = 200;
/** For the search of a smaller machine, after one has failed. */
const TIME_LIMIT_MS = 45_000;

function caseOfPlan(plan: MachinePlan): Case {
  return {
    name: 'random',
    machine: createRandomMachine(plan),
    input: undefined,
    events: EVENTS.map((type) => ({ type, left: 2 })),
    to: [''],
    // Together less than the timeout of a call.
    advances: [300, 1_400],
    endings: [
      { type: 'done', output: { n: 1 } },
      { type: 'error', error: { name: 'Error', message: 'call broke' } },
    ],
    needs: null,
    comparable: withoutNews,
  };
}

/** A deviation: news of a child let go reaches its parent under XState alone; here it changes nothing. */
function withoutNews(seen: readonly Seen[]): readonly Seen[] {
  const isNews = (line: string): boolean => /"xstate\.(done|error)\.actor\./.test(line);
  return seen.map((look) => ({
    ...look,
    messages: look.messages.filter((line) => !isNews(line)),
  }));
}

/** Commands do not depend on the plan: every machine takes the same. */
const [{ root }] = fc.sample(machinePlans, { seed: 1, numRuns: 1 }) as [MachinePlan];
const anyCommands = commandsOf(caseOfPlan({ root, finisher: root, talker: root }));

describe('a random machine', () => {
  // XState warns of each event that reaches a child which has ended.
  beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined));
  afterAll(() => void vi.restoreAllMocks());

  it('goes the same way on every host', async () => {
    const sum = nothingCompared();
    await checkAsyncProperty(
      fc.asyncProperty(machinePlans, anyCommands, (plan, commands) =>
        compareHosts(caseOfPlan(plan), commands, sum),
      ),
      RUNS,
      TIME_LIMIT_MS,
    );
    expect(sum.messages).toBeGreaterThan(RUNS);
    expect(sum.reopened).toBeGreaterThan(RUNS);
    expect(sum.pureSteps).toBeGreaterThan(RUNS);
    expect(sum.commitsSaved).toBeGreaterThan(0);
    expect(sum.tied).toBeLessThan(RUNS / 10);
  }, 90_000);
});
