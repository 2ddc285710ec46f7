// A sound saga written by hand, made for defects to be planted into it.

import { effect, effectError, keyed, type SagaReport, sagaMeta } from 'sagawright';
import { type AnyStateMachine, createMachine } from 'xstate';

export type Part = Readonly<Record<string, unknown>>;
export type States = Readonly<Record<string, Part>>;

const call = effect<unknown, unknown>();
const actors = { charge: call, refund: call, reserve: call, release: call, capture: call };
const guards = {
  isRejected: ({ event }: { readonly event: object }) =>
    'error' in event && effectError(event.error).outcome === 'rejected',
};

export function invoke(src: string, onDone: unknown, onError: unknown): Part {
  return { invoke: { id: src, src, input: () => keyed(src, null), onDone, onError } };
}

export const sound: States = {
  paying: {
    meta: sagaMeta({ step: 'payment', role: 'run' }),
    ...invoke('charge', 'reserving', [
      { guard: 'isRejected', target: 'compensated' },
      { target: 'refunding' },
    ]),
    on: { CANCEL: 'refunding' },
  },
  reserving: {
    meta: sagaMeta({ step: 'inventory', role: 'run' }),
    ...invoke('reserve', 'capturing', 'releasing'),
    on: { CANCEL: 'releasing' },
  },
  capturing: {
    meta: sagaMeta({ step: 'capture', role: 'pivot' }),
    ...invoke('capture', 'completed', [
      { guard: 'isRejected', target: 'releasing' },
      { target: 'doubtful' },
    ]),
  },
  doubtful: { on: { RETRY: 'capturing', RESOLVE: 'resolved' } },
  releasing: {
    meta: sagaMeta({ step: 'inventory', role: 'compensate' }),
    ...invoke('release', 'refunding', 'stuck'),
  },
  refunding: {
    meta: sagaMeta({ step: 'payment', role: 'compensate' }),
    ...invoke('refund', 'compensated', 'stuck'),
  },
  stuck: { on: { RETRY: 'releasing', RESOLVE: 'resolved' } },
  completed: { type: 'final', meta: sagaMeta({ end: 'completed' }) },
  compensated: { type: 'final', meta: sagaMeta({ end: 'compensated' }) },
  resolved: { type: 'final', meta: sagaMeta({ end: 'resolved' }) },
};

export function chart(states: States, more: Part = {}): AnyStateMachine {
  const config: unknown = { id: 'order', initial: 'paying', ...more, states };
  return createMachine(config as never).provide({ actors, guards } as never);
}

/** The chart with some members of one state put in place of its own. */
export function planted(state: string, part: Part): AnyStateMachine {
  return chart({ ...sound, [state]: { ...sound[state], ...part } });
}

/** The code, the state, the step and the path of each finding. */
export function told({ findings }: SagaReport): unknown {
  return findings.map(({ code, state, step, path }) => [code, state, step, path]);
}
