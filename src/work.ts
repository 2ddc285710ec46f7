// Turns one envelope into a unit of work and the answer that its sender gets after the commit. Pure
// but for what it reads from the turn's memory; nothing is written here.

import type { ActorState } from './actor-state.ts';
import { canonical } from './codec.ts';
import { failActor, stopActor } from './ending.ts';
import type { Envelope } from './envelope.ts';
import { EngineError } from './errors.ts';
import type { StepSystem } from './handle.ts';
import { hashJson } from './hash.ts';
import type { ActorId } from './ids.ts';
import type { Limits } from './limits.ts';
import { describeError, type EventMessage } from './message.ts';
import { type RejectedReceipt, rejectedReceipt } from './receipt.ts';
import { resumeActor } from './resumption.ts';
import type { KeyedMessage, TurnMemory } from './turn-memory.ts';
import { Unit } from './unit.ts';
import type { UnitOutput } from './unit-output.ts';
import type { Delivery, UnitScope } from './unit-scope.ts';
import { isParked, isThere, Missing, notFound, parkedError } from './view.ts';

/** What a sender is told once the commit is durable. */
export type Answer =
  /** `entry`: index of the message's journal entry in the unit's output. */
  | { readonly type: 'accepted'; readonly entry: number; readonly state: ActorState }
  | { readonly type: 'duplicate'; readonly first: KeyedMessage }
  | { readonly type: 'rejected'; readonly receipt: RejectedReceipt }
  | { readonly type: 'started'; readonly created: boolean; readonly id: ActorId }
  | { readonly type: 'error'; readonly error: EngineError }
  | { readonly type: 'nothing' };

export interface Work {
  readonly envelope: Envelope;
  readonly output: UnitOutput;
  readonly answer: Answer;
}

export interface WorkContext {
  readonly memory: TurnMemory;
  readonly system: StepSystem;
  readonly limits: Limits;
  readonly now: number;
  /** Why this envelope alone could not be committed; it is refused, or its actor fails. */
  readonly poison: EngineError | null;
}

/** @throws Missing when something must be loaded first; nothing has changed then */
export function workOn(envelope: Envelope, context: WorkContext): Work {
  const { memory, system, limits, now, poison } = context;
  const unit = new Unit({ view: memory, system, limits, now });
  const answer =
    poison === null ? answerOf(unit, memory, envelope) : refuse(unit, memory, envelope, poison);
  return { envelope, output: unit.output, answer };
}

function answerOf(unit: UnitScope, memory: TurnMemory, envelope: Envelope): Answer {
  switch (envelope.kind) {
    case 'message': {
      const { message } = envelope;
      const first = message.kind === 'event' ? firstUnderKey(memory, message) : null;
      if (first !== null) return first;
      return answerTo(unit.deliver(message), message.target);
    }
    case 'start':
      return start(unit, envelope);
    case 'stop': {
      const { target } = envelope;
      const known = unit.actor(target);
      if (known === null) return { type: 'error', error: notFound(target) };
      if (isParked(known)) return { type: 'error', error: parkedError(known) };
      stopActor(unit, target, null, { correlation: null, causation: null });
      return { type: 'nothing' };
    }
    case 'attempt':
      return recordAttempt(unit, envelope);
    case 'touch': {
      const known = unit.actor(envelope.target);
      if (isThere(known)) unit.output.actors.set(known.id, known);
      return { type: 'nothing' };
    }
    case 'resume': {
      const { target, message } = envelope;
      // Its sender may have tried again in the meantime.
      const first = message.kind === 'event' ? firstUnderKey(memory, message) : null;
      return first ?? answerTo(resumeActor(unit, target, message), target);
    }
  }
}

function firstUnderKey(memory: TurnMemory, message: EventMessage): Answer | null {
  const { target: actor, key, event } = message;
  if (key === null) return null;
  const first = memory.key({ actor, key });
  if (first === null) return null;
  if (canonical(JSON.parse(first.data)) === canonical(event)) return { type: 'duplicate', first };
  return {
    type: 'error',
    error: new EngineError(
      'KEY_REUSED',
      `Expected the event that was first sent to "${actor}" under key "${key}", got another body. Use a new key for a new message.`,
      { details: { actor, key } },
    ),
  };
}

function answerTo(delivery: Delivery, id: ActorId): Answer {
  switch (delivery.type) {
    case 'accepted':
      return delivery;
    case 'rejected':
      return { type: 'rejected', receipt: rejectedReceipt(delivery.state) };
    case 'failed':
      return { type: 'error', error: stepFailed(id, delivery.error) };
    case 'undeliverable':
      return {
        type: 'error',
        error: delivery.known === null ? notFound(id) : parkedError(delivery.known),
      };
    case 'dropped':
      return { type: 'nothing' };
  }
}

function start(unit: UnitScope, envelope: Extract<Envelope, { kind: 'start' }>): Answer {
  const { target: id, logic, input, correlation, ifExists } = envelope;
  const known = unit.actor(id);
  if (known === null) {
    try {
      unit.start({ id, logic, input, parent: null, correlation, causation: null });
      return { type: 'started', created: true, id };
    } catch (error) {
      if (error instanceof Missing) throw error;
      return { type: 'error', error: stepFailed(id, error) };
    }
  }
  if (isParked(known)) return { type: 'error', error: parkedError(known) };
  const sameMachine = known.logic.name === logic.name;
  if (ifExists === 'attach' && sameMachine && known.inputHash === hashJson(input ?? null)) {
    return { type: 'started', created: false, id };
  }
  const what = ifExists === 'attach' ? 'started with the same machine and input' : 'free';
  return {
    type: 'error',
    error: new EngineError(
      'ACTOR_EXISTS',
      `Expected id "${id}" to be ${what}, but an actor of machine "${known.logic.name}" is there (${known.status}). Choose another id, or pass ifExists: 'attach' with the input it was started with.`,
      { details: { actor: id, status: known.status } },
    ),
  };
}

/** Only the row changes: an attempt is not a message and not part of the journal. */
function recordAttempt(unit: UnitScope, envelope: Extract<Envelope, { kind: 'attempt' }>): Answer {
  const { record } = envelope;
  const { actor, id, generation } = envelope.effect;
  const state = unit.actor(actor);
  if (!isThere(state)) return { type: 'nothing' };
  const effect = state.effects[id];
  if (effect?.generation !== generation) return { type: 'nothing' };
  const effects = { ...state.effects, [id]: { ...effect, ...record } };
  unit.output.actors.set(actor, { ...state, effects });
  return { type: 'nothing' };
}

/** What cannot be committed on its own is refused; an internal message fails its actor instead. */
function refuse(
  unit: UnitScope,
  memory: TurnMemory,
  envelope: Envelope,
  error: EngineError,
): Answer {
  if (envelope.kind === 'message') {
    const known = memory.actor(envelope.message.target);
    if (isThere(known)) {
      const { message } = envelope;
      if (envelope.settle === null) failActor(unit, known, message, error);
      else unit.output.addDeadLetter(known, message, 'STEP_FAILED', describeError(error));
    }
  }
  return { type: 'error', error };
}

function stepFailed(id: ActorId, cause: unknown): EngineError {
  const { message } = describeError(cause);
  return new EngineError(
    'STEP_FAILED',
    `The step of "${id}" threw: ${message.replace(/\.$/, '')}. Nothing changed; correct the event or the machine.`,
    { cause, details: { actor: id } },
  );
}
