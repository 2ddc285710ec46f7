// Turns one envelope into a unit of work and the answer that its sender gets after the commit. Pure
// but for what it reads from the turn's memory; nothing is written here.

import { type RejectedReceipt, rejectedReceipt } from '../client/receipt.ts';
import { canonical } from '../codec.ts';
import { EngineError, isEngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { StepSystem } from '../step/handle.ts';
import type { FindSeed } from '../step/virtual.ts';
import { failActor, stopActor } from './ending.ts';
import type { Envelope, TreeOutcome } from './envelope.ts';
import { describeError, type EventMessage } from './message.ts';
import { resumeActor } from './resumption.ts';
import { startRoot } from './starting.ts';
import type { KeyedMessage, TurnMemory } from './turn-memory.ts';
import { Unit } from './unit.ts';
import type { UnitOutput } from './unit-output.ts';
import type { Delivery, UnitScope } from './unit-scope.ts';
import {
  checkRevision,
  isParked,
  isThere,
  Missing,
  notFound,
  parkedError,
  stepFailed,
} from './view.ts';

/** What a sender is told once the commit is durable. */
export type Answer =
  /** `entry`: index of the message's journal entry in the unit's output. */
  | { readonly type: 'accepted'; readonly entry: number; readonly state: ActorState }
  | { readonly type: 'duplicate'; readonly first: KeyedMessage }
  | { readonly type: 'rejected'; readonly receipt: RejectedReceipt }
  | { readonly type: 'started'; readonly created: boolean }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'migrated'; readonly outcome: TreeOutcome }
  | { readonly type: 'error'; readonly error: unknown }
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
  readonly findSeed: FindSeed;
  readonly now: number;
  /** Why this envelope alone could not be committed; it is refused, or its actor fails. */
  readonly poison: EngineError | null;
}

/** @throws Missing when something must be loaded first; nothing has changed then */
export function workOn(envelope: Envelope, context: WorkContext): Work {
  const { memory, system, limits, findSeed, now, poison } = context;
  const unit = new Unit({ view: memory, system, limits, findSeed, now });
  // An attempt cannot be refused, only be recorded: if that is not possible either, the engine stops.
  const answer =
    poison === null || envelope.kind === 'attempt'
      ? answerOrError(unit, memory, envelope)
      : refuse(unit, memory, envelope, poison);
  return { envelope, output: unit.output, answer };
}

/** What is refused before anything has happened is answered by its error. */
function answerOrError(unit: UnitScope, memory: TurnMemory, envelope: Envelope): Answer {
  try {
    return answerOf(unit, memory, envelope);
  } catch (error) {
    if (!isEngineError(error) || error.code === 'INVARIANT') throw error;
    return { type: 'error', error };
  }
}

function answerOf(unit: UnitScope, memory: TurnMemory, envelope: Envelope): Answer {
  switch (envelope.kind) {
    case 'message': {
      const { message } = envelope;
      const first = message.kind === 'event' ? firstUnderKey(memory, message) : null;
      if (first !== null) return first;
      checkRevision(unit.actor(message.target), message.target, envelope.expectedRevision);
      return answerTo(unit.deliver(message), message.target);
    }
    case 'start': {
      const { target: id } = envelope;
      const { created } = startRoot(unit, { ...envelope, id, causation: null });
      return { type: 'started', created };
    }
    case 'transact':
      return transact(unit, memory, envelope);
    case 'stop': {
      const { target } = envelope;
      const known = unit.actor(target);
      if (known === null) throw notFound(target);
      if (isParked(known)) throw parkedError(known);
      stopActor(unit, target, null, { correlation: null, causation: null });
      return { type: 'nothing' };
    }
    case 'migrate':
      return { type: 'migrated', outcome: envelope.run(unit) };
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

/** A throw gives up all that the callback has done; its key stays free. */
function transact(
  unit: UnitScope,
  memory: TurnMemory,
  { run, key }: Extract<Envelope, { kind: 'transact' }>,
): Answer {
  const before = key === null ? null : memory.transactionResult(key);
  if (before !== null) return { type: 'result', value: readResult(before) };
  const undo = unit.savepoint();
  try {
    const value = run(unit);
    if (key !== null) {
      const result = JSON.stringify({ value });
      unit.output.transactionResults.push({ key, result, at: unit.output.now });
    }
    return { type: 'result', value };
  } catch (error) {
    if (error instanceof Missing) throw error;
    undo();
    return { type: 'error', error };
  }
}

function readResult(text: string): unknown {
  return (JSON.parse(text) as { readonly value?: unknown }).value;
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
    const { message, settle } = envelope;
    const known = memory.actor(message.target);
    const isActive = isThere(known) && known.status === 'active';
    if (isActive && settle === null) failActor(unit, known, message, error);
    // Also when nobody is there, or not any more: an ask that waits for its answer must not vanish.
    else if (isThere(known) || settle === null) {
      const actor = isThere(known) ? known : { id: message.target, revision: 0 };
      unit.output.addDeadLetter(actor, message, 'STEP_FAILED', describeError(error));
    }
  }
  return { type: 'error', error };
}
