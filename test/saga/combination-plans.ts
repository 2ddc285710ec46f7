// The sagas that are put through every combination of failures: as data, from which both the saga and
// the combinations are made. Knows nothing of the engine.

import { type EffectLogic, effect, type SagaBuilder, type SagaMachine, saga } from 'sagawright';
import type { EntryKind, Receipt } from '../support/saga-ledger.ts';

export interface PlanStep {
  readonly name: string;
  /** Steps it names in `after`; absent: all before it. */
  readonly after?: readonly string[];
  readonly kind: EntryKind;
  /** Default true. */
  readonly undone?: false;
  readonly isPivot?: true;
  readonly critical?: false;
}

export interface Plan {
  readonly name: string;
  readonly steps: readonly PlanStep[];
  readonly undoOrder?: readonly string[];
  readonly halts?: true;
  readonly holds?: true;
  /** A step that is not critical and fails in every run. */
  readonly ignored?: { readonly step: string; readonly outcome: 'rejected' | 'unknown' };
}

export interface Call {
  readonly amount: number;
  /** Results of the steps it waits for. */
  readonly seen: Readonly<Record<string, unknown>>;
}

const money = (name: string, after?: readonly string[]): PlanStep => part(name, 'money', after);
const stock = (name: string, after?: readonly string[]): PlanStep => part(name, 'stock', after);

function part(name: string, kind: EntryKind, after?: readonly string[]): PlanStep {
  return after === undefined ? { name, kind } : { name, kind, after };
}

const three = [money('pay'), stock('reserve'), money('insure')];
const diamond = [
  money('pay'),
  stock('reserve', ['pay']),
  money('insure', ['pay']),
  stock('pack', ['reserve', 'insure']),
];

export const PLANS: readonly Plan[] = [
  { name: 'sequence-of-3', steps: three },
  { name: 'sequence-of-4', steps: [...three, stock('pack')] },
  { name: 'diamond', steps: diamond },
  {
    name: 'branches',
    steps: [
      money('pay', []),
      stock('reserve', []),
      money('insure', ['pay']),
      { name: 'tell', kind: 'mail', undone: false, after: ['reserve'] },
    ],
  },
  {
    name: 'pivot',
    steps: [
      money('pay'),
      stock('reserve'),
      { name: 'capture', kind: 'mail', undone: false, isPivot: true },
      { name: 'pack', kind: 'mail', undone: false },
    ],
  },
  {
    name: 'pivot-in-branches',
    steps: [
      money('pay', []),
      stock('reserve', []),
      { name: 'capture', kind: 'mail', undone: false, isPivot: true, after: ['pay'] },
      money('insure', ['reserve']),
    ],
  },
  {
    name: 'not-critical',
    steps: [money('pay'), { name: 'wrap', kind: 'stock', critical: false }, money('insure')],
  },
  {
    name: 'not-critical-in-doubt',
    steps: [money('pay'), { name: 'wrap', kind: 'stock', critical: false }, money('insure')],
    ignored: { step: 'wrap', outcome: 'unknown' },
  },
  {
    name: 'not-critical-refused-branch',
    steps: [
      money('pay', []),
      { name: 'wrap', kind: 'stock', critical: false, after: [] },
      money('insure', ['pay', 'wrap']),
    ],
    ignored: { step: 'wrap', outcome: 'rejected' },
  },
  { name: 'undo-order', steps: diamond, undoOrder: ['pay', 'pack', 'insure', 'reserve'] },
  { name: 'halting', steps: three, halts: true },
  { name: 'halting-diamond', steps: diamond, halts: true },
  { name: 'holding', steps: three, holds: true },
  { name: 'holding-diamond', steps: diamond, holds: true },
];

/** All steps that end before a step starts. */
export function before(plan: Plan, name: string): ReadonlySet<string> {
  const index = plan.steps.findIndex((step) => step.name === name);
  const named = plan.steps[index]?.after ?? plan.steps.slice(0, index).map((step) => step.name);
  return new Set(named.flatMap((other) => [...before(plan, other), other]));
}

export const AMOUNT = 250;

/** Attempts of the slow step are given up after this; those of the others practically never. */
const SLOW_TIMEOUT_MS = 10_000;

/** The machine of a plan. */
export function createMachine(
  plan: Plan,
  slow: string | null,
): SagaMachine<{ readonly amount: number }, Readonly<Record<string, unknown>>> {
  const { name, undoOrder, halts, holds } = plan;
  let builder: SagaBuilder<{ readonly amount: number }, Readonly<Record<string, unknown>>> = saga<{
    readonly amount: number;
  }>(name, {
    ...(undoOrder && { undoOrder }),
    ...(halts && { onCompensationFailure: 'halt' as const }),
    ...(holds && { onFailure: 'hold' as const }),
  });
  for (const step of plan.steps) {
    const timeout = step.name === slow ? SLOW_TIMEOUT_MS : '9h';
    const run: EffectLogic<Call, Receipt> = effect<Call, Receipt>({ timeout });
    const waitsFor = [...before(plan, step.name)];
    const common = {
      run,
      input: ({ input, results }: { input: { amount: number }; results: object }): Call => ({
        amount: input.amount,
        seen: Object.fromEntries(
          Object.entries(results).filter(([other]) => waitsFor.includes(other)),
        ),
      }),
      ...(step.after && { after: step.after }),
    };
    if (step.isPivot) builder = builder.pivot(step.name, common);
    else {
      builder = builder.step(step.name, {
        ...common,
        critical: step.critical ?? true,
        ...(step.undone !== false && { compensate: effect<unknown, null>() }),
      });
    }
  }
  return builder.build();
}
