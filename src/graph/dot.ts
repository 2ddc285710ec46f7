// A chart as text for Graphviz: states as nodes, those with children as clusters. For people who lay out
// or post-process graphs themselves.

import type { Chart, ChartState } from './chart.ts';
import { isWithin, type States } from './chart-paths.ts';
import { sagaClass, stateLines, transitionText } from './chart-text.ts';
import { activeIds, type Overlay } from './overlay.ts';

const FILLS: Readonly<Record<string, string>> = {
  undo: 'fillcolor="#f7f1fe", color="#7436bd"',
  pivot: 'fillcolor="#dff4f6", color="#0a6a78", penwidth=2',
  completed: 'fillcolor="#e5f6ec", color="#17774a"',
  compensated: 'fillcolor="#f7f1fe", color="#7436bd"',
  resolved: 'fillcolor="#fdf2da", color="#8a5a00"',
};

const LINES: Readonly<Record<string, string>> = {
  done: 'color="#17774a", fontcolor="#17774a"',
  error: 'color="#c42b3a", fontcolor="#c42b3a", style=dashed',
  after: 'color="#935f00", fontcolor="#935f00"',
  always: 'style=dotted',
  default: 'style=dotted',
};

const ACTIVE = 'fillcolor="#e3eeff", color="#1463d8", penwidth=3';

/** What all parts of one text are made of. */
interface Source {
  readonly chart: Chart;
  readonly states: States;
  readonly overlay: Overlay;
  readonly active: ReadonlySet<string>;
}

/**
 * The chart as a digraph with clusters; lines that begin or end at a cluster need `compound`, which it
 * sets. Of an overlay it shows the active states that hold no others, and the short texts.
 */
export function toDot(chart: Chart, overlay: Overlay = {}): string {
  const states = new Map(chart.states.map((state) => [state.id, state]));
  const source: Source = { chart, states, overlay, active: activeIds(chart, overlay) };
  const [root] = chart.states;
  const lines = [
    `digraph ${quoted(chart.id)} {`,
    '  compound=true; rankdir=TB; fontname="Helvetica";',
    '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=10];',
    ...(root === undefined ? [] : stateText(root, source, '  ')),
    ...edges(source).map((line) => `  ${line}`),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function stateText(state: ChartState, source: Source, indent: string): readonly string[] {
  const { chart, states, overlay, active } = source;
  const own = chart.transitions
    .filter(({ source, targets }) => source === state.id && targets.length === 0)
    .map((transition) => transitionText(transition, state, overlay));
  const label = [state.key, ...stateLines(state, overlay), ...own].join('\n');
  const saga = sagaClass(state);
  const fill = saga === null ? [] : [FILLS[saga] ?? ''];
  if (state.children.length === 0) {
    const look = active.has(state.id) ? [ACTIVE] : fill;
    const attributes = [...shapeOf(state), ...labelOf(state, label), ...look];
    return [`${indent}${quoted(state.id)} [${attributes.join(', ')}];`];
  }
  const isRegion = states.get(state.parent ?? '')?.kind === 'parallel';
  const inner = `${indent}  `;
  return [
    `${indent}subgraph ${quoted(`cluster ${state.id}`)} {`,
    `${inner}label=${quoted(label)}; labeljust=l; style="rounded${isRegion ? ',dashed' : ''}";`,
    ...(saga === 'undo' ? [`${inner}color="#7436bd";`] : []),
    `${inner}${quoted(anchorOf(state))} [shape=point, width=0.12, label=""];`,
    ...state.children.flatMap((id) => {
      const child = states.get(id);
      return child === undefined ? [] : stateText(child, source, inner);
    }),
    `${indent}}`,
  ];
}

function shapeOf({ kind }: ChartState): readonly string[] {
  if (kind === 'history') return ['shape=circle'];
  return kind === 'final' ? ['peripheries=2'] : [];
}

function labelOf({ kind, history }: ChartState, label: string): readonly string[] {
  return [`label=${quoted(kind === 'history' ? (history === 'deep' ? 'H*' : 'H') : label)}`];
}

/** The point in a cluster at which lines to and from it hold: also where it begins. */
function anchorOf({ id }: ChartState): string {
  return `initial of ${id}`;
}

function edges({ chart, states, overlay }: Source): readonly string[] {
  const initial = chart.states.flatMap((state) => {
    const target = states.get(state.initial ?? '');
    return target === undefined ? [] : [edge(state, target, [], states)];
  });
  const others = chart.transitions.flatMap((transition) => {
    const source = states.get(transition.source);
    return transition.targets.flatMap((id) => {
      const target = states.get(id);
      if (source === undefined || target === undefined) return [];
      const text = transitionText(transition, source, overlay);
      const style = LINES[transition.label.kind];
      return [
        edge(
          source,
          target,
          [`label=${quoted(text)}`, ...(style === undefined ? [] : [style])],
          states,
        ),
      ];
    });
  });
  return [...initial, ...others];
}

function edge(
  source: ChartState,
  target: ChartState,
  attributes: readonly string[],
  states: States,
): string {
  // A line that stays in a cluster must not be cut off at its frame.
  const leaves = source.children.length > 0 && !holds(source, target, states);
  const enters = target.children.length > 0 && !holds(target, source, states);
  const all = [
    ...attributes,
    ...(leaves ? [`ltail=${quoted(`cluster ${source.id}`)}`] : []),
    ...(enters ? [`lhead=${quoted(`cluster ${target.id}`)}`] : []),
  ];
  return `${quoted(nodeOf(source))} -> ${quoted(nodeOf(target))} [${all.join(', ')}];`;
}

function holds(outer: ChartState, { id }: ChartState, states: States): boolean {
  return id === outer.id || isWithin(states, id, outer.id);
}

function nodeOf(state: ChartState): string {
  return state.children.length === 0 ? state.id : anchorOf(state);
}

function quoted(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
