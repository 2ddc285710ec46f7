// What a machine that waits for people, or for the world, has in common with a saga when it is one of a
// saga's steps: how its end reads from above, and that it can be told to give up. Such a machine holds
// nothing, so taking it back has nothing to do. Never says what is waited for.

import type { SagaFailure } from 'sagawright';

/** The saga above turns back, or its time is up: nobody waits any more. */
export interface GiveUp {
  readonly type: 'CANCEL';
  readonly reason?: string;
}

/** The input of a run in which a saga takes the step back. It ends at once. */
export interface UndoRun {
  readonly '~undoes': unknown;
}

/** How the machine's end reads from above, as a saga's own output does. */
export interface StepEnding {
  /** `completed`: the saga goes on. `compensated`: the step has failed and left nothing behind. */
  readonly status: 'completed' | 'compensated';
  /** Why the saga above turns back. Null in a run that took the step back. */
  readonly failure: SagaFailure | null;
  /** Nothing of it is ever settled by hand. */
  readonly resolution: null;
}

export function isUndoRun(input: object): input is UndoRun {
  return '~undoes' in input;
}

/** The end of a step that was waited for in vain, or of one that was taken back if it has no failure. */
export function endInVain(failure: SagaFailure | null): StepEnding {
  return { status: 'compensated', failure, resolution: null };
}

/** The end of a step that has brought what was waited for. */
export const WAITED_WELL: StepEnding = { status: 'completed', failure: null, resolution: null };
