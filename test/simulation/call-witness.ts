// Watches every call that a handler makes and every reply that it gets (invariants 6 and 8, and that no
// success is forgotten): a call's attempt must be on disk before it, what was done last is undone first.

import type { HandlerArgs } from 'sagawright';
import type { Gateway } from './gateway.ts';
import type { JournalWitness } from './journal-witness.ts';
import type { Verdict } from './ledger.ts';
import type { Schedule, SimulatedProcess } from './schedule.ts';

/** A process that has lived on for so long has had the time to record what it was told. */
const TIME_TO_RECORD_MS = 10_000;

export class CallWitness {
  readonly violations: string[] = [];
  readonly #schedule: Schedule;
  readonly #journal: JournalWitness;
  readonly #gateway: Gateway;
  readonly #isExcused: (actor: string, fromMs: number) => boolean;
  readonly #undone: Set<string> = new Set();

  /** @param isExcused whether a success need not be on record: the actor has failed, the disk was full */
  constructor(
    schedule: Schedule,
    journal: JournalWitness,
    gateway: Gateway,
    isExcused: (actor: string, fromMs: number) => boolean,
  ) {
    this.#isExcused = isExcused;
    this.#schedule = schedule;
    this.#journal = journal;
    this.#gateway = gateway;
  }

  called(name: string, { actorId, key, attempt }: HandlerArgs<unknown>): void {
    const committed = this.#journal.attemptOf(actorId, key);
    if (committed < attempt) {
      this.violations.push(
        `8: ${name} was called under ${key}, attempt ${attempt}, when ${committed} was on disk`,
      );
    }
    if (name === 'releaseStock') this.#undone.add(actorId);
    if (name === 'voidCharge') this.#checkOrder(actorId);
  }

  /** What a living process was told to have succeeded is on record soon, unless the disk takes nothing. */
  replied(
    { actorId, key }: HandlerArgs<unknown>,
    verdict: Verdict,
    process: SimulatedProcess,
  ): void {
    if (verdict.type !== 'done') return;
    // A failed actor does not listen: its effects run again, under their keys, when it is resumed.
    const fromMs = this.#schedule.nowMs;
    if (this.#isExcused(actorId, fromMs)) return;
    process.at(TIME_TO_RECORD_MS, () => {
      if (this.#journal.knowsSuccess(actorId, key) || this.#isExcused(actorId, fromMs)) return;
      this.violations.push(`8: ${actorId} was told that ${key} succeeded, and has no record of it`);
    });
  }

  /** Invariant 6: goods that are set aside go back before the money does. */
  #checkOrder(saga: string): void {
    if (this.#undone.has(saga)) return;
    for (const [key, { isReleased }] of this.#gateway.reservations) {
      if (!isReleased && key.startsWith(`${saga}:`)) {
        this.violations.push(`6: ${saga} gives the money back before it gives back ${key}`);
      }
    }
  }
}
