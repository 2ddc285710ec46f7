// A saga as its marks tell it: steps in columns by what they wait for, and what undoes each. Reads the
// chart alone, so a saga written by hand shows like a built one. Draws nothing.

import type { Chart, ChartState } from './chart.ts';
import { type Arrow, arrowsAlone, reaching } from './chart-paths.ts';

export interface SagaPathStep {
  readonly name: string;
  /** Counts from 0; a step stands right of all that it waits for. */
  readonly column: number;
  /** Counts from 0, among the steps that may run at one time. */
  readonly row: number;
  /** The state in which its call is made. */
  readonly run: ChartState;
  /** The state that undoes it; null: nothing does. */
  readonly undo: ChartState | null;
  readonly isPivot: boolean;
  /** Whether a failure turns the saga back. */
  readonly isCritical: boolean;
  /** Behind the pivot: it is tried until it succeeds, and nothing is undone. */
  readonly isForwardOnly: boolean;
  /** Steps that end right before it starts. */
  readonly after: readonly string[];
}

export interface SagaPaths {
  readonly steps: readonly SagaPathStep[];
  /** The ends that the chart has. */
  readonly ends: readonly ('completed' | 'compensated' | 'resolved')[];
}

/** The way forward and the way back of a saga; no steps for a chart without `sagaMeta`. */
export function sagaPaths(chart: Chart): SagaPaths {
  const marked = markedSteps(chart);
  const waits = new Map(
    marked.map(({ name }) => [name, earlierSteps(name, marked, arrowsOf(chart))] as const),
  );
  const steps: SagaPathStep[] = [];
  const pivots = new Set(marked.filter(({ isPivot }) => isPivot).map(({ name }) => name));
  for (const step of marked.toSorted((a, b) => sizeOf(waits, a.name) - sizeOf(waits, b.name))) {
    const all = [...(waits.get(step.name) ?? [])];
    const after = all.filter((name) => !all.some((other) => waits.get(other)?.has(name) === true));
    const before = steps.filter(({ name }) => all.includes(name));
    const column = Math.max(-1, ...before.map((each) => each.column)) + 1;
    steps.push({
      name: step.name,
      run: step.run,
      undo: step.undo,
      isPivot: step.isPivot,
      isCritical: step.isCritical,
      isForwardOnly: all.some((name) => pivots.has(name)),
      after,
      column,
      row: freeRow(steps, column, after),
    });
  }
  return { steps, ends: endsOf(chart) };
}

interface MarkedStep {
  readonly name: string;
  readonly run: ChartState;
  readonly undo: ChartState | null;
  readonly isPivot: boolean;
  readonly isCritical: boolean;
  readonly after: readonly string[] | null;
}

function markedSteps({ states }: Chart): readonly MarkedStep[] {
  const undos = new Map<string, ChartState>();
  for (const state of states) {
    const { saga } = state;
    if (saga !== null && 'step' in saga && saga.role === 'compensate') undos.set(saga.step, state);
  }
  const steps = new Map<string, MarkedStep>();
  for (const run of states) {
    const { saga } = run;
    if (saga === null || 'end' in saga || saga.role === 'compensate') continue;
    if (steps.has(saga.step)) continue;
    steps.set(saga.step, {
      name: saga.step,
      run,
      undo: undos.get(saga.step) ?? null,
      isPivot: saga.role === 'pivot',
      isCritical: saga.isCritical ?? true,
      after: saga.after ?? null,
    });
  }
  return [...steps.values()];
}

/** What happens by itself, and nothing that leads back: a retry is somebody's word. */
function arrowsOf(chart: Chart): readonly Arrow[] {
  const undoing = new Set(chart.states.filter((each) => each.isUndoing).map(({ id }) => id));
  return arrowsAlone(chart.states, chart.transitions).filter(
    ([from, to]) => !undoing.has(from) && !undoing.has(to),
  );
}

/** Steps that end before one starts: as its mark says, else as the chart's own transitions lead. */
function earlierSteps(
  name: string,
  steps: readonly MarkedStep[],
  arrows: readonly Arrow[],
): ReadonlySet<string> {
  const step = steps.find((each) => each.name === name);
  if (step === undefined) return new Set();
  if (step.after !== null) return new Set(step.after);
  const before = reaching([step.run.id], arrows);
  const others = steps.filter((each) => each !== step && before.has(each.run.id));
  const after = (other: MarkedStep): boolean => reaching([other.run.id], arrows).has(step.run.id);
  return new Set(others.filter((other) => !after(other)).map((each) => each.name));
}

function sizeOf(waits: ReadonlyMap<string, ReadonlySet<string>>, name: string): number {
  return waits.get(name)?.size ?? 0;
}

/** In the row of a step that it waits for, or below it where another one stands already. */
function freeRow(
  placed: readonly SagaPathStep[],
  column: number,
  after: readonly string[],
): number {
  const rowOf = (name: string): number => placed.find((step) => step.name === name)?.row ?? 0;
  const taken = new Set(placed.filter((step) => step.column === column).map(({ row }) => row));
  const wanted = after.length === 0 ? 0 : Math.min(...after.map(rowOf));
  let row = wanted;
  while (taken.has(row)) row += 1;
  return row;
}

function endsOf({ states }: Chart): SagaPaths['ends'] {
  const order = ['completed', 'compensated', 'resolved'] as const;
  return order.filter((end) =>
    states.some(({ saga }) => saga !== null && 'end' in saga && saga.end === end),
  );
}
