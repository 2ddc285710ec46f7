// The row below a picture that explains its signs: only those that the picture has. Draws, and is as wide
// as it is given room.

import type { Chart } from './chart.ts';
import { SIGN_PX, type Sign } from './picture-text.ts';
import { escapeXml, px, signPath } from './svg-marks.ts';
import { textWidth } from './text-width.ts';

export interface Legend {
  readonly width: number;
  readonly height: number;
  readonly draw: (x: number, y: number) => string;
}

interface Entry {
  readonly text: string;
  /** Class of the sample line. */
  readonly line: string;
  readonly sign: Sign | null;
}

const SIZE_PX = 10.5;
const SAMPLE_PX = 26;
const GAP_PX = 18;
const ROW_PX = 20;

export function createLegend(chart: Chart, maxPx: number): Legend | null {
  const entries = entriesOf(chart);
  if (entries.length === 0) return null;
  const placed: { readonly entry: Entry; readonly x: number; readonly row: number }[] = [];
  let x = 0;
  let row = 0;
  let widest = 0;
  for (const entry of entries) {
    const width = entryWidth(entry);
    if (x > 0 && x + width > maxPx) {
      x = 0;
      row += 1;
    }
    placed.push({ entry, x, row });
    widest = Math.max(widest, x + width);
    x += width + GAP_PX;
  }
  return {
    width: widest,
    height: (row + 1) * ROW_PX + 8,
    draw: (left, top) =>
      `<g>${placed.map((each) => drawEntry(each.entry, left + each.x, top + each.row * ROW_PX)).join('')}</g>\n`,
  };
}

function entriesOf({ transitions, states }: Chart): readonly Entry[] {
  const kinds = new Set(transitions.map(({ label }) => label.kind));
  const entries: readonly (Entry & { readonly isShown: boolean })[] = [
    { isShown: kinds.has('event'), line: 'k-event', sign: 'event', text: 'event' },
    { isShown: kinds.has('done'), line: 'k-done', sign: 'check', text: 'call or states done' },
    { isShown: kinds.has('error'), line: 'k-error', sign: 'cross', text: 'call failed' },
    { isShown: kinds.has('after'), line: 'k-after', sign: 'clock', text: 'time passed' },
    { isShown: kinds.has('always'), line: 'k-always', sign: null, text: 'by itself' },
    {
      isShown: states.some(({ isUndoing }) => isUndoing),
      line: 'k-event back',
      sign: null,
      text: 'the saga turns back',
    },
  ];
  return entries.filter(({ isShown }) => isShown);
}

function entryWidth({ text, sign }: Entry): number {
  return SAMPLE_PX + 6 + (sign === null ? 0 : SIGN_PX) + textWidth(text, SIZE_PX);
}

function drawEntry({ text, line, sign }: Entry, x: number, y: number): string {
  const middle = y + ROW_PX / 2 - 4;
  const after = x + SAMPLE_PX + 6;
  const words = after + (sign === null ? 0 : SIGN_PX);
  return (
    `<g class="${line}"><path class="line" d="M${px(x)} ${px(middle)}h${SAMPLE_PX}"/></g>` +
    (sign === null ? '' : signPath(sign, after, middle - 5)) +
    `<text class="detail" x="${px(words)}" y="${px(middle + SIZE_PX * 0.36)}" font-size="${SIZE_PX}">` +
    `${escapeXml(text)}</text>`
  );
}
