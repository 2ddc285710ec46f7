// What comes from outside is checked here, before it can wait in the mailbox: ids, keys, event types,
// payloads. A refusal says what was expected, what came and what to do, and has changed nothing.

import type { EventObject } from 'xstate';
import { copyJson, encode, refuseMarkers, toPlain } from '../codec.ts';
import { EngineError } from '../errors.ts';
import { type ActorId, type IdempotencyKey, idempotencyKey } from '../ids.ts';
import { eventLimits, type Limits } from '../limits.ts';
import { checkMembers, checkText, type Members, refuseOption } from '../options.ts';
import { type EventMessage, isReservedType } from '../turn/message.ts';

export interface SendOptions {
  /** The same key again changes nothing and gets the first receipt; with another event it is an error. */
  readonly key?: string;
  /**
   * The actor's revision that the decision to send was made on, as a snapshot says it: if it has changed
   * since, nothing happens and the promise rejects with `REVISION_CONFLICT`. A receipt's is that of the
   * message alone: what the actor has emitted by it counts on.
   */
  readonly expectedRevision?: number;
  /** Carried by every journal entry that this message causes. */
  readonly correlation?: string;
}

const SEND_OPTIONS: Members<SendOptions> = {
  key: true,
  expectedRevision: true,
  correlation: true,
};

/** @throws EngineError `BAD_EVENT`, `BAD_KEY`, `BAD_OPTION`, `BAD_VALUE`, `VALUE_TOO_LARGE` */
export function createMessage(
  target: ActorId,
  event: unknown,
  options: SendOptions,
  limits: Limits,
): EventMessage {
  checkMembers(options, 'the options of send', SEND_OPTIONS);
  checkText(options.correlation, 'correlation');
  checkExpectedRevision(options.expectedRevision);
  return {
    kind: 'event',
    target,
    event: checkEvent(event, limits),
    outside: true,
    key: checkKey(options.key),
    generation: null,
    reply: null,
    correlation: options.correlation ?? null,
    causation: null,
  };
}

/** @throws EngineError `BAD_OPTION` */
export function checkExpectedRevision(expected: unknown): void {
  if (expected === undefined || (Number.isSafeInteger(expected) && Number(expected) >= 0)) return;
  refuseOption('expectedRevision', 'a whole number, 0 for an actor that is not there', expected);
}

function checkEvent(event: unknown, limits: Limits): EventObject {
  if (
    typeof event !== 'object' ||
    event === null ||
    !('type' in event) ||
    typeof event.type !== 'string'
  ) {
    throw new EngineError(
      'BAD_EVENT',
      `Expected an event object with a string "type", got ${describe(event)}. Send { type: 'order.cancel', ... }.`,
    );
  }
  const { type } = event;
  if (type === '' || isReservedType(type)) {
    throw new EngineError(
      'BAD_EVENT',
      `Expected an event type of your own, got "${type}". Types that start with "xstate." or "effect." come from the engine only.`,
      { details: { type } },
    );
  }
  return { ...(checkPayload(event, 'event', limits) as object), type };
}

/** A value from outside as it will be stored. @throws EngineError `BAD_VALUE`, `VALUE_TOO_LARGE` */
export function checkPayload(value: unknown, what: string, limits: Limits): unknown {
  const bounds = eventLimits(limits);
  const plain = toPlain(value, what, bounds);
  refuseMarkers(plain, what);
  encode(plain, what, bounds);
  // A copy: what its owner does to the value from now on must not reach an actor.
  return copyJson(plain);
}

function checkKey(key: string | undefined): IdempotencyKey | null {
  return key === undefined ? null : idempotencyKey(key);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'object') return 'an object without it';
  return `${typeof value} ${JSON.stringify(value) ?? ''}`.trim();
}
