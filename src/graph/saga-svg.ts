// A saga in one row: its steps from left to right, what undoes them beneath, from right to left. Leaves
// out every state that makes no call; the whole chart is the business of svg.ts.

import type { AnyStateMachine } from 'xstate';
import { describeChart } from './describe-chart.ts';
import type { Overlay } from './overlay.ts';
import { annotated, createBlock, createLine, type TextBlock } from './picture-text.ts';
import type { Point, Rectangle } from './places.ts';
import { type SagaPathStep, sagaPaths } from './saga-paths.ts';
import type { JsonObject } from './stately-json.ts';
import { frame } from './svg.ts';
import { arrow, blockText, rect, signPath } from './svg-marks.ts';
import type { PictureOptions } from './svg-style.ts';

export interface SagaSvgOptions extends Pick<PictureOptions, 'title' | 'scheme'> {
  /** Short texts in the boxes, by ids of the states that run and undo the steps. */
  readonly overlay?: Pick<Overlay, 'states'>;
}

const BOX_MIN_HEIGHT_PX = 58;
const ROW_GAP_PX = 16;
const COLUMN_GAP_PX = 46;
const BETWEEN_PX = 54;
const PADDING_PX = 11;
const MARGIN_PX = 18;
const BOX_MIN_WIDTH_PX = 104;
const END_HEIGHT_PX = 36;

/**
 * The way forward and the way back of a saga as one SVG: its steps in a row, their undos beneath them,
 * read off the marks that `sagaMeta` leaves. Takes what `describeChart` takes.
 * @throws TypeError for a machine without a state that is marked as a step
 */
export function toSagaSvg(
  machine: AnyStateMachine | JsonObject,
  options: SagaSvgOptions = {},
): string {
  const chart = describeChart(machine);
  const { steps } = sagaPaths(chart);
  if (steps.length === 0) {
    const expected = 'a saga, with states marked by `meta: sagaMeta(...)`';
    throw new TypeError(`machine "${chart.id}": expected ${expected}, got no mark.`);
  }
  const picture = new SagaPicture(steps, options.overlay ?? {});
  const forward = steps.map(({ name }) => name).join(', ');
  const undone = steps.filter(({ undo }) => undo !== null).map(({ name }) => name);
  const pivot = steps.find(({ isPivot }) => isPivot);
  return frame(chart, options, {
    width: picture.width,
    height: picture.height,
    body: picture.draw(),
    description:
      `Saga ${chart.id}: steps ${forward}; undone backwards: ${undone.toReversed().join(', ') || 'none'}.` +
      (pivot === undefined ? '' : ` After ${pivot.name} there is no way back.`),
  });
}

interface Place extends Rectangle {
  readonly step: SagaPathStep;
  readonly text: TextBlock;
}

class SagaPicture {
  readonly width: number;
  readonly height: number;
  readonly #boxHeight: number;
  readonly #forward: readonly Place[];
  readonly #back: readonly Place[];
  readonly #completed: Rectangle;
  readonly #compensated: Rectangle;

  constructor(steps: readonly SagaPathStep[], overlay: Pick<Overlay, 'states'>) {
    const texts = new Map(
      steps.map((step) => [step, [forwardText(step, overlay), backText(step, overlay)] as const]),
    );
    const textsOf = (step: SagaPathStep): readonly [TextBlock, TextBlock] =>
      texts.get(step) ?? [createBlock([]), createBlock([])];
    const tallest = Math.max(...steps.flatMap(textsOf).map(({ heightPx }) => heightPx));
    const boxHeight = Math.max(BOX_MIN_HEIGHT_PX, tallest + 6);
    this.#boxHeight = boxHeight;
    const columns = Math.max(...steps.map(({ column }) => column)) + 1;
    const rows = Math.max(...steps.map(({ row }) => row)) + 1;
    const widths = Array.from({ length: columns }, (_, column) =>
      Math.max(
        BOX_MIN_WIDTH_PX,
        ...steps
          .filter((step) => step.column === column)
          .flatMap(textsOf)
          .map(({ widthPx }) => widthPx + 2 * PADDING_PX),
      ),
    );
    const endWidth = BOX_MIN_WIDTH_PX;
    const first = MARGIN_PX + endWidth + COLUMN_GAP_PX;
    const lefts = widths.map((_, column) =>
      widths.slice(0, column).reduce((x, width) => x + width + COLUMN_GAP_PX, first),
    );
    const below = MARGIN_PX + rows * (boxHeight + ROW_GAP_PX) - ROW_GAP_PX + BETWEEN_PX;
    const place = (step: SagaPathStep, top: number, text: TextBlock): Place => ({
      step,
      text,
      x: lefts[step.column] ?? 0,
      y: top + step.row * (boxHeight + ROW_GAP_PX),
      width: widths[step.column] ?? 0,
      height: boxHeight,
    });
    this.#forward = steps.map((step) => place(step, MARGIN_PX, textsOf(step)[0]));
    this.#back = steps
      .filter(({ isForwardOnly }) => !isForwardOnly)
      .map((step) => place(step, below, textsOf(step)[1]));
    const right = (lefts.at(-1) ?? first) + (widths.at(-1) ?? 0) + COLUMN_GAP_PX;
    const middle = (boxHeight - END_HEIGHT_PX) / 2;
    const end = { width: endWidth, height: END_HEIGHT_PX };
    this.#completed = { ...end, x: right, y: MARGIN_PX + middle };
    this.#compensated = { ...end, x: MARGIN_PX, y: below + middle };
    this.width = right + endWidth + MARGIN_PX;
    this.height = below + rows * (boxHeight + ROW_GAP_PX) - ROW_GAP_PX + MARGIN_PX;
  }

  draw(): string {
    const forward = this.#forward.map((place) => this.#box(place, forwardClass(place.step)));
    const back = this.#back.map((place) => this.#box(place, backClass(place.step)));
    return [
      ...this.#lines(),
      ...forward,
      ...back,
      endBox(this.#completed, 'completed'),
      endBox(this.#compensated, 'compensated'),
    ]
      .map((text) => `${text}\n`)
      .join('');
  }

  #box(place: Place, className: string): string {
    const { text, x, y, width, height } = place;
    const words = blockText(text, x, y + (height - text.heightPx) / 2, width);
    return `<g class="state leaf ${className}">${rect(place, 'box', 8)}${words}</g>`;
  }

  #lines(): readonly string[] {
    const followed = new Set(this.#forward.flatMap(({ step }) => step.after));
    const dot: Point = { x: MARGIN_PX + 60, y: MARGIN_PX + this.#boxHeight / 2 };
    const lines: string[] = [`<circle class="dot" cx="${dot.x}" cy="${dot.y}" r="6"/>`];
    for (const place of this.#forward) {
      const { step } = place;
      if (step.after.length === 0) lines.push(line('k-event', along(dot, leftOf(place))));
      for (const before of this.#forward.filter((each) => step.after.includes(each.step.name))) {
        lines.push(line('k-done', along(rightOf(before), leftOf(place))));
      }
      if (!followed.has(step.name)) {
        lines.push(line('k-done', along(rightOf(place), leftOf(this.#completed))));
      }
    }
    return [...lines, ...this.#turns(), ...this.#backLines()];
  }

  /** From a step that has failed down to where its undoing begins; past the boxes of other rows. */
  #turns(): readonly string[] {
    return this.#back.flatMap((place) => {
      const above = this.#forward.find(({ step }) => step === place.step);
      if (above === undefined || !place.step.isCritical) return [];
      const { column, row } = place.step;
      const isAlone = this.#forward.filter(({ step }) => step.column === column).length === 1;
      const right = above.x + above.width;
      const bottom = above.y + above.height;
      const gap = right + 10 + row * 7;
      const points = isAlone
        ? [
            { x: right - 16, y: bottom },
            { x: right - 16, y: place.y },
          ]
        : [
            { x: right, y: bottom - 12 },
            { x: gap, y: bottom - 12 },
            { x: gap, y: place.y + 12 },
            { x: right, y: place.y + 12 },
          ];
      const sign = isAlone
        ? signPath('cross', right - 12, bottom + 7)
        : signPath('cross', gap + 4, bottom - 6);
      return [line('k-error back', points) + sign];
    });
  }

  #backLines(): readonly string[] {
    return this.#back.flatMap((place) => {
      const before = this.#back.filter(({ step }) => place.step.after.includes(step.name));
      const targets = before.length === 0 ? [rightOf(this.#compensated)] : before.map(rightOf);
      return targets.map((target) => line('k-event back', along(leftOf(place), target)));
    });
  }
}

function line(className: string, points: readonly Point[]): string {
  return `<g class="${className}">${arrow(points)}</g>`;
}

function leftOf({ x, y, height }: Rectangle): Point {
  return { x, y: y + height / 2 };
}

function rightOf({ x, y, width, height }: Rectangle): Point {
  return { x: x + width, y: y + height / 2 };
}

/** Level, then up or down in the gap before the target, then level. */
function along(from: Point, to: Point): readonly Point[] {
  if (from.y === to.y) return [from, to];
  const x = to.x + (from.x < to.x ? -1 : 1) * (COLUMN_GAP_PX / 2);
  return [from, { x, y: from.y }, { x, y: to.y }, to];
}

function forwardText(
  { name, run, isPivot, isCritical }: SagaPathStep,
  { states }: Pick<Overlay, 'states'>,
): TextBlock {
  const [call] = run.invokes;
  return createBlock([
    createLine('name', name),
    ...(call === undefined ? [] : [createLine('detail', call.src, { sign: 'call' })]),
    ...(isPivot ? [createLine('chip', 'pivot', { tone: 'pivot' })] : []),
    ...(isCritical ? [] : [createLine('detail', 'may fail')]),
    ...annotated(states?.[run.id]),
  ]);
}

function backText(
  { name, undo, isPivot }: SagaPathStep,
  { states }: Pick<Overlay, 'states'>,
): TextBlock {
  if (undo === null)
    return createBlock([createLine('note', isPivot ? 'if it is refused' : 'nothing to undo')]);
  const [call] = undo.invokes;
  return createBlock([
    createLine('name', `undo ${name}`),
    ...(call === undefined ? [] : [createLine('detail', call.src, { sign: 'call' })]),
    ...annotated(states?.[undo.id]),
  ]);
}

function forwardClass({ isPivot }: SagaPathStep): string {
  return isPivot ? 'pivot' : 'step';
}

function backClass({ undo }: SagaPathStep): string {
  return undo === null ? 'nothing' : 'undo';
}

function endBox(end: Rectangle, name: 'completed' | 'compensated'): string {
  const inner = { x: end.x + 3.5, y: end.y + 3.5, width: end.width - 7, height: end.height - 7 };
  const text = createBlock([createLine('name', name)]);
  const words = blockText(text, end.x, end.y + (end.height - text.heightPx) / 2, end.width);
  return `<g class="state leaf ${name}">${rect(end, 'box', 8)}${rect(inner, 'box second', 5)}${words}</g>`;
}
