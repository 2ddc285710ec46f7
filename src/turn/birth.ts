// The first step of an actor: a root that was asked for from outside, or a child that its parent's step
// started. Part of a unit of work: nothing is written here.

import { hashJson } from '../hash.ts';
import { eventLimits } from '../limits.ts';
import { selfHandle } from '../state/actor-row.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { ActorHandle } from '../step/handle.ts';
import type { Instruction } from '../step/instruction.ts';
import { initialStep, type StepResult } from '../step/step.ts';
import { type Applied, applyStep } from '../step/transition.ts';
import { carryOut } from './outward.ts';
import { TreeAnswers } from './tree-answers.ts';
import type { Birth, UnitScope } from './unit-scope.ts';
import { isParked, parkedError } from './view.ts';

/**
 * Starts an actor. A child id that was used before goes on with its revision, under the next
 * incarnation: the journal of an address has no gaps.
 * @throws what the machine's context factory or an initial action threw; nothing has changed then
 */
export function startActor(unit: UnitScope, birth: Birth): void {
  const { id, logic, input, parent, correlation, causation } = birth;
  const known = unit.actor(id);
  if (known !== null && isParked(known)) throw parkedError(known);
  const revision = (known?.revision ?? 0) + 1;
  const root = parent?.root ?? id;
  const self = selfHandle(id, unit.system);
  const answers = new TreeAnswers(unit, self, root, null, revision);
  const result = initialStep(logic, self, input, {
    revision,
    limits: eventLimits(unit.limits),
    answers,
  });
  const { now } = unit.output;
  const applied = applyStep(unborn(birth, self, known, result, now), result, revision, now);
  answers.keep();
  unit.output.started(applied.state, input, { correlation, causation });
  carryOut(unit, childrenFirst(applied), correlation);
}

/** The actor that its first step is applied to. `known`: who had this address before. */
export function unborn(
  { id, logic, input, parent }: Omit<Birth, 'correlation' | 'causation'>,
  self: ActorHandle,
  known: ActorState | null,
  { snapshot, stored }: StepResult,
  now: number,
): ActorState {
  return {
    id,
    root: parent?.root ?? id,
    parent: parent?.id ?? null,
    generation: parent?.generation ?? null,
    self,
    logic,
    revision: known?.revision ?? 0,
    incarnation: (known?.incarnation ?? 0) + 1,
    status: 'active',
    inputHash: hashJson(input ?? null),
    snapshot,
    stored,
    children: {},
    timers: {},
    effects: {},
    armed: known?.armed ?? 0,
    doubts: known?.doubts ?? [],
    answered: known?.answered ?? [],
    error: null,
    createdAt: now,
    updatedAt: now,
  };
}

/** As in XState, whose actors start their children before their own first actions are carried out. */
function childrenFirst(applied: Applied): Applied {
  const isStart = ({ type }: Instruction): boolean => type === 'startChild';
  const { outward } = applied;
  const rest = outward.filter((instruction) => !isStart(instruction));
  return { ...applied, outward: [...outward.filter(isStart), ...rest] };
}
