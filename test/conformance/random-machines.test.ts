// Random machines with random children, and random things that happen to them: every host goes the same
// way. A seed that has once failed stays here by the name of what was wrong.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkAsyncProperty } from '../unit/seeds.ts';
import { type Case, commandsOf } from './case.ts';
import { compareHosts, nothingCompared } from './compare.ts';
import { createRandomMachine, EVENTS, type MachinePlan, machinePlans } from './random-machine.ts';

const RUNS = 200;

export function caseOfPlan(plan: MachinePlan): Case {
  return {
    name: 'random',
    machine: createRandomMachine(plan),
    input: undefined,
    events: EVENTS.map((type) => ({ type, left: 2 })),
    to: [''],
    advances: [400, 1_500, 7_000],
    endings: [
      { type: 'done', output: { n: 1 } },
      { type: 'error', error: { name: 'Error', message: 'call broke' } },
    ],
    needs: null,
  };
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
    );
    expect(sum.messages).toBeGreaterThan(RUNS);
    expect(sum.reopened).toBeGreaterThan(RUNS);
    expect(sum.pureSteps).toBeGreaterThan(RUNS);
    expect(sum.commitsSaved).toBeGreaterThan(0);
  }, 90_000);
});
