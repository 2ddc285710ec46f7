// Reads a machine into a chart: every state and transition, in the order in which they are written. A
// pure reading of XState's definition: no guard, action or logic of the machine is called.

import type { AnyStateMachine } from 'xstate';
import { effectOf } from '../effects/effect.ts';
import { sagaMetaOf } from '../saga/saga-meta.ts';
import { askOf } from '../step/ask.ts';
import {
  type Chart,
  type ChartInvoke,
  type ChartState,
  type ChartTransition,
  type TransitionLabel,
  transitionId,
} from './chart.ts';
import { defaultTransitions, eventLabel, scopeLabel } from './chart-labels.ts';
import { actionName, delayText, guardName } from './chart-names.ts';
import { undoingStates } from './chart-paths.ts';
import { describeDefinition } from './describe-definition.ts';
import type { JsonObject } from './stately-json.ts';

type ChartNode = AnyStateMachine['root'];
type Definition = ChartNode['always'] extends readonly (infer Each)[] | undefined ? Each : never;

/**
 * The chart of any XState v5 machine, as plain JSON. The same machine always gives the same chart; the
 * machine is not run. A definition as the engine's store keeps it (the column `machines.definition`, or
 * `machine.definition` through JSON) gives the chart too, without what has no name there.
 * @throws TypeError for an object that is neither
 */
export function describeChart(source: AnyStateMachine | JsonObject): Chart {
  return isMachine(source) ? describeMachine(source) : describeDefinition(source);
}

function isMachine(source: object): source is AnyStateMachine {
  return '__xstatenode' in source;
}

function describeMachine(machine: AnyStateMachine): Chart {
  const nodes = [...nodesBelow(machine.root)];
  const states = nodes.map((node) => describeState(node, machine));
  const transitions = nodes.flatMap((node) => describeTransitions(node, machine));
  const undoing = undoingStates(states, transitions);
  return {
    id: machine.id,
    version: machine.version ?? null,
    description: machine.root.description ?? null,
    states: states.map((state) => ({ ...state, isUndoing: undoing.has(state.id) })),
    transitions,
  };
}

function* nodesBelow(node: ChartNode): Generator<ChartNode> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesBelow(child);
}

function childrenOf(node: ChartNode): readonly ChartNode[] {
  return Object.values<ChartNode>(node.states).toSorted((a, b) => a.order - b.order);
}

function describeState(node: ChartNode, machine: AnyStateMachine): ChartState {
  const history = node.history === 'deep' ? 'deep' : 'shallow';
  return {
    id: node.id,
    key: node.key,
    kind: node.type,
    parent: node.parent?.id ?? null,
    children: childrenOf(node).map(({ id }) => id),
    initial: node.type === 'compound' ? (node.initial.target?.[0]?.id ?? null) : null,
    history: node.type === 'history' ? history : null,
    entry: ownActions(node.entry),
    exit: ownActions(node.exit),
    tags: [...node.tags],
    description: node.description ?? null,
    invokes: node.invoke.map((_, index) => describeInvoke(node, index, machine)),
    saga: sagaMetaOf(node.meta),
    isUndoing: false,
  };
}

/** Without those by which XState arms and disarms the timers of `after`: the transitions say that. */
function ownActions(actions: readonly unknown[]): readonly string[] {
  return actions.filter((action) => !isTimerAction(action)).map(actionName);
}

function isTimerAction(action: unknown): boolean {
  if (typeof action !== 'function') return false;
  const id = 'id' in action ? action.id : 'sendId' in action ? action.sendId : null;
  return typeof id === 'string' && id.startsWith('xstate.after.');
}

function describeInvoke(node: ChartNode, index: number, machine: AnyStateMachine): ChartInvoke {
  const { id = '', src = '' } = node.invoke[index] ?? {};
  const name = String(src);
  const inline = name.startsWith('xstate.invoke.');
  const logic: unknown = inline ? inlineLogic(node, index) : machine.implementations.actors[name];
  return { id, src: inline ? inlineName(logic) : name, kind: kindOf(logic) };
}

/** XState renames inline logic; the logic itself stays in the config. */
function inlineLogic(node: ChartNode, index: number): unknown {
  const config: unknown = node.config.invoke;
  const invoke: unknown = Array.isArray(config) ? config[index] : config;
  return typeof invoke === 'object' && invoke !== null && 'src' in invoke ? invoke.src : null;
}

function inlineName(logic: unknown): string {
  if (typeof logic !== 'object' || logic === null) return 'inline';
  return 'id' in logic && typeof logic.id === 'string' ? logic.id : 'inline';
}

function kindOf(logic: unknown): ChartInvoke['kind'] {
  if (typeof logic !== 'object' || logic === null) return 'unknown';
  if ('__xstatenode' in logic) return 'machine';
  if (askOf(logic) !== null) return 'ask';
  return effectOf(logic) === null ? 'logic' : 'effect';
}

function describeTransitions(
  node: ChartNode,
  machine: AnyStateMachine,
): readonly ChartTransition[] {
  if (node.type === 'history') return historyDefault(node, machine);
  const always = node.always ?? [];
  const groups = [...node.transitions.entries(), ['', always] as const];
  return groups.flatMap(([eventType, definitions]) =>
    (definitions as readonly Definition[]).map((definition, index) => {
      const { target, guard, actions, reenter, description } = definition;
      const targets = (target ?? []).map(({ id }: ChartNode) => id);
      return {
        id: transitionId(node.id, eventType, index),
        source: node.id,
        targets,
        label: labelOf(node, eventType, machine),
        guard: guard === undefined ? null : guardName(guard),
        actions: actions.map(actionName),
        scope: scopeOf(node, target ?? [], reenter),
        description: description ?? null,
      } satisfies ChartTransition;
    }),
  );
}

function scopeOf(
  node: ChartNode,
  targets: readonly ChartNode[],
  reenter: boolean,
): ChartTransition['scope'] {
  const areAllWithin = targets.every((target) => isWithin(target, node));
  return scopeLabel(targets.length, areAllWithin, reenter);
}

function isWithin(node: ChartNode | undefined, ancestor: ChartNode): boolean {
  for (let each = node; each !== undefined; each = each.parent) if (each === ancestor) return true;
  return false;
}

function labelOf(node: ChartNode, eventType: string, machine: AnyStateMachine): TransitionLabel {
  const timer = node.after.find((each) => each.eventType === eventType);
  return timer === undefined ? eventLabel(eventType) : delayLabel(timer.delay, machine);
}

function delayLabel(delay: unknown, machine: AnyStateMachine): TransitionLabel {
  if (typeof delay === 'number') {
    return { kind: 'after', delay: delayText(delay), delayMs: delay };
  }
  if (typeof delay !== 'string') return { kind: 'after', delay: 'a delay', delayMs: null };
  const value: unknown = machine.implementations.delays[delay];
  if (typeof value !== 'number') return { kind: 'after', delay, delayMs: null };
  return { kind: 'after', delay: `${delay} ${delayText(value)}`, delayMs: value };
}

/** XState resolves it when the state is entered; its target stands beside the history state. */
function historyDefault(node: ChartNode, machine: AnyStateMachine): readonly ChartTransition[] {
  const config: unknown = 'target' in node.config ? node.config.target : undefined;
  const written = typeof config === 'string' ? [config] : Array.isArray(config) ? config : [];
  const targets = written.map((target) => historyTarget(node, String(target), machine));
  return defaultTransitions(node.id, targets);
}

function historyTarget(node: ChartNode, target: string, machine: AnyStateMachine): string {
  if (target.startsWith('#')) return machine.getStateNodeById(target).id;
  let found: ChartNode | undefined = node.parent;
  for (const key of target.replace(/^\./, '').split('.')) found = found?.states[key];
  return found?.id ?? target;
}
