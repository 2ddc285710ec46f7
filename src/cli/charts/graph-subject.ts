// What `graph` draws: machines of a module, machines that a database remembers, or one of its actors.
// Reads; draws nothing.

import type { AnyStateMachine } from 'xstate';
import type { Chart } from '../../graph/chart.ts';
import { describeChart } from '../../graph/describe-chart.ts';
import { sagaPaths } from '../../graph/saga-paths.ts';
import type { JsonObject } from '../../graph/stately-json.ts';
import { actorAddress } from '../../ids.ts';
import { VirtualMachine } from '../../step/virtual.ts';
import type { StoreReader } from '../../store-reader.ts';
import { compareVersions } from '../../versions/versions.ts';
import { UsageError } from '../exit-code.ts';
import type { Setup } from '../load-config.ts';
import { type ActorTrack, actorOverlay, trackActor } from '../past/actor-track.ts';
import { isDefinition, openPast } from '../past/past.ts';
import { readContents } from '../text/actor-view.ts';
import { readJson } from '../text/journal-view.ts';
import { isoTime } from '../text/moment.ts';
import type { Drawn } from './drawing.ts';
import { type CallEnds, machineOverlay, readNumbers, stepsOverlay } from './machine-numbers.ts';

/** A machine that can be chosen. */
interface Named {
  readonly machine: string;
  readonly version: string;
  readonly source: AnyStateMachine | JsonObject;
}

/** What is drawn, and what people should know about it. */
export interface Subject {
  readonly drawn: readonly Drawn[];
  readonly notes: readonly string[];
}

/** Machines of a module or of the config. */
export function machinesOf(machines: Setup['machines'], wanted: string | undefined): Subject {
  const all = machines.map((given) => (given instanceof VirtualMachine ? given.machine : given));
  const chosen = choose(all.map(named), wanted);
  return { drawn: chosen.map((each) => plainly(each)), notes: [] };
}

function named(source: AnyStateMachine): Named {
  return { machine: source.id, version: source.version ?? '1', source };
}

function plainly({ machine, version, source }: Named): Drawn {
  const chart = describeChart(source);
  const isSaga = sagaPaths(chart).steps.length > 0;
  const nothing = { overlay: {}, steps: {}, facts: {} };
  return { machine, version, chart, source, isSaga, title: machine, ...nothing };
}

/**
 * By id, or `id@version`; the newest version where none is named, all machines where none is wanted.
 * @throws UsageError when there is none
 */
function choose(all: readonly Named[], wanted: string | undefined): readonly Named[] {
  const newest = new Map<string, Named>();
  for (const each of all.toSorted((a, b) => compareVersions(a.version, b.version))) {
    newest.set(each.machine, each);
  }
  const names = [...newest.keys()].sort();
  if (wanted === undefined) return names.flatMap((name) => newest.get(name) ?? []);
  const exact = all.find(({ machine, version }) => `${machine}@${version}` === wanted);
  const found = newest.get(wanted) ?? exact;
  if (found !== undefined) return [found];
  throw new UsageError(
    `Expected --machine with one of ${names.join(', ') || 'none'}, got "${wanted}".`,
  );
}

/** Machines of a database, each with the numbers of its actors. */
export async function databaseMachines(
  reader: StoreReader,
  { machines }: Pick<Setup, 'machines'>,
  { machine: wanted, sample }: { readonly machine: string | undefined; readonly sample: number },
): Promise<Subject> {
  const chosen = choose(await rememberedMachines(reader, machines), wanted);
  const drawn: Drawn[] = [];
  const notes: string[] = [];
  for (const each of chosen) {
    const { machine, version } = each;
    const plain = plainly(each);
    const { chart } = plain;
    const numbers = await readNumbers(reader, chart, { machine, version, sample });
    if (numbers.others > 0) {
      notes.push(
        `${numbers.others} actors of other versions of "${machine}" are not counted: --machine ${machine}@<version>.`,
      );
    }
    drawn.push({
      ...plain,
      title: `${machine}, version ${version}`,
      overlay: machineOverlay(chart, numbers),
      steps: stepsOverlay(chart, (invoke) => numbers.replies.get(invoke)),
      facts: {
        sample,
        otherVersions: numbers.others,
        states: Object.fromEntries(numbers.states),
        calls: Object.fromEntries(numbers.replies),
      },
    });
  }
  return { drawn, notes };
}

/** As the database has them, by the machines at hand where these are the same. */
async function rememberedMachines(
  reader: StoreReader,
  machines: Setup['machines'],
): Promise<readonly Named[]> {
  const given = machines.map((each) => named(each instanceof VirtualMachine ? each.machine : each));
  return (await reader.machines()).flatMap(({ machine, version, definition }) => {
    const known = given.find((each) => each.machine === machine && each.version === version);
    if (known !== undefined) return [known];
    const source = readJson(definition);
    return isDefinition(source) ? [{ machine, version, source }] : [];
  });
}

/** One actor's chart, with its life laid over it. */
export async function actorSubject(
  reader: StoreReader,
  { machines }: Pick<Setup, 'machines'>,
  id: string,
): Promise<Subject> {
  const past = await openPast(reader, machines, actorAddress(id));
  const { record, source, missing } = past;
  const { machine, machineVersion: version } = record;
  if (source === null) {
    throw new UsageError(`Expected a statechart of "${id}", but "${machine}" has none to draw.`);
  }
  const chart = describeChart(source);
  const track = await trackActor(chart, past.revisions(1, record.revision));
  const contents = readContents(record);
  const value = contents.snapshot?.value;
  const drawn: Drawn = {
    ...plainly({ machine, version, source }),
    title: `${id}, ${machine} version ${version}`,
    overlay: actorOverlay(chart, value, track, contents),
    steps: stepsOverlay(chart, (invoke) => endsOf(chart, track, invoke)),
    facts: {
      actor: id,
      status: record.status,
      revision: record.revision,
      value: value ?? null,
      areTransitionsExact: missing === null,
      states: visitsJson(track.states),
      transitions: visitsJson(track.transitions),
      timers: contents.timers.map(({ dueAt, ...timer }) => ({ ...timer, dueAt: isoTime(dueAt) })),
      effects: contents.effects,
    },
  };
  return { drawn: [drawn], notes: missing === null ? [] : [missing] };
}

function visitsJson(visits: ActorTrack['states']): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...visits].map(([id, { count, lastAt }]) => [id, { count, lastAt: isoTime(lastAt) }]),
  );
}

/** How often this actor's call ended in either way; undefined: it was never made. */
function endsOf({ states }: Chart, track: ActorTrack, invoke: string): CallEnds | undefined {
  const state = states.find(({ invokes }) => invokes.some(({ id }) => id === invoke));
  if (state === undefined || !track.states.has(state.id)) return undefined;
  const times = (end: string): number => {
    const prefix = `${state.id}|xstate.${end}.actor.${invoke}|`;
    const taken = [...track.transitions].filter(([id]) => id.startsWith(prefix));
    return taken.reduce((sum, [, { count }]) => sum + count, 0);
  };
  return { done: times('done'), failed: times('error') };
}
