// Regions of a parallel state beside each other in the order in which they are written, all as long as
// the longest. ELK places them in an order of its own, and elkjs 0.12 fails when told to keep theirs; but
// regions that no line joins can be moved whole. Changes places only.

import type { Layout, PlacedState, Rectangle } from './places.ts';

type Axis = 'x' | 'y';
type IsWithin = (id: string, ancestor: string) => boolean;

/** The layout with the regions of these parallel states in order; none of them is led to by a line. */
export function orderRegions(
  layout: Layout,
  parallels: readonly string[],
  isWithin: IsWithin,
): Layout {
  return parallels.reduce((placed, id) => ordered(placed, id, isWithin), layout);
}

function ordered(layout: Layout, parallel: string, isWithin: IsWithin): Layout {
  const regions = layout.states.filter(({ state }) => state.parent === parallel);
  const axis = (['x', 'y'] as const).find((each) => areBeside(regions, each));
  if (axis === undefined || regions.length < 2) return layout;
  const gaps = gapsOf(regions, axis);
  let next = Math.min(...regions.map((region) => region[axis]));
  return regions.reduce((moved, region, index) => {
    const start = next;
    next += sizeAlong(region, axis) + (gaps[index] ?? 0);
    const { id } = region.state;
    const across = axis === 'x' ? 'y' : 'x';
    const first = Math.min(...regions.map((each) => each[across]));
    const along = shift(moved, id, { axis, by: start - region[axis] }, isWithin);
    const both = shift(along, id, { axis: across, by: first - region[across] }, isWithin);
    return stretch(both, id, regions, across);
  }, layout);
}

function sizeAlong({ width, height }: Rectangle, axis: Axis): number {
  return axis === 'x' ? width : height;
}

function areBeside(regions: readonly PlacedState[], axis: Axis): boolean {
  return gapsOf(regions, axis).every((gap) => gap >= 0);
}

function gapsOf(regions: readonly PlacedState[], axis: Axis): readonly number[] {
  const sorted = regions.toSorted((a, b) => a[axis] - b[axis]);
  return sorted.slice(1).map((region, index) => {
    const before = sorted[index];
    return before === undefined ? 0 : region[axis] - before[axis] - sizeAlong(before, axis);
  });
}

interface Shift {
  readonly axis: Axis;
  readonly by: number;
}

function shift(layout: Layout, region: string, { axis, by }: Shift, isWithin: IsWithin): Layout {
  const isInside = (id: string): boolean => id === region || isWithin(id, region);
  const move = <Place extends { readonly x: number; readonly y: number }>(place: Place): Place => ({
    ...place,
    [axis]: Math.round((place[axis] + by) * 10) / 10,
  });
  return {
    ...layout,
    states: layout.states.map((each) => (isInside(each.state.id) ? move(each) : each)),
    dots: layout.dots.map((dot) => (isInside(dot.state) ? move(dot) : dot)),
    lines: layout.lines.map((line) => {
      if (!isInside(line.target)) return line;
      const label = line.label === null ? null : move(line.label);
      return { ...line, points: line.points.map(move), label };
    }),
  };
}

/** As long as the longest of them, across the way in which they follow each other. */
function stretch(
  layout: Layout,
  region: string,
  regions: readonly PlacedState[],
  across: Axis,
): Layout {
  const size = across === 'x' ? 'width' : 'height';
  const start = Math.min(...regions.map((each) => each[across]));
  const end = Math.max(...regions.map((each) => each[across] + each[size]));
  const states = layout.states.map((each) =>
    each.state.id === region ? { ...each, [size]: end - start } : each,
  );
  return { ...layout, states };
}
