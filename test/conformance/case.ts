// A chart made ready to be run by every host, and what may happen to it.

import fc from 'fast-check';
import { type AnyEventObject, type AnyStateMachine, assign, createMachine } from 'xstate';
import type { Chart, Ending } from '../unit/charts/chart.ts';
import type { Command, Seen } from './host.ts';

export interface Case {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  readonly events: readonly AnyEventObject[];
  /** Paths of the actors that are sent them; empty for the root. */
  readonly to: readonly string[];
  readonly advances: readonly number[];
  readonly endings: readonly Ending[];
  /** What XState's pure functions cannot show. */
  readonly needs: Chart['needs'] | null;
  /** What is compared of what a host shows: without what differs on purpose. */
  readonly comparable: (seen: readonly Seen[]) => readonly Seen[];
}

export function caseOf(chart: Chart): Case {
  const { name, machine, input, advances = [], endings = [], needs = null, below = [] } = chart;
  // Events of XState's own are refused from outside.
  const events = chart.events.filter(({ type }) => !type.startsWith('xstate.'));
  const comparable: Case['comparable'] = (seen) => seen;
  const common = { name, events, advances, endings, needs, comparable };
  if (needs !== 'parent') return { ...common, machine, input, to: ['', ...below] };
  return { ...common, machine: parentOf(machine, input), input: undefined, to: ['chart'] };
}

/** A parent that keeps what it is sent. */
function parentOf(chart: AnyStateMachine, input: unknown): AnyStateMachine {
  return createMachine({
    id: 'parent',
    context: { heard: [] },
    invoke: { id: 'chart', src: chart, input },
    on: {
      '*': { actions: assign({ heard: ({ context, event }) => [...context['heard'], event] }) },
    },
  });
}

export function commandsOf({ events, to, advances, endings }: Case): fc.Arbitrary<Command[]> {
  const sending = fc
    .record({ to: fc.constantFrom(...to), event: fc.constantFrom(...events) })
    .map((send): Command => ({ type: 'send', ...send }));
  const advancing = (): fc.Arbitrary<Command> =>
    fc.constantFrom(...advances).map((ms) => ({ type: 'advance', ms }));
  const ending = (): fc.Arbitrary<Command> =>
    fc
      .record({ call: fc.nat({ max: 3 }), ending: fc.constantFrom(...endings) })
      .map((end) => ({ type: 'end', ...end }));
  const command = fc.oneof(
    { weight: 4, arbitrary: sending },
    ...(advances.length > 0 ? [{ weight: 2, arbitrary: advancing() }] : []),
    ...(endings.length > 0 ? [{ weight: 2, arbitrary: ending() }] : []),
  );
  return fc.array(command, { minLength: 8, maxLength: 20 });
}
