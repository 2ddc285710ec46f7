// `sagawright verify [actor]`: folds the journal again and compares what comes out with the rows. Only
// reads, beside a running engine too; repairs nothing.

import type { Mismatch, VerifyProgress, VerifyReport } from '../../fold/verify.ts';
import { type AddCommand, addSharedOptions, type SharedOptions, terminalFor } from '../command.ts';
import { whilePaused } from '../engine-session.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { loadSetup } from '../load-config.ts';
import type { Terminal } from '../terminal.ts';
import { jsonText } from '../text/printable.ts';
import { formatCount, formatCounted, renderTable } from '../text/table.ts';

/** How often a terminal is told how far it is. */
const TOLD_EVERY_MS = 2_000;

export const addVerify: AddCommand = (program, context) => {
  const command = program
    .command('verify')
    .description('compares every actor with what its journal folds to')
    .argument('[actor]', 'the id of a root: only its tree');
  addSharedOptions(command).action(async (actor: string | undefined, options: SharedOptions) => {
    const terminal = terminalFor(context, options);
    const setup = await loadSetup(options);
    const onProgress = progressTo(terminal);
    const report = await whilePaused(setup, terminal, (engine) =>
      engine.verify({ ...(actor !== undefined && { actor }), onProgress }),
    );
    if (options.json === true) terminal.print(jsonText(report, 2));
    else printReport(report, terminal);
    const { mismatches, unverifiable } = report;
    const isWhole = mismatches.length + unverifiable.length === 0;
    context.end(isWhole ? EXIT_CODES.ok : EXIT_CODES.findings);
  });
};

/** Tells people how far it is, and ends when they say so; a pipe gets the result alone. */
function progressTo(terminal: Terminal): (progress: VerifyProgress) => void {
  const { width, now, complain, signal } = terminal;
  let toldAt = now();
  return ({ actors, entries }) => {
    signal.throwIfAborted();
    if (!Number.isFinite(width) || now() - toldAt < TOLD_EVERY_MS) return;
    toldAt = now();
    complain(`... ${formatCount(actors)} actors, ${formatCount(entries)} entries`);
  };
}

function printReport(
  { actors, entries, mismatches, unverifiable, omitted }: VerifyReport,
  terminal: Terminal,
): void {
  const read = `${formatCounted(actors, 'actor')} compared, ${formatCounted(entries, 'journal entry', 'journal entries')} folded`;
  if (mismatches.length > 0) {
    terminal.print(
      renderTable(
        {
          titles: ['actor', 'revision', 'path', 'stored', 'folded'],
          rows: mismatches.map(mismatchRow),
        },
        terminal,
      ),
    );
  }
  if (unverifiable.length > 0) {
    const rows = unverifiable.map(({ actor, reason }) => [actor, reason]);
    terminal.print(renderTable({ titles: ['actor', 'not verifiable'], rows }, terminal));
  }
  if (omitted > 0) terminal.print(`${formatCount(omitted)} more were found and not kept.`);
  const result =
    mismatches.length === 0 ? 'no difference' : formatCounted(mismatches.length, 'difference');
  const left =
    unverifiable.length === 0 ? '' : `, ${formatCount(unverifiable.length)} not verifiable`;
  terminal.print(`${read}: ${result}${left}.`);
}

function mismatchRow({ actor, revision, path, stored, folded }: Mismatch) {
  return [actor, revision, path, textOf(stored), textOf(folded)];
}

function textOf(value: unknown): string {
  return value === undefined ? '-' : JSON.stringify(value);
}
