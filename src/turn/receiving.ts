// One actor receives one message: is it meant for this actor as it is now, what does the step make of
// it, and what if the step throws. Part of a unit of work: nothing is written here.

import type { EventObject } from 'xstate';
import { checkPayload } from '../client/intake.ts';
import { assertNever, EngineError } from '../errors.ts';
import { eventLimits } from '../limits.ts';
import type { ActorState } from '../state/actor-state.ts';
import { withKey, without } from '../state/actor-state.ts';
import { type StepResult, step } from '../step/step.ts';
import { type Applied, applyStep } from '../step/transition.ts';
import type { Seed } from '../step/virtual.ts';
import { handlesLate } from '../step/xstate.ts';
import { readdress } from '../versions/former-ids.ts';
import { startActor } from './birth.ts';
import { failActor } from './ending.ts';
import {
  type ChildMessage,
  describeError,
  type EffectMessage,
  type EventMessage,
  eventOf,
  type Message,
  originOf,
} from './message.ts';
import { answerAsk, carryOut, sendEvent } from './outward.ts';
import { afterNews, afterOutcome, afterTimer } from './settling.ts';
import { TreeAnswers } from './tree-answers.ts';
import type { Delivery, UnitScope } from './unit-scope.ts';
import { isThere, Missing } from './view.ts';

/** Processes a message for its target, and answers whoever asked. @throws Missing */
export function receive(unit: UnitScope, message: Message): Delivery {
  const delivery = deliver(unit, message);
  if (message.kind === 'event' && message.reply !== null) {
    answerAsk(unit, message.reply, delivery, message);
  }
  return delivery;
}

function deliver(unit: UnitScope, sent: Message): Delivery {
  const known = unit.actor(sent.target);
  const message = readdress(known, sent);
  if (known === null && message.kind === 'event' && message.generation === null) {
    const seed = unit.findSeed(message.target);
    if (seed !== null) return receiveFirst(unit, seed, message);
  }
  if (!isThere(known)) return undeliverable(unit, message, known);
  if (known.status !== 'active') return receiveAfterEnd(unit, known, message);
  switch (message.kind) {
    case 'event': {
      const { generation } = message;
      if (generation !== null && known.generation !== generation) return { type: 'dropped' };
      return take(unit, known, message, message.event);
    }
    case 'child':
      return receiveNews(unit, known, message);
    case 'effect':
      return receiveOutcome(unit, known, message);
    case 'timer': {
      const timer = known.timers[message.timerId];
      if (timer?.generation !== message.generation) return { type: 'dropped' };
      const due = afterTimer(known, message.timerId);
      if (timer.to === null) return take(unit, due, message, eventOf(message, timer.event));
      const fired = unit.output.noted(due, 'timer.fired', { id: timer.id }, message);
      sendEvent(unit, timer.to, timer.event, {
        correlation: message.correlation,
        causation: `${fired.id}@${fired.revision}`,
      });
      return { type: 'dropped' };
    }
    default:
      return assertNever(message);
  }
}

/** A virtual actor comes into being with its first message; one that is rejected leaves nothing, one that fails a letter. */
function receiveFirst(unit: UnitScope, seed: Seed, message: EventMessage): Delivery {
  const { target: id, correlation, causation } = message;
  const undo = unit.savepoint();
  const failFirst = (error: unknown): Delivery => {
    undo();
    unit.output.addDeadLetter({ id, revision: 0 }, message, 'STEP_FAILED', describeError(error));
    return { type: 'failed', error };
  };
  try {
    const input = checkPayload(seed.input(id), `the input of "${id}"`, unit.limits);
    startActor(unit, { id, logic: seed.logic, input, parent: null, correlation, causation });
  } catch (error) {
    if (error instanceof Missing) throw error;
    return failFirst(error);
  }
  const delivery = deliver(unit, message);
  if (delivery.type === 'rejected') undo();
  return delivery.type === 'failed' ? failFirst(delivery.error) : delivery;
}

/** A child's end or snapshot, if it is of the child that is there now. */
function receiveNews(unit: UnitScope, state: ActorState, message: ChildMessage): Delivery {
  const { childId, generation, news } = message;
  const entry = state.children[childId];
  if (entry?.generation !== generation || entry.status !== 'active') return { type: 'dropped' };
  return take(unit, afterNews(state, entry, news), message, eventOf(message, null));
}

/** The first outcome of an effect wins; one that nobody waits for any more is late. */
function receiveOutcome(unit: UnitScope, state: ActorState, message: EffectMessage): Delivery {
  const { effectId, generation, outcome, attempts } = message;
  const effect = state.effects[effectId];
  if (effect?.generation !== generation) return receiveLate(unit, state, message);
  if (effect.kind === 'action') {
    settleAction(unit, state, message);
    return { type: 'dropped' };
  }
  if (outcome.type === 'unknown') {
    unit.output.addDeadLetter(state, message, 'EFFECT_EXHAUSTED', { ...outcome.error, attempts });
  }
  return take(unit, afterOutcome(state, effect, outcome), message, eventOf(message, null));
}

/** An action has no outcome to tell: it only stops being asked for. */
function settleAction(unit: UnitScope, state: ActorState, message: EffectMessage): void {
  const { outcome, effectId } = message;
  if (outcome.type !== 'done')
    unit.output.addDeadLetter(state, message, 'ACTION_FAILED', outcome.error);
  unit.output.actors.set(state.id, { ...state, effects: without(state.effects, effectId) });
}

/** A machine may act on a late outcome by handling `effect.late`; a success that none does is kept. */
function receiveLate(unit: UnitScope, state: ActorState, message: EffectMessage): Delivery {
  if (message.outcome.type === 'done') {
    if (state.answered.includes(message.key)) return { type: 'dropped' };
    // One key, one call: this is the success that another effect under the key is waiting for.
    const waiting = Object.values(state.effects).find(({ key }) => key === message.key);
    if (waiting !== undefined) {
      const { id: effectId, generation } = waiting;
      unit.output.effectsSettled.push({ actor: state.id, id: effectId, generation });
      const answered = withKey(state.answered, message.key);
      return receiveOutcome(unit, { ...state, answered }, { ...message, effectId, generation });
    }
  }
  if (!handlesLate(state.logic, state.snapshot)) {
    noteLate(unit, state, message);
    return { type: 'dropped' };
  }
  const event = { type: 'effect.late', ...lateBody(message) };
  const delivery = take(unit, state, { ...message, late: true }, event);
  if (delivery.type === 'rejected') noteLate(unit, state, message);
  return delivery;
}

/** What is told and noted of an outcome that nobody waited for. */
function lateBody({ effectId: id, src, key, outcome }: EffectMessage): object {
  const detail = outcome.type === 'done' ? { output: outcome.output } : { error: outcome.error };
  return { id, src, key, outcome: outcome.type, ...detail };
}

function noteLate(unit: UnitScope, state: ActorState, message: EffectMessage): void {
  const { outcome, key } = message;
  if (outcome.type === 'unknown' || state.answered.includes(key)) return;
  const noted = unit.output.noted(state, 'effect.late', lateBody(message), message);
  if (outcome.type !== 'done') return;
  const advice =
    'It succeeded after its actor had stopped waiting. Undo it at the service, or accept it.';
  unit.output.addDeadLetter(noted, message, 'LATE_SUCCESS', {
    name: 'LateSuccess',
    message: advice,
  });
}

/** Finished, failed and stopped actors take no events; a late success is still recorded. */
function receiveAfterEnd(unit: UnitScope, state: ActorState, message: Message): Delivery {
  if (message.kind === 'effect') {
    const effect = state.effects[message.effectId];
    const waiting = effect?.generation === message.generation;
    if (waiting && effect.kind === 'action') settleAction(unit, state, message);
    // A failed actor keeps its effects: they run again, under their keys, when it is resumed.
    if (!waiting) noteLate(unit, state, message);
  }
  const news = message.kind === 'child' && message.news.type !== 'snapshot';
  const told = message.kind === 'event' && !message.outside && message.reply === null;
  if (state.status === 'error' && state.parent === null && (news || told)) {
    // A failed root can be resumed: what reached it in the meantime waits with its cause.
    const error = {
      name: 'ActorFailed',
      message: `"${state.id}" has failed and waits to be resumed.`,
    };
    unit.output.addDeadLetter(state, message, 'ACTOR_FAILED', error);
  }
  return message.kind === 'event' ? { type: 'rejected', state } : { type: 'dropped' };
}

function undeliverable(
  unit: UnitScope,
  message: Message,
  known: Extract<Delivery, { type: 'undeliverable' }>['known'],
): Delivery {
  // Outside senders get an error, askers a refusal; a message between actors would vanish, and so would
  // news for an actor that is only parked.
  const told = message.kind === 'event' && !message.outside && message.reply === null;
  const news = message.kind === 'child' && message.news.type !== 'snapshot' && known !== null;
  if (told || news) {
    const why = known === null ? 'there is no such actor' : 'it is parked';
    const error = { name: 'Undeliverable', message: `"${message.target}": ${why}.` };
    unit.output.addDeadLetter({ id: message.target, revision: 0 }, message, 'UNDELIVERABLE', error);
  }
  return { type: 'undeliverable', known };
}

/** Steps the actor. `state` has already forgotten what the message settles. */
function take(unit: UnitScope, state: ActorState, message: Message, event: EventObject): Delivery {
  const revision = state.revision + 1;
  const answers = new TreeAnswers(unit, state.self, state.root, state, revision);
  let result: StepResult;
  try {
    result = step(state, event, { revision, limits: eventLimits(unit.limits), answers });
  } catch (error) {
    if (answers.missing !== null) throw answers.missing;
    return fail(unit, message, error);
  }
  if (answers.missing !== null) throw answers.missing;
  const internal = message.kind !== 'event' && !isLate(message);
  if (!result.handled && !internal) return { type: 'rejected', state };
  if (Object.keys(result.children).length > unit.limits.children) {
    return fail(unit, message, tooManyChildren(state, unit));
  }
  let applied: Applied;
  try {
    applied = applyStep(state, result, revision, unit.output.now);
  } catch (error) {
    // An effect's own key function is user code too.
    return fail(unit, message, error);
  }
  answers.keep();
  const key = message.kind === 'event' ? message.key : null;
  const entry = unit.output.received(applied.state, event, originOf(message), key);
  carryOut(unit, applied, message.correlation);
  return { type: 'accepted', entry, state: applied.state };
}

function isLate(message: Message): boolean {
  return message.kind === 'effect' && message.late === true;
}

function tooManyChildren(state: ActorState, unit: UnitScope): EngineError {
  return new EngineError(
    'MACHINE_UNSUPPORTED',
    `Expected at most ${unit.limits.children} children of ${state.id}. Stop finished ones, or make them actors of their own.`,
  );
}

/**
 * A step threw: nothing of it has happened. A message from outside, or to a root from another actor, is
 * refused and kept; the actor goes on. An internal one cannot be refused: the actor fails with its last
 * good state. A child fails as in XState, and its parent is told.
 */
function fail(unit: UnitScope, message: Message, error: unknown): Delivery {
  const state = unit.state(message.target);
  const refused = message.kind === 'event' && (message.outside || state.parent === null);
  if (refused || isLate(message)) {
    unit.output.addDeadLetter(state, message, 'STEP_FAILED', describeError(error));
  } else failActor(unit, state, message, error);
  return { type: 'failed', error };
}
