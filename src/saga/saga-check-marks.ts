// What a saga's chart says of itself before it runs: which states make which step's call, which undo it,
// which ends there are. Read from `meta: sagaMeta(...)` alone; marks that mean nothing are findings.

import type { AnyStateMachine } from 'xstate';
import type { ChartNode } from '../step/chart.ts';
import { type SagaMeta, sagaMetaOf } from './saga-meta.ts';

/** The mark of a state that makes a step's call, or undoes it. */
export type StepMark = Extract<SagaMeta, { readonly step: string }>;

/** How a saga ends, as its final states say. */
export type SagaEnd = Extract<SagaMeta, { readonly end: string }>['end'];

/** A step as its states describe it. */
export interface MarkedStep {
  readonly name: string;
  readonly isPivot: boolean;
  /** Whether a state undoes it. */
  readonly hasUndo: boolean;
  /** It was said that it needs no undoing. */
  readonly needsNoUndo: boolean;
  /** Steps that must be undone after it, if they were done before it started. */
  readonly mayFollow: ReadonlySet<string>;
}

export interface MarkFault {
  readonly state: string;
  readonly step: string | null;
  readonly message: string;
}

export interface SagaMarks {
  readonly steps: readonly MarkedStep[];
  readonly faults: readonly MarkFault[];
}

/** A state as findings name it: its path below the machine. */
export function stateName({ path, id }: ChartNode): string {
  return path.length === 0 ? id : path.join('.');
}

export function markOf(node: ChartNode): StepMark | null {
  const meta = sagaMetaOf(node.meta);
  return meta !== null && 'step' in meta ? meta : null;
}

/** How a machine has ended, by its active states; null: they do not say. */
export function endOf(active: readonly ChartNode[]): SagaEnd | null {
  for (const node of active) {
    const meta = node.type === 'final' ? sagaMetaOf(node.meta) : null;
    if (meta !== null && 'end' in meta) return meta.end;
  }
  return null;
}

export function* chartNodes(machine: AnyStateMachine): Generator<ChartNode> {
  yield* below(machine.root);
}

function* below(node: ChartNode): Generator<ChartNode> {
  yield node;
  for (const child of Object.values<ChartNode>(node.states)) yield* below(child);
}

interface Marked {
  readonly node: ChartNode;
  readonly mark: StepMark;
}

export function readMarks(machine: AnyStateMachine): SagaMarks {
  const marked: Marked[] = [];
  for (const node of chartNodes(machine)) {
    const mark = markOf(node);
    if (mark !== null) marked.push({ node, mark });
  }
  const runs = marked.filter(({ mark }) => mark.role !== 'compensate');
  const undone = new Set(
    marked.filter(({ mark }) => mark.role === 'compensate').map(({ mark }) => mark.step),
  );
  const names = [...new Set(runs.map(({ mark }) => mark.step))];
  const steps = names.map((name): MarkedStep => {
    const own = runs.filter(({ mark }) => mark.step === name);
    return {
      name,
      isPivot: own.some(({ mark }) => mark.role === 'pivot'),
      hasUndo: undone.has(name),
      needsNoUndo: own.some(({ mark }) => mark.compensation === 'none'),
      mayFollow: new Set(names.filter((other) => other !== name && follows(runs, other, name))),
    };
  });
  return { steps, faults: faultsOf(machine, marked, names) };
}

/** Whether `later` is behind `earlier` by the chart's will, and not in a branch beside it. */
function follows(runs: readonly Marked[], earlier: string, later: string): boolean {
  const before = runs.filter(({ mark }) => mark.step === earlier);
  return runs
    .filter(({ mark }) => mark.step === later)
    .some(({ node, mark }) => {
      if (mark.after?.includes(earlier) === true) return true;
      return before.some((other) => !areBeside(other.node, node));
    });
}

/** Whether two states are in different regions of one parallel state. */
function areBeside(one: ChartNode, other: ChartNode): boolean {
  const above = new Set(ancestors(one));
  const common = ancestors(other).find((node) => above.has(node));
  return common?.type === 'parallel';
}

function ancestors(node: ChartNode): readonly ChartNode[] {
  const { parent } = node;
  return parent === undefined ? [] : [parent, ...ancestors(parent)];
}

function faultsOf(
  machine: AnyStateMachine,
  marked: readonly Marked[],
  names: readonly string[],
): readonly MarkFault[] {
  if (marked.length === 0) {
    const message =
      'No state says which step it makes, so there is nothing to prove. Mark the states that invoke calls with meta: sagaMeta({ step, role }).';
    return [{ state: machine.id, step: null, message }];
  }
  return marked.flatMap(({ node, mark: { step, role } }) => {
    const state = stateName(node);
    const calls = node.invoke.length;
    if (calls !== 1) {
      const message = `Expected the state of a step to invoke one call, got ${calls}. Give each call a state of its own.`;
      return [{ state, step, message }];
    }
    if (role !== 'compensate' || names.includes(step)) return [];
    const message = `It undoes the step "${step}", which no state runs. Steps are: ${names.join(', ')}.`;
    return [{ state, step, message }];
  });
}
