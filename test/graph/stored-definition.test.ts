// A chart read from the definition that the store keeps, held to the chart of the machine itself.

import { type Chart, describeChart, type JsonObject } from 'sagawright/graph';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { definitionOf } from '../../src/step/definition.ts';
import { everyChart } from '../unit/charts/every-chart.ts';
import { readableMachine } from './readable-machine.ts';
import { sagaCharts } from './saga-charts.ts';

const charts = [
  ...everyChart.map(({ name, machine }) => [name, machine] as const),
  ...sagaCharts.map((machine) => [machine.id, machine] as const),
  ['everything once', readableMachine] as const,
];

/** What only code tells: names of functions, what stands behind a name, the value of a named delay. */
function withoutCode({ states, transitions, ...chart }: Chart): object {
  return {
    ...chart,
    states: states.map(({ entry: _entry, exit: _exit, invokes, ...state }) => ({
      ...state,
      invokes: invokes.map(({ id }) => id),
    })),
    transitions: transitions
      .map(({ guard: _guard, actions, label, ...transition }) => ({
        ...transition,
        actions: actions.length,
        label: label.kind === 'after' ? label.kind : label,
      }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

describe.each(charts)('the stored definition of %s', (_, machine) => {
  it('gives the same states and transitions as the machine', () => {
    const stored = JSON.parse(JSON.stringify(definitionOf(machine))) as JsonObject;
    expect(withoutCode(describeChart(stored))).toEqual(withoutCode(describeChart(machine)));
  });
});

it('keeps names of guards, actions and delays', () => {
  const machine = createMachine({
    id: 'lamp',
    initial: 'off',
    states: {
      off: { on: { press: { target: 'on', guard: 'hasPower', actions: 'click' } } },
      on: { after: { 1500: 'off', patience: 'off' }, always: { target: 'off', guard: 'isBroken' } },
    },
  });
  const stored = JSON.parse(JSON.stringify(definitionOf(machine))) as JsonObject;
  expect(describeChart(stored).transitions).toMatchObject([
    { label: { name: 'press' }, guard: 'hasPower', actions: ['click'] },
    { label: { delay: '1s 500ms', delayMs: 1500 } },
    { label: { delay: 'patience', delayMs: null } },
    { label: { kind: 'always' }, guard: 'isBroken' },
  ]);
});

it.each([
  [{}, 'a state with id and states'],
  [{ id: 'lamp', states: { off: 1 } }, 'a state with id and states'],
  [{ id: 'lamp', states: {} }, 'key as a text'],
])('refuses %j, which is no definition', (definition, expected) => {
  expect(() => describeChart(definition as JsonObject)).toThrow(expected);
});
