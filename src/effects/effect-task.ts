// One effect as the runner sees it: what is stored of it, joined with the code and the policy that the
// machine's registration gives. Pure.

import type { ActorId } from '../ids.ts';
import { type ActorState, hasOwnKey, type PendingEffect } from '../state/actor-state.ts';
import type { ActorHandle } from '../step/handle.ts';
import { describeError, type EffectMessage, type Outcome } from '../turn/message.ts';
import type { EffectName } from '../turn/unit-output.ts';
import type { EffectCode } from './attempt.ts';
import {
  type EffectError,
  type EffectPolicy,
  type Handlers,
  type Reconciled,
  SINGLE_ATTEMPT,
} from './effect.ts';

export interface EffectTask {
  readonly actor: ActorId;
  readonly effect: PendingEffect;
  readonly self: ActorHandle;
  readonly policy: EffectPolicy;
  readonly code: EffectCode;
  /** The effect names its key itself: other effects of the actor may share it. */
  readonly ownKey: boolean;
}

export function createTask(
  state: ActorState,
  effect: PendingEffect,
  handlers: Handlers,
): EffectTask {
  const { id: actor, self, logic } = state;
  const common = { actor, effect, self };
  if (effect.kind === 'action') {
    const code = { handler: null, creator: actionCreator(state, effect) };
    return { ...common, policy: SINGLE_ATTEMPT, code, ownKey: false };
  }
  const source = logic.sources.get(effect.src);
  const declared = source?.kind === 'effect' ? source : null;
  return {
    ...common,
    policy: declared?.policy ?? SINGLE_ATTEMPT,
    ownKey: hasOwnKey(actor, effect),
    code: {
      handler: handlers[effect.src] ?? declared?.handler ?? null,
      creator: declared?.creator ?? null,
    },
  };
}

/** A named action as code: it gets the committed context, as its effect is outside the step. */
function actionCreator(state: ActorState, effect: PendingEffect): EffectCode['creator'] {
  const { logic, snapshot, self } = state;
  const action: unknown =
    logic.kind === 'machine' ? logic.machine.implementations.actions[effect.src] : undefined;
  return async ({ input }) => {
    if (typeof action !== 'function') return null;
    const { params, event } = input as { params: unknown; event: unknown };
    const result: unknown = action(
      { context: snapshot.context, event, self, system: self.system },
      params,
    );
    await result;
    return null;
  };
}

export function nameOf({ actor, effect }: EffectTask): EffectName {
  return { actor, id: effect.id, generation: effect.generation };
}

/** The `causation` of an outcome's journal entry: by it, an effect's end is found by its key. */
export function effectCause(key: string): string {
  return `effect:${key}`;
}

/** The message that brings an outcome home. */
export function outcomeMessage(task: EffectTask, outcome: Outcome): EffectMessage {
  const { actor, effect } = task;
  const { id: effectId, generation, src, key, attempt: attempts } = effect;
  return {
    kind: 'effect',
    target: actor,
    effectId,
    generation,
    src,
    key,
    outcome,
    attempts,
    correlation: null,
    causation: effectCause(key),
  };
}

/** How an effect has ended badly, unless its service has found it done. */
export function outcomeOf(
  task: EffectTask,
  found: Reconciled<unknown>,
  error: unknown,
  code: string,
): Outcome {
  if (typeof found === 'object') return { type: 'done', output: found.done };
  const type = found === 'absent' ? 'rejected' : 'unknown';
  return { type, error: effectErrorOf(task, error, type, code) };
}

function effectErrorOf(
  task: EffectTask,
  error: unknown,
  outcome: EffectError['outcome'],
  code: string,
): EffectError {
  const { name, message, code: own } = describeError(error);
  return {
    name,
    message,
    code: own ?? code,
    outcome,
    attempts: task.effect.attempt,
    key: task.effect.key,
    details: plainDetails(error),
  };
}

/** Details are for people and machines; what is not JSON is left out rather than losing the outcome. */
function plainDetails(error: unknown): EffectError['details'] {
  try {
    const details =
      typeof error === 'object' && error !== null && 'details' in error ? error.details : {};
    const plain: unknown = JSON.parse(JSON.stringify(details));
    return typeof plain === 'object' && plain !== null ? (plain as EffectError['details']) : {};
  } catch {
    return {};
  }
}
