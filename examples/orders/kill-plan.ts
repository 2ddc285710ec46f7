// When the engine's process is killed: a function of the seed, so that a run with crashes can be
// repeated. Moments are counted in orders done and not in time, because a slow machine must be hit in
// the middle of its work as well. Pure.

import { hash } from 'node:crypto';

/** Kill when so many sagas are at rest, and then so many milliseconds later. */
export interface PlannedKill {
  readonly afterDone: number;
  readonly delayMs: number;
}

const MAX_DELAY_MS = 60;
/** Not before something is going on, and not when only stragglers are left. */
const EARLIEST = 0.02;
const LATEST = 0.85;

function draw(seed: number, what: string, index: number): number {
  const digest = hash('sha256', JSON.stringify([seed, what, index]), 'hex');
  return Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48;
}

/** The kills of a run over `total` orders, earliest first. */
export function createKillPlan(seed: number, kills: number, total: number): readonly PlannedKill[] {
  const plan = Array.from({ length: kills }, (_, index) => {
    const share = EARLIEST + draw(seed, 'done', index) * (LATEST - EARLIEST);
    const delayMs = Math.floor(draw(seed, 'delay', index) * MAX_DELAY_MS);
    return { afterDone: Math.ceil(share * total), delayMs };
  });
  return plan.sort((a, b) => a.afterDone - b.afterDone);
}
