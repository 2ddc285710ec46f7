// The one comparison of all hosts: a living XState actor, the engine, the engine with nothing in memory
// between any two messages, the engine by batches, and XState's pure functions over its journal.

import type { HistoryEntry } from 'sagawright';
import { expect } from 'vitest';
import type { Case } from './case.ts';
import { EngineHost } from './engine-host.ts';
import { type ActorSeen, type Command, type Seen, watch } from './host.ts';
import { LiveHost } from './live-host.ts';
import { PureHost } from './pure-host.ts';

export const HOSTS = ['live', 'engine', 'forgetting engine', 'batching engine', 'pure'] as const;

/** How much there was to compare. */
export interface Compared {
  /** What was seen of a whole tree, by every host. */
  looks: number;
  /** Messages that were worked on. */
  messages: number;
  /** Engines that were opened on what another had left. */
  reopened: number;
  /** Commits that batching has saved. */
  commitsSaved: number;
  /** Steps of XState's pure functions. */
  pureSteps: number;
  /**
   * Runs that end before a moment at which timers of several actors are due: between actors their order
   * differs on purpose, and after that anything may.
   */
  tied: number;
}

export function nothingCompared(): Compared {
  return { looks: 0, messages: 0, reopened: 0, commitsSaved: 0, pureSteps: 0, tied: 0 };
}

/**
 * Runs the commands on every host, as far as there is one order: see `Compared.tied`.
 * @throws what `expect` throws when two of them differ
 */
export async function compareHosts(
  chart: Case,
  given: readonly Command[],
  compared: Compared,
): Promise<void> {
  const living = new LiveHost(chart);
  const whole = await watch(living, given);
  const commands = living.isTied ? given.slice(0, living.untied) : given;
  if (living.isTied) compared.tied++;
  const live = whole.slice(0, commands.length + 1);
  const host = new EngineHost(chart, { forgetting: false });
  const expected = chart.comparable(live);
  expect(chart.comparable(await watch(host, commands)), 'the engine').toEqual(expected);
  const forgetting = await watch(new EngineHost(chart, { forgetting: true }), commands);
  expect(chart.comparable(forgetting), 'the engine with nothing in memory').toEqual(expected);
  compared.looks += live.length;
  compared.messages += live.reduce((sum, { messages }) => sum + messages.length, 0);
  compared.reopened += live.length - 1;
  if (chart.needs !== 'system') compared.pureSteps += comparePure(chart, live, host.entries);
  compared.commitsSaved += await compareBatches(chart, commands);
}

/** Guarantee 13: how messages fall into turns makes no difference. Answers with the commits saved. */
async function compareBatches(chart: Case, commands: readonly Command[]): Promise<number> {
  const runs = [false, true].map(async (batched) => {
    const host = new EngineHost(chart, { forgetting: false });
    try {
      return await host.run(commands, { batched });
    } finally {
      await host.close();
    }
  });
  const [single, batched] = await Promise.all(runs);
  if (single === undefined || batched === undefined) throw new Error('Expected two runs.');
  expect(batched.journal, 'the journal of batches').toEqual(single.journal);
  expect(batched.actors, 'the actors after batches').toEqual(single.actors);
  return single.commits - batched.commits;
}

function comparePure(
  chart: Case,
  live: readonly Seen[],
  entries: readonly (readonly HistoryEntry[])[],
): number {
  const pure = new PureHost(chart);
  let steps = 0;
  live.forEach(({ failed, actors }, index) => {
    if (failed !== null) return;
    const own = (entries[index] ?? []).filter(({ actor }) => actor === 'root');
    const taken = own.filter(({ kind }) => kind === 'started' || kind === 'received');
    const folded = taken.map((entry) => pure.take(entry));
    expect(
      folded.map(({ value }) => value),
      'the pure state values',
    ).toEqual(taken.map(({ value }) => value));
    const emitted = own.filter(({ kind }) => kind === 'emitted').map(({ data }) => data);
    expect(pure.plain(folded.flatMap((each) => each.emitted))).toEqual(pure.plain(emitted));
    expect(pure.end, 'the pure end').toEqual(visible(actors['']));
    steps += taken.length;
  });
  return steps;
}

function visible(actor: ActorSeen | undefined): Pick<ActorSeen, 'status' | 'context' | 'output'> {
  if (actor === undefined) throw new Error('Expected a root.');
  const { status, context, output } = actor;
  return { status, context, output };
}
