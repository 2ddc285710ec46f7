// The outside of the fulfilment sagas under test: what banks, warehouses and carriers hold, by the keys
// of the calls. It knows nothing of sagas and orders, so that its books can judge them.

import { Rejected } from 'sagawright';

export class FulfilmentLedger {
  /** What is held, by the key that took it. */
  readonly #held: Map<string, string> = new Map();
  /** Keys that were taken at some time: the same one again does nothing. */
  readonly #known: Set<string> = new Set();
  /** Keys that must never be taken any more. */
  readonly #blocked: Set<string> = new Set();
  readonly #refunds: Map<string, number> = new Map();
  /** What was taken, in order, by its name; more than once if it was taken under several keys. */
  readonly taken: string[] = [];
  /** What was given back, in order. */
  readonly givenBack: string[] = [];

  /** @throws Rejected `BLOCKED` when it was given back before it came */
  take(name: string, key: string): void {
    if (this.#blocked.has(key)) throw new Rejected('BLOCKED');
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#held.set(key, name);
    this.taken.push(name);
  }

  giveBack(key: string): void {
    this.#blocked.add(key);
    const name = this.#held.get(key);
    if (name === undefined) return;
    this.#held.delete(key);
    this.givenBack.push(name);
  }

  /** Gives back whatever is held by this name. */
  giveBackAll(name: string): void {
    for (const [key, held] of this.#held) if (held === name) this.giveBack(key);
  }

  refund(key: string, amountMinor: number): void {
    this.#refunds.set(key, amountMinor);
  }

  get refundedMinor(): number {
    return [...this.#refunds.values()].reduce((sum, amountMinor) => sum + amountMinor, 0);
  }

  /** Names of all that is held now. */
  get held(): readonly string[] {
    return [...this.#held.values()].sort();
  }
}
