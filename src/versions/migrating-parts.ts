// Timers, effects and children of an actor across a migration: what a migration gave, joined with what
// it may not change. Due times, keys, inputs and the ids of child actors are kept. Pure.

import { canonical } from '../codec.ts';
import type { ActorId } from '../ids.ts';
import type { ChildEntry, PendingEffect, TimerEntry } from '../state/actor-state.ts';
import { FIRST_ATTEMPT } from '../state/actor-state.ts';
import { isDelayId } from '../step/chart.ts';
import type { HostedLogic } from '../step/logic.ts';
import { keyOf } from '../step/transition.ts';
import type { MigratingChild, MigratingEffect, MigratingTimer } from './migration.ts';

type Entries<Entry> = Readonly<Record<string, Entry>>;

/** The actor that parts belong to, and what it becomes. */
export interface PartScope {
  readonly actor: ActorId;
  /** Of the migration's journal entry: the generation of what it starts. */
  readonly revision: number;
  readonly logic: HostedLogic;
  readonly doubts: readonly string[];
}

export function mergeTimers(
  before: Entries<TimerEntry>,
  given: readonly MigratingTimer[],
  armed: number,
): { readonly entries: Entries<TimerEntry>; readonly armed: number } {
  let count = armed;
  const entries = collect('timer', given, before, (timer, old): TimerEntry => {
    const { id, dueAt } = timer;
    if (old === undefined) {
      if (!Number.isSafeInteger(dueAt) || dueAt < 0) {
        throw new Error(`the new timer "${id}" needs its dueAt in milliseconds since the epoch`);
      }
      count += 1;
      return { id, generation: count, dueAt, event: eventOf(timer), to: null };
    }
    if (dueAt !== old.dueAt) {
      throw new Error(`timer "${old.id}" keeps its dueAt; leave "was" out to have a new one`);
    }
    const event = eventOf({ ...timer, event: timer.event ?? old.event });
    const follows = event.type === old.id;
    return { ...old, ...renamed(old, id), event: follows ? { ...event, type: id } : event };
  });
  return { entries, armed: count };
}

function eventOf({ id, event }: MigratingTimer): TimerEntry['event'] {
  if (event === undefined && isDelayId(id)) return { type: id };
  if (typeof event?.type === 'string') return event;
  throw new Error(`timer "${id}" needs an event with a type`);
}

export function mergeEffects(
  before: Entries<PendingEffect>,
  given: readonly MigratingEffect[],
  scope: PartScope,
): { readonly entries: Entries<PendingEffect>; readonly dropped: readonly string[] } {
  const kept = new Set(given.map(({ was }) => was));
  const dropped = Object.values(before)
    .filter(({ id, attempt, maybeRan }) => !kept.has(id) && (attempt > 0 || maybeRan))
    // A key of its own may be used again: what runs under it then is in doubt.
    .filter(({ id, was = [], kind, key, generation }) => {
      const first = was[0] ?? id;
      return kind === 'effect' && key !== `${scope.actor}@${generation}:${first}`;
    });
  const keys = dropped.map(({ key }) => key);
  const within = { ...scope, doubts: [...scope.doubts, ...keys] };
  const entries = collect(
    'effect',
    given,
    before,
    (effect, old): PendingEffect =>
      old === undefined ? newEffect(effect, within) : keptEffect(effect, old),
  );
  return { entries, dropped: keys };
}

function keptEffect(effect: MigratingEffect, old: PendingEffect): PendingEffect {
  const { id, src, kind = old.kind, key = old.key, input = old.input } = effect;
  if (kind !== old.kind || key !== old.key || canonical(input) !== canonical(old.input)) {
    throw new Error(
      `effect "${old.id}" keeps its kind, its key and its input: it may have been called`,
    );
  }
  return { ...old, ...renamed(old, id), src };
}

function newEffect(
  { id, kind, src, input = null, key }: MigratingEffect,
  scope: PartScope,
): PendingEffect {
  const { actor, revision, logic, doubts } = scope;
  const source = logic.sources.get(src);
  if (source?.kind !== 'effect' || kind === 'action' || key !== undefined) {
    throw new Error(
      `the new effect "${id}" needs the src of an effect, and gets its key by itself`,
    );
  }
  const own = keyOf(actor, revision, id, source, input);
  const maybeRan = doubts.includes(own);
  // Attempt 0: it has not been tried, and is taken up when the migration is on disk.
  const untried = { ...FIRST_ATTEMPT, attempt: 0, maybeRan };
  return { id, kind: 'effect', src, key: own, input, generation: revision, ...untried };
}

export function mergeChildren(
  before: Entries<ChildEntry>,
  given: readonly MigratingChild[],
  effects: Entries<PendingEffect>,
  { revision }: PartScope,
): Entries<ChildEntry> {
  const kept = collect('child', given, before, (child, old): ChildEntry => {
    const { id, src, kind, status } = child;
    const isNew = old === undefined || kind !== old.kind || status !== old.status;
    if (old === undefined && effects[id]?.generation === revision) return started(effects[id]);
    if (isNew) {
      throw new Error(
        `child "${id}" was none before (by was, kind and status): only effects can be new`,
      );
    }
    if (kind === 'actor' && id !== old.id) {
      throw new Error(
        `child actor "${old.id}" cannot become "${id}": its id is its address; write invoke: { id: '${old.id}' }`,
      );
    }
    return { ...old, ...renamed(old, id), src };
  });
  const children = { ...kept };
  for (const effect of Object.values(effects)) {
    if (effect.kind !== 'effect') continue;
    if (effect.generation === revision) children[effect.id] ??= started(effect);
    const entry = children[effect.id];
    const fits = entry?.status === 'active' && entry.src === effect.src;
    if (fits && entry.generation === effect.generation) continue;
    throw new Error(
      `effect "${effect.id}" needs its active child of the same id and src, and has none`,
    );
  }
  for (const { id, kind, status } of Object.values(children)) {
    if (kind !== 'effect' || status !== 'active' || effects[id]?.kind === 'effect') continue;
    throw new Error(`child "${id}" is active, and needs its effect of the same id`);
  }
  return children;
}

function started({ id, src, generation }: PendingEffect): ChildEntry {
  return { id, kind: 'effect', src, generation, status: 'active' };
}

/** Each given entry with the one that it was, by its new id. */
function collect<Given extends { readonly was?: string; readonly id: string }, Entry>(
  what: string,
  given: readonly Given[],
  before: Entries<Entry>,
  merge: (given: Given, old: Entry | undefined) => Entry,
): Entries<Entry> {
  const entries = new Map<string, Entry>();
  const used = new Set<string>();
  for (const each of given) {
    const { was, id } = each;
    if (entries.has(id)) throw new Error(`there are two of ${what} "${id}"`);
    if (was !== undefined && (used.has(was) || !Object.hasOwn(before, was))) {
      throw new Error(
        `${what} "${id}" was "${was}", which ${used.has(was) ? 'another one is too' : 'there is none of'}`,
      );
    }
    if (was !== undefined) used.add(was);
    entries.set(id, merge(each, was === undefined ? undefined : before[was]));
  }
  return Object.fromEntries(entries);
}

/** What was sent under the old id still finds it. */
function renamed(
  old: { readonly id: string; readonly was?: readonly string[] },
  id: string,
): { readonly id: string; readonly was?: readonly string[] } {
  return old.id === id ? { id } : { id, was: [...(old.was ?? []), old.id] };
}
