// Charts as text for other tools: Mermaid, Graphviz, Stately. By structure: blocks that close, names that
// are declared, and a configuration that XState reads into the same chart again.

import { type Chart, describeChart, toDot, toMermaid, toStatelyJson } from 'sagawright/graph';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { everyChart } from '../unit/charts/every-chart.ts';
import { readableMachine } from './readable-machine.ts';
import { sagaCharts } from './saga-charts.ts';

const charts = [
  ...everyChart.map(({ name, machine }) => [name, machine] as const),
  ...sagaCharts.map((machine) => [machine.id, machine] as const),
  ['everything once', readableMachine] as const,
];

/** Lines of these shapes and no other; names are words. */
const MERMAID_LINES: readonly RegExp[] = [
  /^stateDiagram-v2$/,
  /^%% .*$/,
  /^ *state "[^"]+" as \w+( \{)?$/,
  /^ *\w+ : [^:;{}"]+$/,
  /^ *(\w+|\[\*\]) --> (\w+|\[\*\])( : [^:;{}"]+)?$/,
  /^ *note right of \w+ : [^:;{}"]+$/,
  /^ *--$/,
  /^ *\}$/,
  /^ *classDef \w+ [\w#:,-]+$/,
  /^ *class \w+ \w+$/,
];

/** Mermaid replaces these codes before it reads the text. */
function decoded(text: string): string {
  return text.replace(/#\d+;/g, '_');
}

function targetsOf({ transitions }: Chart): number {
  return transitions.reduce((sum, { targets }) => sum + targets.length, 0);
}

describe.each(charts)('%s as text', (_, machine) => {
  const chart = describeChart(machine);

  it('is Mermaid that declares each state once, before any line names it', () => {
    const lines = toMermaid(chart).trimEnd().split('\n');
    const unknown = lines.filter((line) => !MERMAID_LINES.some((each) => each.test(decoded(line))));
    expect(unknown).toEqual([]);
    const declared = lines.flatMap((line) => / as (\w+)/.exec(line)?.[1] ?? []);
    expect(declared).toHaveLength(chart.states.length);
    expect(new Set(declared).size).toBe(declared.length);
    const named = lines.flatMap((line) => {
      const [, from = '[*]', to = '[*]'] = /^ *(\S+) --> (\S+)/.exec(line) ?? [];
      return [from, to].filter((name) => name !== '[*]');
    });
    expect(named.filter((name) => !declared.includes(name))).toEqual([]);
    expect(lines.filter((line) => line.endsWith(' {'))).toHaveLength(
      lines.filter((line) => line.trim() === '}').length,
    );
  });

  it('is Mermaid with every transition', () => {
    const arrows = toMermaid(chart)
      .split('\n')
      .filter((line) => line.includes('-->'));
    const finals = chart.states.filter(({ kind }) => kind === 'final').length;
    const initials = chart.states.filter(({ initial }) => initial !== null).length;
    expect(arrows).toHaveLength(targetsOf(chart) + finals + initials);
  });

  it('is Graphviz text whose lines lead between nodes and clusters that it has', () => {
    const text = toDot(chart);
    const QUOTED = /"((?:[^"\\]|\\.)*)"/;
    const nodes = [...text.matchAll(new RegExp(`^ *${QUOTED.source} \\[`, 'gm'))].map(
      ([, id]) => id,
    );
    const clusters = [...text.matchAll(/subgraph "((?:[^"\\]|\\.)*)"/g)].map(([, id]) => id);
    const ends = [
      ...text.matchAll(new RegExp(`^ *${QUOTED.source} -> ${QUOTED.source} \\[`, 'gm')),
    ];
    const initials = chart.states.filter(({ initial }) => initial !== null).length;
    expect(ends).toHaveLength(targetsOf(chart) + initials);
    expect(ends.flatMap(([, from, to]) => [from, to]).filter((id) => !nodes.includes(id))).toEqual(
      [],
    );
    const led = [...text.matchAll(/l(?:tail|head)="((?:[^"\\]|\\.)*)"/g)].map(([, id]) => id);
    expect(led.filter((id) => !clusters.includes(id))).toEqual([]);
    const bare = text.replace(new RegExp(QUOTED.source, 'g'), '');
    expect([...bare.matchAll(/\{/g)]).toHaveLength([...bare.matchAll(/\}/g)].length);
    expect(bare).not.toContain('"');
  });

  it('is a configuration in plain JSON, of which XState makes the same chart', () => {
    const json = toStatelyJson(machine);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    const again = describeChart(createMachine(structuredClone(json) as never) as never);
    expect(shapeOf(again)).toEqual(shapeOf(chart));
  });
});

/** What no function is needed for. */
function shapeOf({ states, transitions }: Chart): unknown {
  return {
    states: states.map(({ id, kind, children, initial, history, tags, saga }) => ({
      id,
      kind,
      children,
      initial,
      history,
      tags,
      saga,
    })),
    transitions: transitions.map(({ source, targets, label, scope }) => {
      const isAfter = label.kind === 'after';
      return { source, targets, scope, label: isAfter ? label.kind : label };
    }),
  };
}

describe('Mermaid text', () => {
  it('divides regions, and shows the saga by classes', () => {
    expect(toMermaid(describeChart(readableMachine))).toMatch(/^ +--$/m);
    const saga = sagaCharts.map((machine) => toMermaid(describeChart(machine))).join('');
    expect(saga).toContain('(undo payment)');
    expect(saga).toMatch(/class \w+_compensating undo/);
  });
});
