// What an event would do, or has done, in lines for people and as plain data for programs. Pure.

import type { AnyStateMachine, StateValue } from 'xstate';
import type { AcceptedReceipt, DuplicateReceipt } from '../../client/receipt.ts';
import type { ActorSnapshot } from '../../client/snapshot-view.ts';
import { statePaths } from '../../step/xstate.ts';
import type { Preview } from '../../turn/preview.ts';
import { formatMoment, isoTime } from '../text/moment.ts';

/** What was seen of an actor: how it is, and how the event would leave it. */
export interface Look {
  readonly actor: string;
  readonly event: { readonly type: string };
  /** Null: a virtual actor that would come into being. */
  readonly before: ActorSnapshot | null;
  readonly preview: Preview;
}

/** The active leaf states, as they are named everywhere: `pay.charging`, `pay.done mail.sending`. */
export function stateText(value: StateValue | undefined): string {
  return value === undefined ? '-' : statePaths(value).join(' ') || '-';
}

/** How an event is refused, and what would be taken instead. */
export function rejectionText(
  actor: string,
  { type }: { readonly type: string },
  value: StateValue,
  enabled: readonly string[],
): string {
  const others = enabled.filter((name) => name !== type);
  const isKnown = others.length < enabled.length;
  const why = isKnown ? 'refuses it as it is' : 'does not take it';
  const taken = others.length > 0 ? `; it has transitions for ${others.join(', ')}` : '';
  return `${type} was rejected: ${actor} is in ${stateText(value)}, which ${why}${taken}.`;
}

/** The look in lines: what would happen first, then what follows from it. */
export function lookLines({ actor, event, before, preview }: Look, now: number): readonly string[] {
  const { status, snapshot, enabled, error } = preview;
  if (status === 'rejected') return [rejectionText(actor, event, snapshot.value, enabled)];
  if (status === 'failed') {
    return [`${actor} would fail on ${event.type}: ${error?.name}: ${error?.message}`];
  }
  const { emitted, messages, effects, children, timers } = preview;
  return [
    `${actor} would take ${event.type}: ${stateText(before?.value)} → ${stateText(snapshot.value)}`,
    ...emitted.map(({ actor: from, event: fact }) => `  emits    ${fact.type} (${from})`),
    ...messages.map(({ to, event: sent }) => `  sends    ${sent.type} to ${to}`),
    ...children.started.map(({ id }) => `  starts   ${id}`),
    ...children.ended.map(({ id, status: ended }) => `  ends     ${id} (${ended})`),
    ...effects.stopped.map(({ actor: of, name, key }) => `  stops    ${name} of ${of}, key ${key}`),
    ...effects.started.map(({ actor: of, name, key }) => `  calls    ${name} of ${of}, key ${key}`),
    ...timers.cancelled.map(({ actor: of, eventType }) => `  disarms  ${eventType} of ${of}`),
    ...timers.armed.map(
      ({ actor: of, eventType, dueAt }) =>
        `  arms     ${eventType} of ${of}, due ${formatMoment(dueAt, now)}`,
    ),
  ];
}

/** The look as data. */
export function lookData({ actor, event, before, preview }: Look): object {
  const { status, snapshot, enabled, error, timers, ...consequences } = preview;
  return {
    dryRun: true,
    actor,
    event,
    status,
    before: before === null ? null : plainSnapshot(before),
    after: plainSnapshot(snapshot),
    ...(status === 'rejected' && { enabled }),
    ...(error !== null && { error }),
    ...(status === 'accepted' && {
      ...consequences,
      timers: { armed: timers.armed.map(timerData), cancelled: timers.cancelled.map(timerData) },
    }),
  };
}

/** Where an actor stands, without its context. */
export function plainSnapshot({
  machine,
  machineVersion,
  revision,
  status,
  value,
  timers,
  effects,
}: ActorSnapshot<AnyStateMachine>): object {
  return {
    machine,
    machineVersion,
    revision,
    status,
    value,
    timers: timers.map(timerData),
    effects: effects.map((effect) => ({ ...effect, retryAt: isoTime(effect.retryAt) })),
  };
}

function timerData<Timer extends { readonly dueAt: number }>(timer: Timer): object {
  return { ...timer, dueAt: isoTime(timer.dueAt) };
}

/** What became of an event that was sent and not rejected. */
export function receiptText(
  actor: string,
  { type }: { readonly type: string },
  receipt: AcceptedReceipt | DuplicateReceipt,
): string {
  if (receipt.status === 'duplicate') {
    const { revision, value } = receipt.first;
    return `${actor} has taken ${type} under this key before, at revision ${revision} in ${stateText(value)}. Nothing was changed.`;
  }
  return `${actor} took ${type} at revision ${receipt.revision}: now in ${stateText(receipt.value)}.`;
}

/** What the actor waits for: an engine that holds its effects has done none of it. */
export function waitingLines(snapshot: ActorSnapshot | null, now: number): readonly string[] {
  if (snapshot === null || snapshot.status !== 'active') return [];
  return [
    ...snapshot.effects.map(({ name, key }) => `  waits for the next engine: ${name}, key ${key}`),
    ...snapshot.timers.map(
      ({ eventType, dueAt }) =>
        `  waits for the next engine: ${eventType}, due ${formatMoment(dueAt, now)}`,
    ),
  ];
}
