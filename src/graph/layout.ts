// Where everything of a picture stands: boxes in boxes, lines as points, labels as measured blocks. ELK
// computes it, with the texts' sizes given, so that it keeps labels and boxes apart. Draws nothing.

import type { ElkLabel, ElkNode } from 'elkjs/lib/elk-api.js';
import { EngineError } from '../errors.ts';
import type { Chart, ChartState, ChartTransition } from './chart.ts';
import { isWithin, type States } from './chart-paths.ts';
import type { Overlay } from './overlay.ts';
import {
  bundleBlock,
  createBlock,
  stateBlock,
  type TextBlock,
  transitionBlock,
} from './picture-text.ts';
import type { Direction, Layout, PlacedDot, PlacedLine, PlacedState, Rectangle } from './places.ts';
import { orderRegions } from './region-order.ts';

export const BOX_PADDING_PX = 11;
const BOX_MIN_WIDTH_PX = 76;
const CONTAINER_PADDING_PX = 22;
const DOT_PX = 12;
const HISTORY_PX = 26;
const LABEL_PADDING_PX = 3;

const OPTIONS: Readonly<Record<string, string>> = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.thoroughness': '20',
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.labelNode': '8',
  'elk.spacing.labelLabel': '6',
};

interface Line {
  readonly transitions: readonly ChartTransition[];
  readonly from: string;
  readonly to: string;
  readonly texts: readonly TextBlock[];
}

/** The parts of a chart by their names, measured and ready to be placed. */
class Parts {
  readonly states: States;
  readonly texts: ReadonlyMap<string, TextBlock>;
  readonly lines: readonly Line[];
  /** States of which lines start or end that hold for all of them. */
  readonly whole: Set<string> = new Set();
  readonly #lines: Map<string, Line> = new Map();

  constructor(chart: Chart, overlay: Overlay) {
    this.states = new Map(chart.states.map((state) => [state.id, state]));
    const own = (id: string): readonly ChartTransition[] =>
      chart.transitions.filter((each) => each.source === id && staysIn(each));
    this.texts = new Map(
      chart.states.map((state) => {
        const parent = this.states.get(state.parent ?? '') ?? null;
        return [state.id, stateBlock(state, parent, own(state.id), overlay)];
      }),
    );
    this.#addInitials(chart);
    const bundles = bundlesOf(chart.transitions, this.states);
    for (const transition of chart.transitions) {
      const source = this.states.get(transition.source);
      if (source === undefined || staysIn(transition)) continue;
      if (bundles.some(({ transitions }) => transitions.includes(transition))) continue;
      const text = transitionBlock(transition, source, overlay);
      for (const target of transition.targets) this.#add([transition], target, text);
    }
    for (const { transitions, into, source } of bundles) {
      const parts = transitions.map((transition) => ({
        transition,
        target: this.states.get(transition.targets[0] ?? '')?.key ?? '',
      }));
      this.#add(transitions, into, bundleBlock(parts, source, overlay));
    }
    // ELK goes depth first along them: the way forward is to stand above the way back.
    const isBack = ({ to }: Line): number => (this.states.get(to)?.isUndoing === true ? 1 : 0);
    this.lines = [...this.#lines.values()].toSorted((a, b) => isBack(a) - isBack(b));
  }

  #addInitials({ states }: Chart): void {
    for (const { id, initial } of states) {
      if (initial === null) continue;
      this.#lines.set(id, { transitions: [], from: dotId('initial', id), to: initial, texts: [] });
    }
  }

  /** To the line that leads there for the same kind of reason, if there is one. */
  #add(added: readonly ChartTransition[], target: string, text: TextBlock): void {
    const [first] = added;
    if (first === undefined) return;
    const [from, to] = this.#ends(first.source, target);
    const key = JSON.stringify([from, to, first.label.kind]);
    const { transitions = [], texts = [] } = this.#lines.get(key) ?? {};
    this.#lines.set(key, {
      transitions: [...transitions, ...added],
      from,
      to,
      texts: [...texts, text],
    });
  }

  /** A line between a state and one that it lies in starts or ends at a dot of its own, inside. */
  #ends(source: string, target: string): readonly [string, string] {
    const outer = this.isWithin(target, source) ? source : null;
    const reached = this.isWithin(source, target) ? target : null;
    for (const id of [outer, reached]) if (id !== null) this.whole.add(id);
    return [
      outer === null ? source : dotId('whole', outer),
      reached === null ? target : dotId('whole', reached),
    ];
  }

  /** Whether a state, or a dot, lies in a state. */
  isWithin(end: string, ancestor: string): boolean {
    const dotOf = stateOfDot(end);
    if (dotOf !== null) return dotOf === ancestor || this.isWithin(dotOf, ancestor);
    return isWithin(this.states, end, ancestor);
  }

  /** Parallel states of which no line leads to a region, or through the frame of one. */
  freeParallels(): readonly string[] {
    return [...this.states.values()]
      .filter((state) => state.kind === 'parallel' && !this.#isCrossed(state))
      .map(({ id }) => id);
  }

  #isCrossed({ children }: ChartState): boolean {
    return children.some((region) =>
      this.lines.some(
        ({ from, to }) =>
          from === region ||
          to === region ||
          this.isWithin(from, region) !== this.isWithin(to, region),
      ),
    );
  }

  graph(direction: Direction): ElkNode {
    const root = [...this.states.keys()][0];
    const edges = this.lines.map(({ from, to, texts }, index) => ({
      id: `line ${index}`,
      sources: [from],
      targets: [to],
      labels: labelsOf(texts),
    }));
    const layoutOptions = { ...OPTIONS, 'elk.direction': direction === 'down' ? 'DOWN' : 'RIGHT' };
    return {
      id: 'picture',
      layoutOptions: { ...layoutOptions, 'elk.padding': padding(16, 16) },
      children: root === undefined ? [] : [this.#box(root, layoutOptions)],
      edges,
    };
  }

  /** ELK takes the options of each box for what lies in it, so every container has them all. */
  #box(id: string, options: Readonly<Record<string, string>>): ElkNode {
    const state = this.states.get(id);
    const { widthPx, heightPx } = this.texts.get(id) ?? createBlock([]);
    if (state?.kind === 'history') return { id, width: HISTORY_PX, height: HISTORY_PX };
    const width = Math.ceil(Math.max(BOX_MIN_WIDTH_PX, widthPx + 2 * BOX_PADDING_PX));
    const height = Math.ceil(heightPx + 2 * BOX_PADDING_PX - 4);
    if (state === undefined || state.children.length === 0) return { id, width, height };
    const dots = (['initial', 'whole'] as const)
      .filter((kind) => (kind === 'initial' ? state.initial !== null : this.whole.has(id)))
      .map((kind) => ({ id: dotId(kind, id), width: DOT_PX, height: DOT_PX }));
    return {
      id,
      layoutOptions: {
        ...options,
        'elk.padding': padding(height + 8, CONTAINER_PADDING_PX),
        'elk.nodeSize.constraints': '[MINIMUM_SIZE]',
        'elk.nodeSize.minimum': minimumSize(options, width, height + 20),
      },
      children: [...dots, ...state.children.map((child) => this.#box(child, options))],
    };
  }
}

function staysIn({ source, targets }: ChartTransition): boolean {
  return targets.every((target) => target === source);
}

interface Bundle {
  readonly transitions: readonly ChartTransition[];
  readonly source: ChartState;
  readonly into: string;
}

const BUNDLE_MIN = 3;

/**
 * Transitions of one state for one event into the same compound state, when they are many: five lines
 * side by side say less than one with five guards.
 */
function bundlesOf(transitions: readonly ChartTransition[], states: States): readonly Bundle[] {
  const groups = Object.values(
    Object.groupBy(transitions, ({ source, label, targets }) => {
      const parent = targets.length === 1 ? states.get(targets[0] ?? '')?.parent : undefined;
      return JSON.stringify([source, label, parent ?? null]);
    }),
  );
  return groups.flatMap((group = []) => {
    const [first] = group;
    const source = states.get(first?.source ?? '');
    const into = states.get(first?.targets[0] ?? '')?.parent ?? null;
    if (source === undefined || into === null || group.length < BUNDLE_MIN) return [];
    const isOutside = source.id !== into && !isWithin(states, source.id, into);
    return isOutside && first?.label.kind === 'event' ? [{ transitions: group, source, into }] : [];
  });
}

function dotId(kind: PlacedDot['kind'], state: string): string {
  return `${kind} of ${state}`;
}

function stateOfDot(id: string): string | null {
  return /^(?:initial|whole) of ([\s\S]*)$/.exec(id)?.[1] ?? null;
}

/** One below the other, so that each stands for itself; a line without words has no label. */
function stacked(texts: readonly TextBlock[]): TextBlock {
  return createBlock(texts.flatMap(({ lines }) => lines));
}

function labelsOf(texts: readonly TextBlock[]): ElkLabel[] {
  const text = stacked(texts);
  return text.lines.length === 0 ? [] : [labelSize(text)];
}

function labelSize({ widthPx, heightPx }: TextBlock): ElkLabel {
  return {
    // ELK passes over a label without a text.
    text: 'label',
    layoutOptions: { 'elk.edgeLabels.inline': 'true' },
    width: Math.ceil(widthPx + 2 * LABEL_PADDING_PX),
    height: Math.ceil(heightPx + 2 * LABEL_PADDING_PX),
  };
}

function padding(topPx: number, othersPx: number): string {
  return `[top=${topPx},left=${othersPx},bottom=${othersPx},right=${othersPx}]`;
}

/** ELK turns a layout that goes down on its side, and elkjs 0.12 does not turn a container's minimum. */
function minimumSize(
  options: Readonly<Record<string, string>>,
  widthPx: number,
  heightPx: number,
): string {
  const isTurned = options['elk.direction'] === 'DOWN';
  return isTurned ? `(${heightPx}, ${widthPx})` : `(${widthPx}, ${heightPx})`;
}

/** The picture's layout; the same chart always gives the same one. */
export async function computeLayout(
  chart: Chart,
  overlay: Overlay,
  direction: Direction,
): Promise<Layout> {
  const parts = new Parts(chart, overlay);
  const graph = await (await openElk()).layout(parts.graph(direction));
  const states: PlacedState[] = [];
  const dots: PlacedDot[] = [];
  const place = (box: ElkNode, depth: number): void => {
    const state = parts.states.get(box.id);
    const text = parts.texts.get(box.id);
    if (state !== undefined && text !== undefined) {
      const inParallel = parts.states.get(state.parent ?? '')?.kind === 'parallel';
      const isRegion = inParallel && state.kind !== 'history';
      states.push({ ...rectangle(box), state, text, depth, isRegion });
    } else if (box.id !== 'picture') {
      const kind = box.id.startsWith('initial') ? 'initial' : 'whole';
      dots.push({ ...rectangle(box), kind, state: stateOfDot(box.id) ?? box.id });
    }
    for (const child of box.children ?? []) place(child, state === undefined ? depth : depth + 1);
  };
  place(graph, 0);
  const layout = { ...sizeOf(graph), states, dots, lines: placedLines(graph, parts) };
  return orderRegions(layout, parts.freeParallels(), (id, ancestor) =>
    parts.isWithin(id, ancestor),
  );
}

function placedLines(graph: ElkNode, parts: Parts): readonly PlacedLine[] {
  return parts.lines.map(({ transitions, to, texts }, index) => {
    const edge = graph.edges?.[index];
    const points = (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
      [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: round(x), y: round(y) })),
    );
    const [place] = edge?.labels ?? [];
    const label = place === undefined ? null : { ...rectangle(place), text: stacked(texts) };
    return { transitions, target: stateOfDot(to) ?? to, points, label };
  });
}

function rectangle(box: Partial<Rectangle>): Rectangle {
  const { x = 0, y = 0, width = 0, height = 0 } = box;
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

function sizeOf(box: ElkNode): { width: number; height: number } {
  return { width: Math.ceil(box.width ?? 0), height: Math.ceil(box.height ?? 0) };
}

/** Tenths of a pixel: the same on every machine, and short in the file. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Loaded when the first picture is drawn: the package works without it. */
async function openElk() {
  try {
    const { default: elk } = await import('elkjs/lib/elk.bundled.js');
    return new elk.default();
  } catch (cause) {
    const message =
      'Pictures are laid out by elkjs, which is not installed with this package: npm install elkjs.';
    throw new EngineError('BAD_OPTION', message, { cause });
  }
}
