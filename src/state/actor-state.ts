// One actor as the engine holds it between turns. Immutable: a step makes a new one, so a turn that
// fails leaves nothing behind. actor-row.ts turns it into a store's record and back.

import type { EventObject } from 'xstate';
import { defaultKey } from '../address.ts';
import type { ActorId } from '../ids.ts';
import type { ActorHandle } from '../step/handle.ts';
import type { Target } from '../step/instruction.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { LiveSnapshot, StoredSnapshot } from '../step/xstate.ts';
import type { ActorStatus } from '../store.ts';

/** A child as its parent knows it; finished ones stay, so that a later `sendTo` still resolves. */
export interface ChildEntry {
  readonly id: string;
  readonly kind: 'effect' | 'ask' | 'actor';
  readonly src: string;
  /** The parent's revision that started it: tells it from earlier and later ones under its id. */
  readonly generation: number;
  readonly status: 'active' | 'done' | 'error';
  readonly output?: unknown;
  readonly error?: unknown;
  readonly systemId?: string;
  /** The parent wants a message for each of its snapshots. */
  readonly sync?: true;
  /** Ids that it had before migrations: messages of then still find it. */
  readonly was?: readonly string[];
}

export interface TimerEntry {
  readonly id: string;
  /** Grows each time the id is armed; a firing that carries an older one is stale. */
  readonly generation: number;
  /** Wall clock, milliseconds since the epoch. */
  readonly dueAt: number;
  readonly event: EventObject;
  /** Null: the actor itself. */
  readonly to: Target | null;
  /** As of {@link ChildEntry.was}. */
  readonly was?: readonly string[];
}

/** How far an effect has been tried. */
export interface AttemptRecord {
  /** The attempt that is running or due; 0: it waits for a place and has not been tried. */
  readonly attempt: number;
  /** When the attempt is due, wall clock; null: now. */
  readonly retryAt: number | null;
  /** An earlier attempt may have happened. */
  readonly maybeRan: boolean;
  /** Restarts in a row that cut an attempt. */
  readonly cuts: number;
}

export const FIRST_ATTEMPT: AttemptRecord = {
  attempt: 1,
  retryAt: null,
  maybeRan: false,
  cuts: 0,
};

/** A call to the outside that has no recorded outcome yet. */
export interface PendingEffect extends AttemptRecord {
  /** The child's id, or `action:<revision>.<n>` for a named action. */
  readonly id: string;
  readonly kind: 'effect' | 'action';
  readonly src: string;
  readonly key: string;
  readonly input: unknown;
  /** The revision that asked for it. */
  readonly generation: number;
  /** As of {@link ChildEntry.was}. */
  readonly was?: readonly string[];
}

export interface ActorState {
  readonly id: ActorId;
  readonly root: ActorId;
  readonly parent: ActorId | null;
  /** The parent's revision that started this child; null for a root. */
  readonly generation: number | null;
  readonly self: ActorHandle;
  readonly logic: HostedLogic;
  readonly revision: number;
  readonly incarnation: number;
  readonly status: Exclude<ActorStatus, 'parked'>;
  /** Hash of the input's canonical JSON: what a second start is compared with. */
  readonly inputHash: string;
  /** Living, for the next step; its context holds handles where `stored` holds markers. */
  readonly snapshot: LiveSnapshot;
  readonly stored: StoredSnapshot;
  readonly children: Readonly<Record<string, ChildEntry>>;
  readonly timers: Readonly<Record<string, TimerEntry>>;
  readonly effects: Readonly<Record<string, PendingEffect>>;
  /** Own keys of effects that may have happened: a later effect under one of them is in doubt too. */
  readonly doubts: readonly string[];
  /** Own keys whose success was brought by another call: a second one under them is no news. */
  readonly answered: readonly string[];
  /** How often a timer was armed: the source of timer generations. */
  readonly armed: number;
  /** Why the status is `error`. */
  readonly error: {
    readonly name: string;
    readonly message: string;
    readonly code?: string;
  } | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Own keys that an actor remembers in each list; the oldest are given up first. */
const KEYS_KEPT = 1_000;

export function withKey(keys: readonly string[], key: string): readonly string[] {
  return keys.includes(key) ? keys : [...keys, key].slice(-KEYS_KEPT);
}

export function withoutKey(keys: readonly string[], key: string): readonly string[] {
  return keys.includes(key) ? keys.filter((other) => other !== key) : keys;
}

/** The keys in doubt once nobody waits for this effect any more although it may have happened. */
export function withDoubt(
  { id, doubts }: Pick<ActorState, 'id' | 'doubts'>,
  effect: PendingEffect,
): readonly string[] {
  const { key, attempt, maybeRan } = effect;
  if (!hasOwnKey(id, effect) || (attempt === 0 && !maybeRan)) return doubts;
  return withKey(doubts, key);
}

/** Whether other effects of the actor may run under its key: a default key belongs to one effect only. */
export function hasOwnKey(actor: ActorId, { kind, id, key, generation }: PendingEffect): boolean {
  return kind === 'effect' && key !== defaultKey(actor, generation, id);
}

/** Earliest moment at which the actor wants to be woken: a timer or a retry; null for none. */
export function wakeAt(state: ActorState): number | null {
  let earliest: number | null = null;
  for (const { dueAt } of Object.values(state.timers)) {
    if (earliest === null || dueAt < earliest) earliest = dueAt;
  }
  for (const { retryAt } of Object.values(state.effects)) {
    if (retryAt !== null && (earliest === null || retryAt < earliest)) earliest = retryAt;
  }
  return earliest;
}

/** Whether an effect may be in flight: what recovery after a crash looks for. */
export function isRunning(state: ActorState): boolean {
  return Object.values(state.effects).some(({ retryAt }) => retryAt === null);
}

/** The entries without the one named; the same object when it is not there. */
export function without<Entry>(
  entries: Readonly<Record<string, Entry>>,
  id: string,
): Readonly<Record<string, Entry>> {
  if (!(id in entries)) return entries;
  const { [id]: _removed, ...rest } = entries;
  return rest;
}
