// `sagawright tail`: the journal as it grows, entry by entry, until Ctrl-C. Asks by position again and
// again and holds nothing in between, so that an engine at work never notices.

import { type Duration, durationMs } from '../../duration.ts';
import { type ActorId, actorAddress, type Position, position } from '../../ids.ts';
import type { JournalEntry } from '../../store.ts';
import type { StoreReader } from '../../store-reader.ts';
import {
  type AddCommand,
  addSharedOptions,
  type SharedOptions,
  terminalFor,
  wholeNumber,
} from '../command.ts';
import { UsageError } from '../exit-code.ts';
import { noActor, withReader } from '../reader-session.ts';
import type { Terminal } from '../terminal.ts';
import { entryJson, readJson, stateOf } from '../text/journal-view.ts';
import { localTime } from '../text/moment.ts';
import { jsonText, printable } from '../text/printable.ts';
import { tinted } from '../text/table.ts';
import { shorten } from '../text/text-columns.ts';

interface TailOptions extends SharedOptions {
  readonly machine?: string;
  readonly since?: string;
  readonly limit?: number;
  readonly data?: boolean;
}

/** How often the journal is asked when it has nothing new. */
const PAUSE_MS = 250;
const PAGE = 500;
/** Actors whose machine is remembered. */
const MOST_KNOWN = 10_000;

export const addTail: AddCommand = (program, context) => {
  addSharedOptions(program.command('tail'))
    .description('follows the journal, until Ctrl-C')
    .argument('[actor]', 'of this actor alone')
    .option('--machine <id>', 'of actors of this machine')
    .option('--since <point>', 'begins after this position, or so long ago: 0, 1234, 10m')
    .option('--limit <n>', 'ends after so many', wholeNumber('--limit', 1, 1_000_000_000))
    .option('--data', 'with events and inputs')
    .action(async (id: string | undefined, options: TailOptions) => {
      const terminal = terminalFor(context, options);
      const actor = id === undefined ? undefined : actorAddress(id);
      await withReader(options, (reader) => tail(reader, actor, options, terminal));
    });
};

async function tail(
  reader: StoreReader,
  actor: ActorId | undefined,
  options: TailOptions,
  terminal: Terminal,
): Promise<void> {
  if (actor !== undefined && (await reader.load([actor])).length === 0) throw noActor(actor);
  const isWanted = filterBy(reader, options.machine);
  const start = await startOf(reader, options.since, terminal.now());
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let read = pages(reader, actor, start);
  while (left > 0 && !terminal.signal.aborted) {
    const { entries, next } = await read();
    read = next;
    for (const entry of entries) {
      if (left === 0 || terminal.signal.aborted) return;
      if (!(await isWanted(entry))) continue;
      printEntry(entry, options, terminal);
      left -= 1;
    }
    await terminal.flushed();
    if (entries.length < PAGE && left > 0) await terminal.wait(PAUSE_MS);
  }
}

/** Where to begin; null: at the first entry. */
async function startOf(
  reader: StoreReader,
  since: string | undefined,
  now: number,
): Promise<Position | null> {
  if (since === undefined) return reader.positionBefore(Number.MAX_SAFE_INTEGER);
  if (/^\d{1,15}$/.test(since)) return since === '0' ? null : position(Number(since));
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(since)) {
    return reader.positionBefore(now - durationMs(since as Duration, '--since'));
  }
  throw new UsageError(`Expected --since as a position or a duration such as 10m, got "${since}".`);
}

/** One page of the journal, and how to read the one after it. */
interface Step {
  readonly entries: readonly JournalEntry[];
  readonly next: () => Promise<Step>;
}

/** Pages after a position: of one actor by its revisions, for which there is an index. */
function pages(
  reader: StoreReader,
  actor: ActorId | undefined,
  after: Position | null,
  afterRevision = 0,
): () => Promise<Step> {
  return async () => {
    const entries = await reader.journal({
      ...(after !== null && { after }),
      ...(actor !== undefined && { actor, afterRevision }),
      limit: PAGE,
    });
    const last = entries.at(-1);
    return {
      entries,
      next: pages(reader, actor, last?.position ?? after, last?.revision ?? afterRevision),
    };
  };
}

/** Entries do not name their machine; actors do, and none changes it while it is followed. */
function filterBy(
  reader: StoreReader,
  machine: string | undefined,
): (entry: JournalEntry) => Promise<boolean> {
  if (machine === undefined) return () => Promise.resolve(true);
  const known = new Map<ActorId, boolean>();
  return async ({ actor }) => {
    const answer = known.get(actor);
    if (answer !== undefined) return answer;
    const [record] = await reader.load([actor]);
    const isOne = record?.machine === machine;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(actor, isOne);
    return isOne;
  };
}

function printEntry(entry: JournalEntry, { json, data }: TailOptions, terminal: Terminal): void {
  if (json === true) {
    terminal.print(jsonText(entryJson(entry)));
    return;
  }
  const { at, actor, revision, kind, type, causation } = entry;
  const state = stateOf(entry);
  const time = localTime(at);
  const text = [
    `${actor}@${revision}`,
    kind,
    type,
    ...(state === '' ? [] : [`→ ${state}`]),
    ...(causation === null ? [] : [`(by ${causation})`]),
  ].join('  ');
  const room = terminal.width - time.length - 2;
  terminal.print(
    `${tinted(time, 'dim', terminal)}  ${shorten(printable(text), Math.max(room, 1))}`,
  );
  if (data === true) terminal.print(`    ${jsonText(readJson(entry.data))}`);
}
