// Everything is bounded: the bounds, with their defaults and why. Each is an option of openEngine.

import type { CodecLimits } from './codec.ts';
import { EngineError } from './errors.ts';
import { checkMembers, type Members } from './options.ts';

export interface Limits {
  /** JSON characters of one event, input or output. */
  readonly eventLength: number;
  /** JSON characters of one actor's snapshot: it is rewritten at each change. */
  readonly snapshotLength: number;
  /** Nesting of stored values. */
  readonly depth: number;
  /** Messages waiting for a turn; one more is refused with `MAILBOX_FULL`. */
  readonly mailbox: number;
  /** Messages from outside that one commit takes. */
  readonly batch: number;
  /** Milliseconds of stepping after which a turn commits what it has. */
  readonly turnMs: number;
  /** Messages that one message may cause within its commit; the rest waits in the inbox. */
  readonly cascade: number;
  /** Children of one actor at a time. */
  readonly children: number;
  /** Slashes in an address: how deep actors may spawn actors. */
  readonly spawnDepth: number;
  /** Effects in flight in this engine. */
  readonly effects: number;
  /** Actors kept in memory between turns. */
  readonly cachedActors: number;
}

export const DEFAULT_LIMITS: Limits = {
  eventLength: 1_048_576,
  snapshotLength: 8_388_608,
  depth: 100,
  mailbox: 100_000,
  batch: 512,
  turnMs: 8,
  cascade: 1_000,
  children: 10_000,
  spawnDepth: 20,
  effects: 1_000,
  cachedActors: 10_000,
};

const NAMES = Object.fromEntries(
  Object.keys(DEFAULT_LIMITS).map((name) => [name, true]),
) as Members<Limits>;

/** @throws EngineError `BAD_OPTION` */
export function createLimits(options: Partial<Limits> = {}): Limits {
  checkMembers(options, 'limits', NAMES);
  const limits = { ...DEFAULT_LIMITS, ...options };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isFinite(value) || value < 1) {
      throw new EngineError(
        'BAD_OPTION',
        `Expected limits.${name} as a number of at least 1, got ${String(value)}.`,
        { details: { name } },
      );
    }
  }
  return limits;
}

/** For what has been within the bounds before. */
export const limitless: CodecLimits = {
  depth: Number.POSITIVE_INFINITY,
  length: Number.POSITIVE_INFINITY,
};

export function eventLimits(limits: Limits): CodecLimits {
  return { depth: limits.depth, length: limits.eventLength };
}

export function snapshotLimits(limits: Limits): CodecLimits {
  return { depth: limits.depth, length: limits.snapshotLength };
}
