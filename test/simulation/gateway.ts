// The payment and stock service of a simulated world: money and goods by key, with undo calls that also
// keep a call that has not come yet from ever being made. Its books are the oracle for money: it checks
// them after every execution.

import type {
  Charge,
  ChargeInput,
  RefundInput,
  ReleaseInput,
  ReserveInput,
  VoidInput,
} from 'sagawright/machines';
import type { Execute, Ledger, Verdict } from './ledger.ts';

export interface BookedCharge {
  readonly orderId: string;
  readonly amountMinor: number;
  refundedMinor: number;
}

export interface BookedReservation {
  readonly orderId: string;
  readonly items: ReserveInput['items'];
  isReleased: boolean;
}

/** An undo call that was carried out. */
export interface BookedUndo {
  readonly name: 'voidCharge' | 'releaseStock';
  readonly key: string;
  readonly forwardKey: string;
  readonly verdict: Verdict;
}

export class Gateway {
  readonly charges: Map<string, BookedCharge> = new Map();
  readonly reservations: Map<string, BookedReservation> = new Map();
  readonly undos: BookedUndo[] = [];
  readonly violations: string[] = [];
  /** Pieces of each product at the beginning, and now. */
  readonly initial: ReadonlyMap<string, number>;
  readonly available: Map<string, number>;
  readonly operations: Readonly<Record<string, Execute>>;
  readonly #ledger: Ledger;
  /** Whether a call is refused although it could be made. */
  readonly #refuses: (name: string) => boolean;

  constructor(
    ledger: Ledger,
    stock: ReadonlyMap<string, number>,
    refuses: (name: string) => boolean,
  ) {
    this.#ledger = ledger;
    this.#refuses = refuses;
    this.initial = stock;
    this.available = new Map(stock);
    const checked =
      (name: string, refusal: string, execute: Execute): Execute =>
      (key, input) => {
        const verdict: Verdict = this.#refuses(name)
          ? { type: 'rejected', code: refusal }
          : execute(key, input);
        this.#check(`${name} ${key}`);
        return verdict;
      };
    this.operations = {
      chargeCard: checked('chargeCard', 'CARD_DECLINED', (key, input) => this.#charge(key, input)),
      reserveStock: checked('reserveStock', 'OUT_OF_STOCK', (key, input) =>
        this.#reserve(key, input),
      ),
      voidCharge: this.#undoing(
        'voidCharge',
        checked('voidCharge', 'VOID_REFUSED', (_, input) => this.#void(input)),
      ),
      releaseStock: this.#undoing(
        'releaseStock',
        checked('releaseStock', 'RELEASE_REFUSED', (_, input) => this.#release(input)),
      ),
      refundPayment: checked('refundPayment', 'REFUND_REFUSED', (key, input) =>
        this.#refund(key, input),
      ),
    };
  }

  /** Money that is held of an order. */
  heldMinor(orderId: string): number {
    let heldMinor = 0;
    for (const charge of this.charges.values()) {
      if (charge.orderId === orderId) heldMinor += charge.amountMinor - charge.refundedMinor;
    }
    return heldMinor;
  }

  /** Reservations of an order that were not released. */
  keptReservations(orderId: string): readonly BookedReservation[] {
    return [...this.reservations.values()].filter(
      (reservation) => reservation.orderId === orderId && !reservation.isReleased,
    );
  }

  /** A person gives back by hand what an order still holds. */
  settleByHand(orderId: string): void {
    for (const charge of this.charges.values()) {
      if (charge.orderId === orderId) charge.refundedMinor = charge.amountMinor;
    }
    for (const reservation of this.keptReservations(orderId)) {
      reservation.isReleased = true;
      this.#move(reservation.items, 1);
    }
    this.#check(`settling ${orderId} by hand`);
  }

  #undoing(name: BookedUndo['name'], execute: Execute): Execute {
    return (key, input) => {
      const verdict = execute(key, input);
      const { undoes } = input as VoidInput | ReleaseInput;
      this.undos.push({ name, key, forwardKey: undoes.key, verdict });
      return verdict;
    };
  }

  #charge(key: string, { orderId, amountMinor, currency }: ChargeInput): Verdict {
    this.charges.set(key, { orderId, amountMinor, refundedMinor: 0 });
    const output: Charge = { chargeId: `ch-${this.charges.size}`, amountMinor, currency };
    return { type: 'done', output };
  }

  #reserve(key: string, { orderId, items }: ReserveInput): Verdict {
    const isThere = items.every(({ sku, quantity }) => (this.available.get(sku) ?? 0) >= quantity);
    if (!isThere) return { type: 'rejected', code: 'OUT_OF_STOCK' };
    this.#move(items, -1);
    this.reservations.set(key, { orderId, items, isReleased: false });
    return { type: 'done', output: { reservationId: `rs-${this.reservations.size}` } };
  }

  #void({ undoes }: VoidInput): Verdict {
    const charge = this.charges.get(undoes.key);
    if (charge === undefined) this.#ledger.block(undoes.key);
    const refundedMinor = charge === undefined ? 0 : charge.amountMinor - charge.refundedMinor;
    if (charge !== undefined) charge.refundedMinor = charge.amountMinor;
    return { type: 'done', output: { refundedMinor } };
  }

  #release({ undoes }: ReleaseInput): Verdict {
    const reservation = this.reservations.get(undoes.key);
    if (reservation === undefined) this.#ledger.block(undoes.key);
    if (reservation !== undefined && !reservation.isReleased) {
      reservation.isReleased = true;
      this.#move(reservation.items, 1);
    }
    const status = reservation === undefined ? 'blocked' : 'released';
    return { type: 'done', output: { status } };
  }

  #refund(key: string, { chargeKey, amountMinor }: RefundInput): Verdict {
    const charge = this.charges.get(chargeKey);
    if (charge === undefined || charge.refundedMinor + amountMinor > charge.amountMinor) {
      return { type: 'rejected', code: 'NOT_REFUNDABLE' };
    }
    charge.refundedMinor += amountMinor;
    return { type: 'done', output: { paymentId: `pb-${key}`, amountMinor } };
  }

  #move(items: ReserveInput['items'], sign: 1 | -1): void {
    for (const { sku, quantity } of items) {
      this.available.set(sku, (this.available.get(sku) ?? 0) + sign * quantity);
    }
  }

  /** Invariants 3 and 4, and that an order is never charged twice at one time. */
  #check(after: string): void {
    const held = new Map<string, number>();
    for (const [key, { orderId, amountMinor, refundedMinor }] of this.charges) {
      if (refundedMinor < 0 || refundedMinor > amountMinor) {
        this.violations.push(
          `3: after ${after}, ${refundedMinor} of ${amountMinor} of ${key} went back`,
        );
      }
      if (refundedMinor < amountMinor) held.set(orderId, (held.get(orderId) ?? 0) + 1);
    }
    for (const [orderId, charges] of held) {
      if (charges > 1)
        this.violations.push(`1: after ${after}, ${orderId} is charged ${charges} times`);
    }
    const reserved = new Map<string, number>();
    for (const { items, isReleased } of this.reservations.values()) {
      if (isReleased) continue;
      for (const { sku, quantity } of items) reserved.set(sku, (reserved.get(sku) ?? 0) + quantity);
    }
    for (const [sku, pieces] of this.initial) {
      const available = this.available.get(sku) ?? 0;
      if (available < 0 || available + (reserved.get(sku) ?? 0) !== pieces) {
        this.violations.push(
          `4: after ${after}, ${available} of ${pieces} of ${sku} are available`,
        );
      }
    }
  }
}
