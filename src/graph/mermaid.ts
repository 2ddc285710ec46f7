// A chart as Mermaid text (stateDiagram-v2), for Markdown that draws it. Mermaid has no sign for history
// and lays out lines between states of two compound ones badly; the SVG is the better picture.

import type { Chart, ChartState, ChartTransition } from './chart.ts';
import { sagaClass, stateLines, transitionText } from './chart-text.ts';
import { activeIds, type Overlay } from './overlay.ts';

const CLASSES: Readonly<Record<string, string>> = {
  undo: 'fill:#f7f1fe,stroke:#7436bd,color:#1b2330',
  pivot: 'fill:#dff4f6,stroke:#0a6a78,stroke-width:3px,color:#1b2330',
  completed: 'fill:#e5f6ec,stroke:#17774a,color:#1b2330',
  compensated: 'fill:#f7f1fe,stroke:#7436bd,color:#1b2330',
  resolved: 'fill:#fdf2da,stroke:#8a5a00,color:#1b2330',
  active: 'fill:#e3eeff,stroke:#1463d8,stroke-width:3px,color:#1b2330',
};

/**
 * The chart as the text of a Mermaid diagram, without a fence around it. Of an overlay it shows the
 * active states that hold no others, and the short texts.
 */
export function toMermaid(chart: Chart, overlay: Overlay = {}): string {
  const text = new MermaidText(chart, overlay);
  return `${text.lines().join('\n')}\n`;
}

class MermaidText {
  readonly #chart: Chart;
  readonly #overlay: Overlay;
  readonly #states: ReadonlyMap<string, ChartState>;
  /** Names that Mermaid takes, by id. */
  readonly #names: ReadonlyMap<string, string>;

  constructor(chart: Chart, overlay: Overlay) {
    this.#chart = chart;
    this.#overlay = overlay;
    this.#states = new Map(chart.states.map((state) => [state.id, state]));
    this.#names = new Map(
      chart.states.map(({ id }, index) => [id, `s${index}_${id.replace(/\W+/g, '_')}`]),
    );
  }

  lines(): readonly string[] {
    const { states, id } = this.#chart;
    const [root] = states;
    const active = activeIds(this.#chart, this.#overlay);
    const classOf = (state: ChartState): string | null =>
      active.has(state.id) && state.children.length === 0 ? 'active' : sagaClass(state);
    const used = [...new Set(states.flatMap((state) => classOf(state) ?? []))];
    return [
      'stateDiagram-v2',
      `%% ${id.replace(/\s+/g, ' ')}`,
      ...(root === undefined ? [] : this.#state(root, '  ')),
      ...used.map((name) => `  classDef ${name} ${CLASSES[name]}`),
      ...states.flatMap((state) => {
        const name = classOf(state);
        return name === null ? [] : [`  class ${this.#name(state.id)} ${name}`];
      }),
    ];
  }

  #name(id: string): string {
    return this.#names.get(id) ?? 'unknown';
  }

  #state(state: ChartState, indent: string): readonly string[] {
    const name = this.#name(state.id);
    const title = `state "${quoted(titleOf(state))}" as ${name}`;
    const notes = [...stateLines(state, this.#overlay), ...this.#own(state)].map(escaped);
    if (state.children.length === 0) {
      return [
        `${indent}${title}`,
        ...notes.map((note) => `${indent}${name} : ${note}`),
        ...(state.kind === 'final' ? [`${indent}${name} --> [*]`] : []),
      ];
    }
    const inner = `${indent}  `;
    return [
      `${indent}${title} {`,
      ...this.#inside(state, inner),
      ...this.#between(state.id).map((line) => `${inner}${line}`),
      `${indent}}`,
      ...notes.map((note) => `${indent}note right of ${name} : ${note}`),
    ];
  }

  #inside(state: ChartState, indent: string): readonly string[] {
    const children = state.children.flatMap((id) => this.#states.get(id) ?? []);
    if (state.kind !== 'parallel') {
      const first = state.initial === null ? [] : [`${indent}[*] --> ${this.#name(state.initial)}`];
      return [...first, ...children.flatMap((child) => this.#state(child, indent))];
    }
    return children.flatMap((child, index) => [
      ...(index === 0 ? [] : [`${indent}--`]),
      ...this.#state(child, indent),
    ]);
  }

  #own({ id }: ChartState): readonly string[] {
    return this.#chart.transitions
      .filter(({ source, targets }) => source === id && targets.length === 0)
      .map((transition) => this.#text(transition));
  }

  #text(transition: ChartTransition): string {
    const source = this.#states.get(transition.source);
    return source === undefined ? '' : transitionText(transition, source, this.#overlay);
  }

  /** The transitions between states of which this one is the innermost that holds both. */
  #between(holder: string): readonly string[] {
    return this.#chart.transitions.flatMap((transition) =>
      transition.targets
        .filter((target) => this.#holderOf(transition.source, target) === holder)
        .map((target) => {
          const text = escaped(this.#text(transition));
          const arrow = `${this.#name(transition.source)} --> ${this.#name(target)}`;
          return text === '' ? arrow : `${arrow} : ${text}`;
        }),
    );
  }

  #holderOf(source: string, target: string): string | null {
    const outer = new Set(this.#above(source));
    const holder = this.#above(target).find((id) => outer.has(id));
    // Of the root nothing lies outside; its own transitions are written into it.
    return holder ?? this.#chart.states[0]?.id ?? null;
  }

  #above(id: string): readonly string[] {
    const parent = this.#states.get(id)?.parent ?? null;
    return parent === null ? [] : [parent, ...this.#above(parent)];
  }
}

function titleOf({ kind, key, history, saga }: ChartState): string {
  if (kind === 'history') return history === 'deep' ? 'H*' : 'H';
  if (saga === null || 'end' in saga) return key;
  const does = saga.role === 'compensate' ? 'undo' : saga.role === 'pivot' ? 'pivot' : 'step';
  return `${key} (${does} ${saga.step})`;
}

/** What ends a text for Mermaid's lexer, as its codes. */
function escaped(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[#:;"<>{}]/g, (character) => `#${character.charCodeAt(0)};`);
}

function quoted(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/["#;]/g, (each) => `#${each.charCodeAt(0)};`);
}
