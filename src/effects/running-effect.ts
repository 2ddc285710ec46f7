// An effect that this process is busy with, from its adoption to its outcome. Only the runner changes
// it; nothing in here survives the process, and nothing has to.

import type { Timer } from '../platform.ts';
import type { AttemptRecord } from '../state/actor-state.ts';
import type { Outcome } from '../turn/message.ts';
import type { EffectName } from '../turn/unit-output.ts';
import type { AttemptSignal } from './attempt.ts';
import type { EffectTask } from './effect-task.ts';

export interface Running {
  task: EffectTask;
  readonly attempts: Set<AttemptSignal>;
  /** Its state was left: what it still brings is late. */
  stopped: boolean;
  outcome: Outcome['type'] | null;
  timer: Timer | null;
  /** What is committed before its attempt, once it has a place; null: its row says so already. */
  record: AttemptRecord | null;
  /** It holds a place, and its attempt starts when its record is committed. */
  placed: boolean;
}

export function createRunning(task: EffectTask): Running {
  return {
    task,
    attempts: new Set(),
    stopped: false,
    outcome: null,
    timer: null,
    record: null,
    placed: false,
  };
}

/** One text for an effect: ids hold no control characters. */
export function nameKey({ actor, id, generation }: EffectName): string {
  return `${actor}\n${id}\n${generation}`;
}
