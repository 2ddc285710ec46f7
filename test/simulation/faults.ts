// What goes wrong in a simulated run, how often, and how often it did: every fault is counted by name, and
// a fault that a campaign never made fails it. Makes no fault itself: disk, services and world ask it.

import type { Chance } from './chance.ts';

/** Every fault and every rare path, by the name it is counted under. */
export const FAULTS = [
  'crash at any moment',
  'crash while opening',
  'crash before a commit is written',
  'crash between commit and publication',
  'crash before a call',
  'crash between call and reply',
  'crash during stop',
  'commit refused as full',
  'commit refused as busy',
  'commit refused by the database',
  'commit of unknown result, applied',
  'commit of unknown result, not applied',
  'read refused as busy',
  'disk full for a while',
  'wall clock set back',
  'wall clock set ahead',
  'wall clock moved between processes',
  'stop that drains',
  'stop that aborts',
  'request lost',
  'request late',
  'reply lost',
  'reply late',
  'reply after its process died',
  'error before execution',
  'error after execution',
  'service away for a while',
  'call rejected',
  'call abandoned on abort',
  'reconcile says done',
  'reconcile says absent',
  'reconcile says unknown',
  'reconcile is silent',
  'key called again',
  'message sent twice',
  'message sent again',
  'answer to a client lost',
  'duplicate told',
  'rejection told',
  'step threw',
  'dead letter retried',
  'dead letter discarded',
  'actor resumed',
  'saga told to go on',
  'late outcome taken',
  'late success kept',
  'effect cut by a restart',
  'message through the inbox',
  'timer fired',
  'timer fired after a restart',
] as const;

export type Fault = (typeof FAULTS)[number];

/** How often each fault was made. */
export class FaultCounts {
  readonly #counts: Map<Fault, number> = new Map();

  count(fault: Fault, times = 1): void {
    this.#counts.set(fault, this.of(fault) + times);
  }

  of(fault: Fault): number {
    return this.#counts.get(fault) ?? 0;
  }

  add(other: FaultCounts): void {
    for (const [fault, times] of other.#counts) this.count(fault, times);
  }

  /** Faults that were never made. */
  get missing(): readonly Fault[] {
    return FAULTS.filter((fault) => this.of(fault) === 0);
  }

  toString(): string {
    return FAULTS.map((fault) => `${String(this.of(fault)).padStart(9)}  ${fault}`).join('\n');
  }
}

/** How likely each fault is in one run; no two runs are bad in the same way. */
export interface Weather {
  readonly full: number;
  readonly busy: number;
  readonly refused: number;
  readonly unknown: number;
  readonly busyRead: number;
  readonly network: number;
  /** The one call of which no reply ever comes through, if there is one. */
  readonly deaf: string | null;
  readonly rejection: number;
  readonly clientLoss: number;
  /** Mean time between two crashes or stops, milliseconds. */
  readonly lifeMs: number;
}

export function createWeather(chance: Chance): Weather {
  const some = (most: number): number => (chance.happens(0.6) ? chance.next() * most : 0);
  return {
    full: some(0.05),
    busy: some(0.05),
    refused: some(0.02),
    unknown: some(0.02),
    busyRead: some(0.03),
    network: some(0.5),
    deaf: chance.happens(0.3) ? chance.pick(['chargeCard', 'reserveStock', 'work']) : null,
    rejection: some(0.4),
    clientLoss: some(0.4),
    lifeMs: chance.between(3, 40) * 1_000,
  };
}
