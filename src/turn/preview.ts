// What an event would do, without doing it: a unit of work inside of another one, read and thrown away.
// It sees what is committed, in the order of the mailbox; nothing of it is written or published.

import type { AnyStateMachine, EventObject } from 'xstate';
import { rejectedReceipt } from '../client/receipt.ts';
import { type ActorSnapshot, createSnapshot } from '../client/snapshot-view.ts';
import type { ActorId } from '../ids.ts';
import { snapshotLimits } from '../limits.ts';
import { writeActor } from '../state/actor-row.ts';
import type { ActorState } from '../state/actor-state.ts';
import { describeError, type EventMessage, type Message } from './message.ts';
import { Unit } from './unit.ts';
import type { EffectName, UnitOutput } from './unit-output.ts';
import type { Delivery, UnitScope } from './unit-scope.ts';
import { isThere, type Known, notFound, parkedError, stepFailed } from './view.ts';

/** A call that would be made or given up. */
export interface PreviewEffect {
  readonly actor: ActorId;
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly input: unknown;
}

export interface PreviewTimer {
  readonly actor: ActorId;
  readonly id: string;
  readonly eventType: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** What an event would do now: to the actor, and to all that it reaches in the same commit. */
export interface Preview<Machine extends AnyStateMachine = AnyStateMachine> {
  /** `failed`: the machine would throw, and the message be refused. */
  readonly status: 'accepted' | 'rejected' | 'failed';
  /** The actor afterwards; as it is, if the event would be rejected or fail. */
  readonly snapshot: ActorSnapshot<Machine>;
  /** Event types that the current state has transitions for, when the event would be rejected. */
  readonly enabled: readonly string[];
  /** Why it would fail; null otherwise. */
  readonly error: {
    readonly name: string;
    readonly message: string;
    readonly code?: string;
  } | null;
  /** Domain events, in order. */
  readonly emitted: readonly { readonly actor: ActorId; readonly event: EventObject }[];
  /** Events that actors would send to each other, in the order of their delivery; refused ones too. */
  readonly messages: readonly {
    readonly to: ActorId;
    readonly event: EventObject;
    /** The entry that would send it, `actor@revision`. */
    readonly causation: string | null;
  }[];
  readonly effects: {
    readonly started: readonly PreviewEffect[];
    readonly stopped: readonly PreviewEffect[];
  };
  readonly children: {
    readonly started: readonly { readonly id: ActorId; readonly input: unknown }[];
    /** Actors that would be stopped, be done or fail, the previewed one among them. */
    readonly ended: readonly { readonly id: ActorId; readonly status: ActorState['status'] }[];
  };
  readonly timers: {
    readonly armed: readonly PreviewTimer[];
    readonly cancelled: readonly PreviewTimer[];
  };
}

/** @throws Missing; EngineError `ACTOR_NOT_FOUND`, `ACTOR_PARKED` */
export function previewIn<Machine extends AnyStateMachine>(
  outer: UnitScope,
  message: EventMessage,
): Preview<Machine> {
  const { system, limits, findSeed, output } = outer;
  const unit = new RecordingUnit({ view: outer, system, limits, findSeed, now: output.now });
  const before = outer.actor(message.target);
  const delivery = unit.deliver(message);
  if (delivery.type === 'undeliverable') {
    throw delivery.known === null ? notFound(message.target) : parkedError(delivery.known);
  }
  const error = errorOf(delivery) ?? tooLarge(unit);
  const accepted = delivery.type === 'accepted' && error === null;
  const after = accepted ? unit.actor(message.target) : unchanged(before, delivery);
  // A virtual actor that would fail at its first message does not come into being.
  if (!isThere(after)) throw stepFailed(message.target, error);
  return {
    status: accepted ? 'accepted' : delivery.type === 'rejected' ? 'rejected' : 'failed',
    snapshot: createSnapshot<Machine>(after),
    enabled: delivery.type === 'rejected' ? rejectedReceipt(delivery.state).enabled : [],
    error,
    ...(accepted ? consequences(outer, unit) : NOTHING),
  };
}

/** A virtual actor that would reject its first message is shown as that message would have met it. */
function unchanged(before: Known, delivery: Delivery): Known {
  return before === null && delivery.type === 'rejected' ? delivery.state : before;
}

type Consequences = Pick<Preview, 'emitted' | 'messages' | 'effects' | 'children' | 'timers'>;

const NOTHING: Consequences = {
  emitted: [],
  messages: [],
  effects: { started: [], stopped: [] },
  children: { started: [], ended: [] },
  timers: { armed: [], cancelled: [] },
};

function errorOf(delivery: Delivery): Preview['error'] {
  return delivery.type === 'failed' ? describeError(delivery.error) : null;
}

/** The commit would refuse a state that is too large to store. */
function tooLarge({ output, limits }: UnitScope): Preview['error'] {
  try {
    for (const state of output.actors.values()) writeActor(state, snapshotLimits(limits));
    return null;
  } catch (error) {
    return describeError(error);
  }
}

/** Keeps the messages that come by. */
class RecordingUnit extends Unit {
  readonly messages: Message[] = [];

  override deliver(message: Message): Delivery {
    this.messages.push(message);
    return super.deliver(message);
  }
}

function consequences(outer: UnitScope, unit: RecordingUnit): Consequences {
  const { output, messages } = unit;
  return {
    emitted: output.facts.flatMap((fact) =>
      fact.type === 'emitted' ? [{ actor: fact.actor, event: fact.event }] : [],
    ),
    messages: messages
      .slice(1)
      .flatMap((message) =>
        message.kind === 'event'
          ? [{ to: message.target, event: message.event, causation: message.causation }]
          : [],
      ),
    effects: {
      started: named(unit, output.effectsStarted),
      stopped: named(outer, output.effectsStopped),
    },
    children: {
      started: output.facts.flatMap((fact) =>
        fact.type === 'started' ? [{ id: fact.state.id, input: fact.input ?? null }] : [],
      ),
      ended: ended(outer, output),
    },
    timers: timers(outer, output),
  };
}

/** Effects as they stand there; one that is started and stopped by the same event stands nowhere. */
function named(scope: UnitScope, names: readonly EffectName[]): readonly PreviewEffect[] {
  return names.flatMap(({ actor, id, generation }) => {
    const known = scope.actor(actor);
    const effect = isThere(known) ? known.effects[id] : undefined;
    if (effect?.generation !== generation) return [];
    const { src: name, key, input } = effect;
    return [{ actor, id, name, key, input }];
  });
}

function ended(outer: UnitScope, { actors }: UnitOutput): Preview['children']['ended'] {
  return [...actors.values()].flatMap(({ id, status }) => {
    const before = outer.actor(id);
    const was = isThere(before) ? before.status : 'active';
    return status !== 'active' && status !== was ? [{ id, status }] : [];
  });
}

function timers(outer: UnitScope, { actors }: UnitOutput): Preview['timers'] {
  const armed: PreviewTimer[] = [];
  const cancelled: PreviewTimer[] = [];
  for (const state of actors.values()) {
    const known = outer.actor(state.id);
    const before = isThere(known) ? known.timers : {};
    armed.push(...timersBeside(state.id, state.timers, before));
    cancelled.push(...timersBeside(state.id, before, state.timers));
  }
  return { armed, cancelled };
}

/** The timers that the others do not have, or have armed anew. */
function timersBeside(
  actor: ActorId,
  timers: ActorState['timers'],
  others: ActorState['timers'],
): readonly PreviewTimer[] {
  return Object.values(timers)
    .filter(({ id, generation }) => others[id]?.generation !== generation)
    .map(({ id, event, dueAt }) => ({ actor, id, eventType: event.type, dueAt }));
}
