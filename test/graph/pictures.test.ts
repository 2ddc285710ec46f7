// Pictures as SVG: well formed, complete in themselves, readable without colours, with what is laid over
// them. Where things stand is the business of layout.test.ts.

import {
  activeStates,
  describeChart,
  sagaPaths,
  toSagaSvg,
  toSvg,
  transitionId,
} from 'sagawright/graph';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { everyChart } from '../unit/charts/every-chart.ts';
import { readableMachine } from './readable-machine.ts';
import { inARow, sagaCharts, sideBySide } from './saga-charts.ts';

const chart = describeChart(readableMachine);

/** Names of elements that are opened and not closed, or closed and not open; texts hold no markup. */
function malformed(svg: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, closing, name = '', , alone] of svg.matchAll(
    /<(\/?)(\w+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    if (closing === '/' && open.pop() !== name) wrong.push(name);
    if (closing === '' && alone === '') open.push(name);
  }
  const rest = svg.replace(/<style>[^<]*<\/style>/g, '').replace(/<[^>]*>/g, '');
  return [...open, ...wrong, ...(/[<>]|&(?!(?:amp|lt|gt|quot);)/.exec(rest) ?? [])];
}

describe.each(everyChart.map(({ name, machine }) => [name, machine] as const))(
  'the picture of %s',
  (_, machine) => {
    it('is well formed and names every state', async () => {
      const svg = await toSvg(describeChart(machine));
      expect(malformed(svg)).toEqual([]);
      for (const { key, kind } of describeChart(machine).states) {
        if (kind !== 'history') expect(svg).toContain(`>${key}</text>`);
      }
    });
  },
);

describe('a picture', () => {
  it('is the same text each time', async () => {
    expect(await toSvg(chart)).toBe(await toSvg(chart));
  });

  it('needs nothing from elsewhere', async () => {
    const svg = await toSvg(chart);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|href|<script|<image|@import|url\(/,
    );
  });

  it('says what it shows to those who do not see it', async () => {
    const svg = await toSvg(chart, { title: 'All & everything' });
    expect(svg).toMatch(/^<svg [^>]*role="img" aria-labelledby="(\S+)-title \1-desc"/);
    expect(svg).toContain('All &amp; everything</title>');
    expect(svg).toMatch(/<desc [^>]*>Statechart of readable with 8 states \(idle, busy,/);
    expect(svg).toContain('Everything once.');
  });

  it('escapes what people have written', async () => {
    const svg = await toSvg(chart);
    expect(malformed(svg)).toEqual([]);
    expect(svg).toContain('&lt;more&gt;.');
  });

  it('has colours for light and dark, or for the one that is asked for', async () => {
    expect(await toSvg(chart)).toContain('prefers-color-scheme:dark');
    const [light, dark] = [
      await toSvg(chart, { scheme: 'light' }),
      await toSvg(chart, { scheme: 'dark' }),
    ];
    expect(light).not.toContain('prefers-color-scheme');
    expect(light).toContain('--canvas:#ffffff');
    expect(dark).not.toContain('--canvas:#ffffff');
  });

  it('tells outcomes and timers apart by signs and lines, not by colour alone', async () => {
    const svg = await toSvg(chart);
    for (const sign of ['check', 'cross', 'clock']) expect(svg).toContain(`class="sign ${sign}"`);
    const style = /<style>([\s\S]*)<\/style>/.exec(svg)?.[1] ?? '';
    const dashes = ['always', 'after', 'error'].map(
      (kind) => new RegExp(`k-${kind} \\.line[^}]*stroke-dasharray:([^;}]*)`).exec(style)?.[1],
    );
    expect(new Set(dashes).size).toBe(3);
    expect(dashes).not.toContain(undefined);
  });

  it('marks where an actor is, given as a state value or as ids', async () => {
    const value = { busy: { left: 'one', right: {} } };
    expect(activeStates(chart, value)).toEqual([
      'readable',
      'readable.busy',
      'readable.busy.left',
      'readable.busy.left.one',
      'readable.busy.right',
    ]);
    const svg = await toSvg(chart, { overlay: { active: value } });
    // All but the outermost frame.
    expect(svg.match(/class="state [^"]*active/g)).toHaveLength(4);
    expect(await toSvg(chart, { overlay: { active: activeStates(chart, value) } })).toBe(svg);
    expect(await toSvg(chart)).not.toMatch(/class="state [^"]*active/);
  });

  it('lets what was not visited step back, and shows what was taken', async () => {
    const taken = transitionId('readable.idle', 'START', 0);
    const svg = await toSvg(chart, {
      overlay: { visited: ['readable.idle', 'readable.busy.right'], taken: [taken] },
    });
    expect(svg).toMatch(/class="[^"]*taken/);
    expect(svg).toMatch(/class="state leaf unseen"/);
    const states = [...svg.matchAll(/class="(state[^"]*)"/g)].map(([, each]) => each ?? '');
    // Idle and right, and the two that they lie in.
    expect(states.filter((each) => !each.includes('unseen'))).toHaveLength(4);
  });

  it('writes counts and durations beside states and transitions, and makes room for them', async () => {
    const overlay = {
      states: { 'readable.idle': { text: '1,204 actors', tone: 'good' as const } },
      transitions: { [transitionId('readable.idle', 'START', 0)]: { text: 'p99 40 ms' } },
    };
    const svg = await toSvg(chart, { overlay });
    expect(svg).toContain('>1,204 actors</text>');
    expect(svg).toContain('>p99 40 ms</text>');
    expect(svg).toContain('class="pill good"');
  });

  it('draws many transitions for one event into one state as one line', async () => {
    const machine = createMachine({
      id: 'retries',
      initial: 'waiting',
      states: {
        waiting: {
          on: {
            RETRY: ['a', 'b', 'c'].map((key) => ({ guard: `is ${key}`, target: `work.${key}` })),
          },
        },
        work: { initial: 'a', states: { a: {}, b: {}, c: {} } },
      },
    } as never);
    const svg = await toSvg(describeChart(machine as never), { legend: false });
    expect(svg.match(/class="k-event"/g)).toHaveLength(2);
    for (const key of ['a', 'b', 'c']) expect(svg).toContain(`[is ${key}] to ${key}`);
  });
});

describe("a saga's paths", () => {
  it('stand in columns by what they wait for, each with its undo', () => {
    const { steps, ends } = sagaPaths(describeChart(sideBySide));
    expect(
      steps.map(({ name, column, row, after, undo }) => [
        name,
        column,
        row,
        after,
        undo?.key ?? null,
      ]),
    ).toEqual([
      ['payment', 0, 0, [], 'payment'],
      ['inventory', 0, 1, [], 'inventory'],
      ['shipping', 1, 0, ['payment', 'inventory'], null],
      ['email', 2, 0, ['shipping'], null],
    ]);
    expect(
      steps.map(({ isPivot, isCritical, isForwardOnly }) => [isPivot, isCritical, isForwardOnly]),
    ).toEqual([
      [false, true, false],
      [false, true, false],
      [true, true, false],
      [false, false, true],
    ]);
    expect(ends).toEqual(expect.arrayContaining(['completed', 'compensated']));
  });

  it('are read off a saga that was written by hand, too', () => {
    const byHand = sagaCharts.find(({ id }) => id === 'order-saga');
    if (byHand === undefined) throw new Error('the order saga is gone');
    const { steps } = sagaPaths(describeChart(byHand));
    expect(steps.map(({ name, column }) => [name, column])).toEqual([
      ['payment', 0],
      ['inventory', 1],
      ['confirmation', 2],
    ]);
  });

  it('are drawn with every step, its undo, the pivot and both ends', () => {
    const svg = toSagaSvg(sideBySide, { title: 'Side by side' });
    expect(malformed(svg)).toEqual([]);
    for (const text of [
      'payment',
      'undo payment',
      'undo inventory',
      'pivot',
      'completed',
      'compensated',
    ]) {
      expect(svg).toContain(`>${text}</text>`);
    }
    expect(svg).toContain('After shipping there is no way back.');
    expect(toSagaSvg(inARow)).not.toContain('no way back');
  });

  it('are refused for a machine that is no saga', () => {
    expect(() => toSagaSvg(readableMachine)).toThrow(TypeError);
  });
});
