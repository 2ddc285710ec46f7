// A chart as a picture that needs nothing else: one SVG text with its own styles, no script, no font.
// Takes the places from the layout and draws them; decides nothing about where things stand.

import type { Chart, ChartState } from './chart.ts';
import { isWithin, type States } from './chart-paths.ts';
import { BOX_PADDING_PX, computeLayout } from './layout.ts';
import { createLegend } from './legend.ts';
import { activeIds, type Overlay } from './overlay.ts';
import { FONTS } from './picture-text.ts';
import type { Direction, Layout, PlacedDot, PlacedLine, PlacedState } from './places.ts';
import { arrow, blockText, classes, escapeXml, px, rect } from './svg-marks.ts';
import { type PictureOptions, pictureStyle } from './svg-style.ts';

export interface SvgOptions extends PictureOptions {
  /** What is laid over the chart: where an actor is, counts, durations. */
  readonly overlay?: Overlay;
  /** Whether the signs are explained below the picture. Default true. */
  readonly legend?: boolean;
  /**
   * Whether a page can mark the parts: each state carries its id as `data-state` (its words as
   * `data-words`), each line and its label the ids of their transitions, a JSON array, as
   * `data-transitions`. Default false.
   */
  readonly named?: boolean;
}

const MARGIN_PX = 16;
const TITLE_PX = 30;

/**
 * The chart as one self-contained SVG, light or dark as its reader's page. The same chart and options
 * always give the same text.
 * @throws EngineError `BAD_OPTION` when the optional package elkjs is not installed
 */
export async function toSvg(chart: Chart, options: SvgOptions = {}): Promise<string> {
  const { overlay = {}, direction = 'auto', legend = true, named = false } = options;
  const layout = await chooseLayout(chart, overlay, direction);
  const body = new Body(chart, overlay, named).draw(layout);
  const signs = legend ? createLegend(chart, layout.width - 2 * MARGIN_PX) : null;
  return frame(chart, options, {
    width: Math.max(layout.width, (signs?.width ?? 0) + 2 * MARGIN_PX),
    height: layout.height + (signs === null ? 0 : signs.height + 4),
    body: signs === null ? body : body + signs.draw(MARGIN_PX, layout.height),
    description: describe(chart, overlay),
  });
}

/** Of two pictures the one that is shown larger on a page, which is rather scrolled than made small. */
async function chooseLayout(
  chart: Chart,
  overlay: Overlay,
  direction: Direction | 'auto',
): Promise<Layout> {
  if (direction !== 'auto') return computeLayout(chart, overlay, direction);
  const down = await computeLayout(chart, overlay, 'down');
  const right = await computeLayout(chart, overlay, 'right');
  return pageShare(right) < pageShare(down) ? right : down;
}

const PAGE = { width: 1000, height: 1300 };

function pageShare({ width, height }: Layout): number {
  return Math.max(width / PAGE.width, height / PAGE.height);
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly body: string;
  readonly description: string;
}

/** The outer element of any picture here: title, description, styles, ground. */
export function frame(chart: Chart, options: PictureOptions, picture: Picture): string {
  const { title, scheme = 'auto' } = options;
  const id = `chart-${slug(chart.id)}`;
  const top = title === undefined ? 0 : TITLE_PX;
  const width = Math.ceil(picture.width);
  const height = Math.ceil(picture.height + top);
  const heading =
    title === undefined
      ? ''
      : `<text class="name" x="${MARGIN_PX}" y="${TITLE_PX - 5}" font-size="17">${escapeXml(title)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" id="${id}" role="img" ` +
    `aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${width} ${height}" ` +
    `width="${width}" height="${height}">\n` +
    `<title id="${id}-title">${escapeXml(title ?? `Statechart ${chart.id}`)}</title>\n` +
    `<desc id="${id}-desc">${escapeXml(picture.description)}</desc>\n` +
    `<style>\n${pictureStyle(id, scheme)}\n</style>\n` +
    `<rect class="canvas" width="${width}" height="${height}" rx="10"/>\n` +
    `${heading}<g transform="translate(0 ${top})">\n${picture.body}</g>\n</svg>\n`
  );
}

function slug(text: string): string {
  return text.replace(/[^\w-]+/g, '-');
}

function describe(chart: Chart, overlay: Overlay): string {
  const real = chart.states.filter(({ kind }) => kind !== 'history');
  const said = chart.description === null ? '' : ` ${chart.description}`;
  const active = [...activeIds(chart, overlay)].filter((id) => id !== chart.id);
  return (
    `Statechart of ${chart.id} with ${real.length - 1} states (${names(real.slice(1))}) and ` +
    `${chart.transitions.length} transitions.${said}` +
    (active.length === 0 ? '' : ` Active: ${active.join(', ')}.`)
  );
}

const NAMES_MAX = 30;

function names(states: readonly ChartState[]): string {
  const more = states.length > NAMES_MAX ? ', …' : '';
  return (
    states
      .slice(0, NAMES_MAX)
      .map(({ key }) => key)
      .join(', ') + more
  );
}

class Body {
  readonly #states: States;
  readonly #overlay: Overlay;
  readonly #active: ReadonlySet<string>;
  readonly #undoing: ReadonlySet<string>;
  readonly #named: boolean;

  constructor(chart: Chart, overlay: Overlay, named: boolean) {
    this.#named = named;
    this.#states = new Map(chart.states.map((state) => [state.id, state]));
    this.#overlay = overlay;
    this.#active = activeIds(chart, overlay);
    this.#undoing = new Set(chart.states.filter((each) => each.isUndoing).map(({ id }) => id));
  }

  /** Boxes below lines below labels: a line may cross a frame, but never a text. */
  draw({ states, dots, lines }: Layout): string {
    return [
      ...states.map((placed) => this.#state(placed)),
      ...dots.map((dot) => this.#dot(dot)),
      ...lines.map((line) => this.#line(line)),
      ...states.map((placed) => this.#stateText(placed)),
      ...lines.map((line) => this.#label(line)),
    ]
      .filter((text) => text !== '')
      .map((text) => `${text}\n`)
      .join('');
  }

  #state(placed: PlacedState): string {
    const { state, depth, isRegion } = placed;
    const isLeaf = state.children.length === 0;
    const shape = classes(
      'box',
      !isLeaf && 'container',
      depth % 2 === 1 && 'odd',
      isRegion && 'region',
    );
    const radius = state.kind === 'history' ? placed.height / 2 : isLeaf ? 8 : 11;
    const second = { x: placed.x + 3.5, y: placed.y + 3.5, width: placed.width - 7 };
    const double =
      state.kind === 'final'
        ? rect({ ...second, height: placed.height - 7 }, 'box second', radius - 3)
        : '';
    const name = this.#named ? ` data-state="${escapeXml(state.id)}"` : '';
    return `<g class="${this.#stateClass(state, isLeaf)}"${name}>${rect(placed, shape, radius)}${double}</g>`;
  }

  #stateClass(state: ChartState, isLeaf: boolean): string {
    const { saga, isUndoing, id } = state;
    const end = saga !== null && 'end' in saga ? saga.end : null;
    const role = saga !== null && 'role' in saga ? saga.role : null;
    return classes(
      'state',
      isLeaf && 'leaf',
      end,
      end === null && isUndoing && 'undo',
      role === 'run' && 'step',
      role === 'pivot' && 'pivot',
      // The outermost frame always is, and would say nothing.
      this.#active.has(id) && state.parent !== null && 'active',
      this.#isUnseen(id) && 'unseen',
    );
  }

  #isUnseen(id: string): boolean {
    const { visited } = this.#overlay;
    if (visited === undefined || this.#active.has(id)) return false;
    return !visited.some((seen) => seen === id || isWithin(this.#states, seen, id));
  }

  #stateText(placed: PlacedState): string {
    const { state, text, x, y, width } = placed;
    const name = this.#named ? ` data-words="${escapeXml(state.id)}"` : '';
    const faded = `${this.#isUnseen(state.id) ? ' class="unseen"' : ''}${name}`;
    if (state.kind === 'history') {
      const sign = state.history === 'deep' ? 'H*' : 'H';
      const base = y + placed.height / 2 + FONTS.name.sizePx * 0.36;
      return (
        `<g${faded}><text class="name" x="${px(x + width / 2)}" y="${px(base)}" ` +
        `font-size="${FONTS.name.sizePx}" text-anchor="middle">${sign}</text></g>`
      );
    }
    const top = y + BOX_PADDING_PX - 3;
    const isPlain =
      state.children.length === 0 && text.lines.every(({ style }) => style === 'name');
    const words = isPlain
      ? blockText(text, x, top, width)
      : blockText(text, x + BOX_PADDING_PX, top);
    const base = px(y + text.heightPx + 2 * BOX_PADDING_PX - 4);
    const rule =
      state.children.length === 0
        ? ''
        : `<path class="rule" d="M${px(x)} ${base}H${px(x + width)}"/>`;
    return `<g${faded}>${rule}${words}</g>`;
  }

  #dot({ kind, state, x, y, width }: PlacedDot): string {
    const radius = width / 2;
    const said = kind === 'initial' ? 'first state' : `from anywhere in ${state}`;
    return (
      `<circle class="${kind === 'initial' ? 'dot' : 'ring'}" cx="${px(x + radius)}" ` +
      `cy="${px(y + radius)}" r="${px(radius - 0.5)}"><title>${escapeXml(said)}</title></circle>`
    );
  }

  #lineClass({ transitions, target }: PlacedLine): string {
    const [first] = transitions;
    if (first === undefined) return 'k-initial';
    const { taken = [], visited } = this.#overlay;
    const isTaken = transitions.some(({ id }) => taken.includes(id));
    const isUnseen = visited !== undefined && this.#isUnseen(first.source) && !isTaken;
    const isBack = this.#undoing.has(target) || first.targets.some((id) => this.#undoing.has(id));
    return classes(
      `k-${first.label.kind}`,
      isBack && 'back',
      isTaken && 'taken',
      isUnseen && 'unseen',
    );
  }

  #lineIds({ transitions }: PlacedLine): string {
    if (!this.#named || transitions.length === 0) return '';
    const ids = JSON.stringify(transitions.map(({ id }) => id));
    return ` data-transitions="${escapeXml(ids)}"`;
  }

  #line(line: PlacedLine): string {
    const ids = this.#lineIds(line);
    return `<g class="${this.#lineClass(line)}"${ids}>${arrow(line.points)}</g>`;
  }

  #label(line: PlacedLine): string {
    if (line.label === null) return '';
    const { text, x, y, width, height } = line.label;
    const ground = rect(line.label, 'label', 4);
    const words = blockText(text, x, y + (height - text.heightPx) / 2, width);
    // Its ground stays whole where the words step back: else the line would run through them.
    return `${ground}<g class="${this.#lineClass(line)}"${this.#lineIds(line)}>${words}</g>`;
  }
}
