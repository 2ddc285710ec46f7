// Which requests go wrong, and how: a pure function of (seed, what, subject, arrival number), so
// that a run repeats from its seed whatever the order in which requests come in. Every fourth
// arrival of a key is left alone: never more than three faults in a row, so retries get through.
// Never reads a clock or keeps state.

import { hash } from 'node:crypto';

/** What can be made to go wrong. Everything is off by default. */
export interface FaultOptions {
  /** Chooses which requests, orders and stock codes are hit; an integer. */
  readonly seed: number;
  /** How long a request takes at least and at most; the wait is before applying, or after. */
  readonly latencyMs: { readonly min: number; readonly max: number };
  /** Share of orders whose every charge is declined, 0..1. */
  readonly declineRate: number;
  /** Share of arrivals answered by a 5xx, half of them after the operation took effect, 0..1. */
  readonly errorRate: number;
  /** Share of arrivals never answered, half of them after the operation took effect, 0..1. */
  readonly lostRate: number;
  /** Share of stock codes that start with 0..3 pieces, 0..1. */
  readonly outOfStockRate: number;
}

/** Before: the operation is not applied. After: it is applied and committed, then hidden. */
type Moment = 'before' | 'after';

export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'error'; readonly moment: Moment; readonly status: 500 | 502 | 503 }
  | { readonly kind: 'lost'; readonly moment: Moment };

/** What happens to one arrival of one key. */
interface Plan {
  readonly delayBeforeMs: number;
  readonly delayAfterMs: number;
  readonly fault: Fault;
}

export interface Faults {
  declines(orderId: string): boolean;
  initialStock(sku: string): number;
  /** @param arrival 1 for the first time this key arrives. */
  plan(key: string, arrival: number): Plan;
}

export const noFaults: FaultOptions = {
  seed: 1,
  latencyMs: { min: 0, max: 0 },
  declineRate: 0,
  errorRate: 0,
  lostRate: 0,
  outOfStockRate: 0,
};

const ordinaryStock = 1_000_000;
const scarceStockMax = 3;
const untouchedEvery = 4;
const errorStatuses = [500, 502, 503] as const;
const maxLatencyMs = 600_000;

/** @throws RangeError when a rate is outside 0..1, the latency is no range, or the seed no integer. */
export function createFaults(options: FaultOptions): Faults {
  checkOptions(options);
  const { seed, latencyMs, declineRate, errorRate, lostRate, outOfStockRate } = options;
  const draw = (what: string, subject: string, arrival = 0): number =>
    computeDraw(seed, what, subject, arrival);
  const moment = (what: string, key: string, arrival: number): Moment =>
    draw(what, key, arrival) < 0.5 ? 'before' : 'after';

  const fault = (key: string, arrival: number): Fault => {
    if (arrival % untouchedEvery === 0) return { kind: 'none' };
    const drawn = draw('fault', key, arrival);
    if (drawn < lostRate) return { kind: 'lost', moment: moment('moment', key, arrival) };
    if (drawn >= lostRate + errorRate) return { kind: 'none' };
    // The status says nothing about the moment: a caller that reads 503 as "not done" is wrong.
    const status = errorStatuses[Math.floor(draw('status', key, arrival) * errorStatuses.length)];
    return { kind: 'error', moment: moment('moment', key, arrival), status: status ?? 500 };
  };

  const plan = (key: string, arrival: number): Plan => {
    const { min, max } = latencyMs;
    const delayMs = max === 0 ? 0 : min + draw('latency', key, arrival) * (max - min);
    const early = delayMs > 0 && moment('latency-moment', key, arrival) === 'before';
    return {
      delayBeforeMs: early ? delayMs : 0,
      delayAfterMs: early ? 0 : delayMs,
      fault: fault(key, arrival),
    };
  };

  return {
    declines: (orderId) => draw('decline', orderId) < declineRate,
    initialStock: (sku) =>
      draw('out-of-stock', sku) < outOfStockRate
        ? Math.floor(draw('scarce', sku) * (scarceStockMax + 1))
        : ordinaryStock,
    plan,
  };
}

/** A number in [0, 1) with 48 bits of the hash behind it. */
function computeDraw(seed: number, what: string, subject: string, arrival: number): number {
  const digest = hash('sha256', JSON.stringify([seed, what, subject, arrival]), 'hex');
  return Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48;
}

function checkOptions(options: FaultOptions): void {
  const { seed, latencyMs, ...rates } = options;
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`expected seed to be an integer, got ${seed}`);
  }
  const { min, max } = latencyMs;
  if (!(min >= 0 && min <= max && max <= maxLatencyMs)) {
    throw new RangeError(
      `expected latencyMs to have 0 <= min <= max <= ${maxLatencyMs}, got ${min}..${max}`,
    );
  }
  for (const [name, rate] of Object.entries(rates)) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new RangeError(`expected ${name} to be between 0 and 1, got ${rate}`);
    }
  }
  if (rates.errorRate + rates.lostRate > 1) {
    throw new RangeError(
      `expected errorRate + lostRate to be at most 1, got ${rates.errorRate} + ${rates.lostRate}`,
    );
  }
}
