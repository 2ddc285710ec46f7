// Shows how far the run is: on a terminal one line that is rewritten, elsewhere a line for every tenth.
// It prints to the stream that it is given and decides nothing.

import { formatCount } from '../table.ts';

/** What a progress display needs of a stream; `process.stderr` fits. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** @param found how many of all were there before the run: they do not count as speed. */
  update(done: number, found: number): void;
  /** A line that stays, above the one that is rewritten. */
  note(text: string): void;
  /** Leaves the cursor on a line of its own. */
  end(): void;
}

const CLEAR_LINE = '\r\u001B[2K';
/** A terminal need not be rewritten more often than people see. */
const MIN_INTERVAL_MS = 100;

/**
 * @param total orders to do
 * @param now milliseconds, never going back
 */
export function createProgress(stream: ProgressStream, total: number, now: () => number): Progress {
  const startedAt = now();
  const isTerminal = stream.isTTY === true;
  let shownAt = Number.NEGATIVE_INFINITY;
  let tenths = 0;
  let line = '';

  const describe = (done: number, found: number): string => {
    const seconds = (now() - startedAt) / 1_000;
    const rate = seconds > 0 ? Math.round(Math.max(0, done - found) / seconds) : 0;
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    return `${formatCount(done)} of ${formatCount(total)} orders done (${percent} %), ${formatCount(rate)} sagas/s`;
  };
  const rewrite = (): unknown => stream.write(`${CLEAR_LINE}${line}`);

  return {
    update: (done, found) => {
      const reached = total === 0 ? 10 : Math.floor((done / total) * 10);
      line = describe(done, found);
      if (isTerminal) {
        if (now() - shownAt < MIN_INTERVAL_MS && done < total) return;
        shownAt = now();
        rewrite();
      } else if (reached > tenths) {
        tenths = reached;
        stream.write(`${line}\n`);
      }
    },
    note: (text) => {
      if (!isTerminal) stream.write(`${text}\n`);
      else stream.write(`${CLEAR_LINE}${text}\n${line}`);
    },
    end: () => {
      if (isTerminal && line !== '') stream.write('\n');
    },
  };
}
