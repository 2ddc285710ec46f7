// Where things stand in pictures: computed from the layout, not from pixels. Boxes lie in their parents and
// beside their siblings, labels cover nothing and each other least of all, in every chart and direction.

import { describe, expect, it } from 'vitest';
import { describeChart } from '../../src/graph/describe-chart.ts';
import { computeLayout } from '../../src/graph/layout.ts';
import type { Layout, Rectangle } from '../../src/graph/places.ts';
import { textWidth } from '../../src/graph/text-width.ts';
import { everyChart } from '../unit/charts/every-chart.ts';
import { readableMachine } from './readable-machine.ts';
import { sagaCharts } from './saga-charts.ts';

const charts = [
  ...everyChart.map(({ name, machine }) => [name, machine] as const),
  ...sagaCharts.map((machine) => [machine.id, machine] as const),
  ['everything once', readableMachine] as const,
];

/** Tenths are rounded: that much is no overlap. */
const TOLERANCE_PX = 0.2;

function overlap(a: Rectangle, b: Rectangle): boolean {
  return (
    Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > TOLERANCE_PX &&
    Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > TOLERANCE_PX
  );
}

function holds(outer: Rectangle, inner: Rectangle): boolean {
  return (
    inner.x >= outer.x - TOLERANCE_PX &&
    inner.y >= outer.y - TOLERANCE_PX &&
    inner.x + inner.width <= outer.x + outer.width + TOLERANCE_PX &&
    inner.y + inner.height <= outer.y + outer.height + TOLERANCE_PX
  );
}

/** Everything about a layout that a reader would call wrong. */
function faults({ states, dots, lines, width, height }: Layout): readonly string[] {
  const found: string[] = [];
  const byId = new Map(states.map((placed) => [placed.state.id, placed]));
  const labels = lines.flatMap(({ label, transitions }) =>
    label === null ? [] : [{ label, of: transitions.map(({ id }) => id).join() }],
  );
  states.forEach((one, index) => {
    const parent = byId.get(one.state.parent ?? '');
    if (!holds(parent ?? { x: 0, y: 0, width, height }, one))
      found.push(`${one.state.id} sticks out`);
    if (one.state.kind !== 'history' && one.text.widthPx > one.width) {
      found.push(`${one.state.id} is narrower than its text`);
    }
    for (const other of states.slice(index + 1)) {
      const areSiblings = other.state.parent === one.state.parent;
      if (areSiblings && overlap(one, other)) found.push(`${one.state.id} on ${other.state.id}`);
    }
  });
  for (const dot of dots) {
    const home = byId.get(dot.state);
    if (home === undefined || !holds(home, dot)) found.push(`a dot outside of ${dot.state}`);
  }
  labels.forEach(({ label, of }, index) => {
    for (const other of labels.slice(index + 1)) {
      if (overlap(label, other.label)) found.push(`label ${of} on label ${other.of}`);
    }
    for (const box of states) {
      const isLeaf = box.state.children.length === 0;
      const cuts = isLeaf ? overlap(label, box) : overlap(label, box) && !holds(box, label);
      if (cuts) found.push(`label ${of} on ${box.state.id}`);
      const header = { ...box, height: box.text.heightPx };
      if (!isLeaf && overlap(label, header)) found.push(`label ${of} on header ${box.state.id}`);
    }
  });
  for (const { points, target } of lines) {
    if (points.length < 2) found.push(`no line to ${target}`);
  }
  return found;
}

describe.each(charts)('the picture of %s', (_, machine) => {
  it.each(['down', 'right'] as const)(
    'covers nothing that is to be read, going %s',
    async (way) => {
      const layout = await computeLayout(describeChart(machine), {}, way);
      expect(faults(layout)).toEqual([]);
    },
  );
});

describe('a layout', () => {
  it('has a line for every way between two states, and one for all that has the same ends', async () => {
    const chart = describeChart(readableMachine);
    const { lines } = await computeLayout(chart, {}, 'down');
    const drawn = new Set(lines.flatMap(({ transitions }) => transitions.map(({ id }) => id)));
    const leading = chart.transitions.filter(
      ({ source, targets }) => targets.length > 0 && !targets.every((id) => id === source),
    );
    expect([...drawn].sort()).toEqual(leading.map(({ id }) => id).sort());
  });

  it('keeps regions in the order in which they are written', async () => {
    const regions = everyChart.find(({ name }) => name === 'parallel regions');
    if (regions === undefined) throw new Error('the chart is gone');
    const { states } = await computeLayout(describeChart(regions.machine), {}, 'down');
    const x = (id: string) => states.find(({ state }) => state.id === id)?.x ?? Number.NaN;
    expect(x('regions.lamp')).toBeLessThan(x('regions.fan'));
    expect(x('regions.fan.turning.speed')).toBeLessThan(x('regions.fan.turning.swing'));
  });

  it('is shown able to fail: boxes moved onto each other are found', async () => {
    const layout = await computeLayout(describeChart(readableMachine), {}, 'down');
    const states = layout.states.map((placed) => ({ ...placed, x: 40, y: 40 }));
    expect(faults({ ...layout, states }).length).toBeGreaterThan(5);
  });
});

describe('the width of a text', () => {
  it('is that of Helvetica: narrow letters are narrow, bold ones wider', () => {
    expect(textWidth('Hello', 1000)).toBe(722 + 556 + 222 + 222 + 556);
    expect(textWidth('Hello', 10, true)).toBeGreaterThan(textWidth('Hello', 10));
    expect(textWidth('iiii', 10)).toBeLessThan(textWidth('MM', 10));
    expect(textWidth('注文', 10)).toBe(20);
  });
});
