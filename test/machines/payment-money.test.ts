// The money of a payment under random commands, against a cash book that is kept in another way: what
// is taken and what is refused, and that at no moment more goes out than came in.

import fc from 'fast-check';
import {
  type PaymentCommand,
  type PaymentContext,
  type PaymentInput,
  type PaymentState,
  paymentMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { checkProperty } from '../unit/seeds.ts';

const input: PaymentInput = {
  paymentId: 'payment-order-1',
  orderId: 'order-1',
  amountMinor: 100,
  currency: 'GBP',
};

interface Line {
  readonly move: string;
  readonly id: string;
  readonly amount: number;
}

/** The same money in a cash book: one line for each move, summed up anew for each question. */
class CashBook {
  #lines: readonly Line[] = [];
  #isOver = false;

  sum(move: string): number {
    return this.#lines.filter((line) => line.move === move).reduce((sum, l) => sum + l.amount, 0);
  }

  get state(): PaymentState {
    if (this.#isOver) return this.sum('in') > 0 ? 'REFUNDED' : 'VOIDED';
    if (this.sum('in') > 0) return 'CAPTURED';
    if (this.sum('hold') > 0) return 'AUTHORIZED';
    return this.#lines.length > 0 ? 'DECLINED' : 'PENDING';
  }

  /** Writes down what is allowed, and says whether it was. */
  take(command: PaymentCommand): boolean {
    if (this.#isOver) return false;
    const held = this.sum('hold');
    const taken = this.sum('in');
    switch (command.type) {
      case 'payment.authorize':
      case 'payment.charge':
        if (held > 0 || command.amountMinor !== 100 || command.currency !== 'GBP') return false;
        this.#write('hold', '', 100);
        return command.type === 'payment.authorize' || this.#write('in', '', 100);
      case 'payment.decline':
        return held === 0 && this.#write('declined', '', 0);
      case 'payment.capture':
        if (held === 0 || taken > 0 || !(command.amountMinor > 0)) return false;
        return command.amountMinor <= held && this.#write('in', '', command.amountMinor);
      case 'payment.void':
        this.#isOver = taken === 0;
        return this.#isOver;
      case 'payment.requestRefund': {
        const { refundId, amountMinor } = command;
        const left = taken - this.sum('requested') - this.sum('out');
        const isKnown = this.#find('requested', refundId) ?? this.#find('out', refundId);
        if (isKnown !== undefined || refundId === '__proto__') return false;
        return (
          amountMinor > 0 && amountMinor <= left && this.#write('requested', refundId, amountMinor)
        );
      }
      case 'payment.completeRefund':
      case 'payment.failRefund': {
        const line = this.#find('requested', command.refundId);
        if (line === undefined) return false;
        this.#lines = this.#lines.filter((other) => other !== line);
        if (command.type === 'payment.completeRefund') this.#write('out', line.id, line.amount);
        this.#isOver = this.sum('out') === taken;
        return true;
      }
    }
  }

  #find(move: string, id: string): Line | undefined {
    return this.#lines.find((line) => line.move === move && line.id === id);
  }

  #write(move: string, id: string, amount: number): true {
    this.#lines = [...this.#lines, { move, id, amount }];
    return true;
  }
}

const sumOf = ({ refunds }: PaymentContext, status: string): number =>
  Object.values(refunds)
    .filter((refund) => refund.status === status)
    .reduce((sum, refund) => sum + refund.amountMinor, 0);

function checkBounds(context: PaymentContext): void {
  const { amountMinor, authorizedMinor, capturedMinor, refundedMinor } = context;
  const requestedMinor = sumOf(context, 'requested');
  expect(refundedMinor).toBe(sumOf(context, 'completed'));
  expect(refundedMinor).toBeGreaterThanOrEqual(0);
  expect(refundedMinor + requestedMinor).toBeLessThanOrEqual(capturedMinor);
  expect(capturedMinor).toBeLessThanOrEqual(authorizedMinor);
  expect([0, amountMinor]).toContain(authorizedMinor);
}

const anyAmount = fc.oneof(
  fc.constant(100),
  fc.integer({ min: -5, max: 110 }),
  fc.constantFrom(10, 20, 30, 50),
);
const anyRefundId = fc.constantFrom('a', 'b', 'c', 'd', '__proto__');
const anyCommand: fc.Arbitrary<PaymentCommand> = fc.oneof(
  fc.record({
    type: fc.constant('payment.authorize' as const),
    authorizationKey: fc.constant('authorization/1'),
    amountMinor: anyAmount,
    currency: fc.constantFrom('GBP', 'GBP', 'EUR'),
  }),
  fc.record({
    type: fc.constant('payment.charge' as const),
    chargeKey: fc.constant('payment/1'),
    amountMinor: anyAmount,
    currency: fc.constantFrom('GBP', 'GBP', 'EUR'),
  }),
  fc.constant<PaymentCommand>({ type: 'payment.decline', reason: 'CARD_DECLINED' }),
  fc.record({
    type: fc.constant('payment.capture' as const),
    captureKey: fc.constant('capture/1'),
    amountMinor: anyAmount,
  }),
  fc.constant<PaymentCommand>({ type: 'payment.void', reason: 'order cancelled' }),
  {
    arbitrary: fc.record({
      type: fc.constant('payment.requestRefund' as const),
      refundId: anyRefundId,
      amountMinor: anyAmount,
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      type: fc.constant('payment.completeRefund' as const),
      refundId: anyRefundId,
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      type: fc.constant('payment.failRefund' as const),
      refundId: anyRefundId,
      reason: fc.constant('CARD_CLOSED'),
    }),
    weight: 2,
  },
);

const paid = { amountMinor: 100, currency: 'GBP' };
/** Most histories begin paid, in full or in part: there is more to refuse then. */
const anyHistory = fc
  .tuple(
    fc.constantFrom<readonly PaymentCommand[]>(
      [],
      [{ type: 'payment.charge', chargeKey: 'payment/1', ...paid }],
      [
        { type: 'payment.authorize', authorizationKey: 'authorization/1', ...paid },
        { type: 'payment.capture', captureKey: 'capture/1', amountMinor: 50 },
      ],
    ),
    fc.array(anyCommand, { maxLength: 60 }),
  )
  .map(([first, told]) => [...first, ...told]);

describe('the money of a payment', () => {
  it('is that of a cash book, and never out of bounds, whatever is told in whatever order', () => {
    const seen = new Set<unknown>();
    checkProperty(
      fc.property(anyHistory, (told) => {
        const book = new CashBook();
        let [payment] = initialTransition(paymentMachine, input);
        for (const command of told) {
          const isTaken = book.take(command);
          expect(payment.status === 'active' && payment.can(command)).toBe(isTaken);
          const [next, actions] = transition(paymentMachine, payment, command);
          if (!isTaken) {
            expect([next.value, next.status, next.context]).toEqual([
              payment.value,
              payment.status,
              payment.context,
            ]);
          }
          expect(actions.length > 0).toBe(isTaken);
          expect(next.value).toBe(book.state);
          expect(next.context).toMatchObject({
            authorizedMinor: book.sum('hold'),
            capturedMinor: book.sum('in'),
            refundedMinor: book.sum('out'),
          });
          expect(sumOf(next.context, 'requested')).toBe(book.sum('requested'));
          checkBounds(next.context);
          payment = next;
          seen.add(payment.value);
        }
      }),
      500,
    );
    expect([...seen].sort()).toEqual(Object.keys(paymentMachine.states).sort());
  });

  it('would be caught by this check if it went out of bounds', () => {
    const [{ context }] = initialTransition(paymentMachine, input);
    const captured = { ...context, authorizedMinor: 100, capturedMinor: 100 };
    const refunds = { a: { amountMinor: 101, status: 'requested' } } as const;
    expect(() => checkBounds(captured)).not.toThrow();
    expect(() => checkBounds({ ...captured, refunds })).toThrow();
    expect(() => checkBounds({ ...captured, capturedMinor: 101 })).toThrow();
  });
});
