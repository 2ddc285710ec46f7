// Durations as people write them. Pure.

import { EngineError } from './errors.ts';

/** Milliseconds as a number, or a text such as `'250ms'`, `'30s'`, `'5m'`, `'12h'`, `'2d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * A duration in whole milliseconds, rounded up so that nothing falls due early.
 * @param what names the option in the error
 * @throws EngineError `BAD_DURATION` for anything negative, not finite or not in this notation
 */
export function durationMs(value: Duration, what: string): number {
  const parsed = typeof value === 'number' ? value : parse(value);
  if (!Number.isFinite(parsed) || parsed < 0) {
    throw new EngineError(
      'BAD_DURATION',
      `Expected ${what} as milliseconds or a text such as '30s', got ${JSON.stringify(value)}.`,
      { details: { what } },
    );
  }
  return Math.ceil(parsed);
}

function parse(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const factor = match?.[2] === undefined ? undefined : UNIT_MS[match[2]];
  return factor === undefined ? Number.NaN : Number(match?.[1]) * factor;
}
