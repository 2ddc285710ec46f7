// The colours and fonts of a picture as CSS inside of it: variables for light and for dark, chosen by
// the reader's scheme unless one is asked for. Colours never tell anything alone: signs, line styles
// and words say the same.

import type { Direction } from './places.ts';

/** `auto` follows the reader's scheme. */
export type Scheme = 'auto' | 'light' | 'dark';

type Palette = Readonly<Record<string, string>>;

const LIGHT: Palette = {
  canvas: '#ffffff',
  ink: '#1b2330',
  muted: '#586374',
  line: '#7b8798',
  box: '#ffffff',
  frame: '#b4becb',
  inner: '#f4f6f9',
  outer: '#fafbfc',
  done: '#17774a',
  error: '#c42b3a',
  timer: '#935f00',
  undo: '#7436bd',
  'undo-box': '#f7f1fe',
  step: '#29588f',
  'step-box': '#e9f1fb',
  pivot: '#0a6a78',
  'pivot-box': '#dff4f6',
  completed: '#17774a',
  'completed-box': '#e5f6ec',
  resolved: '#8a5a00',
  'resolved-box': '#fdf2da',
  active: '#1463d8',
  'active-box': '#e3eeff',
};

const DARK: Palette = {
  canvas: '#10151c',
  ink: '#e8edf4',
  muted: '#a3afbf',
  line: '#8592a4',
  box: '#1d2530',
  frame: '#465365',
  inner: '#171e27',
  outer: '#131921',
  done: '#63cf98',
  error: '#ff8087',
  timer: '#e6b54a',
  undo: '#c9a1fa',
  'undo-box': '#2a2139',
  step: '#8fbcf2',
  'step-box': '#1b2d44',
  pivot: '#62cfdd',
  'pivot-box': '#123339',
  completed: '#63cf98',
  'completed-box': '#16321f',
  resolved: '#e6b54a',
  'resolved-box': '#352a10',
  active: '#6aa8ff',
  'active-box': '#182f52',
};

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
}

const FAMILY = "Helvetica,Arial,'Liberation Sans','Nimbus Sans',sans-serif";

/** Rules for the classes that svg.ts writes. `scope` keeps them to one picture of a page. */
const RULES: readonly (readonly [selector: string, rules: string])[] = [
  ['text', `font-family:${FAMILY};fill:var(--ink)`],
  ['.canvas', 'fill:var(--canvas)'],
  ['.box', 'fill:var(--box);stroke:var(--frame);stroke-width:1.3'],
  ['.container', 'fill:var(--outer)'],
  ['.container.odd', 'fill:var(--inner)'],
  ['.region', 'stroke-dasharray:6 4'],
  ['.rule', 'stroke:var(--frame);stroke-width:1'],
  ['.second', 'fill:none'],
  ['.undo>.box', 'stroke:var(--undo)'],
  ['.undo.leaf>.box', 'fill:var(--undo-box)'],
  ['.nothing>.box', 'fill:none;stroke-dasharray:3 4'],
  ['.step.leaf>.box', 'stroke:var(--step)'],
  ['.pivot>.box', 'stroke:var(--pivot);stroke-width:2.2'],
  ['.pivot.leaf>.box', 'fill:var(--pivot-box)'],
  ['.completed>.box', 'stroke:var(--completed);fill:var(--completed-box)'],
  ['.compensated>.box', 'stroke:var(--undo);fill:var(--undo-box)'],
  ['.resolved>.box', 'stroke:var(--resolved);fill:var(--resolved-box)'],
  ['.active>.box', 'stroke:var(--active);stroke-width:2.6'],
  ['.active.leaf>.box', 'fill:var(--active-box)'],
  ['.unseen', 'opacity:.42'],
  ['.name', 'font-weight:700'],
  ['.event', 'font-weight:700'],
  ['.guard,.action,.detail,.note', 'fill:var(--muted)'],
  ['.guard', 'fill:var(--ink)'],
  ['.note', 'font-style:italic'],
  ['.chip,.mark', 'font-weight:700'],
  ['.pill', 'fill:var(--inner);stroke:var(--frame)'],
  ['.pill.step', 'fill:var(--step-box);stroke:var(--step)'],
  ['.pill.pivot', 'fill:var(--pivot-box);stroke:var(--pivot)'],
  ['.pill.undo,.pill.compensated', 'fill:var(--undo-box);stroke:var(--undo)'],
  ['.pill.completed', 'fill:var(--completed-box);stroke:var(--completed)'],
  ['.pill.resolved', 'fill:var(--resolved-box);stroke:var(--resolved)'],
  ['.pill.good', 'fill:var(--completed-box);stroke:var(--done)'],
  ['.pill.warning', 'fill:var(--resolved-box);stroke:var(--timer)'],
  ['.pill.bad', 'fill:var(--box);stroke:var(--error)'],
  ['text.step', 'fill:var(--step)'],
  ['text.pivot', 'fill:var(--pivot)'],
  ['text.undo,text.compensated', 'fill:var(--undo)'],
  ['text.completed,text.good', 'fill:var(--done)'],
  ['text.resolved,text.warning,text.after', 'fill:var(--timer)'],
  ['text.bad,text.error', 'fill:var(--error)'],
  ['text.done', 'fill:var(--done)'],
  ['.line', 'fill:none;stroke:var(--line);stroke-width:1.5;stroke-linejoin:round'],
  ['.tip', 'fill:var(--line)'],
  [
    '.k-always .line,.k-default .line',
    'stroke-dasharray:1.5 4;stroke-linecap:round;stroke-width:1.8',
  ],
  ['.k-after .line', 'stroke:var(--timer);stroke-dasharray:9 3 2 3'],
  ['.k-after .tip', 'fill:var(--timer)'],
  ['.k-done .line', 'stroke:var(--done)'],
  ['.k-done .tip', 'fill:var(--done)'],
  ['.k-error .line', 'stroke:var(--error);stroke-dasharray:5 4'],
  ['.k-error .tip', 'fill:var(--error)'],
  ['.back .line', 'stroke:var(--undo)'],
  ['.back .tip', 'fill:var(--undo)'],
  ['.taken .line', 'stroke-width:3.2'],
  ['.label', 'fill:var(--box)'],
  ['.sign', 'fill:none;stroke:var(--muted);stroke-width:1.5;stroke-linecap:round'],
  ['.sign.done,.sign.check', 'stroke:var(--done)'],
  ['.sign.error,.sign.cross', 'stroke:var(--error)'],
  ['.sign.clock', 'stroke:var(--timer)'],
  ['.dot', 'fill:var(--ink)'],
  ['.ring', 'fill:var(--canvas);stroke:var(--line);stroke-width:1.5'],
];

/** The style element's text for the picture with that id. */
export function pictureStyle(id: string, scheme: Scheme): string {
  const scope = `#${id}`;
  const colours =
    scheme === 'auto'
      ? `${scope}{${variables(LIGHT)}}@media(prefers-color-scheme:dark){${scope}{${variables(DARK)}}}`
      : `${scope}{${variables(scheme === 'dark' ? DARK : LIGHT)}}`;
  const rules = RULES.map(([selectors, declarations]) => {
    const scoped = selectors.split(',').map((selector) => `${scope} ${selector}`);
    return `${scoped.join(',')}{${declarations}}`;
  });
  return [colours, ...rules].join('\n');
}

/** Options of every picture. */
export interface PictureOptions {
  /** Shown above the picture and read out as its title. Default: the chart's id. */
  readonly title?: string;
  /** Default `auto`: the reader's. */
  readonly scheme?: Scheme;
  /** Which way the states follow each other. Default `auto`: the one nearer to a page's shape. */
  readonly direction?: Direction | 'auto';
}
