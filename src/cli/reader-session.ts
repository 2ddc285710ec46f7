// A reader of the database for the time of one command: it runs no machine, takes no lock, and is closed
// again whatever happens.

import { sqliteReader } from '../../store/sqlite-reader.ts';
import type { StoreReader } from '../store-reader.ts';
import { NotFoundError } from './exit-code.ts';
import { existingDatabase, loadSetup, type Setup, type SetupOptions } from './load-config.ts';

/**
 * Opens the database that the call or the config names, and closes it after use.
 * @throws NotFoundError when there is no such file; UsageError; EngineError as `sqliteReader`
 */
export async function withReader<Result>(
  options: SetupOptions,
  use: (reader: StoreReader, setup: Setup) => Promise<Result>,
): Promise<Result> {
  const setup = await loadSetup(options);
  const reader = await sqliteReader(existingDatabase(setup));
  try {
    return await use(reader, setup);
  } finally {
    await reader.close();
  }
}

/** Nobody has that id. */
export function noActor(id: string): NotFoundError {
  return new NotFoundError(`Expected an actor ${id}, found none. \`sagawright list\` names them.`);
}
