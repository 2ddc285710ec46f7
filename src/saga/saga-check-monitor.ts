// What a saga really holds, whatever its context says: follows each path of the check from outside, by
// the calls that start and end, and says where the path breaks a rule. Never looks at the context. Pure.

import type { MarkedStep, SagaEnd, SagaMarks, StepMark } from './saga-check-marks.ts';

/** `may`: it may have been done. */
export type Hold = 'none' | 'may' | 'done' | 'undone';

export interface StepRecord {
  readonly hold: Hold;
  /** `failed`: the last undo call ended badly, or nobody knows how. */
  readonly undo: 'idle' | 'running' | 'failed';
  /** A late success: an undo call that had begun by then may have found nothing to undo. */
  readonly isOvertaken: boolean;
  /** Steps that were done when this one started. */
  readonly behind: readonly string[];
  /** The key that it ran under last. */
  readonly key: string;
}

export interface Monitor {
  readonly steps: Readonly<Record<string, StepRecord>>;
  /** A person has said that what is left is settled. */
  readonly isSigned: boolean;
}

/** How a call that a state has made came to its end. */
export type CallEnd = 'done' | 'rejected' | 'unknown';

export type Breach = {
  readonly code:
    | 'RUN_TWICE'
    | 'COMPENSATION_AFTER_PIVOT'
    | 'UNDO_ORDER'
    | 'MISSING_COMPENSATION'
    | 'COMPENSATED_WITH_FAILURE';
  readonly step: string;
  readonly message: string;
};

const UNTOUCHED: StepRecord = {
  hold: 'none',
  undo: 'idle',
  isOvertaken: false,
  behind: [],
  key: '',
};

export const NOTHING_YET: Monitor = { steps: {}, isSigned: false };

function recordOf({ steps }: Monitor, step: string): StepRecord {
  return steps[step] ?? UNTOUCHED;
}

function withRecord(monitor: Monitor, step: string, change: Partial<StepRecord>): Monitor {
  const record = { ...recordOf(monitor, step), ...change };
  return { ...monitor, steps: { ...monitor.steps, [step]: record } };
}

function mayHold({ hold }: StepRecord): boolean {
  return hold === 'may' || hold === 'done';
}

/** A state has made its call: from here on the step, or its undoing, may have happened. */
export function begin(monitor: Monitor, { step, role }: StepMark, key: string): Monitor {
  if (role === 'compensate') {
    return withRecord(monitor, step, { undo: 'running', isOvertaken: false });
  }
  const behind = Object.keys(monitor.steps).filter(
    (name) => recordOf(monitor, name).hold === 'done',
  );
  return withRecord(monitor, step, { ...UNTOUCHED, hold: 'may', behind: behind.sort(), key });
}

/** A call has told how it ended. */
export function end(monitor: Monitor, { step, role }: StepMark, how: CallEnd): Monitor {
  if (role !== 'compensate') {
    // A rejection is definite: the engine says `unknown` as long as an earlier try may have happened.
    const hold = how === 'done' ? 'done' : how === 'rejected' ? 'none' : 'may';
    return withRecord(monitor, step, { hold });
  }
  const { isOvertaken, hold } = recordOf(monitor, step);
  if (how !== 'done') return withRecord(monitor, step, { undo: 'failed' });
  const isUndone = !isOvertaken && hold !== 'none';
  return withRecord(monitor, step, { undo: 'idle', ...(isUndone && { hold: 'undone' as const }) });
}

/** A call was left alone by its state: it may still happen. */
export function stop(monitor: Monitor, { step, role }: StepMark): Monitor {
  return role === 'compensate' ? withRecord(monitor, step, { undo: 'failed' }) : monitor;
}

/** The chart has heard of a call after all. What it does not listen to is kept by the engine. */
export function hearLate(monitor: Monitor, { step, role }: StepMark, how: CallEnd): Monitor {
  const { hold, undo, isOvertaken } = recordOf(monitor, step);
  if (how === 'unknown') return monitor;
  if (role === 'compensate') {
    const isUndone = how === 'done' && !isOvertaken && undo !== 'running';
    return isUndone ? withRecord(monitor, step, { undo: 'idle', hold: 'undone' }) : monitor;
  }
  if (how === 'rejected')
    return hold === 'may' ? withRecord(monitor, step, { hold: 'none' }) : monitor;
  const wasUndoing = undo !== 'idle' || hold === 'undone';
  return withRecord(monitor, step, {
    hold: 'done',
    isOvertaken: wasUndoing,
    undo: undo === 'failed' ? 'idle' : undo,
  });
}

/** Which rules the start of this call breaks. `before`: what was held until then. */
export function breachesOfStart(
  before: Monitor,
  mark: StepMark,
  key: string,
  marks: SagaMarks,
): readonly Breach[] {
  if (mark.role === 'compensate') return breachesOfUndo(before, mark, marks);
  const { step } = mark;
  const record = recordOf(before, step);
  if (!mayHold(record) || record.key === key) return [];
  const message = `"${step}" runs again under another key although its last run ${record.hold === 'done' ? 'is' : 'may be'} done: it may happen twice. Keep its key (see keyed) until it is rejected or undone.`;
  return [{ code: 'RUN_TWICE', step, message }];
}

function breachesOfUndo(
  before: Monitor,
  { step, isOrderFree = false }: StepMark,
  { steps }: SagaMarks,
): readonly Breach[] {
  const pivots = steps.filter(({ name, isPivot }) => {
    // What was in doubt, a person has decided.
    const { hold } = recordOf(before, name);
    return isPivot && (hold === 'done' || (hold === 'may' && !before.isSigned));
  });
  const passed = pivots.map(({ name }): Breach => {
    const { hold } = recordOf(before, name);
    const message = `The undo of "${step}" starts although the pivot "${name}" ${hold === 'done' ? 'is' : 'may be'} done. Past the pivot a saga only goes forward.`;
    return { code: 'COMPENSATION_AFTER_PIVOT', step, message };
  });
  if (isOrderFree) return passed;
  const early = steps.filter((later) => isBlocked(before, step, later));
  const outOfOrder = early.map(({ name }): Breach => {
    const message = `The undo of "${step}" starts before that of "${name}", which started when "${step}" was done and may build on it. Undo "${name}" first.`;
    return { code: 'UNDO_ORDER', step, message };
  });
  return [...passed, ...outOfOrder];
}

/** Whether `later` builds on the step and is still to be undone. A failed undo blocks nothing. */
function isBlocked(before: Monitor, step: string, later: MarkedStep): boolean {
  if (!later.hasUndo || !later.mayFollow.has(step)) return false;
  const record = recordOf(before, later.name);
  return mayHold(record) && record.undo !== 'failed' && record.behind.includes(step);
}

/** What is still held at an end that is no success. */
export function breachesOfEnd(
  monitor: Monitor,
  sagaEnd: SagaEnd | null,
  { steps }: SagaMarks,
): readonly Breach[] {
  if (sagaEnd === 'completed') return [];
  if (sagaEnd === 'resolved' && monitor.isSigned) return [];
  const held = steps.filter(
    ({ name, needsNoUndo }) => !needsNoUndo && mayHold(recordOf(monitor, name)),
  );
  return held.map(({ name: step, hasUndo }) => {
    const { hold, undo } = recordOf(monitor, step);
    const what = hold === 'done' ? `"${step}" is done` : `"${step}" may have been done`;
    if (undo === 'failed' && sagaEnd === 'compensated') {
      const message = `It ends as compensated although the undo of "${step}" failed and was not made good. Let people look at it first.`;
      return { code: 'COMPENSATED_WITH_FAILURE', step, message };
    }
    const advice = hasUndo
      ? 'Let the path pass its undo.'
      : "Give it a compensating state, or say compensation: 'none' in its mark.";
    const ends = sagaEnd === null ? 'an end that does not say it completed' : `"${sagaEnd}"`;
    const message = `${what} and is not undone when the saga ends in ${ends}. ${advice}`;
    return { code: 'MISSING_COMPENSATION', step, message };
  });
}

/**
 * All that the monitor knows, as text: part of what tells two situations apart. Not the keys: a chart that
 * keeps them has them in its context, and one that does not gets another with every run.
 */
export function monitorText({ steps, isSigned }: Monitor): string {
  const parts = Object.entries(steps).map(
    ([name, { hold, undo, isOvertaken, behind }]) =>
      `${name}=${hold},${undo},${isOvertaken ? 'overtaken' : ''},${behind.join('+')}`,
  );
  return `${isSigned ? 'signed;' : ''}${parts.sort().join(';')}`;
}
