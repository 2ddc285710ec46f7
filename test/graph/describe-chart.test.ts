// A machine as a chart: what is in it, by the names that people read, always in the same order.

import { type Chart, type ChartTransition, describeChart } from 'sagawright/graph';
import { orderSaga } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine, not, sendTo, stateIn } from 'xstate';
import { everyChart } from '../unit/charts/every-chart.ts';
import { readableMachine } from './readable-machine.ts';

const chart = describeChart(readableMachine);

function state(id: string): Chart['states'][number] {
  const found = chart.states.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no state ${id}`);
  return found;
}

function from(id: string): readonly ChartTransition[] {
  return chart.transitions.filter(({ source }) => source === id);
}

type ChartNode = AnyStateMachine['root'];

function nodesBelow(node: ChartNode): readonly ChartNode[] {
  return [node, ...Object.values<ChartNode>(node.states).flatMap(nodesBelow)];
}

describe('the chart of a machine', () => {
  it('is plain JSON, and the same each time', () => {
    expect(JSON.parse(JSON.stringify(chart))).toEqual(chart);
    expect(describeChart(readableMachine)).toEqual(chart);
  });

  it('has the states in the order in which they are written, each after the one it lies in', () => {
    expect(chart.states.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      'readable compound',
      'readable.idle atomic',
      'readable.busy parallel',
      'readable.busy.left compound',
      'readable.busy.left.one atomic',
      'readable.busy.left.two atomic',
      'end-left final',
      'readable.busy.right atomic',
      'readable.busy.last history',
      'readable.ended final',
    ]);
  });

  it('says what each state is and does', () => {
    expect(state('readable')).toMatchObject({ initial: 'readable.idle', parent: null });
    expect(state('readable.busy')).toMatchObject({ initial: null, parent: 'readable' });
    expect(state('readable.busy.last').history).toBe('deep');
    expect(state('readable.idle')).toMatchObject({
      tags: ['calm'],
      description: 'Waits for "work" & <more>.',
      entry: ['emit work.awaited'],
      exit: ['leave'],
    });
    expect(state('readable.busy.left.one').invokes).toEqual([
      { id: 'w', src: 'work', kind: 'logic' },
    ]);
  });

  it('leaves out the actions by which XState keeps the timers of `after`', () => {
    expect(state('readable.busy')).toMatchObject({ entry: [], exit: [] });
  });

  it('names guards as people read them', () => {
    const guards = chart.transitions.flatMap(({ guard }) => guard ?? []);
    expect(guards).toEqual([
      'isOpen and not isPaid',
      'hasFailed(step: payment)',
      'isOpen or isPaid',
      'isPaid',
    ]);
  });

  it('tells what starts a transition, with delays as people write them', () => {
    expect(from('readable.busy').map(({ label }) => label)).toEqual([
      { kind: 'done', of: null },
      { kind: 'after', delay: '250ms', delayMs: 250 },
      { kind: 'after', delay: 'wait 1m 30s', delayMs: 90_000 },
    ]);
    expect(from('readable.busy.left.two')[0]?.label).toEqual({
      kind: 'after',
      delay: 'later',
      delayMs: null,
    });
    expect(from('readable.busy.left.one').map(({ label }) => label)).toEqual([
      { kind: 'done', of: 'w' },
      { kind: 'error', of: 'w' },
    ]);
    expect(from('readable.busy.right')[0]).toMatchObject({
      label: { kind: 'always' },
      actions: ['send told to the parent'],
    });
  });

  it('tells transitions that stay from those that leave', () => {
    const scopes = from('readable.idle').map(({ label, scope, targets }) => [
      label.kind === 'event' ? label.name : label.kind,
      scope,
      targets.length,
    ]);
    expect(scopes).toEqual([
      ['START', 'external', 1],
      ['START', 'external', 1],
      ['NOTE', 'none', 0],
      ['AGAIN', 'reenter', 1],
      ['IGNORED', 'none', 0],
      ['SPLIT', 'external', 2],
      ['BACK', 'external', 1],
    ]);
    expect(from('readable')[0]).toMatchObject({ scope: 'internal', targets: ['readable.idle'] });
  });

  it('names actions by what they do', () => {
    const machine = createMachine({
      entry: [
        assign({ a: 1, b: 2 } as never),
        sendTo('worker', { type: 'go' }),
        function ownName() {},
        { type: 'tell', params: { to: 'all', how: () => 1 } },
      ],
      always: { guard: stateIn('#x'), actions: 'x' },
      on: { E: { guard: not({ type: 'g' }) } },
    } as never);
    const described = describeChart(machine);
    expect(described.states[0]?.entry).toEqual([
      'assign a, b',
      'send go to worker',
      'ownName',
      'tell(to: all, how: …)',
    ]);
    expect(described.transitions.map(({ guard }) => guard)).toEqual(['not g', 'in #x']);
  });

  it('shows where history leads when nothing is remembered', () => {
    const deep = everyChart.find(({ name }) => name === 'deep history with a default target');
    const described = deep === undefined ? undefined : describeChart(deep.machine);
    expect(described?.transitions.find(({ label }) => label.kind === 'default')).toMatchObject({
      source: 'deep.desk.remembered',
      targets: ['deep.desk.drawer.open'],
    });
  });

  it('marks where a saga turns back, and neither the way forward nor who waits for a word', () => {
    const undoing = describeChart(orderSaga).states.filter(({ isUndoing }) => isUndoing);
    const keys = undoing.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['stopping', 'undoing', 'releasing', 'voiding']));
    for (const key of [
      'fulfilling',
      'charging',
      'held',
      'confirming',
      'needsAttention',
      'completed',
    ]) {
      expect(keys).not.toContain(key);
    }
  });
});

describe.each(everyChart.map(({ name, machine }) => [name, machine] as const))(
  'the chart of %s',
  (_, machine) => {
    const described = describeChart(machine);
    const ids = described.states.map(({ id }) => id);

    it('leads to states that it has, under ids that are used once', () => {
      const used = described.transitions.flatMap(({ source, targets }) => [source, ...targets]);
      expect(used.filter((id) => !ids.includes(id))).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
      const transitions = described.transitions.map(({ id }) => id);
      expect(new Set(transitions).size).toBe(transitions.length);
    });

    it('has as many states and transitions as XState knows of', () => {
      const nodes = nodesBelow(machine.root);
      expect([...ids].sort()).toEqual(nodes.map(({ id }) => id).sort());
      const known = nodes.flatMap(({ always = [], transitions }) => [
        ...always,
        ...[...transitions.values()].flat(),
      ]);
      const own = described.transitions.filter(({ label }) => label.kind !== 'default');
      expect(own).toHaveLength(known.length);
    });
  },
);
