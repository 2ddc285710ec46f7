// Where a command writes, what it may ask and what time it is: a terminal, or a test that reads along.
// Colours and widths are known here once, so that no command looks at process.stdout by itself.

import { createInterface } from 'node:readline/promises';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { systemPlatform } from '../platform.ts';

export interface Terminal {
  /** A text on standard output, with a line's end. */
  readonly print: (text: string) => void;
  /** A text on standard error. */
  readonly complain: (text: string) => void;
  /** Whether colours are shown. */
  readonly hasColor: boolean;
  /** Characters of a line; tables fit into it. Infinity when nobody looks, as in a pipe. */
  readonly width: number;
  /** Asks for a yes; null when there is nobody to ask. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** Ends what goes on for long: `tail`, `inspect`. */
  readonly signal: AbortSignal;
  /** The wall clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after that time, or as soon as `signal` says the end. Never rejects. */
  readonly wait: (delayMs: number) => Promise<void>;
  /**
   * Resolves when all that was printed has been taken, or as soon as `signal` says the end. Whoever prints
   * without end waits for it now and then: else memory fills, and the end is never heard. Never rejects.
   */
  readonly flushed: () => Promise<void>;
}

/**
 * The process's own terminal. `NO_COLOR` and `FORCE_COLOR` are heard (https://no-color.org).
 * @param signal ends what goes on for long
 */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr, stdin, env } = process;
  const isTerminal = stdout.isTTY === true;
  const isForced = !['', '0', 'false'].includes(env['FORCE_COLOR'] ?? '');
  return {
    print: (text) => stdout.write(`${text}\n`),
    complain: (text) => stderr.write(`${text}\n`),
    hasColor: isTerminal ? stdout.hasColors() : isForced,
    width: isTerminal ? stdout.columns : Number.POSITIVE_INFINITY,
    confirm: isTerminal && stdin.isTTY === true ? (question) => ask(question, signal) : null,
    signal,
    now: () => systemPlatform.now(),
    wait: (delayMs) => pause(delayMs, undefined, { signal }).catch(() => undefined),
    flushed: () => flushed(stdout, signal),
  };
}

async function flushed(output: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  // Signals and broken pipes are told between turns of the event loop, and a file takes all at once.
  await turn();
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  signal.addEventListener('abort', end);
  // Called after all that was written before it, also when that has failed.
  output.write('', end);
  await promise;
  signal.removeEventListener('abort', end);
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    lines.close();
  }
}
