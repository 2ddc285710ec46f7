// What a step asks of other actors, carried out in the order in which XState recorded it: messages,
// children started and stopped, asks and their answers, snapshots for a parent that watches.
// Part of a unit of work: nothing is written here.

import type { EventObject } from 'xstate';
import { rejectedReceipt } from '../client/receipt.ts';
import type { EffectError } from '../effects/effect.ts';
import { EngineError } from '../errors.ts';
import { type ActorId, actorAddress, childAddress, ownIdOf, parentOf } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { Instruction, Target } from '../step/instruction.ts';
import type { ChildSource, HostedLogic } from '../step/logic.ts';
import type { Applied } from '../step/transition.ts';
import { storedSnapshot } from '../step/xstate.ts';
import { endActor, stopActor } from './ending.ts';
import {
  type AskReply,
  type ChildNews,
  childMessage,
  describeError,
  eventMessage,
  type Origin,
} from './message.ts';
import type { Delivery, UnitScope } from './unit-scope.ts';
import { isThere, Missing } from './view.ts';

type StartChild = Extract<Instruction, { type: 'startChild' }>;

/** Carries out what the step asked for; the actor itself is already in the unit's output. */
export function carryOut(unit: UnitScope, applied: Applied, correlation: string | null): void {
  const { started, stopped } = applied;
  const origin: Origin = {
    correlation,
    causation: `${applied.state.id}@${applied.state.revision}`,
  };
  let { state } = applied;
  unit.output.effectsStarted.push(...started);
  unit.output.effectsStopped.push(...stopped);
  for (const instruction of startsFirst(applied)) {
    if (instruction.type === 'emit') {
      // Among the others, as in XState: what a message makes another actor emit keeps its place.
      const next = unit.output.emitted(unit.state(state.id), instruction.event, origin);
      if (!isGone(unit, state)) state = next;
    } else if (instruction.type !== 'startChild' || !isGone(unit, state)) {
      carryOutOne(unit, state, instruction, origin);
    }
  }
  if (isGone(unit, state)) return;
  if (state.status !== 'active') endActor(unit, state, origin);
  else tellSnapshot(unit, state, origin);
}

/**
 * Whether what the step has sent made its parent stop it, and perhaps start another one under its id:
 * children that it would start now could never be stopped.
 */
function isGone(unit: UnitScope, { id, incarnation }: ActorState): boolean {
  const now = unit.state(id);
  return now.incarnation !== incarnation || now.status === 'stopped';
}

/**
 * A child starts before it receives: what an entry action sends to a child that its own state invokes
 * was recorded before the start, and follows it here. As in XState, which queues it at the child.
 */
function startsFirst({
  outward,
  state: { id: parent, revision },
}: Applied): readonly Instruction[] {
  const starts = outward.filter((instruction) => instruction.type === 'startChild');
  if (starts.length === 0) return outward;
  const early = new Map<string, Instruction[]>();
  for (const { id } of starts) early.set(childAddress(parent, id), []);
  const ordered: Instruction[] = [];
  for (const instruction of outward) {
    const to = instruction.type === 'send' ? instruction.to : null;
    const waiting = to?.generation === revision ? early.get(to.address) : undefined;
    (waiting ?? ordered).push(instruction);
    if (instruction.type !== 'startChild') continue;
    const child = childAddress(parent, instruction.id);
    ordered.push(...(early.get(child) ?? []));
    early.delete(child);
  }
  return ordered;
}

function carryOutOne(
  unit: UnitScope,
  state: ActorState,
  instruction: Instruction,
  origin: Origin,
): void {
  switch (instruction.type) {
    case 'send':
      return sendEvent(unit, instruction.to, instruction.event, origin);
    case 'startChild':
      return startChild(unit, state, instruction, origin);
    case 'stopChild':
      return stopActor(
        unit,
        childAddress(state.id, instruction.id),
        instruction.generation,
        origin,
      );
    case 'log':
    case 'warning':
      unit.output.facts.push({ ...instruction, actor: state.id });
      return;
    case 'runAction':
      if (instruction.inline === null) return;
      unit.output.facts.push({ type: 'inline', actor: state.id, run: instruction.inline });
      return;
    default:
      // Emitted events are journaled by the caller; timers and named actions are part of the actor's own row.
      return;
  }
}

/** Effects and asks take no events; as in XState, what is sent to one is dropped. */
function isDeaf(unit: UnitScope, { address, generation }: Target): boolean {
  const parentId = parentOf(address);
  if (generation === null || parentId === null) return false;
  const parent = unit.actor(parentId);
  if (!isThere(parent)) return false;
  const entry = parent.children[ownIdOf(address)];
  return entry?.generation === generation && entry.kind !== 'actor';
}

/** Sends an event from one actor to another, within the unit. */
export function sendEvent(unit: UnitScope, to: Target, event: EventObject, origin: Origin): void {
  if (!isDeaf(unit, to)) unit.deliver(eventMessage(to, event, null, origin));
}

function startChild(
  unit: UnitScope,
  state: ActorState,
  instruction: StartChild,
  origin: Origin,
): void {
  const { id, src, input } = instruction;
  const source = state.logic.sources.get(src);
  const child = { childId: id, generation: state.children[id]?.generation ?? state.revision };
  if (source?.kind === 'ask') sendAsk(unit, state, source, input, child, origin);
  if (source?.kind !== 'actor') return;
  try {
    unit.start({
      ...childBirth(unit, state, id, source.logic, child.generation),
      input,
      ...origin,
    });
  } catch (error) {
    if (error instanceof Missing) throw error;
    const news: ChildNews = { type: 'error', error: describeError(error) };
    unit.deliver(childMessage(state.id, child, news, origin));
  }
}

function childBirth(
  unit: UnitScope,
  state: ActorState,
  childId: string,
  logic: HostedLogic,
  generation: number,
): {
  readonly id: ActorId;
  readonly logic: HostedLogic;
  readonly parent: { readonly id: ActorId; readonly root: ActorId; readonly generation: number };
} {
  const id = childAddress(state.id, childId);
  if (id.split('/').length - 1 > unit.limits.spawnDepth) {
    throw new EngineError(
      'MACHINE_UNSUPPORTED',
      `Expected actors nested at most ${unit.limits.spawnDepth} deep, got ${id}. Does a machine spawn itself without end?`,
    );
  }
  return { id, logic, parent: { id: state.id, root: state.root, generation } };
}

function sendAsk(
  unit: UnitScope,
  state: ActorState,
  source: Extract<ChildSource, { kind: 'ask' }>,
  input: unknown,
  child: { readonly childId: string; readonly generation: number },
  origin: Origin,
): void {
  const reply: AskReply = { asker: state.id, ...child };
  try {
    const { to, event } = source.request(input as never);
    const target = { address: actorAddress(to), generation: null };
    unit.deliver(eventMessage(target, event, reply, origin));
  } catch (error) {
    if (error instanceof Missing) throw error;
    const question = { ...origin, target: null, event: null };
    answerAsk(unit, reply, { type: 'failed', error }, question);
  }
}

/** What was asked of whom; null when the request could not be made. */
interface Question extends Origin {
  readonly target: ActorId | null;
  readonly event: EventObject | null;
}

/** Tells the asker what became of its question: a refusal is a definite no, never silence. */
export function answerAsk(
  unit: UnitScope,
  reply: AskReply,
  delivery: Delivery,
  question: Question,
): void {
  unit.deliver(childMessage(reply.asker, reply, newsOf(delivery, question), question));
}

function newsOf(delivery: Delivery, { target, event }: Question): ChildNews {
  const asked = target === null || event === null ? {} : { actor: target, event: event.type };
  const name = `"${target}"`;
  switch (delivery.type) {
    case 'accepted': {
      const { revision, stored } = delivery.state;
      return { type: 'done', output: { revision, value: stored.value ?? {} } };
    }
    case 'rejected': {
      const { value, enabled } = rejectedReceipt(delivery.state);
      const message = `Expected ${name} to take "${event?.type}", but it takes no such event in ${JSON.stringify(value)}.`;
      return refusal('REFUSED', message, { ...asked, value, enabled });
    }
    case 'failed': {
      const { message } = describeError(delivery.error);
      return refusal('STEP_FAILED', message, asked);
    }
    case 'undeliverable':
      return delivery.known === null
        ? refusal('ACTOR_NOT_FOUND', `There is no actor ${name} to take "${event?.type}".`, asked)
        : refusal('ACTOR_PARKED', `${name} is parked: ${delivery.known.reason}`, asked);
    case 'dropped':
      return refusal(
        'ACTOR_STOPPED',
        `${name} is not there any more to take "${event?.type}".`,
        asked,
      );
  }
}

function refusal(code: string, message: string, details: EffectError['details']): ChildNews {
  const error: EffectError = {
    name: 'Rejected',
    message,
    code,
    outcome: 'rejected',
    attempts: 1,
    key: '',
    details,
  };
  return { type: 'error', error };
}

/** A parent that watches the child (`onSnapshot`, `syncSnapshot`) gets each of its snapshots. */
function tellSnapshot(unit: UnitScope, state: ActorState, origin: Origin): void {
  const { parent, generation } = state;
  if (parent === null || generation === null) return;
  const known = unit.actor(parent);
  const childId = state.self.id;
  if (!isThere(known) || known.children[childId]?.sync !== true) return;
  const snapshot = {
    status: 'active',
    ...storedSnapshot(state.snapshot),
    context: state.stored.context,
  };
  const news: ChildNews = { type: 'snapshot', snapshot };
  unit.deliver(childMessage(parent, { childId, generation }, news, origin));
}
