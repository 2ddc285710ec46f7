// The small parts of an SVG: texts in their places, signs, pills, lines with round corners and tips.
// Strings only; every text is escaped here and nowhere else.

import { CHIP_PADDING_PX, FONTS, SIGN_PX, type Sign, type TextBlock } from './picture-text.ts';
import type { Point, Rectangle } from './places.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text for XML; characters that XML cannot hold become a replacement sign. */
export function escapeXml(text: string): string {
  return text
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}');
}

export function classes(...names: readonly (string | false | null)[]): string {
  return names.filter((name) => typeof name === 'string' && name !== '').join(' ');
}

/** A number as SVG likes it: short. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Signs in a square of 10 by 10. */
const SIGNS: Readonly<Record<Sign, string>> = {
  event: 'M1.5 5h6M5 2l3 3-3 3',
  clock: 'M5 .8a4.2 4.2 0 1 0 .01 0M5 2.6V5l1.8 1.2',
  check: 'M1.2 5.4l2.6 2.8 5-6',
  cross: 'M1.8 1.8l6.4 6.4M8.2 1.8l-6.4 6.4',
  always: 'M5.8 1L2.6 5.6h4.4L4.2 9.2',
  call: 'M2 1.5l6.2 3.5L2 8.5z',
  snapshot: 'M1 5s1.6-2.8 4-2.8S9 5 9 5 7.4 7.8 5 7.8 1 5 1 5z',
};

export function signPath(sign: Sign, x: number, y: number): string {
  return `<path class="sign ${sign}" transform="translate(${px(x)} ${px(y)})" d="${SIGNS[sign]}"/>`;
}

/** The lines of a block, from its upper left corner on; centred lines when a width is given. */
export function blockText(block: TextBlock, x: number, y: number, centredIn?: number): string {
  let top = y;
  const parts: string[] = [];
  for (const { style, text, sign, tone, widthPx } of block.lines) {
    const { sizePx, leadingPx } = FONTS[style];
    const left = centredIn === undefined ? x : x + (centredIn - widthPx) / 2;
    const base = top + leadingPx / 2 + sizePx * 0.36;
    const isPill = style === 'chip' || style === 'mark';
    if (isPill) parts.push(pill(left, top + (leadingPx - 16) / 2, widthPx, tone));
    if (sign !== null) parts.push(signPath(sign, left, top + leadingPx / 2 - 5));
    const indent = (sign === null ? 0 : SIGN_PX) + (isPill ? CHIP_PADDING_PX : 0);
    const length = widthPx - indent - (isPill ? CHIP_PADDING_PX : 0);
    parts.push(
      `<text class="${classes(style, tone)}" x="${px(left + indent)}" y="${px(base)}" ` +
        `font-size="${sizePx}" textLength="${px(length)}" lengthAdjust="spacingAndGlyphs">` +
        `${escapeXml(text)}</text>`,
    );
    top += leadingPx;
  }
  return parts.join('');
}

function pill(x: number, y: number, width: number, tone: string | null): string {
  return `<rect class="${classes('pill', tone)}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="16" rx="8"/>`;
}

export function rect(
  { x, y, width, height }: Rectangle,
  className: string,
  radius: number,
): string {
  return `<rect class="${className}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" rx="${radius}"/>`;
}

const CORNER_PX = 7;
const TIP_PX = 8;

/** A line along points, with round corners and a tip at its end. */
export function arrow(points: readonly Point[]): string {
  const end = points.at(-1);
  const before = points.at(-2);
  if (end === undefined || before === undefined) return '';
  const [dx, dy] = directionOf(before, end);
  const neck = { x: end.x - dx * (TIP_PX - 1), y: end.y - dy * (TIP_PX - 1) };
  const wing = TIP_PX * 0.45;
  const back = { x: end.x - dx * TIP_PX, y: end.y - dy * TIP_PX };
  return (
    `<path class="line" d="${roundPath([...points.slice(0, -1), neck])}"/>` +
    `<path class="tip" d="M${at(end)}L${at({ x: back.x - dy * wing, y: back.y + dx * wing })}` +
    `L${at({ x: back.x + dy * wing, y: back.y - dx * wing })}z"/>`
  );
}

function roundPath(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (before === undefined) return `M${at(point)}`;
      if (after === undefined) return `L${at(point)}`;
      const radius = Math.min(CORNER_PX, distance(before, point) / 2, distance(point, after) / 2);
      return `L${at(toward(point, before, radius))}Q${at(point)} ${at(toward(point, after, radius))}`;
    })
    .join('');
}

function at({ x, y }: Point): string {
  return `${px(x)} ${px(y)}`;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

function directionOf(from: Point, to: Point): readonly [dx: number, dy: number] {
  const length = distance(from, to) || 1;
  return [(to.x - from.x) / length, (to.y - from.y) / length];
}

function toward(from: Point, to: Point, length: number): Point {
  const [dx, dy] = directionOf(from, to);
  return { x: from.x + dx * length, y: from.y + dy * length };
}
