// Every way in which a saga can fail, times every way in which its undoing can, each through a real
// engine on virtual time, with a gateway's books as the judge.

import { afterAll, describe, expect, it } from 'vitest';
import type { SagaLedger } from '../support/saga-ledger.ts';
import {
  type Combination,
  combinationsOf,
  courseOf,
  nameOf,
  stepOf,
  underWay,
  undoCalls,
} from './combination-model.ts';
import { AMOUNT, before, PLANS, type Plan } from './combination-plans.ts';
import { type Course, type Made, run } from './combination-run.ts';

let crashes = 0;

/** Those that were stopped side by side may be undone in any order: taken as it came. */
function holdingsAsUndone(combination: Combination, undos: readonly Made[]) {
  const { way, plan } = combination;
  const holdings = courseOf(combination).holdings ?? [];
  if (!way.startsWith('cancel') || plan.undoOrder) return holdings;
  const stopped = new Set(underWay(combination));
  const last = undos.map(({ step }) => step);
  const when = (step: string): number => (last.includes(step) ? last.indexOf(step) : -1);
  const group = holdings.filter(({ step }) => stopped.has(step));
  return [
    ...holdings.filter(({ step }) => !stopped.has(step)),
    ...group.toSorted((a, b) => when(b.step) - when(a.step)),
  ];
}

function expectedUndos(combination: Combination, undos: readonly Made[], runs: readonly Made[]) {
  const { first, second } = undoCalls(combination, holdingsAsUndone(combination, undos));
  const calls = [...first, ...second].map(({ step, count: number, outcome }) => {
    const key = `saga:${step}/1`;
    const input = runs.find((made) => made.key === key)?.input;
    const output = { receipt: `receipt of ${key}` };
    const undoes = { key, input, outcome, ...(outcome === 'done' && { output }) };
    return { step, key: `${key}/undo/${number}`, input: { undoes } };
  });
  // An undo that is made again under its key is one call.
  return { calls: uniqueBy(calls), atRest: uniqueBy(calls.slice(0, first.length)).length };
}

function uniqueBy<Value extends { readonly key: string }>(calls: readonly Value[]) {
  return calls.filter(({ key }, index) => calls.findIndex((one) => one.key === key) === index);
}

/** What is held; in a saga that turned back, by steps that can be undone. */
function heldOf(combination: Combination, ledger: SagaLedger): readonly string[] {
  const isBack = courseOf(combination).holdings !== null;
  const mayStay = (step: string) => stepOf(combination.plan, step).undone === false;
  return ledger.held().filter((step) => !isBack || !mayStay(step));
}

function checkBooks(combination: Combination, { ledger, output, runs }: Course): void {
  const { plan } = combination;
  const course = courseOf(combination);
  const kept = plan.steps.filter(({ name }) => course.kept.includes(name));
  expect(heldOf(combination, ledger)).toEqual(
    kept
      .filter((step) => course.holdings === null || step.undone !== false)
      .map(({ name }) => name)
      .sort(),
  );
  const sum = (kind: string): number => AMOUNT * kept.filter((step) => step.kind === kind).length;
  expect(ledger.capturedMinor - ledger.refundedMinor).toBe(sum('money'));
  expect(ledger.reserved).toBe(sum('stock'));
  expect(Math.max(0, ...ledger.givenBack.values())).toBeLessThanOrEqual(1);
  expect(output.status).toBe(course.holdings === null ? 'completed' : 'compensated');
  // Its results are what is kept, as far as it is known of.
  const inDoubt = new Set(output.ignored.map(({ step }) => step));
  const known = course.holdings === null ? course.kept.filter((step) => !inDoubt.has(step)) : [];
  const results = Object.keys(output.results).filter((s) => stepOf(plan, s).undone !== false);
  expect(results.sort()).toEqual(known.filter((s) => stepOf(plan, s).undone !== false).sort());
  for (const { step, key, input } of runs) {
    expect(key).toMatch(/^saga:[a-z]+\/[12]$/);
    const seen = Object.keys(input.seen);
    expect([...before(plan, step)]).toEqual(expect.arrayContaining(seen));
  }
}

function checkKeys({ failing, way }: Combination, { runs, rest, undos }: Course): void {
  const again = runs.filter(({ key }) => key.endsWith('/2')).map(({ step }) => step);
  // Only what was refused for sure is tried under another key, and only after it.
  const isRetried = way === 'rejected' && rest === 'needsAttention' && undos.length === 0;
  expect(again).toEqual(isRetried ? [failing] : []);
}

async function judge(combination: Combination): Promise<void> {
  const course = await run(combination, null);
  const { undos, undosAtRest, rest, runs } = course;
  expect(rest).toBe(courseOf(combination).rest);
  const expected = expectedUndos(combination, undos, runs);
  expect(undos).toEqual(expected.calls);
  expect(undosAtRest).toBe(expected.atRest);
  checkBooks(combination, course);
  checkKeys(combination, course);
}

/** The combination's name is part of what a failure says. */
async function named<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) error.message = `${name}: ${error.message}`;
    throw error;
  }
}

async function judgeAll(plan: Plan): Promise<void> {
  for (const combination of combinationsOf(plan)) {
    await named(nameOf(combination), () => judge(combination));
  }
}

/** Killed after each of its commits, the saga comes to the same end with the same books. */
async function judgeCrashes(combination: Combination): Promise<number> {
  const whole = await run(combination, 0);
  for (let commit = 1; commit <= whole.commits; commit++) {
    await named(`${nameOf(combination)}, killed after commit ${commit}`, async () => {
      const course = await run(combination, commit);
      expect(course.output.status).toBe(whole.output.status);
      checkBooks(combination, course);
      const steps = (made: readonly Made[]) => [...new Set(made.map(({ step }) => step))];
      if (!combination.way.startsWith('cancel')) {
        expect(steps(course.undos)).toEqual(steps(whole.undos));
      }
    });
  }
  return whole.commits;
}

/** Some from all over the list: the stride shares no factor with the number of ways. */
function sample(all: readonly Combination[]): readonly Combination[] {
  return [1, 2, 3, 4, 5, 6].flatMap((number) => all[(number * 37) % all.length] ?? []);
}

afterAll(() => console.info(`${crashes} kills after a commit`));

it('tries hundreds of combinations', () => {
  const all = PLANS.flatMap(combinationsOf);
  const sampled = PLANS.flatMap((plan) => sample(combinationsOf(plan)));
  console.info(`${all.length} combinations; ${sampled.length} of them killed after each commit`);
  expect(all.length).toBeGreaterThanOrEqual(500);
  expect(new Set(sampled.map(nameOf)).size).toBeGreaterThanOrEqual(50);
});

describe('every combination of what fails and how', () => {
  it.each(PLANS.map((plan) => [plan.name, plan] as const))(
    'is undone in order and with balanced books: %s',
    async (_, plan) => {
      await judgeAll(plan);
    },
    180_000,
  );
});

describe('a crash after each commit', () => {
  it.each(PLANS.map((plan) => [plan.name, plan] as const))(
    'changes neither the end nor the books: %s',
    async (_, plan) => {
      for (const combination of sample(combinationsOf(plan))) {
        crashes += await judgeCrashes(combination);
      }
    },
    180_000,
  );
});
