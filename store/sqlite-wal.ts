// Keeps the WAL small, between turns. Automatic checkpoints are off: they would run inside a commit
// and their errors would look like its own. https://sqlite.org/wal.html#ckpt

import { type WalFrames, walFrames } from './rows.ts';
import type { Connection, Statement } from './sqlite-driver.ts';
import { PAGE_BYTES } from './sqlite-options.ts';

/**
 * Work for one PASSIVE checkpoint: 6 ms, at most 11 (measured, ids in random order). 8 MiB take up to
 * 14 ms and save 6 % of the time in all; less syncs more often.
 */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;
/** Each page in the WAL has a header: https://sqlite.org/fileformat2.html#walformat */
const FRAME_BYTES = PAGE_BYTES + 24;

export class WalKeeper {
  readonly #limitBytes: number;
  readonly #onNotice: (notice: string) => void;
  readonly #look: Statement;
  readonly #passive: Statement;
  readonly #truncate: Statement;
  /** Frames that the last checkpoint had to leave because a reader still needs older pages. */
  #leftBytes = 0;
  #overLimit = false;
  #urgent = false;

  constructor(db: Connection, limitBytes: number, onNotice: (notice: string) => void) {
    const prepare = (mode: string): Statement => db.prepare(`PRAGMA wal_checkpoint(${mode})`);
    this.#limitBytes = limitBytes;
    this.#onNotice = onNotice;
    this.#look = prepare('NOOP');
    this.#passive = prepare('PASSIVE');
    this.#truncate = prepare('TRUNCATE');
  }

  /** Bytes of the WAL in use, checkpointed or not. */
  bytes(): number {
    return usedBytes(this.#look);
  }

  /**
   * A commit found no room: the next maintenance checkpoints whatever there is, so that the WAL can
   * be written from its start again, which needs no more of the disk.
   */
  noteFullDisk(): void {
    this.#urgent = true;
  }

  /**
   * Copies what has been committed into the database when enough has come together. A reader that
   * stays in one transaction keeps the WAL from being used from its start again; over the limit
   * that is announced, and every further step tries to empty the file. Never waits for a reader.
   */
  maintain(withoutBlocking: (work: () => WalFrames) => WalFrames): void {
    const before = runCheckpoint(this.#look);
    if (!this.#urgent && pendingBytes(before) < this.#leftBytes + CHECKPOINT_BYTES) {
      return;
    }
    this.#urgent = false;
    const after = runCheckpoint(this.#passive);
    this.#leftBytes = pendingBytes(after);
    if (after.log * FRAME_BYTES <= this.#limitBytes) {
      this.#overLimit = false;
      return;
    }
    const emptied = withoutBlocking(() => runCheckpoint(this.#truncate));
    this.#leftBytes = pendingBytes(emptied);
    if (emptied.busy && !this.#overLimit) {
      this.#overLimit = true;
      this.#onNotice(
        `The WAL has grown to ${after.log * FRAME_BYTES} bytes (limit ${this.#limitBytes}): another connection reads in one long transaction. Close it or let it read in pages.`,
      );
    }
  }
}

function runCheckpoint(statement: Statement): WalFrames {
  return walFrames(statement.get());
}

function usedBytes(look: Statement): number {
  return runCheckpoint(look).log * FRAME_BYTES;
}

function pendingBytes({ log, checkpointed }: WalFrames): number {
  return (log - checkpointed) * FRAME_BYTES;
}
