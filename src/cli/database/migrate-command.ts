// `sagawright migrate`: what the config's migrations would do to the actors in flight, on copies, beside
// a running engine too; and without `--check`, the migrations themselves, with nobody called.

import type { MigrationCheck, MigrationReport } from '../../versions/migration-check.ts';
import { type AddCommand, addSharedOptions, terminalFor } from '../command.ts';
import { addWriteOptions, checkConsent, isAgreed, type WriteOptions } from '../consent.ts';
import { whileHolding, whilePaused } from '../engine-session.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { loadSetup } from '../load-config.ts';
import type { Terminal } from '../terminal.ts';
import { jsonText } from '../text/printable.ts';
import { type Cell, formatCount, renderTable } from '../text/table.ts';

interface MigrateOptions extends WriteOptions {
  readonly check?: boolean;
}

export const addMigrate: AddCommand = (program, context) => {
  const command = program
    .command('migrate')
    .description('brings actors in flight to newer versions by the migrations of the config file')
    .option('--check', 'only show what would become of them (as --dry-run)');
  addSharedOptions(addWriteOptions(command)).action(async (given: MigrateOptions) => {
    const options = { ...given, dryRun: given.dryRun === true || given.check === true };
    const terminal = terminalFor(context, options);
    checkConsent(terminal, options);
    const setup = await loadSetup(options);
    const isJson = options.json === true;
    if (options.yes !== true || options.dryRun) {
      const report = await whilePaused(setup, terminal, (engine) => engine.checkMigrations());
      if (isJson) terminal.print(jsonText(report, 2));
      else printReport(report, terminal);
      if (!report.ok) context.end(EXIT_CODES.findings);
      if (options.dryRun || report.checks.length === 0) return;
      if (!(await isAgreed(terminal, options, 'Migrate them?'))) return;
    }
    const silent = { ...terminal, complain: (): void => undefined };
    const migrated = await whileHolding(setup, silent, (engine) =>
      Promise.resolve(engine.migrated),
    );
    terminal.print(
      isJson
        ? jsonText(migrated, 2)
        : `Migrated ${formatCount(migrated.migrated)} actors; parked ${formatCount(migrated.parked)} roots.`,
    );
    context.end(migrated.parked === 0 ? EXIT_CODES.ok : EXIT_CODES.findings);
  });
};

function printReport({ ok, checks, others }: MigrationReport, terminal: Terminal): void {
  if (checks.length === 0) {
    terminal.print('No actor in flight needs a migration.');
    return;
  }
  const titles = ['machine', 'from', 'to', 'state', 'actors', 'failing', 'example', 'problem'];
  terminal.print(renderTable({ titles, rows: checks.map(checkRow) }, terminal));
  if (others.count > 0) {
    terminal.print(
      `${formatCount(others.count)} actors in other configurations, ${formatCount(others.failing)} of them failing.`,
    );
  }
  terminal.print(ok ? 'All go over.' : 'Those that fail would be parked, unchanged.');
}

function checkRow(check: MigrationCheck): readonly Cell[] {
  const { machine, version, to, state, count, failing, example } = check;
  const problem = problemOf(check);
  return [
    machine,
    version,
    to ?? '-',
    state,
    count,
    failing,
    example,
    { text: problem, tint: failing > 0 ? 'red' : 'yellow' },
  ];
}

function problemOf({ error, leftovers, missing }: MigrationCheck): string {
  const left = leftovers.length > 0 ? ` (left over: ${leftovers.join(', ')})` : '';
  if (error !== null) return `${error.code}: ${error.message}${left}`;
  return missing.length > 0 ? `nothing starts ${missing.join(', ')}` : '';
}
