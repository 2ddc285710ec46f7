// The cashier: sets money aside, releases it, pays it out, once per key. It goes on while the engine
// restarts, and knows nothing of sagas: at the end it is the witness of what was paid.

import { Rejected } from 'sagawright';
import { Replies } from '../fulfilment/replies.ts';
import type { SetAside } from './expense.ts';

interface Amount {
  readonly amountMinor: number;
  /** `blocked`: released before it came, it is refused for ever. */
  readonly status: 'aside' | 'blocked' | 'paid' | 'released';
}

export class Cashier {
  /** By the key that set it aside. */
  readonly #amounts: Map<string, Amount> = new Map();
  readonly #replies: Replies = new Replies();

  /** @throws Rejected if it was released before it came */
  setAside(key: string, amountMinor: number): SetAside {
    return this.#replies.once(key, { amountMinor }, () => {
      if (this.#amounts.has(key)) throw new Rejected('CALLED_OFF');
      this.#amounts.set(key, { amountMinor, status: 'aside' });
      return { budgetKey: key };
    });
  }

  /** @throws Rejected once it is paid out */
  release(key: string, budgetKey: string): null {
    return this.#replies.once(key, { release: budgetKey }, () => {
      const amount = this.#amounts.get(budgetKey);
      if (amount?.status === 'paid') throw new Rejected('PAID_OUT');
      const status = amount === undefined ? 'blocked' : 'released';
      this.#amounts.set(budgetKey, { amountMinor: amount?.amountMinor ?? 0, status });
      return null;
    });
  }

  /** @throws Rejected if nothing is set aside */
  payOut(key: string, budgetKey: string): null {
    return this.#replies.once(key, { payOut: budgetKey }, () => {
      const amount = this.#amounts.get(budgetKey);
      if (amount?.status !== 'aside') throw new Rejected('NOTHING_SET_ASIDE');
      this.#amounts.set(budgetKey, { ...amount, status: 'paid' });
      return null;
    });
  }

  /** The sum of all amounts in this status, in cents. */
  sumMinor(status: Amount['status']): number {
    return [...this.#amounts.values()]
      .filter((amount) => amount.status === status)
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }
}
