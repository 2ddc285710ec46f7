// The first step of an actor: a root that was asked for from outside, or a child that its parent's step
// started. Part of a unit of work: nothing is written here.

import { selfHandle } from './actor-row.ts';
import type { ActorState } from './actor-state.ts';
import { hashJson } from './hash.ts';
import { eventLimits } from './limits.ts';
import { carryOut } from './outward.ts';
import { initialStep } from './step.ts';
import { applyStep } from './transition.ts';
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
  const unborn: ActorState = {
    id,
    root,
    parent: parent?.id ?? null,
    generation: parent?.generation ?? null,
    self,
    logic,
    revision: revision - 1,
    incarnation: (known?.incarnation ?? 0) + 1,
    status: 'active',
    inputHash: hashJson(input ?? null),
    snapshot: result.snapshot,
    stored: result.stored,
    children: {},
    timers: {},
    effects: {},
    armed: known?.armed ?? 0,
    error: null,
    createdAt: now,
    updatedAt: now,
  };
  const applied = applyStep(unborn, result, revision, now);
  answers.keep();
  unit.output.started(applied.state, input, { correlation, causation });
  carryOut(unit, applied, correlation);
}
