// Everything that can reach an actor, as one closed union of plain data: what does not fit a turn is
// stored as it is, and what cannot be processed is kept as a dead letter and delivered again.

import type { EventObject } from 'xstate';
import type { EffectError } from '../effects/effect.ts';
import type { ActorId, IdempotencyKey } from '../ids.ts';
import type { Target } from '../step/instruction.ts';

/** Who asked, and under which child id the answer is awaited. */
export interface AskReply {
  readonly asker: ActorId;
  readonly childId: string;
  readonly generation: number;
}

/** How an effect's attempts ended. */
export type Outcome =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'rejected' | 'unknown'; readonly error: EffectError };

/** What a child has to tell its parent. */
export type ChildNews =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'error'; readonly error: unknown }
  | { readonly type: 'snapshot'; readonly snapshot: unknown };

/** Why the engine gave up on a message; each is explained in docs/errors.md. */
export type DeadLetterReason =
  | 'STEP_FAILED'
  | 'ACTOR_FAILED'
  | 'EFFECT_EXHAUSTED'
  | 'LATE_SUCCESS'
  | 'UNDELIVERABLE'
  | 'ACTION_FAILED';

/** Before the `actor@revision` of an event that was sent, but reads as if the engine had made it. */
export const SENT = 'sent:';

/** Where something comes from: what its sender named, and what caused it. */
export interface Origin {
  readonly correlation: string | null;
  /** `actor@revision`, `sent:actor@revision`, `effect:<key>`, `timer:<id>@<generation>`. */
  readonly causation: string | null;
}

const BY_ACTOR = /^(?:sent:)?(?!effect:|timer:|transaction:)(.+)@\d+$/s;

/** The actor that an origin names; null for the outside, timers, effects and transactions. */
export function senderIn({ causation }: Origin): ActorId | null {
  // Ids never start like other causes (ids.ts); one that starts like a transaction is taken for it.
  return ((causation !== null && BY_ACTOR.exec(causation)?.[1]) || null) as ActorId | null;
}

interface MessageBase extends Origin {
  readonly target: ActorId;
}

export type Message = MessageBase &
  (
    | {
        readonly kind: 'event';
        readonly event: EventObject;
        /** From outside: a throw refuses it. From another actor: the same, but a child fails. */
        readonly outside: boolean;
        readonly key: IdempotencyKey | null;
        /** The child meant, by generation; null when any will do. */
        readonly generation: number | null;
        readonly reply: AskReply | null;
      }
    | {
        readonly kind: 'child';
        readonly childId: string;
        readonly generation: number;
        readonly news: ChildNews;
      }
    | {
        readonly kind: 'effect';
        readonly effectId: string;
        readonly generation: number;
        readonly src: string;
        readonly key: string;
        readonly outcome: Outcome;
        readonly attempts: number;
        /** Nobody waits for it any more: it is offered to the machine as `effect.late`. */
        readonly late?: true;
      }
    | { readonly kind: 'timer'; readonly timerId: string; readonly generation: number }
  );

export type EventMessage = Extract<Message, { readonly kind: 'event' }>;
export type ChildMessage = Extract<Message, { readonly kind: 'child' }>;
export type EffectMessage = Extract<Message, { readonly kind: 'effect' }>;

/**
 * What the journal entry of a received message names as its origin. An event that only reads like news of
 * a child (an escalated error, for one) is marked, so that the entry alone tells the two apart.
 */
export function originOf(message: Message): Origin {
  if (message.kind !== 'event' || !/^xstate\.(done|error)\.actor\./.test(message.event.type)) {
    return message;
  }
  return { correlation: message.correlation, causation: `${SENT}${message.causation}` };
}

/** An event from one actor to another, a question if it says where the reply goes. */
export function eventMessage(
  { address, generation }: Target,
  event: EventObject,
  reply: AskReply | null,
  { correlation, causation }: Origin,
): EventMessage {
  return {
    kind: 'event',
    target: address,
    event,
    outside: false,
    key: null,
    generation,
    reply,
    correlation,
    causation,
  };
}

/** What a child, or an ask, has to tell. */
export function childMessage(
  target: ActorId,
  { childId, generation }: Pick<ChildMessage, 'childId' | 'generation'>,
  news: ChildNews,
  { correlation, causation }: Origin,
): ChildMessage {
  return { kind: 'child', target, childId, generation, news, correlation, causation };
}

/** Whether only the engine and XState may send events of this type. */
export function isReservedType(type: string): boolean {
  return type.startsWith('xstate.') || type.startsWith('effect.');
}

/** The event that a machine sees for the message. */
export function eventOf(message: Message, timerEvent: EventObject | null): EventObject {
  switch (message.kind) {
    case 'event':
      return message.event;
    case 'timer':
      return timerEvent ?? { type: `xstate.after.${message.timerId}` };
    case 'child':
      return childEvent(message.childId, message.news);
    case 'effect': {
      const { outcome, effectId } = message;
      return outcome.type === 'done'
        ? childEvent(effectId, outcome)
        : childEvent(effectId, { type: 'error', error: outcome.error });
    }
  }
}

function childEvent(id: string, news: ChildNews): EventObject {
  switch (news.type) {
    case 'done': {
      const event = { type: `xstate.done.actor.${id}`, output: news.output, actorId: id };
      return event;
    }
    case 'error': {
      const event = { type: `xstate.error.actor.${id}`, error: news.error, actorId: id };
      return event;
    }
    case 'snapshot': {
      const event = { type: `xstate.snapshot.${id}`, snapshot: news.snapshot };
      return event;
    }
  }
}

/** A thrown value as plain data: what parents, dead letters and people get to see of it. */
export function describeError(error: unknown): {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
} {
  try {
    if (typeof error === 'object' && error !== null && 'message' in error) {
      const { name, message, code } = error as { name?: unknown; message: unknown; code?: unknown };
      const described = {
        name: typeof name === 'string' ? name : 'Error',
        message: textOf(message),
      };
      return typeof code === 'string' ? { ...described, code } : described;
    }
  } catch {
    // A getter of its own threw: it is described as what has no text.
  }
  return { name: 'Error', message: textOf(error) };
}

/** Anything can be thrown, also what has no text: an object without prototype, a broken toString. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'A value that has no text was thrown.';
  }
}
