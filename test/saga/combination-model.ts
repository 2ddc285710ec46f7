// What must come of each combination, said once more and without the builder: which steps may hold
// something, in which order they are undone, and how the saga ends.

import { before, type Plan, type PlanStep } from './combination-plans.ts';

/** How the failing step's call goes. */
export const WAYS = [
  'rejected',
  'thrown before',
  'thrown after',
  'timeout',
  'cancel, then done',
  'cancel, then rejected',
  'cancel, never heard of',
  'cancel, done late',
  'crash, then done',
  'crash, then thrown',
  'crash, then rejected',
] as const;
export type Way = (typeof WAYS)[number];

export interface Combination {
  readonly plan: Plan;
  /** Null: no step fails. */
  readonly failing: string | null;
  readonly way: Way;
  /** Steps that are done before the failing one is. */
  readonly prefix: readonly string[];
  /** A compensation that fails until the gateway is well again. */
  readonly stuck: { readonly step: string; readonly outcome: 'rejected' | 'unknown' } | null;
}

/** A step that may hold something when the saga turns back, in the order in which they ended. */
export interface Holding {
  readonly step: string;
  readonly outcome: 'done' | 'unknown';
}

export type Rest = 'completed' | 'compensated' | 'needsAttention';

export interface UndoCall {
  readonly step: string;
  readonly count: number;
  readonly outcome: 'done' | 'unknown';
}

export interface Course {
  /** Null: the saga does not turn back. */
  readonly holdings: readonly Holding[] | null;
  /** Where it first comes to rest. */
  readonly rest: Rest;
  /** Steps that hold something at the end of ends. */
  readonly kept: readonly string[];
}

export function nameOf({ plan, failing, way, prefix, stuck }: Combination): string {
  const what = failing === null ? 'nothing fails' : `${failing} ${way}`;
  const undo = stuck === null ? '' : `; undo of ${stuck.step} ${stuck.outcome}`;
  return `${plan.name}: after [${prefix.join(' ')}] ${what}${undo}`;
}

/** Every combination of a plan. */
export function combinationsOf(plan: Plan): readonly Combination[] {
  const all: Combination[] = [
    { plan, failing: null, way: 'rejected', prefix: plan.steps.map((s) => s.name), stuck: null },
  ];
  for (const { name } of plan.steps) {
    if (name === plan.ignored?.step) continue;
    for (const prefix of prefixes(plan, name)) {
      for (const way of WAYS) {
        const one: Combination = { plan, failing: name, way, prefix, stuck: null };
        all.push(one);
        for (const { step } of courseOf(one).holdings ?? []) {
          for (const outcome of ['rejected', 'unknown'] as const) {
            if (stepOf(plan, step).undone === false) continue;
            all.push({ ...one, stuck: { step, outcome } });
          }
        }
      }
    }
  }
  return all;
}

/** Sets of steps that can be done while a step is not: with all before it, closed under dependency. */
function prefixes(plan: Plan, name: string): readonly (readonly string[])[] {
  const needed = before(plan, name);
  const free = plan.steps.filter(
    (step) => step.name !== name && !needed.has(step.name) && !before(plan, step.name).has(name),
  );
  const chosen: string[][] = [];
  for (let bits = 0; bits < 2 ** free.length; bits++) {
    const names = new Set(needed);
    free.forEach((step, index) => {
      if (bits & (1 << index)) names.add(step.name);
    });
    const isClosed = [...names].every((one) => [...before(plan, one)].every((b) => names.has(b)));
    if (isClosed) chosen.push(plan.steps.map((s) => s.name).filter((one) => names.has(one)));
  }
  return chosen;
}

export function stepOf({ steps }: Plan, name: string): PlanStep {
  const step = steps.find((other) => other.name === name);
  if (step === undefined) throw new Error(`There is no step ${name}.`);
  return step;
}

/** Steps that are under way when the failing one is, itself included. */
export function underWay({ plan, prefix }: Combination): readonly string[] {
  return plan.steps
    .map(({ name }) => name)
    .filter((name) => !prefix.includes(name))
    .filter((name) => [...before(plan, name)].every((one) => prefix.includes(one)));
}

export function courseOf(combination: Combination): Course {
  const { plan, failing, way, prefix } = combination;
  const all = plan.steps.map(({ name }) => name);
  const ignored = plan.ignored;
  const endOf = (step: string): Holding['outcome'] | 'rejected' =>
    step === ignored?.step ? ignored.outcome : 'done';
  const completed: Course = {
    holdings: null,
    rest: 'completed',
    kept: all.filter((step) => endOf(step) === 'done' || endOf(step) === 'unknown'),
  };
  if (failing === null || way === 'crash, then done') return completed;
  const running = underWay(combination);
  const pivot = plan.steps.find(({ isPivot }) => isPivot)?.name;
  const isCancel = way.startsWith('cancel');
  const failed = failureOf(way);
  const pivotIsOut = pivot !== undefined && [...prefix, ...running].includes(pivot);
  if (isCancel) {
    // Refused: the call goes on, and ends well.
    if (pivotIsOut) return completed;
    const stopped = running.flatMap((step) => {
      const outcome = step === failing ? failed : endOf(step);
      return outcome === 'rejected' ? [] : [{ step, outcome }];
    });
    return turned(combination, [...prefixHoldings(), ...stopped]);
  }
  if (stepOf(plan, failing).critical === false) {
    const isHeld = way !== 'rejected' && way !== 'thrown before';
    return { ...completed, kept: isHeld ? all : all.filter((step) => step !== failing) };
  }
  const pivotHolds = pivotIsOut && !(pivot === failing && failed === 'rejected');
  if (pivotHolds) return { ...completed, rest: 'needsAttention' };
  const later = running.filter((step) => step !== failing);
  return turned(combination, [
    ...prefixHoldings(),
    ...(failed === 'rejected' ? [] : [{ step: failing, outcome: failed }]),
    ...later.flatMap((step) => {
      const outcome = endOf(step);
      return outcome === 'rejected' ? [] : [{ step, outcome }];
    }),
  ]);

  function prefixHoldings(): readonly Holding[] {
    return prefix.flatMap((step) => {
      const outcome = endOf(step);
      return outcome === 'rejected' ? [] : [{ step, outcome }];
    });
  }
}

function failureOf(way: Way): Holding['outcome'] | 'rejected' {
  if (way === 'rejected' || way === 'cancel, then rejected') return 'rejected';
  return way === 'cancel, then done' ? 'done' : 'unknown';
}

function turned({ plan, stuck }: Combination, holdings: readonly Holding[]): Course {
  const rest = stuck === null ? 'compensated' : 'needsAttention';
  // What has no compensation stays.
  const kept = holdings.map(({ step }) => step).filter((s) => stepOf(plan, s).undone === false);
  return { holdings, rest, kept };
}

interface Undoing {
  readonly step: string;
  outcome: 'done' | 'unknown';
  status: 'idle' | 'done' | 'failed' | 'again';
  count: number;
  overtaken: boolean;
}

/**
 * The undo calls up to the first rest, and those after a RETRY, when the gateway is well again.
 * @param holdings in the order in which they ended
 */
export function undoCalls(
  { plan, failing, way, stuck }: Combination,
  holdings: readonly Holding[],
): { readonly first: readonly UndoCall[]; readonly second: readonly UndoCall[] } {
  const undone = holdings.filter(({ step }) => stepOf(plan, step).undone !== false);
  const states: Undoing[] = undone
    .toReversed()
    .map((holding) => ({ ...holding, status: 'idle', count: 0, overtaken: false }));
  const listed = plan.undoOrder;
  if (listed) states.sort((a, b) => listed.indexOf(a.step) - listed.indexOf(b.step));
  const calls: UndoCall[] = [];
  let isWell = false;
  const isStuck = (state: Undoing): boolean => state.status === 'failed' && !state.overtaken;
  const undoAll = (): void => {
    for (;;) {
      if (plan.halts && states.some(isStuck)) return;
      const next = states.find((s) => s.status === 'idle' || s.status === 'again' || s.overtaken);
      if (next === undefined) return;
      if (next.status !== 'again' || next.overtaken) next.count += 1;
      next.overtaken = false;
      calls.push({ step: next.step, count: next.count, outcome: next.outcome });
      next.status = next.step === stuck?.step && !isWell ? 'failed' : 'done';
    }
  };
  undoAll();
  const late = states.find(({ step }) => step === failing && way === 'cancel, done late');
  if (late !== undefined) {
    late.outcome = 'done';
    late.overtaken = late.status !== 'idle';
    undoAll();
  }
  const first = [...calls];
  isWell = true;
  for (const state of states) {
    if (state.status === 'failed') state.status = stuck?.outcome === 'rejected' ? 'idle' : 'again';
  }
  undoAll();
  return { first, second: calls.slice(first.length) };
}
