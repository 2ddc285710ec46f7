// `sagawright list`: actors, page by page, by what the index knows. Reads one page and no snapshot.

import { type ActorId, actorAddress } from '../../ids.ts';
import type { ActorRecord, ActorStatus, ListQuery } from '../../store.ts';
import {
  type AddCommand,
  addSharedOptions,
  type SharedOptions,
  terminalFor,
  wholeNumber,
} from '../command.ts';
import { UsageError } from '../exit-code.ts';
import { withReader } from '../reader-session.ts';
import type { Terminal } from '../terminal.ts';
import { actorJson } from '../text/actor-view.ts';
import { jsonText } from '../text/printable.ts';
import { momentCell, renderTable, statusCell } from '../text/table.ts';
import { MOST_ROWS, type Page, printNext, quoted, readPage } from './page.ts';

interface ListCommandOptions extends SharedOptions {
  readonly machine?: string;
  readonly machineVersion?: string;
  readonly status?: ActorStatus;
  readonly state?: string;
  readonly parent?: string;
  readonly root?: string;
  readonly after?: string;
  readonly limit: number;
}

const STATUSES: readonly string[] = ['active', 'done', 'error', 'stopped', 'parked'];

export const addList: AddCommand = (program, context) => {
  addSharedOptions(program.command('list'))
    .description('lists actors, in order of their ids')
    .option('--machine <id>', 'of this machine')
    .option('--machine-version <version>', 'of this version of it')
    .option('--status <status>', STATUSES.join(', '), readStatus)
    .option('--state <path>', 'in this state, or in one below it')
    .option('--parent <id>', 'children of this actor')
    .option('--root <id>', 'this actor and all below it')
    .option('--after <id>', 'only ids after this one')
    .option('--limit <n>', 'at most so many', wholeNumber('--limit', 1, MOST_ROWS), 50)
    .action(async (options: ListCommandOptions) => {
      const terminal = terminalFor(context, options);
      const { limit, after } = options;
      const page = await withReader(options, (reader) =>
        readPage(
          limit,
          after === undefined ? undefined : actorAddress(after),
          (query) => reader.list({ ...queryOf(options), ...query }),
          ({ id }) => id,
        ),
      );
      if (options.json === true) terminal.print(jsonText(pageJson(page), 2));
      else printPage(page, terminal);
    });
};

function readStatus(text: string): string {
  if (STATUSES.includes(text)) return text;
  throw new UsageError(`Expected --status as one of ${STATUSES.join(', ')}, got "${text}".`);
}

function queryOf(options: ListCommandOptions): Omit<ListQuery, 'limit' | 'after'> {
  const { machine, machineVersion, status, state, parent, root } = options;
  return {
    ...(machine !== undefined && { machine }),
    ...(machineVersion !== undefined && { machineVersion }),
    ...(status !== undefined && { status }),
    ...(state !== undefined && { state }),
    ...(parent !== undefined && { parent: actorAddress(parent) }),
    ...(root !== undefined && { root: actorAddress(root) }),
  };
}

function pageJson({ rows, hasMore }: Page<ActorRecord>): unknown {
  const next: ActorId | null = hasMore ? (rows.at(-1)?.id ?? null) : null;
  return { actors: rows.map(actorJson), next };
}

function printPage({ rows, hasMore }: Page<ActorRecord>, terminal: Terminal): void {
  if (rows.length === 0) {
    terminal.print('No such actors.');
    return;
  }
  const now = terminal.now();
  const table = {
    titles: ['actor', 'machine', 'status', 'state', 'revision', 'updated'],
    rows: rows.map(({ id, machine, machineVersion, status, state, revision, updatedAt }) => [
      id,
      `${machine}@${machineVersion}`,
      statusCell(status),
      state,
      revision,
      momentCell(updatedAt, now),
    ]),
  };
  terminal.print(renderTable(table, terminal));
  const last = rows.at(-1);
  if (hasMore && last !== undefined) printNext(`--after ${quoted(last.id)}`, terminal);
}
