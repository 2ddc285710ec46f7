// An actor's past as commands show it: revision by revision, with context, timers and effects where the
// machines are at hand to fold the journal, and with what the journal alone tells where they are not.

import type { AnyStateMachine } from 'xstate';
import { foldEntries, type PastEntry } from '../../fold/past-entries.ts';
import { transitionId } from '../../graph/chart.ts';
import type { JsonObject } from '../../graph/stately-json.ts';
import type { ActorId } from '../../ids.ts';
import { systemPlatform } from '../../platform.ts';
import type { ActorState } from '../../state/actor-state.ts';
import type { HostedLogic } from '../../step/logic.ts';
import { Registry } from '../../step/registry.ts';
import { VirtualMachine } from '../../step/virtual.ts';
import type { ActorRecord, JournalEntry } from '../../store.ts';
import type { StoreReader } from '../../store-reader.ts';
import type { Setup } from '../load-config.ts';
import { noActor } from '../reader-session.ts';
import { readJson } from '../text/journal-view.ts';

/** A timer, or an effect without an outcome, as the actor waited for it. */
export interface PastTimer {
  readonly id: string;
  readonly event: string;
  readonly dueAt: number;
}

export interface PastEffect {
  readonly id: string;
  readonly name: string;
  readonly key: string;
}

/** The actor as one of its entries left it, as far as that is known. */
export interface PastState {
  readonly status: ActorState['status'];
  readonly context: unknown;
  readonly output: unknown;
  readonly timers: readonly PastTimer[];
  readonly effects: readonly PastEffect[];
  /** Ids of transitions in its chart, in the order in which they were taken. */
  readonly taken: readonly string[];
}

export interface PastRevision {
  readonly entry: JournalEntry;
  readonly data: unknown;
  /** The state value after it; of the last entry that had one. Null: none had. */
  readonly value: unknown;
  /** Null: not folded, and `problem` says why. */
  readonly state: PastState | null;
  readonly problem: string | null;
}

export interface Past {
  readonly record: ActorRecord;
  /** What its chart can be described from: the machine, or its stored definition. Null: it has none. */
  readonly source: AnyStateMachine | JsonObject | null;
  /** What is not shown for want of machines; null: nothing. */
  readonly missing: string | null;
  /** From one revision to another, both included; oldest first. Nothing is read before it is asked for. */
  readonly revisions: (from: number, to: number) => AsyncIterable<PastRevision>;
}

/**
 * What is needed to read an actor's past.
 * @throws NotFoundError
 */
export async function openPast(
  reader: StoreReader,
  machines: Setup['machines'],
  id: ActorId,
): Promise<Past> {
  const [record] = await reader.load([id]);
  if (record === undefined) throw noActor(id);
  const { machine, machineVersion } = record;
  const registry = new Registry(machines, null);
  const logic = registry.find(machine, machineVersion);
  if (logic === undefined) {
    return {
      record,
      source: await storedDefinition(reader, machine, machineVersion),
      missing: `Contexts, timers, effects and which transitions were taken need the machine "${machine}" version ${machineVersion}: give it by --machines <file> or a config file.`,
      revisions: (from, to) => readEntries(reader, id, from, to),
    };
  }
  const source = { store: reader, registry, platform: systemPlatform };
  return {
    record,
    source: logic.kind === 'machine' ? givenMachine(machines, logic) : null,
    missing: null,
    revisions: (from, to) => foldRange(foldEntries(source, id), from, to),
  };
}

/** The machine as its author wrote it: the registry's has stand-ins for its children. */
function givenMachine(
  machines: Setup['machines'],
  { name, version, machine }: Extract<HostedLogic, { readonly kind: 'machine' }>,
): AnyStateMachine {
  const all = machines.map((given) => (given instanceof VirtualMachine ? given.machine : given));
  return all.find(({ id, version: own = '1' }) => id === name && own === version) ?? machine;
}

async function storedDefinition(
  reader: Pick<StoreReader, 'machines'>,
  machine: string,
  version: string,
): Promise<JsonObject | null> {
  const records = await reader.machines();
  const found = records.find((each) => each.machine === machine && each.version === version);
  const definition = readJson(found?.definition ?? null);
  return isDefinition(definition) ? definition : null;
}

/** Logic that is no chart has no definition. */
export function isDefinition(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && 'states' in value;
}

async function* foldRange(
  entries: AsyncIterable<PastEntry>,
  from: number,
  to: number,
): AsyncGenerator<PastRevision> {
  let value: unknown = null;
  for await (const { entry, state, problem, taken } of entries) {
    if (entry.revision > to) return;
    value = valueAfter(entry, value);
    if (entry.revision < from) continue;
    const ids = taken.map(({ source, eventType, index }) => transitionId(source, eventType, index));
    yield {
      entry,
      data: readJson(entry.data),
      value: state?.stored.value ?? value,
      state: state === null ? null : pastState(state, ids),
      problem,
    };
  }
}

function pastState(state: ActorState, taken: readonly string[]): PastState {
  const { status, stored, timers, effects } = state;
  return {
    status,
    context: stored.context,
    output: stored.output ?? null,
    timers: Object.values(timers)
      .map(({ id, event, dueAt }) => ({ id, event: event.type, dueAt }))
      .sort((a, b) => a.dueAt - b.dueAt),
    effects: Object.values(effects).map(({ id, src, key }) => ({ id, name: src, key })),
    taken,
  };
}

const PAGE = 1_000;

/** One page before the range is looked at for the state that its first entry may have kept. */
async function* readEntries(
  reader: Pick<StoreReader, 'journal'>,
  actor: ActorId,
  from: number,
  to: number,
): AsyncGenerator<PastRevision> {
  let value: unknown = null;
  let afterRevision = Math.max(0, from - 1 - PAGE);
  for (;;) {
    const page = await reader.journal({ actor, afterRevision, limit: PAGE });
    for (const entry of page) {
      if (entry.revision > to) return;
      value = valueAfter(entry, value);
      if (entry.revision < from) continue;
      yield { entry, data: readJson(entry.data), value, state: null, problem: null };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    afterRevision = last.revision;
  }
}

function valueAfter({ state }: JournalEntry, before: unknown): unknown {
  return state === null ? before : readJson(state);
}
