// `sagawright backup <file>`: a copy of the database, beside a running engine too. The copy is a database
// of its own, synced before it has its name; nothing is overwritten.

import { sqliteBackup } from '../../../store/sqlite-backup.ts';
import { type AddCommand, addSharedOptions, type SharedOptions, terminalFor } from '../command.ts';
import { existingDatabase, loadSetup } from '../load-config.ts';
import { formatBytes } from '../text/moment.ts';
import { jsonText, printable } from '../text/printable.ts';

export const addBackup: AddCommand = (program, context) => {
  const command = program
    .command('backup')
    .description('copies the database to a new file, beside a running engine too')
    .argument('<file>', 'the copy, which must not be there yet');
  addSharedOptions(command).action(async (file: string, options: SharedOptions) => {
    const terminal = terminalFor(context, options);
    const setup = await loadSetup(options);
    const { path, bytes } = await sqliteBackup(existingDatabase(setup), file);
    terminal.print(
      options.json === true
        ? jsonText({ path, bytes }, 2)
        : printable(`Copied ${formatBytes(bytes)} to ${path}.`),
    );
  });
};
