// What makes a transition happen, read off XState's name for its event, and what else both readers of charts
// share. Pure; knows no machine.

import { type ChartTransition, type TransitionLabel, transitionId } from './chart.ts';

const OF_INVOKE = /^xstate\.(done\.actor|error\.actor|snapshot)\.([\s\S]*)$/;

/** The label of every event type but those of `after`. */
export function eventLabel(eventType: string): TransitionLabel {
  if (eventType === '') return { kind: 'always' };
  if (eventType.startsWith('xstate.done.state.')) return { kind: 'done', of: null };
  const [, end, of] = OF_INVOKE.exec(eventType) ?? [];
  if (of === undefined) return { kind: 'event', name: eventType };
  if (end === 'snapshot') return { kind: 'snapshot', of };
  return end === 'done.actor' ? { kind: 'done', of } : { kind: 'error', of };
}

/** Where a history state leads while there is no history: nowhere, or by one transition. */
export function defaultTransitions(
  source: string,
  targets: readonly string[],
): readonly ChartTransition[] {
  if (targets.length === 0) return [];
  return [
    {
      id: transitionId(source, '', 0),
      source,
      targets,
      label: { kind: 'default' },
      guard: null,
      actions: [],
      scope: 'external',
      description: null,
    },
  ];
}

/** SCXML, 3.13: a transition to descendants, or to its own source, does not leave the source. */
export function scopeLabel(
  targets: number,
  areAllWithin: boolean,
  reenter: boolean,
): 'none' | 'internal' | 'external' | 'reenter' {
  if (targets === 0) return 'none';
  if (!areAllWithin) return 'external';
  return reenter ? 'reenter' : 'internal';
}
