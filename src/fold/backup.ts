// A copy of the store while the engine works: asks the store, and says why there is none when the engine
// ends before the copy is complete.

import { checkMembers, refuseOption } from '../options.ts';
import type { Backup, BackupProgress } from '../store.ts';
import type { EngineCore } from '../turn/engine-core.ts';

export interface BackupOptions {
  /** Called after each step of the copy. */
  readonly onProgress?: (progress: BackupProgress) => void;
}

/** @throws EngineError `BAD_OPTION`, `BACKUP_FAILED`, `ENGINE_STOPPED`, `ENGINE_FAILED` */
export async function backUp(
  core: EngineCore,
  path: string,
  options: BackupOptions,
): Promise<Backup> {
  checkMembers(options, 'the options of backup', { onProgress: true });
  const { onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    refuseOption('onProgress', 'a function', onProgress);
  }
  if (core.status !== 'running') throw core.ended();
  try {
    return await core.store.backup(path, onProgress);
  } catch (error) {
    throw core.status === 'running' ? error : core.ended();
  }
}
