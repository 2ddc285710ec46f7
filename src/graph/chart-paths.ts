// What leads where in a chart, and by it where a saga turns back: states that undo a step, and those that
// lead to undoing by themselves, with nobody saying another word. Pure; knows nothing of pictures.

import type { ChartState, ChartTransition } from './chart.ts';

/** States by id. */
export type States = ReadonlyMap<string, ChartState>;

/** Whether a state lies in another one, at whatever depth. */
export function isWithin(states: States, id: string, ancestor: string): boolean {
  const parent = states.get(id)?.parent ?? null;
  return parent !== null && (parent === ancestor || isWithin(states, parent, ancestor));
}

/** From every state without children that it can be taken in to every one that it can lead to. */
export type Arrow = readonly [from: string, to: string];

/** Ids of the states in which a saga is turning back; none for a chart without undos. */
export function undoingStates(
  states: readonly ChartState[],
  transitions: readonly ChartTransition[],
): ReadonlySet<string> {
  const undoes = ({ saga }: ChartState): boolean =>
    saga !== null && 'step' in saga && saga.role === 'compensate';
  if (!states.some(undoes)) return new Set();
  const completed = states.filter(({ saga }) => endOf(saga) === 'completed');
  const backward = states.filter((state) => undoes(state) || endOf(state.saga) === 'compensated');
  const alone = arrowsAlone(states, transitions);
  const asked = arrows(states, transitions, ({ label }) => label.kind === 'event');
  const goesOn = reaching(
    completed.map(({ id }) => id),
    alone,
  );
  const turnsBack = reaching(
    backward.map(({ id }) => id),
    alone,
  );
  const undoing = new Set<string>();
  for (const { id, kind, saga } of states) {
    if (kind === 'compound' || kind === 'parallel' || endOf(saga) !== null) continue;
    // Who waits for a word that may lead forward again has not turned back yet.
    const mayGoOn = asked.some(([from, to]) => from === id && goesOn.has(to));
    if (turnsBack.has(id) && !goesOn.has(id) && !mayGoOn) undoing.add(id);
  }
  for (const state of states.toReversed()) {
    if (state.children.length > 0 && state.children.every((child) => undoing.has(child))) {
      undoing.add(state.id);
    }
  }
  return undoing;
}

function endOf(saga: ChartState['saga']): string | null {
  return saga !== null && 'end' in saga ? saga.end : null;
}

/** What happens with nobody saying a word. */
export function arrowsAlone(
  states: readonly ChartState[],
  transitions: readonly ChartTransition[],
): readonly Arrow[] {
  return arrows(states, transitions, ({ label }) => label.kind !== 'event');
}

function arrows(
  states: readonly ChartState[],
  transitions: readonly ChartTransition[],
  applies: (transition: ChartTransition) => boolean,
): readonly Arrow[] {
  const byId: States = new Map(states.map((state) => [state.id, state]));
  return transitions.filter(applies).flatMap(({ source, targets }) => {
    const entered = targets.flatMap((target) => enteredBy(target, byId));
    return leavesOf(source, byId).flatMap((from) => entered.map((to): Arrow => [from, to]));
  });
}

function leavesOf(id: string, states: States): readonly string[] {
  const children = states.get(id)?.children ?? [];
  return children.length === 0 ? [id] : children.flatMap((child) => leavesOf(child, states));
}

function enteredBy(id: string, states: States): readonly string[] {
  const state = states.get(id);
  if (state?.kind === 'parallel')
    return state.children.flatMap((child) => enteredBy(child, states));
  return state?.initial == null ? [id] : enteredBy(state.initial, states);
}

/** All from which one of the ends can be reached, the ends among them. */
export function reaching(ends: readonly string[], steps: readonly Arrow[]): ReadonlySet<string> {
  const found = new Set(ends);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const [from, to] of steps) if (found.has(to)) found.add(from);
  }
  return found;
}
