// The adapter is held to XState itself: whatever happens to a chart, the engine's step gives the same
// state and asks for the same things in the same order as XState's own pure functions and as a live
// actor, also when the actor is stored and read again between every two steps.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AdapterRun } from './charts/adapter-run.ts';
import { type Chart, type Command, commandsOf } from './charts/chart.ts';
import { singleCharts as charts } from './charts/every-chart.ts';
import type { Run } from './charts/hosted-run.ts';
import { LiveRun } from './charts/live-run.ts';
import type { Observation } from './charts/observation.ts';
import { ReferenceRun } from './charts/reference-run.ts';
import { checkProperty } from './seeds.ts';

/** What a run shows, after its start and after each command, up to its failure. */
function watch(run: Run, commands: readonly Command[]): readonly Observation[] {
  const seen = [run.start()];
  for (const command of commands) {
    if (seen.at(-1)?.failed !== null) break;
    seen.push(run.execute(command));
  }
  return seen;
}

/**
 * What the adapter asked for without the starts that XState does not record, those of `spawn` inside an
 * assign; each of them must be there.
 */
function withoutSpawned(
  adapter: readonly Observation[],
  reference: readonly Observation[],
): readonly Observation[] {
  return adapter.map(({ trace, ...rest }, index) => {
    const left = [...trace];
    const { spawned = [] } = reference[index] ?? {};
    for (const line of spawned) {
      const at = left.indexOf(line);
      expect(at, `the place of "${line}" in ${JSON.stringify(trace)}`).toBeGreaterThanOrEqual(0);
      left.splice(at, 1);
    }
    return { ...rest, trace: left, spawned };
  });
}

describe('the adapter', () => {
  // XState warns of each event that reaches a child which never came to be.
  beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined));
  afterAll(() => void vi.restoreAllMocks());

  it.each(charts.filter(({ needs }) => needs === undefined))(
    'steps a chart of $name as XState’s pure functions do',
    (chart) => {
      checkProperty(
        fc.property(commandsOf(chart), fc.boolean(), (commands, restored) => {
          const reference = watch(new ReferenceRun(chart), commands);
          const adapter = watch(new AdapterRun(chart, { restored }), commands);
          expect(withoutSpawned(adapter, reference)).toEqual(reference);
        }),
      );
    },
  );

  it.each(charts.filter(({ isLiveApart = false }) => !isLiveApart))(
    'steps a chart of $name as a live actor runs it',
    (chart) => {
      checkProperty(
        fc.property(commandsOf(chart), fc.boolean(), (commands, restored) => {
          const live = watch(new LiveRun(chart), commands);
          const adapter = watch(new AdapterRun(chart, { restored }), commands);
          expect(withoutSpawned(adapter, live)).toEqual(live);
        }),
      );
    },
  );

  it.each(charts.filter(({ isLiveApart = false }) => !isLiveApart))(
    'asks of a chart of $name what a live actor then really does',
    (chart) => {
      checkProperty(
        fc.property(commandsOf(chart), (commands) => {
          const live = new LiveRun(chart);
          const ends = watch(live, commands);
          const adapter = new AdapterRun(chart, { restored: true });
          watch(adapter, commands);
          const inline = adapter.done.flatMap((lines) => lines.flatMap(inlineChild));
          // What a failed step had asked for is not done here, and half done by a live actor.
          const whole = (_: unknown, index: number): boolean => ends[index]?.failed === null;
          const asked = adapter.done.filter(whole).map((lines) => visible(lines, chart, inline));
          expect(asked.map(byRecipient)).toEqual(live.seen.filter(whole).map(byRecipient));
        }),
      );
    },
  );

  it.each(charts)(
    'keeps of a chart of $name the timers and effects that are still awaited',
    (chart) => {
      checkProperty(
        fc.property(commandsOf(chart), (commands) => {
          const run = new AdapterRun(chart, { restored: true });
          const ends = watch(run, commands);
          if (ends.at(-1)?.failed !== null) return;
          const { timers, effects, children, status } = run.state;
          const dueAt = Object.values(timers).map((timer) => timer.dueAt);
          expect(dueAt.sort((a, b) => a - b)).toEqual(run.dueAt);
          const awaited = Object.values(children).filter(
            (child) => status === 'active' && child.kind === 'effect' && child.status === 'active',
          );
          const kept = Object.values(effects).filter(({ kind }) => kind === 'effect');
          expect(kept.map(({ id }) => id).sort()).toEqual(awaited.map(({ id }) => id).sort());
        }),
      );
    },
  );
});

/** The id of a child whose logic is in the chart's own text: nothing can record what it sees. */
function inlineChild(line: string): readonly string[] {
  return /^start (\S+) xstate\.invoke\./.exec(line)?.slice(1) ?? [];
}

/** Of what is asked for, what the recorders of a live run can see. */
function visible(
  trace: readonly string[],
  { needs }: Chart,
  inline: readonly string[],
): readonly string[] {
  return trace.filter((line) => {
    const [what = '', whom = ''] = line.split(' ');
    if (what === 'emit') return needs !== 'parent';
    return /^(?:start|stop|send)$/.test(what) && whom !== 'self' && !inline.includes(whom);
  });
}

/**
 * What each recipient sees, in its order: a child starts before it receives what was sent to it by the
 * entry actions that come before its start, and a parent reads its mail when it is done itself.
 */
function byRecipient(seen: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const recipients: Record<string, string[]> = {};
  for (const line of seen) {
    const [what = '', whom = ''] = line.split(' ');
    const recipient = what === 'emit' ? 'listeners' : whom;
    const mail = recipients[recipient] ?? [];
    recipients[recipient] = mail;
    const sinceStop = mail.findLastIndex((earlier) => earlier.startsWith('stop')) + 1;
    mail.splice(what === 'start' ? sinceStop : mail.length, 0, line);
  }
  return recipients;
}
