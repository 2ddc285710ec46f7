// Where an actor has been: how often it entered each state of its chart and took each transition, and
// when last. Goes through its whole life once and keeps a number for each part of the chart.

import type { Chart, ChartTransition } from '../../graph/chart.ts';
import {
  type Annotation,
  activeStates,
  type Overlay,
  type OverlayValue,
} from '../../graph/overlay.ts';
import type { ActorContents } from '../text/actor-view.ts';
import { localTime } from '../text/moment.ts';
import { formatCount } from '../text/table.ts';
import type { PastRevision } from './past.ts';

export interface Visits {
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
}

export interface ActorTrack {
  /** By id. */
  readonly states: ReadonlyMap<string, Visits>;
  readonly transitions: ReadonlyMap<string, Visits>;
}

export async function trackActor(
  chart: Chart,
  revisions: AsyncIterable<PastRevision>,
): Promise<ActorTrack> {
  const track = createTrack(chart);
  for await (const revision of revisions) track.add(revision);
  return track;
}

/** What one revision did to the chart. */
export interface Move {
  /** Ids, the root's first. */
  readonly active: readonly string[];
  readonly entered: readonly string[];
  /** In order; as far as the journal tells, where the machine is not at hand. */
  readonly taken: readonly string[];
}

/** A track that is told each revision, from the first one on. */
export function createTrack(chart: Chart): ActorTrack & { add(revision: PastRevision): Move } {
  return new Track(chart);
}

/** Whether a value can be a state's. */
export function isStateValue(value: unknown): value is OverlayValue {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

class Track implements ActorTrack {
  readonly states: Map<string, Visits> = new Map();
  readonly transitions: Map<string, Visits> = new Map();
  readonly #chart: Chart;
  readonly #transitions: ReadonlyMap<string, ChartTransition>;
  #active: ReadonlySet<string> = new Set();

  constructor(chart: Chart) {
    this.#chart = chart;
    this.#transitions = new Map(chart.transitions.map((each) => [each.id, each]));
  }

  add({ entry, value, state }: PastRevision): Move {
    if (entry.state === null && entry.kind !== 'started') {
      return { active: [...this.#active], entered: [], taken: [] };
    }
    const before = entry.kind === 'started' ? new Set<string>() : this.#active;
    const active = new Set(isStateValue(value) ? activeStates(this.#chart, value) : []);
    const taken =
      state === null ? guessTaken(this.#chart, before, active, entry.type) : state.taken;
    const entered = new Set([...active].filter((id) => !before.has(id)));
    for (const id of taken) {
      count(this.transitions, id, entry.at);
      const transition = this.#transitions.get(id);
      const source = transition?.source;
      if (source !== undefined && !before.has(source) && !active.has(source)) entered.add(source);
      const isEntered = transition?.scope === 'external' || transition?.scope === 'reenter';
      // What was entered and left again within one step is not among the active states after it.
      for (const target of transition?.targets ?? []) {
        if (isEntered || !active.has(target)) entered.add(target);
      }
    }
    for (const id of entered) count(this.states, id, entry.at);
    this.#active = active;
    return { active: [...active], entered: [...entered], taken };
  }
}

function count(visits: Map<string, Visits>, id: string, at: number): void {
  visits.set(id, { count: (visits.get(id)?.count ?? 0) + 1, lastAt: at });
}

/**
 * The transition that an entry of the journal must have taken, if there is only one that fits: from a
 * state that was active, for this event, into states that are active after it.
 */
function guessTaken(
  { transitions }: Chart,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  eventType: string,
): readonly string[] {
  const fitting = transitions.filter(
    ({ id, source, targets }) =>
      before.has(source) &&
      id.startsWith(`${source}|${eventType}|`) &&
      targets.every((target) => after.has(target)),
  );
  return fitting.length === 1 ? fitting.map(({ id }) => id) : [];
}

/** The overlay of an actor's chart: where it is, where it has been, what it waits for. */
export function actorOverlay(
  chart: Chart,
  value: unknown,
  track: ActorTrack,
  contents: Pick<ActorContents, 'timers' | 'effects'>,
): Overlay {
  const active = isStateValue(value) ? activeStates(chart, value) : [];
  const visited = [...track.states.keys()];
  return {
    active,
    visited,
    taken: [...track.transitions.keys()],
    states: {
      ...marks(track.states, chart.states[0]?.id ?? null),
      ...effectMarks(chart, active, contents),
    },
    transitions: { ...marks(track.transitions, null), ...timerMarks(chart, active, contents) },
  };
}

function marks(
  visits: ReadonlyMap<string, Visits>,
  except: string | null,
): Readonly<Record<string, Annotation>> {
  const shown = [...visits].filter(([id]) => id !== except);
  return Object.fromEntries(
    shown.map(([id, { count: times, lastAt }]) => [
      id,
      { text: `${formatCount(times)}×, last ${shortTime(lastAt)}` },
    ]),
  );
}

/** `11-21 10:51:22`: of a life, the year rarely matters. */
function shortTime(at: number): string {
  return localTime(at).slice(5).replace('T', ' ');
}

function effectMarks(
  { states }: Chart,
  active: readonly string[],
  { effects }: Pick<ActorContents, 'effects'>,
): Readonly<Record<string, Annotation>> {
  return Object.fromEntries(
    effects.flatMap(({ id, attempt, retryAt }) => {
      const state = states.find(
        (each) => active.includes(each.id) && each.invokes.some((invoke) => invoke.id === id),
      );
      if (state === undefined) return [];
      const next = retryAt === null ? ' runs' : `, due ${shortTime(retryAt)}`;
      const text = attempt === 0 ? 'waits for a place' : `attempt ${attempt}${next}`;
      return [[state.id, { text, tone: 'warning' } satisfies Annotation]];
    }),
  );
}

function timerMarks(
  { transitions }: Chart,
  active: readonly string[],
  { timers }: Pick<ActorContents, 'timers'>,
): Readonly<Record<string, Annotation>> {
  return Object.fromEntries(
    timers.flatMap(({ id: timer, dueAt }) =>
      transitions
        .filter(({ id, source }) => active.includes(source) && id.startsWith(`${source}|${timer}|`))
        .map(({ id }) => [
          id,
          { text: `due ${shortTime(dueAt)}`, tone: 'warning' } satisfies Annotation,
        ]),
    ),
  );
}
