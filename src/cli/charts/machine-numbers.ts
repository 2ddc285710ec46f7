// What a database tells about one machine's chart: how many actors are in each state now, how long they
// stay, how its calls ended. Counts come from an index; the rest from a bounded number of actors.

import type { Chart } from '../../graph/chart.ts';
import {
  type Annotation,
  activeStates,
  type Overlay,
  type OverlayValue,
} from '../../graph/overlay.ts';
import { sagaPaths } from '../../graph/saga-paths.ts';
import type { GroupCount, LeafStay, ReplyCount, StoreReader } from '../../store-reader.ts';
import { formatDuration } from '../text/moment.ts';
import { formatCount } from '../text/table.ts';

export interface StateNumbers {
  /** Actors that are in it now, those in states below it included. */
  readonly now: number;
  /** Of them, those that have failed or are parked. */
  readonly failed: number;
  /** Stays that have begun and ended, in the sample; null for states that hold others. */
  readonly stays: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

export interface MachineNumbers {
  /** By id; states without actors and stays are not in it. */
  readonly states: ReadonlyMap<string, StateNumbers>;
  /** How often the calls of the sample succeeded and failed, by the id of the invoke. */
  readonly replies: ReadonlyMap<string, CallEnds>;
  /** Actors of other versions of the machine, which are not counted. */
  readonly others: number;
}

export interface CallEnds {
  readonly done: number;
  readonly failed: number;
}

/** @param sample most actors whose journals are looked at */
export async function readNumbers(
  reader: StoreReader,
  chart: Chart,
  { machine, version, sample }: { machine: string; version: string; sample: number },
): Promise<MachineNumbers> {
  const groups = (await reader.groupCounts()).filter((group) => group.machine === machine);
  const own = groups.filter(({ machineVersion }) => machineVersion === version);
  const query = { machine, machineVersion: version, sample };
  const stays = await reader.leafStays(query);
  return {
    states: stateNumbers(chart, own, stays),
    replies: callEnds(await reader.replies(query)),
    others: total(groups) - total(own),
  };
}

function total(groups: readonly GroupCount[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

function stateNumbers(
  chart: Chart,
  groups: readonly GroupCount[],
  stays: readonly LeafStay[],
): ReadonlyMap<string, StateNumbers> {
  const numbers = new Map<string, StateNumbers>();
  const of = (id: string): StateNumbers =>
    numbers.get(id) ?? { now: 0, failed: 0, stays: null, p50Ms: null, p95Ms: null };
  for (const { state, status, count } of groups) {
    const active = new Set(
      pathsIn(state, chart).flatMap((path) => activeStates(chart, valueOfPath(path))),
    );
    const failed = status === 'error' || status === 'parked' ? count : 0;
    for (const id of active) {
      const before = of(id);
      numbers.set(id, { ...before, now: before.now + count, failed: before.failed + failed });
    }
  }
  for (const { state, ...stay } of stays) {
    const path = activeStates(chart, valueOfPath(state));
    const [leaf = ''] = path.slice(-1);
    if (path.length > 1) numbers.set(leaf, { ...of(leaf), ...stay });
  }
  return numbers;
}

/** The paths of a group's state, which spaces join: names of states may have spaces too. */
function pathsIn(state: string, chart: Chart): readonly string[] {
  const words = state.split(' ');
  const paths: string[] = [];
  while (words.length > 0) {
    const isPath = (count: number): boolean => {
      const path = words.slice(0, count).join(' ');
      return activeStates(chart, valueOfPath(path)).length > path.split('.').length;
    };
    let count = words.length;
    while (count > 1 && !isPath(count)) count -= 1;
    paths.push(words.splice(0, count).join(' '));
  }
  return paths;
}

/** The state value of one path: `pay.charging` as `{ pay: 'charging' }`. */
function valueOfPath(path: string): OverlayValue {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  return keys.reduceRight<OverlayValue>((value, key) => ({ [key]: value }), last);
}

function callEnds(replies: readonly ReplyCount[]): ReadonlyMap<string, CallEnds> {
  const ends = new Map<string, CallEnds>();
  for (const { type, count } of replies) {
    const [, end, id = ''] = /^xstate\.(done|error)\.actor\.([\s\S]*)$/.exec(type) ?? [];
    const { done, failed } = ends.get(id) ?? { done: 0, failed: 0 };
    ends.set(
      id,
      end === 'done' ? { done: done + count, failed } : { done, failed: failed + count },
    );
  }
  return ends;
}

export function machineOverlay(chart: Chart, { states }: MachineNumbers): Overlay {
  const marked = [...states].filter(([id]) => id !== chart.states[0]?.id);
  return { states: Object.fromEntries(marked.map(([id, numbers]) => [id, markOf(numbers)])) };
}

function markOf({ now, failed, p50Ms, p95Ms }: StateNumbers): Annotation {
  const parts = [
    `${formatCount(now)} now`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(p50Ms === null || p95Ms === null
      ? []
      : [`p50 ${formatDuration(p50Ms)}`, `p95 ${formatDuration(p95Ms)}`]),
  ];
  return { text: parts.join(' · '), tone: failed > 0 ? 'bad' : 'plain' };
}

/** How often each step was done, failed and undone, where its call is the only one of that name. */
export function stepsOverlay(
  chart: Chart,
  endsOf: (invoke: string) => CallEnds | undefined,
): Pick<Overlay, 'states'> {
  const ids = chart.states.flatMap(({ invokes }) => invokes.map(({ id }) => id));
  const marks = sagaPaths(chart).steps.flatMap(({ run, undo }) =>
    [run, ...(undo === null ? [] : [undo])].flatMap((state) => {
      const [call] = state.invokes;
      const isAlone = ids.filter((id) => id === call?.id).length === 1;
      const ends = call === undefined || !isAlone ? undefined : endsOf(call.id);
      return ends === undefined ? [] : [[state.id, endsMark(ends, state === run)] as const];
    }),
  );
  return { states: Object.fromEntries(marks) };
}

function endsMark({ done, failed }: CallEnds, isForward: boolean): Annotation {
  const parts = [
    ...(done > 0 || failed === 0 ? [`${formatCount(done)} ${isForward ? 'done' : 'undone'}`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
  ];
  return { text: parts.join(', '), tone: failed > 0 ? 'bad' : 'good' };
}
