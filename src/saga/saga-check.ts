// Proves on a saga's statechart that its compensation is complete: explores everything that can happen to
// the machine itself, and shows a shortest path where a rule breaks. Hand-written charts and built ones
// alike, by the marks in their `meta`. Runs no call, reads no clock.

import type { AnyStateMachine, EventObject } from 'xstate';
import type { EffectError } from '../effects/effect.ts';
import { checkMembers, type Members, refuseOption } from '../options.ts';
import { isMachine } from '../step/classify.ts';
import { pathTo, type SagaFinding, SagaGraph } from './saga-check-graph.ts';
import { readMarks, type SagaEnd } from './saga-check-marks.ts';
import { findingsOfWhole } from './saga-check-whole.ts';

export interface CheckOptions {
  /** The machine is started with each of them. Default: one `{}`. */
  readonly inputs?: readonly unknown[];
  /** Sample outputs by the name of the logic; each is tried. Default: null; of a saga below, each of its ends. */
  readonly outputs?: Readonly<Record<string, readonly unknown[]>>;
  /** Sample errors by the name of the logic, tried besides a plain rejection and a plain unknown end. */
  readonly errors?: Readonly<Record<string, readonly Partial<EffectError>[]>>;
  /**
   * Sample events from outside, in place of those that are made up by type alone. RESOLVE is made up with
   * `by` and `why`.
   */
  readonly events?: readonly EventObject[];
  /** Situations that are explored; more are the finding `TOO_MANY_STATES`. Default 50,000. */
  readonly maxStates?: number;
  /**
   * Up to where numbers of the context are told apart. Default 10: a chart that compares a count with a
   * higher number needs a higher bound.
   */
  readonly counterBound?: number;
  /** Also has each completed run undone by a saga above, as that of a built saga that is a step. */
  readonly undoneFromAbove?: boolean;
  /**
   * How much may go wrong on one path: calls that are not done, and late outcomes. Default: no bound. Sagas
   * of many steps need one; what takes more faults than that is then not proven.
   */
  readonly faults?: number;
}

const CHECK_OPTIONS: Members<CheckOptions> = {
  inputs: true,
  outputs: true,
  errors: true,
  events: true,
  maxStates: true,
  counterBound: true,
  undoneFromAbove: true,
  faults: true,
};

/** A shortest way to one end of the saga. */
export interface PathToEnd {
  /** Null: the final state has no mark. */
  readonly end: SagaEnd | null;
  readonly state: string;
  readonly path: readonly string[];
}

export interface SagaReport {
  readonly ok: boolean;
  readonly machine: { readonly id: string; readonly version: string };
  readonly findings: readonly SagaFinding[];
  /** Steps that are taken at their word: they say that they need no undoing, or have no compensation. */
  readonly neverUndone: readonly string[];
  /** What may go wrong on one path; null: no bound. */
  readonly faults: number | null;
  /** Situations that were told apart: state, context, calls, timers, what is held. */
  readonly states: number;
  /** Ways from one to the next. */
  readonly transitions: number;
  /** A shortest way to each end. */
  readonly paths: readonly PathToEnd[];
}

/**
 * Explores a saga's machine, and proves: whatever was or may have been done is undone on every path that
 * does not complete; no undo starts past the pivot, or before that of a later step; no step runs twice; a
 * failed undo never ends as compensated; every call has an error path, every wait a way out, every state
 * a way in, and some end can be reached from everywhere.
 *
 * What it takes for granted: calls end as the engine says, time may pass as it likes, events come in any
 * order and number; guards read nothing but context and event, and the samples stand for all values.
 * A saga below is taken at its word (it ends completed, compensated or resolved): check it by itself.
 *
 * @param machine a built saga, or any machine whose states have `meta: sagaMeta(...)`
 * @throws EngineError `BAD_OPTION`
 */
export function checkSaga(machine: AnyStateMachine, options: CheckOptions = {}): SagaReport {
  if (typeof machine !== 'object' || machine === null || !isMachine(machine)) {
    refuseOption('the saga to check', 'an XState machine', machine);
  }
  checkMembers(options, 'the options of checkSaga', CHECK_OPTIONS);
  const { inputs = [{}], outputs = {}, errors = {}, events = [] } = options;
  const maxStates = positive(options.maxStates ?? 50_000, 'maxStates');
  const counterBound = positive(options.counterBound ?? 10, 'counterBound');
  const marks = readMarks(machine);
  const graph = new SagaGraph(machine, marks, {
    inputs,
    samples: { outputs, errors, events },
    maxStates,
    counterBound,
    undoneFromAbove: options.undoneFromAbove ?? false,
    faults:
      options.faults === undefined ? Number.POSITIVE_INFINITY : positive(options.faults, 'faults'),
  });
  graph.explore();
  const faults = marks.faults.map(
    (fault): SagaFinding => ({ code: 'BAD_MARK', ...fault, path: [] }),
  );
  for (const finding of [...faults, ...findingsOfWhole(graph, machine)]) graph.add(finding);
  const findings = [...graph.findings.values()];
  return {
    ok: findings.length === 0,
    machine: { id: machine.id, version: machine.version ?? '1' },
    findings,
    neverUndone: marks.steps.filter(({ needsNoUndo }) => needsNoUndo).map(({ name }) => name),
    faults: options.faults ?? null,
    states: graph.nodes.length,
    transitions: graph.transitions,
    paths: pathsOf(graph),
  };
}

function pathsOf({ nodes }: SagaGraph): readonly PathToEnd[] {
  const paths = new Map<string, PathToEnd>();
  for (const node of nodes) {
    const { isEnd, end, state } = node;
    if (isEnd && !paths.has(state)) paths.set(state, { end, state, path: pathTo(node) });
  }
  return [...paths.values()];
}

function positive(value: number, option: string): number {
  if (Number.isInteger(value) && value > 0) return value;
  return refuseOption(option, 'a positive integer', value);
}
