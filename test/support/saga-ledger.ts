// The outside of a saga under test: a small gateway that remembers every call by its key, so that its
// books can be compared with what the saga says. Each entry is held or given back; it never decides how
// a call ends for its caller, the test does.

import { Rejected } from 'sagawright';

/** What a step does out there: takes money, takes stock, or only tells somebody. */
export type EntryKind = 'money' | 'stock' | 'mail';

interface Entry {
  readonly kind: EntryKind;
  readonly step: string;
  readonly amount: number;
  isHeld: boolean;
}

export interface Receipt {
  readonly receipt: string;
}

const INITIAL_STOCK = 1_000;

export class SagaLedger {
  readonly #entries: Map<string, Entry> = new Map();
  /** Forward keys that must never be taken any more. */
  readonly #tombstones: Set<string> = new Set();
  /** Undo keys that were answered: the same one again does nothing. */
  readonly #undone: Set<string> = new Set();
  readonly #bodies: Map<string, string> = new Map();
  capturedMinor = 0;
  refundedMinor = 0;
  available: number = INITIAL_STOCK;
  reserved = 0;
  /** How often something that was held has been given back, by forward key. */
  readonly givenBack: Map<string, number> = new Map();

  /** Takes it once per key. @throws Rejected `VOIDED` when an undo of this key came first */
  take(kind: EntryKind, step: string, key: string, amount: number): Receipt {
    if (this.#tombstones.has(key)) throw new Rejected('VOIDED');
    return this.takeUnasked(kind, step, key, amount);
  }

  /** As a call that was let in before its undo came, and was slow. */
  takeUnasked(kind: EntryKind, step: string, key: string, amount: number): Receipt {
    if (!this.#entries.has(key)) {
      this.#entries.set(key, { kind, step, amount, isHeld: true });
      this.#move(kind, amount);
    }
    this.check();
    return { receipt: `receipt of ${key}` };
  }

  /** A definite no: it never happens under this key. */
  refuse(key: string): Rejected {
    if (!this.#entries.has(key)) this.#tombstones.add(key);
    return new Rejected('DECLINED');
  }

  /** Gives back what is held under a key, and refuses that key from now on. */
  giveBack(undoKey: string, key: string): void {
    if (this.#undone.has(undoKey)) return;
    this.#undone.add(undoKey);
    this.#tombstones.add(key);
    const entry = this.#entries.get(key);
    if (entry?.isHeld) {
      entry.isHeld = false;
      this.#move(entry.kind, -entry.amount);
      this.givenBack.set(key, (this.givenBack.get(key) ?? 0) + 1);
    }
    this.check();
  }

  /** The same key with another body is a mistake of the caller. */
  sameBody(key: string, body: unknown): void {
    const text = JSON.stringify(body);
    const known = this.#bodies.get(key) ?? text;
    this.#bodies.set(key, known);
    if (known !== text) throw new Error(`The key ${key} came with ${known}, then with ${text}.`);
  }

  /** Whether it is known that nothing is or ever will be held under a key. */
  isAbsent(key: string): boolean {
    return this.#tombstones.has(key) && !this.#entries.has(key);
  }

  /** Whether something was taken under a key, given back or not. */
  knows(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Steps that hold something, each as often as it does. */
  held(): readonly string[] {
    return [...this.#entries.values()]
      .filter(({ isHeld }) => isHeld)
      .map(({ step }) => step)
      .sort();
  }

  /** What holds at every moment. */
  check(): void {
    const { capturedMinor, refundedMinor, available, reserved } = this;
    if (refundedMinor < 0 || refundedMinor > capturedMinor) {
      throw new Error(`Refunded ${refundedMinor} of ${capturedMinor}.`);
    }
    if (available + reserved !== INITIAL_STOCK || available < 0 || reserved < 0) {
      throw new Error(`Of ${INITIAL_STOCK} in stock ${available} are free, ${reserved} reserved.`);
    }
  }

  #move(kind: EntryKind, amount: number): void {
    if (kind === 'stock') {
      this.available -= amount;
      this.reserved += amount;
    }
    if (kind !== 'money') return;
    if (amount > 0) this.capturedMinor += amount;
    else this.refundedMinor -= amount;
  }
}
