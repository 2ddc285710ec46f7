// What a picture says in its boxes and beside its lines, as blocks of measured text lines. Knows neither
// where a block will stand nor how it is drawn.

import type { ChartState, ChartTransition } from './chart.ts';
import type { Annotation, Overlay } from './overlay.ts';
import { textWidth, wrapText } from './text-width.ts';

/** A small drawn sign before a line: it tells kinds apart without colour. */
export type Sign = 'event' | 'clock' | 'check' | 'cross' | 'always' | 'call' | 'snapshot';

export type LineStyle = 'name' | 'chip' | 'event' | 'guard' | 'action' | 'detail' | 'note' | 'mark';

export interface TextLine {
  readonly style: LineStyle;
  readonly text: string;
  readonly sign: Sign | null;
  /** Colour by meaning, where the line has one of its own. */
  readonly tone: string | null;
  readonly widthPx: number;
}

/** Lines one below the other. */
export interface TextBlock {
  readonly lines: readonly TextLine[];
  readonly widthPx: number;
  readonly heightPx: number;
}

interface Font {
  readonly sizePx: number;
  readonly isBold: boolean;
  readonly leadingPx: number;
}

/** How each kind of line is set, for measuring and drawing alike. */
export const FONTS: Readonly<Record<LineStyle, Font>> = {
  name: { sizePx: 13, isBold: true, leadingPx: 18 },
  chip: { sizePx: 10, isBold: true, leadingPx: 19 },
  event: { sizePx: 11.5, isBold: true, leadingPx: 15 },
  guard: { sizePx: 11, isBold: false, leadingPx: 14 },
  action: { sizePx: 10.5, isBold: false, leadingPx: 14 },
  detail: { sizePx: 10.5, isBold: false, leadingPx: 15 },
  note: { sizePx: 10.5, isBold: false, leadingPx: 14 },
  mark: { sizePx: 10, isBold: true, leadingPx: 18 },
};

/** Room that a sign takes before its line. */
export const SIGN_PX = 15;
/** Room at both ends of a chip's text. */
export const CHIP_PADDING_PX = 7;
const LABEL_MAX_PX = 190;
const DETAIL_MAX_PX = 230;

interface LineOptions {
  readonly sign?: Sign;
  readonly tone?: string;
}

export function createLine(
  style: LineStyle,
  text: string,
  { sign, tone }: LineOptions = {},
): TextLine {
  const { sizePx, isBold } = FONTS[style];
  const isPill = style === 'chip' || style === 'mark';
  const around = (sign === undefined ? 0 : SIGN_PX) + (isPill ? 2 * CHIP_PADDING_PX : 0);
  return {
    style,
    text,
    sign: sign ?? null,
    tone: tone ?? null,
    widthPx: textWidth(text, sizePx, isBold) + around,
  };
}

export function createBlock(lines: readonly TextLine[]): TextBlock {
  return {
    lines,
    widthPx: Math.max(0, ...lines.map(({ widthPx }) => widthPx)),
    heightPx: lines.reduce((sum, { style }) => sum + FONTS[style].leadingPx, 0),
  };
}

function wrapped(
  style: LineStyle,
  text: string,
  maxPx: number,
  options: LineOptions = {},
): readonly TextLine[] {
  const { sizePx, isBold } = FONTS[style];
  // Names made of words are broken where a reader would break them too.
  return wrapText(text, maxPx, sizePx, isBold).map((line, index) =>
    createLine(style, line, index === 0 ? options : {}),
  );
}

/** What a state is for its saga, as a short text and a colour; null: nothing that its place says not. */
function chipOf(state: ChartState, parent: ChartState | null): TextLine | null {
  const { saga, isUndoing, kind, key } = state;
  if (saga === null) {
    const says = isUndoing && parent?.isUndoing !== true && kind !== 'history' && kind !== 'final';
    return says ? createLine('chip', 'turning back', { tone: 'undo' }) : null;
  }
  if ('end' in saga) {
    return saga.end === key ? null : createLine('chip', saga.end, { tone: saga.end });
  }
  const { step, role } = saga;
  if (role === 'compensate') return createLine('chip', `undo ${step}`, { tone: 'undo' });
  if (role === 'pivot') return createLine('chip', `pivot ${step}`, { tone: 'pivot' });
  return createLine('chip', `step ${step}`, { tone: 'step' });
}

/** The text inside of a state's box. `own`: transitions that lead nowhere else. */
export function stateBlock(
  state: ChartState,
  parent: ChartState | null,
  own: readonly ChartTransition[],
  overlay: Overlay,
): TextBlock {
  const chip = chipOf(state, parent);
  const { description, entry, exit, invokes, tags, id } = state;
  return createBlock([
    createLine('name', state.key),
    ...(chip === null ? [] : [chip]),
    ...(description === null ? [] : wrapped('note', description, DETAIL_MAX_PX)),
    ...entry.flatMap((name) => wrapped('detail', `entry / ${shortened(name)}`, DETAIL_MAX_PX)),
    ...exit.flatMap((name) => wrapped('detail', `exit / ${shortened(name)}`, DETAIL_MAX_PX)),
    ...invokes.map(({ src, kind }) => createLine('detail', callText(src, kind), { sign: 'call' })),
    ...own.flatMap((transition) => ownLines(transition, state, overlay)),
    ...tags.map((tag) => createLine('detail', `#${tag}`)),
    ...annotated(overlay.states?.[id]),
  ]);
}

function callText(src: string, kind: ChartState['invokes'][number]['kind']): string {
  return kind === 'machine' ? `runs ${src}` : kind === 'ask' ? `asks by ${src}` : `calls ${src}`;
}

const ACTION_CHARACTERS_MAX = 36;

/** Without its params when these would be most of the picture. */
function shortened(action: string): string {
  if (action.length <= ACTION_CHARACTERS_MAX) return action;
  return action.replace(/\([\s\S]*\)$/, '(…)');
}

/** A transition that stays in its state, on as few lines as it fits. */
function ownLines(
  transition: ChartTransition,
  state: ChartState,
  overlay: Overlay,
): readonly TextLine[] {
  const { guard, actions, targets, scope, id } = transition;
  const returns = targets.length === 0 ? '' : scope === 'reenter' ? ' ↻ again' : ' ↻';
  const condition = guard === null ? '' : ` [${guard}]`;
  const effects = actions.length === 0 ? '' : ` / ${actions.map(shortened).join(', ')}`;
  const nothing = targets.length === 0 && actions.length === 0 ? ' / nothing' : '';
  const text = `${triggerText(transition, state)}${returns}${condition}${effects}${nothing}`;
  return [
    ...wrapped('detail', text, DETAIL_MAX_PX, { sign: signOf(transition) }),
    ...annotated(overlay.transitions?.[id]),
  ];
}

/** The text beside a transition's line. */
export function transitionBlock(
  transition: ChartTransition,
  source: ChartState,
  overlay: Overlay,
): TextBlock {
  const { guard, actions, id, label } = transition;
  const trigger = triggerText(transition, source);
  const tone = label.kind;
  return createBlock([
    ...(trigger === '' ? [] : [createLine('event', trigger, { sign: signOf(transition), tone })]),
    ...(guard === null ? [] : wrapped('guard', `[${guard}]`, LABEL_MAX_PX)),
    ...(actions.length === 0
      ? []
      : wrapped('action', `/ ${actions.map(shortened).join(', ')}`, LABEL_MAX_PX)),
    ...annotated(overlay.transitions?.[id]),
  ]);
}

const BUNDLE_MAX_PX = 300;

/** The text of transitions for one event that lead into one state by different guards. */
export function bundleBlock(
  bundle: readonly { readonly transition: ChartTransition; readonly target: string }[],
  source: ChartState,
  overlay: Overlay,
): TextBlock {
  const [first] = bundle;
  if (first === undefined) return createBlock([]);
  const { transition } = first;
  const trigger = triggerText(transition, source);
  const effects = bundle.flatMap((each) => each.transition.actions.map(shortened));
  return createBlock([
    createLine('event', trigger, { sign: signOf(transition), tone: transition.label.kind }),
    ...bundle.flatMap(({ transition: { guard, id }, target }) => [
      ...wrapped('guard', `${guard === null ? '' : `[${guard}] `}to ${target}`, BUNDLE_MAX_PX),
      ...annotated(overlay.transitions?.[id]),
    ]),
    ...(effects.length === 0
      ? []
      : wrapped('action', `/ ${[...new Set(effects)].join(', ')}`, BUNDLE_MAX_PX)),
  ]);
}

/** The line of a short text that is laid over the chart. */
export function annotated(annotation: Annotation | undefined): readonly TextLine[] {
  if (annotation === undefined) return [];
  return [createLine('mark', annotation.text, { tone: annotation.tone ?? 'plain' })];
}

/** What starts a transition, in words; nothing for one that is taken by itself under a guard. */
export function triggerText({ label, guard, id }: ChartTransition, source: ChartState): string {
  switch (label.kind) {
    case 'event':
      return label.name === '*' ? 'any other event' : label.name;
    case 'after':
      return `after ${label.delay}`;
    case 'always':
      return guard === null && !id.endsWith('|0') ? 'otherwise' : '';
    case 'done':
    case 'error':
    case 'snapshot':
      return label.of === null ? label.kind : `${label.kind}${ofInvoke(label.of, source)}`;
    case 'default':
      return '';
  }
}

/** Which one, where a state has several. */
function ofInvoke(id: string, { invokes }: ChartState): string {
  if (invokes.length < 2) return '';
  const src = invokes.find((invoke) => invoke.id === id)?.src ?? id;
  const isAlone = invokes.filter((invoke) => invoke.src === src).length === 1;
  return ` ${isAlone ? src : id}`;
}

const SIGNS: Readonly<Record<ChartTransition['label']['kind'], Sign>> = {
  event: 'event',
  after: 'clock',
  always: 'always',
  done: 'check',
  error: 'cross',
  snapshot: 'snapshot',
  default: 'always',
};

function signOf({ label }: ChartTransition): Sign {
  return SIGNS[label.kind];
}
