// The bank of these examples: takes, holds and gives back money, once per key, and keeps its own books.
// It knows nothing of orders and sagas: at the end it is the witness of what was really paid.

import { Rejected } from 'sagawright';
import type { Money } from 'sagawright/machines';
import { Replies } from './replies.ts';

/** Money held for somebody, or taken. `blocked`: called back before it came, it is refused for ever. */
interface Payment {
  heldMinor: number;
  capturedMinor: number;
  refundedMinor: number;
  status: 'authorized' | 'captured' | 'voided' | 'blocked';
}

/** What became of a payment that was called back. */
interface Voided {
  readonly status: 'voided' | 'blocked';
  /** What it had taken. */
  readonly capturedMinor: number;
  /** What it gave back for it. */
  readonly refundedMinor: number;
}

export interface BankBooks {
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** Authorized, neither captured nor given up. */
  readonly heldMinor: number;
}

export class Bank {
  /** By the key that authorized or charged it, and by that of its capture. */
  readonly #payments: Map<string, Payment> = new Map();
  readonly #replies: Replies = new Replies();
  #captures = 0;
  #refunds = 0;

  /** Holds an amount. @throws Rejected if it was called back before it came */
  authorize(key: string, { amountMinor, currency }: Money): { readonly authorizationId: string } {
    return this.#replies.once(key, { authorize: { amountMinor, currency } }, () => {
      this.#open(key, { heldMinor: amountMinor, capturedMinor: 0, status: 'authorized' });
      return { authorizationId: `auth_${this.#payments.size}` };
    });
  }

  /** Takes an amount at once. @throws Rejected if it was called back before it came */
  charge(key: string, { amountMinor, currency }: Money): { readonly chargeId: string } & Money {
    return this.#replies.once(key, { charge: { amountMinor, currency } }, () => {
      this.#open(key, { heldMinor: 0, capturedMinor: amountMinor, status: 'captured' });
      return { chargeId: `ch_${this.#payments.size}`, amountMinor, currency };
    });
  }

  /** Takes what was held. @throws Rejected if there is nothing held */
  capture(key: string, authorizationKey: string): { readonly captureId: string } {
    return this.#replies.once(key, { capture: authorizationKey }, () => {
      const payment = this.#payments.get(authorizationKey);
      if (payment?.status !== 'authorized') throw new Rejected('NOTHING_AUTHORIZED');
      payment.capturedMinor = payment.heldMinor;
      payment.heldMinor = 0;
      payment.status = 'captured';
      this.#payments.set(key, payment);
      this.#captures += 1;
      return { captureId: `cap_${this.#captures}` };
    });
  }

  /**
   * Gives up what is held, and gives back what was taken but for what is kept. A payment that has not
   * come yet is blocked.
   */
  void(key: string, paymentKey: string, keepMinor = 0): Voided {
    return this.#replies.once(key, { void: paymentKey, keepMinor }, () => {
      const payment = this.#payments.get(paymentKey);
      if (payment === undefined) {
        const nothing = { heldMinor: 0, capturedMinor: 0, refundedMinor: 0 };
        this.#payments.set(paymentKey, { ...nothing, status: 'blocked' });
        return { status: 'blocked', capturedMinor: 0, refundedMinor: 0 };
      }
      const { capturedMinor } = payment;
      const refundedMinor = Math.max(0, capturedMinor - payment.refundedMinor - keepMinor);
      payment.heldMinor = 0;
      payment.refundedMinor += refundedMinor;
      payment.status = 'voided';
      return { status: 'voided', capturedMinor, refundedMinor };
    });
  }

  /** Gives back a part of what was taken. @throws Rejected for more than is left */
  refund(key: string, paymentKey: string, amountMinor: number): { readonly refundId: string } {
    return this.#replies.once(key, { refund: paymentKey, amountMinor }, () => {
      const payment = this.#payments.get(paymentKey);
      const leftMinor = (payment?.capturedMinor ?? 0) - (payment?.refundedMinor ?? 0);
      if (payment === undefined || amountMinor > leftMinor) {
        throw new Rejected('REFUND_EXCEEDS_CHARGE', { details: { leftMinor } });
      }
      payment.refundedMinor += amountMinor;
      this.#refunds += 1;
      return { refundId: `re_${this.#refunds}` };
    });
  }

  books(): BankBooks {
    const books = { capturedMinor: 0, refundedMinor: 0, heldMinor: 0 };
    for (const payment of new Set(this.#payments.values())) {
      books.capturedMinor += payment.capturedMinor;
      books.refundedMinor += payment.refundedMinor;
      books.heldMinor += payment.heldMinor;
    }
    return books;
  }

  #open(key: string, payment: Omit<Payment, 'refundedMinor'>): void {
    if (this.#payments.has(key)) throw new Rejected('CALLED_BACK');
    this.#payments.set(key, { ...payment, refundedMinor: 0 });
  }
}
