// Reads a chart out of a definition as the store keeps it, for machines whose code is not at hand. What
// only code tells is not in it: guards and actions without a name, what logic stands behind a name.

import { sagaMetaOf } from '../saga/saga-meta.ts';
import { type Chart, type ChartState, type ChartTransition, transitionId } from './chart.ts';
import { defaultTransitions, eventLabel, scopeLabel } from './chart-labels.ts';
import { actionName, delayText, guardName } from './chart-names.ts';
import { isWithin, type States, undoingStates } from './chart-paths.ts';

/** A state as `machine.definition` has it, in JSON; all members are looked at before they are used. */
type Defined = Readonly<Record<string, unknown>>;

/**
 * The chart of a stored definition: the same as of the machine itself, but for what has no name in JSON.
 * @throws TypeError for what is no definition of a machine
 */
export function describeDefinition(definition: unknown): Chart {
  const root = asState(definition);
  const nodes = [...statesBelow(root, null)];
  const states = nodes.map(({ node, parent }) => describeState(node, parent));
  const byId: States = new Map(states.map((state) => [state.id, state]));
  const transitions = nodes.flatMap(({ node }) => describeTransitions(node, byId));
  const undoing = undoingStates(states, transitions);
  const { version, description } = root;
  return {
    id: textOf(root, 'id'),
    version: typeof version === 'string' ? version : null,
    description: typeof description === 'string' ? description : null,
    states: states.map((state) => ({ ...state, isUndoing: undoing.has(state.id) })),
    transitions,
  };
}

function refuse(expected: string, got: unknown): never {
  const shown = typeof got === 'object' ? JSON.stringify(got)?.slice(0, 60) : String(got);
  throw new TypeError(`the definition: expected ${expected}, got ${shown}.`);
}

function asState(value: unknown): Defined {
  if (isDefined(value) && typeof value['id'] === 'string' && isDefined(value['states'])) {
    return value;
  }
  return refuse('a state with id and states', value);
}

function isDefined(value: unknown): value is Defined {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(node: Defined, name: string): string {
  const value = node[name];
  return typeof value === 'string' ? value : refuse(`${name} as a text`, value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** In the order of the text: keys that are numbers stand elsewhere in JSON. */
function childrenOf(node: Defined): readonly Defined[] {
  const children = Object.values(isDefined(node['states']) ? node['states'] : {}).map(asState);
  return children.toSorted((a, b) => Number(a['order']) - Number(b['order']));
}

function* statesBelow(
  node: Defined,
  parent: string | null,
): Generator<{ readonly node: Defined; readonly parent: string | null }> {
  yield { node, parent };
  for (const child of childrenOf(node)) yield* statesBelow(child, textOf(node, 'id'));
}

const KINDS: readonly string[] = ['atomic', 'compound', 'parallel', 'final', 'history'];

function describeState(node: Defined, parent: string | null): ChartState {
  const { type, initial, history, description, entry, exit, tags, invoke, meta } = node;
  const kind = KINDS.includes(String(type)) ? (type as ChartState['kind']) : 'atomic';
  const isCompound = kind === 'compound' && isDefined(initial);
  return {
    id: textOf(node, 'id'),
    key: textOf(node, 'key'),
    kind,
    parent,
    children: childrenOf(node).map((child) => textOf(child, 'id')),
    initial: isCompound ? (targetsOf(initial)[0] ?? null) : null,
    history: kind === 'history' ? (history === 'deep' ? 'deep' : 'shallow') : null,
    entry: ownActions(entry),
    exit: ownActions(exit),
    tags: listOf(tags).map(String),
    description: typeof description === 'string' ? description : null,
    invokes: listOf(invoke)
      .filter(isDefined)
      .map(({ id, src }) => ({
        id: String(id),
        src: String(src).startsWith('xstate.invoke.') ? 'inline' : String(src),
        kind: 'unknown' as const,
      })),
    saga: sagaMetaOf(meta),
    isUndoing: false,
  };
}

/** XState's own names: how it arms and disarms the timers of `after`, which the transitions say. */
const OF_TIMERS: readonly string[] = ['xstate.raise', 'xstate.cancel'];

function ownActions(actions: unknown): readonly string[] {
  const own = listOf(actions).filter(
    (action) => !(isDefined(action) && OF_TIMERS.includes(String(action['type']))),
  );
  return own.map(actionOf);
}

/** Null stands for a function that had no name. */
function actionOf(action: unknown): string {
  return action === null ? 'an action' : actionName(action);
}

function targetsOf({ target }: Defined): readonly string[] {
  return listOf(target).map((each) => String(each).replace(/^#/, ''));
}

function describeTransitions(node: Defined, states: States): readonly ChartTransition[] {
  if (node['type'] === 'history') return historyDefault(node, states);
  const on = isDefined(node['on']) ? node['on'] : {};
  const groups = [...Object.entries(on), ['', node['always']] as const];
  return groups.flatMap(([eventType, definitions]) =>
    listOf(definitions)
      .filter(isDefined)
      .map((definition, index) => describeTransition(node, eventType, definition, index, states)),
  );
}

function describeTransition(
  node: Defined,
  eventType: string,
  definition: Defined,
  index: number,
  states: States,
): ChartTransition {
  const source = textOf(node, 'id');
  const targets = targetsOf(definition);
  const { guard, actions, reenter, description } = definition;
  const areAllWithin = targets.every((id) => id === source || isWithin(states, id, source));
  return {
    id: transitionId(source, eventType, index),
    source,
    targets,
    label: delayLabel(eventType, source) ?? eventLabel(eventType),
    guard: guard === undefined ? null : guardName(guard),
    actions: listOf(actions).map(actionOf),
    scope: scopeLabel(targets.length, areAllWithin, reenter === true),
    description: typeof description === 'string' ? description : null,
  };
}

/** XState names a timer `xstate.after.<delay>.<state's id>`; a delay without a name has a number there. */
function delayLabel(eventType: string, source: string): ChartTransition['label'] | null {
  const prefix = 'xstate.after.';
  if (!eventType.startsWith(prefix) || !eventType.endsWith(`.${source}`)) return null;
  const delay = eventType.slice(prefix.length, -source.length - 1);
  if (!/^\d+$/.test(delay)) return { kind: 'after', delay, delayMs: null };
  return { kind: 'after', delay: delayText(Number(delay)), delayMs: Number(delay) };
}

/** As it was written: beside the history state, or by id. */
function historyDefault(node: Defined, states: States): readonly ChartTransition[] {
  const { target } = node;
  const written = typeof target === 'string' ? [target] : listOf(target).map(String);
  const source = textOf(node, 'id');
  const parent = states.get(source)?.parent ?? '';
  const targets = written.map((each) => besides(each, parent, states));
  return defaultTransitions(source, targets);
}

function besides(target: string, parent: string, states: States): string {
  if (target.startsWith('#')) return target.slice(1);
  let found = states.get(parent);
  for (const key of target.replace(/^\./, '').split('.')) {
    const children: readonly string[] = found?.children ?? [];
    found = children.flatMap((id) => states.get(id) ?? []).find((child) => child.key === key);
  }
  return found?.id ?? target;
}
