// `sagawright show <actor>`: one actor as it is now, with what it waits for and what happened last. Reads
// bounded parts: an actor with a million entries is shown as fast as any.

import { type ActorId, actorAddress } from '../../ids.ts';
import type { StoreReader } from '../../store-reader.ts';
import {
  type AddCommand,
  addSharedOptions,
  type SharedOptions,
  terminalFor,
  wholeNumber,
} from '../command.ts';
import { writeText } from '../output-file.ts';
import { openPast } from '../past/past.ts';
import { momentJson, printMoment, readMoment } from '../past/show-past.ts';
import { MOST_REVISIONS, renderTimeTravel } from '../past/time-travel-page.ts';
import { noActor, withReader } from '../reader-session.ts';
import type { Terminal } from '../terminal.ts';
import { actorJson, readContents, readSince, type Shown } from '../text/actor-view.ts';
import { deadLetterJson } from '../text/dead-letter-view.ts';
import { entryJson } from '../text/journal-view.ts';
import { isoTime } from '../text/moment.ts';
import { jsonText } from '../text/printable.ts';
import { MOST_ROWS } from './page.ts';
import { printActor } from './show-text.ts';

interface ShowOptions extends SharedOptions {
  readonly entries: number;
  readonly contextLines: number;
  readonly at?: number;
  readonly html?: string;
  readonly last: number;
}

const CHILDREN = 50;
const DEAD_LETTERS = 20;

export const addShow: AddCommand = (program, context) => {
  addSharedOptions(program.command('show'))
    .description('shows one actor: state, context, what it waits for, what happened last')
    .argument('<actor>', 'its id')
    .option('--entries <n>', 'newest journal entries', wholeNumber('--entries', 0, MOST_ROWS), 10)
    .option(
      '--context-lines <n>',
      'lines of context, output and inputs',
      wholeNumber('--context-lines', 1, 1_000_000),
      40,
    )
    .option(
      '--at <revision>',
      'as it was at this revision',
      wholeNumber('--at', 1, Number.MAX_SAFE_INTEGER),
    )
    .option('--html <file>', 'its whole past as a page that opens without a server')
    .option(
      '--last <n>',
      'newest revisions of that page',
      wholeNumber('--last', 1, MOST_REVISIONS),
      MOST_REVISIONS,
    )
    .action(async (id: string, options: ShowOptions) => {
      const terminal = terminalFor(context, options);
      const actor = actorAddress(id);
      if (options.at !== undefined || options.html !== undefined) {
        await showPast(actor, options, terminal);
        return;
      }
      const shown = await withReader(options, (reader) => readShown(reader, actor, options));
      if (options.json === true) terminal.print(jsonText(shownJson(shown), 2));
      else printActor(shown, options, terminal);
    });
};

async function showPast(actor: ActorId, options: ShowOptions, terminal: Terminal): Promise<void> {
  const { html, at, last, json } = options;
  await withReader(options, async (reader, { machines }) => {
    const past = await openPast(reader, machines, actor);
    if (html !== undefined) {
      const opensAt = at ?? past.record.revision;
      writeText(html, await renderTimeTravel(past, { last, at: opensAt }));
      terminal.complain(`wrote ${html}`);
      return;
    }
    const moment = await readMoment(past, at ?? past.record.revision);
    if (json === true) terminal.print(jsonText(momentJson(moment), 2));
    else printMoment(moment, options, terminal);
  });
}

async function readShown(
  reader: StoreReader,
  actor: ActorId,
  { entries: count }: ShowOptions,
): Promise<Shown> {
  const [record] = await reader.load([actor]);
  if (record === undefined) throw noActor(actor);
  const afterRevision = Math.max(0, record.revision - count);
  const entries = count === 0 ? [] : await reader.journal({ actor, afterRevision, limit: count });
  const children = await reader.list({ parent: actor, limit: CHILDREN + 1 });
  const deadLetters = await reader.deadLetters({ actor, limit: DEAD_LETTERS + 1 });
  return {
    record,
    contents: readContents(record),
    since: await readSince(reader, record),
    entries,
    children: children.slice(0, CHILDREN),
    hasMoreChildren: children.length > CHILDREN,
    deadLetters: deadLetters.slice(0, DEAD_LETTERS),
    hasMoreDeadLetters: deadLetters.length > DEAD_LETTERS,
  };
}

function shownJson(shown: Shown): unknown {
  const { record, since, entries, children, deadLetters } = shown;
  const { snapshot, timers, effects, damage } = shown.contents;
  return {
    ...actorJson(record),
    since: since === null ? null : isoTime(since.at),
    isSinceExact: since?.isExact ?? null,
    damage,
    value: snapshot?.value ?? null,
    context: snapshot?.context ?? null,
    output: snapshot?.output ?? null,
    error: snapshot?.error ?? null,
    timers: timers.map(({ dueAt, ...timer }) => ({ ...timer, dueAt: isoTime(dueAt) })),
    effects: effects.map(({ retryAt, ...effect }) => ({ ...effect, retryAt: isoTime(retryAt) })),
    children: children.map(actorJson),
    hasMoreChildren: shown.hasMoreChildren,
    entries: entries.map(entryJson),
    deadLetters: deadLetters.map(deadLetterJson),
    hasMoreDeadLetters: shown.hasMoreDeadLetters,
  };
}
