// One transition as one line of text, for renderers that have a line and no signs.

import type { ChartState, ChartTransition } from './chart.ts';
import type { Overlay } from './overlay.ts';
import { triggerText } from './picture-text.ts';

/** `order.cancel [saysWhy] / noteEnding (2×)`. */
export function transitionText(
  transition: ChartTransition,
  source: ChartState,
  overlay: Overlay,
): string {
  const { guard, actions, scope, id } = transition;
  const mark = overlay.transitions?.[id];
  return [
    triggerText(transition, source),
    ...(scope === 'reenter' ? ['(re-enters)'] : []),
    ...(guard === null ? [] : [`[${guard}]`]),
    ...(actions.length === 0 ? [] : [`/ ${actions.join(', ')}`]),
    ...(mark === undefined ? [] : [`(${mark.text})`]),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** What a state does while it is entered, left and active, a line each. */
export function stateLines(
  { id, entry, exit, invokes, tags }: ChartState,
  overlay: Overlay,
): readonly string[] {
  const mark = overlay.states?.[id];
  return [
    ...entry.map((name) => `entry / ${name}`),
    ...exit.map((name) => `exit / ${name}`),
    ...invokes.map(({ src }) => `calls ${src}`),
    ...tags.map((tag) => `#${tag}`),
    ...(mark === undefined ? [] : [`(${mark.text})`]),
  ];
}

/** What a state is for its saga, as a class of its box; null: nothing. */
export function sagaClass({ saga, isUndoing }: ChartState): string | null {
  if (saga !== null && 'end' in saga) return saga.end;
  if (saga !== null && saga.role === 'pivot') return 'pivot';
  return isUndoing ? 'undo' : null;
}
