// What a step asks of other actors, carried out in the order in which XState recorded it: messages,
// children started and stopped, asks and their answers, and the news that an ending brings its parent.
// Part of a unit of work: nothing is written here.

import type { EventObject } from 'xstate';
import type { ActorState } from './actor-state.ts';
import type { EffectError } from './effect.ts';
import { EngineError } from './errors.ts';
import { type ActorId, actorAddress, childAddress } from './ids.ts';
import type { Instruction, Target } from './instruction.ts';
import type { ChildSource, HostedLogic } from './logic.ts';
import { type AskReply, type ChildNews, describeError } from './message.ts';
import type { Applied } from './transition.ts';
import type { Origin } from './unit-output.ts';
import type { Delivery, UnitScope } from './unit-scope.ts';
import { isParked, Missing } from './view.ts';
import { enabledEvents, storedSnapshot } from './xstate.ts';

type StartChild = Extract<Instruction, { type: 'startChild' }>;

/** Carries out what the step asked for; the actor itself is already in the unit's output. */
export function carryOut(unit: UnitScope, applied: Applied, correlation: string | null): void {
  const { outward, started, stopped } = applied;
  const origin: Origin = {
    correlation,
    causation: `${applied.state.id}@${applied.state.revision}`,
  };
  let { state } = applied;
  for (const instruction of outward) {
    if (instruction.type === 'emit') state = unit.output.emitted(state, instruction.event, origin);
  }
  unit.output.effectsStarted.push(...started);
  unit.output.effectsStopped.push(...stopped);
  for (const instruction of startsFirst(applied)) carryOutOne(unit, state, instruction, origin);
  if (state.status !== 'active') endActor(unit, state, origin);
  else tellSnapshot(unit, state, origin);
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
      unit.output.facts.push({ ...instruction, actor: state.id });
      return;
    case 'runAction':
      if (instruction.inline === null) return;
      unit.output.facts.push({ type: 'inline', actor: state.id, run: instruction.inline });
      return;
    default:
      // Emitted events are journaled above; timers and named actions are part of the actor's own row.
      return;
  }
}

/** Effects and asks take no events; as in XState, what is sent to one is dropped. */
function isDeaf(unit: UnitScope, { address, generation }: Target): boolean {
  const slash = address.lastIndexOf('/');
  if (generation === null || slash < 0) return false;
  const parent = unit.actor(actorAddress(address.slice(0, slash)));
  if (parent === null || isParked(parent)) return false;
  const entry = parent.children[address.slice(slash + 1)];
  return entry?.generation === generation && entry.kind !== 'actor';
}

/** Sends an event from one actor to another, within the unit. */
export function sendEvent(unit: UnitScope, to: Target, event: EventObject, origin: Origin): void {
  const { address: target, generation } = to;
  if (isDeaf(unit, to)) return;
  unit.deliver({
    kind: 'event',
    target,
    event,
    outside: false,
    key: null,
    generation,
    reply: null,
    ...origin,
  });
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
    unit.deliver({ kind: 'child', target: state.id, ...child, news, ...origin });
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
    const target = actorAddress(to);
    unit.deliver({
      kind: 'event',
      target,
      event,
      outside: false,
      key: null,
      generation: null,
      reply,
      ...origin,
    });
  } catch (error) {
    if (error instanceof Missing) throw error;
    answerAsk(unit, reply, { type: 'failed', error, state }, origin);
  }
}

/** Tells the asker what became of its question: a refusal is a definite no, never silence. */
export function answerAsk(
  unit: UnitScope,
  reply: AskReply,
  delivery: Delivery,
  origin: Origin,
): void {
  const { asker, childId, generation } = reply;
  const { correlation, causation } = origin;
  const news = newsOf(delivery);
  unit.deliver({ kind: 'child', target: asker, childId, generation, news, correlation, causation });
}

function newsOf(delivery: Delivery): ChildNews {
  switch (delivery.type) {
    case 'accepted': {
      const { revision, stored } = delivery.state;
      return { type: 'done', output: { revision, value: stored.value ?? null } };
    }
    case 'rejected': {
      const { logic, snapshot, stored } = delivery.state;
      const details = { value: stored.value ?? null, enabled: enabledEvents(logic, snapshot) };
      return refusal('REFUSED', 'The actor takes no such event in its present state.', details);
    }
    case 'failed': {
      const { message } = describeError(delivery.error);
      return refusal('STEP_FAILED', message, {});
    }
    case 'undeliverable':
      return delivery.known === null
        ? refusal('ACTOR_NOT_FOUND', 'There is no such actor.', {})
        : refusal('ACTOR_PARKED', delivery.known.reason, {});
    case 'dropped':
      return refusal('ACTOR_STOPPED', 'The actor asked is not there any more.', {});
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

/** Stops an actor and everything below it: their timers and effects are gone, their names are free. */
export function stopActor(
  unit: UnitScope,
  id: ActorId,
  generation: number | null,
  origin: Origin,
): void {
  const state = unit.actor(id);
  if (state === null || isParked(state) || state.status === 'done' || state.status === 'stopped')
    return;
  if (generation !== null && state.generation !== generation) return;
  stopChildren(unit, state, origin);
  const stopped: ActorState = { ...withoutWork(unit, state), status: 'stopped' };
  const noted = unit.output.noted(stopped, 'actor.stopped', null, origin);
  unit.output.facts.push({ type: 'ended', state: noted });
}

function stopChildren(unit: UnitScope, state: ActorState, origin: Origin): void {
  for (const { id, kind, generation } of Object.values(state.children)) {
    if (kind === 'actor') stopActor(unit, childAddress(state.id, id), generation, origin);
  }
}

function withoutWork(unit: UnitScope, state: ActorState): ActorState {
  for (const { id, generation } of Object.values(state.effects)) {
    unit.output.effectsStopped.push({ actor: state.id, id, generation });
  }
  return { ...state, timers: {}, effects: {} };
}

/** After the last step of an actor: a failed child stops what is below it; the parent hears of the end. */
export function endActor(unit: UnitScope, state: ActorState, origin: Origin): void {
  const { parent, generation, status } = state;
  if (parent === null || generation === null) return;
  if (status === 'error') {
    stopChildren(unit, state, origin);
    unit.output.actors.set(state.id, withoutWork(unit, state));
  }
  const childId = state.self.id;
  const known = unit.actor(parent);
  const entry = known === null || isParked(known) ? undefined : known.children[childId];
  if (entry?.systemId !== undefined && entry.generation === generation) {
    unit.output.setSystemId(state.root, entry.systemId, null);
  }
  const news: ChildNews =
    status === 'done'
      ? { type: 'done', output: state.stored.output }
      : { type: 'error', error: state.error };
  const causation = `${state.id}@${state.revision}`;
  const { correlation } = origin;
  unit.deliver({
    kind: 'child',
    target: parent,
    childId,
    generation,
    news,
    correlation,
    causation,
  });
}

/** A parent that watches the child (`onSnapshot`, `syncSnapshot`) gets each of its snapshots. */
function tellSnapshot(unit: UnitScope, state: ActorState, origin: Origin): void {
  const { parent, generation } = state;
  if (parent === null || generation === null) return;
  const known = unit.actor(parent);
  if (known === null || isParked(known) || known.children[state.self.id]?.sync !== true) return;
  const snapshot = {
    status: 'active',
    ...storedSnapshot(state.snapshot),
    context: state.stored.context,
  };
  const news: ChildNews = { type: 'snapshot', snapshot };
  unit.deliver({
    kind: 'child',
    target: parent,
    childId: state.self.id,
    generation,
    news,
    ...origin,
  });
}
