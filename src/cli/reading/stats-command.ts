// `sagawright stats`: how many actors are where, how long they stay, what waits and how much is written.
// Counts come from indexes; the times of stays from the newest entries alone.

import type { GroupCount, StateStay, StoreOverview } from '../../store-reader.ts';
import {
  type AddCommand,
  addSharedOptions,
  type SharedOptions,
  terminalFor,
  wholeNumber,
} from '../command.ts';
import { withReader } from '../reader-session.ts';
import type { Terminal } from '../terminal.ts';
import { stateText } from '../text/journal-view.ts';
import { formatBytes, formatDuration, formatMoment, isoTime } from '../text/moment.ts';
import { jsonText } from '../text/printable.ts';
import {
  type Cell,
  formatCount,
  formatCounted,
  renderTable,
  statusCell,
  tinted,
} from '../text/table.ts';

interface StatsOptions extends SharedOptions {
  readonly machine?: string;
  readonly sample: number;
}

interface Stats {
  readonly groups: readonly GroupCount[];
  readonly stays: readonly StateStay[];
  readonly overview: StoreOverview;
}

export const addStats: AddCommand = (program, context) => {
  addSharedOptions(program.command('stats'))
    .description(
      'counts actors by state, and says how long they stay, what waits and how much is written',
    )
    .option('--machine <id>', 'only actors of this machine')
    .option(
      '--sample <n>',
      'newest journal entries that stays are read from',
      wholeNumber('--sample', 1, 1_000_000),
      20_000,
    )
    .action(async (options: StatsOptions) => {
      const terminal = terminalFor(context, options);
      const stats = await readStats(options, terminal.now());
      if (options.json === true) terminal.print(jsonText(statsJson(stats), 2));
      else printStats(stats, options.sample, terminal);
    });
};

function readStats(options: StatsOptions, now: number): Promise<Stats> {
  const { machine, sample } = options;
  const isWanted = (each: { readonly machine: string }): boolean =>
    machine === undefined || each.machine === machine;
  return withReader(options, async (reader) => ({
    groups: (await reader.groupCounts()).filter(isWanted),
    stays: (await reader.stays(sample)).filter(isWanted),
    overview: await reader.overview(now),
  }));
}

function statsJson({ groups, stays, overview }: Stats): unknown {
  const { oldestWakeAt, ...rest } = overview;
  return {
    actors: groups,
    stays: stays.map(({ state, ...stay }) => ({ ...stay, state: stateText(state) })),
    ...rest,
    oldestWakeAt: isoTime(oldestWakeAt),
  };
}

function printStats({ groups, stays, overview }: Stats, sample: number, terminal: Terminal): void {
  const actors = groups.reduce((sum, { count }) => sum + count, 0);
  terminal.print(formatCounted(actors, 'actor'));
  printPart(
    'Where they are',
    ['machine', 'status', 'state', 'actors'],
    groups.map(({ machine, machineVersion, state, status, count }) => [
      `${machine}@${machineVersion}`,
      statusCell(status),
      state,
      count,
    ]),
    terminal,
  );
  printPart(
    `Time in a state, from the newest ${formatCount(sample)} entries`,
    ['machine', 'state', 'stays', '>p50', '>p95', '>longest'],
    stays.map(({ machine, state, stays: count, p50Ms, p95Ms, longestMs }) => [
      machine,
      stateText(state),
      count,
      formatDuration(p50Ms),
      formatDuration(p95Ms),
      formatDuration(longestMs),
    ]),
    terminal,
  );
  printPart(
    'Dead letters',
    ['reason', 'letters'],
    Object.entries(overview.deadLetters).map(([reason, count]) => [
      { text: reason, tint: 'red' },
      count,
    ]),
    terminal,
  );
  printPart('Work and size', ['', ''], overviewRows(overview, terminal.now()), terminal);
}

function overviewRows(overview: StoreOverview, now: number): readonly (readonly Cell[])[] {
  const { journal, waking, due, oldestWakeAt } = overview;
  const entries = journal === null ? 0 : journal.newest - journal.oldest + 1;
  const next = oldestWakeAt === null ? '' : `, the first ${formatMoment(oldestWakeAt, now)}`;
  const { entriesLastMinute, entriesLastHour, databaseBytes, walBytes } = overview;
  return [
    ['calls in flight', formatCounted(overview.running, 'actor')],
    ['timers and retries', `${formatCounted(waking, 'actor')}, ${formatCount(due)} due${next}`],
    ['inbox', formatCounted(overview.inbox, 'message')],
    ['journal', formatCounted(entries, 'entry', 'entries')],
    [
      'written',
      `${formatCounted(entriesLastMinute, 'entry', 'entries')} in the last minute, ${formatCount(entriesLastHour)} in the last hour`,
    ],
    ['database', `${formatBytes(databaseBytes)}, WAL ${formatBytes(walBytes)}`],
  ];
}

/** A titled table behind an empty line; nothing when it has no rows. */
function printPart(
  title: string,
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  terminal: Terminal,
): void {
  if (rows.length === 0) return;
  terminal.print(`\n${tinted(title, 'bold', terminal)}`);
  const [head = '', ...lines] = renderTable({ titles, rows }, terminal).split('\n');
  // Columns that speak for themselves have no titles.
  terminal.print([...(head === '' ? [] : [head]), ...lines].join('\n'));
}
