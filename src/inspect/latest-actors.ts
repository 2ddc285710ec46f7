// Which actors a new viewer is shown: the active ones that changed last. Reads the list page by page and
// gives way in between; keeps no more of it than it answers with.

import type { ActorSummary } from '../client/journal-pages.ts';
import type { Engine } from '../engine.ts';
import { type ActorId, parentOf } from '../ids.ts';
import type { Pace } from './pace.ts';

export interface LatestActors {
  /** The one that changed last comes first. */
  readonly ids: readonly ActorId[];
  /** How many active actors there are in all. */
  readonly active: number;
}

/** @param isOver whether nobody wants to know any more: then it answers with what it has */
export async function findLatestActors(
  engine: Pick<Engine, 'list'>,
  count: number,
  pace: Pace,
  isOver: () => boolean,
): Promise<LatestActors> {
  let latest: ActorSummary[] = [];
  let active = 0;
  const actors = engine.list({ status: 'active' })[Symbol.asyncIterator]();
  while (!isOver()) {
    const { done, value } = await pace.spendOn(() => actors.next());
    if (done === true) break;
    active += 1;
    latest.push(value);
    if (latest.length >= 2 * count + 100) latest = newest(latest, count);
    await pace.rest();
  }
  return { ids: newest(latest, count).map(({ id }) => id), active };
}

function newest(actors: readonly ActorSummary[], count: number): ActorSummary[] {
  return [...actors].sort((a, b) => b.updatedAt - a.updatedAt).slice(0, count);
}

/** The actors with all that are above them, parents before their children. */
export function withParents(ids: Iterable<ActorId>): readonly ActorId[] {
  const all = new Set<ActorId>();
  for (const id of ids) {
    for (let each: ActorId | null = id; each !== null; each = parentOf(each)) all.add(each);
  }
  return [...all].sort((a, b) => (a < b ? -1 : 1));
}
