// When a failed attempt is tried again. Pure: chance comes in as a number.

import type { EffectPolicy } from './effect.ts';

/**
 * Milliseconds between attempt `attempt` and the next.
 * @param chance uniform in [0, 1): with jitter the delay lies between half of it and itself
 */
export function computeBackoffMs(policy: EffectPolicy, attempt: number, chance: number): number {
  const { backoff, initialMs, maxMs, jitter } = policy;
  // Beyond 2^30 times the first delay, every cap in use is reached; more would overflow.
  const factor = backoff === 'constant' ? 1 : 2 ** Math.min(attempt - 1, 30);
  const delayMs = Math.min(initialMs * factor, maxMs);
  return Math.ceil(jitter ? delayMs / 2 + (delayMs / 2) * chance : delayMs);
}

/**
 * Whether an effect that a restart has cut `cuts` times in a row is run again. A restart counts as an
 * attempt, but never uses up an effect that nobody has seen fail, unless the effect seems to be what
 * kills the process.
 */
export function mayRunAfterCut(policy: EffectPolicy, cuts: number): boolean {
  return cuts <= Math.max(policy.attempts, 10);
}
