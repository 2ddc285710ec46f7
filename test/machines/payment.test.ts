// The payment aggregate on its own, stepped as the pure function that it is: what it takes in which
// state, and what it says happened. That its money adds up is payment-money.test.ts's.

import {
  computeUnrefundedMinor,
  MAX_PAYMENT_REFUNDS,
  type PaymentCommand,
  type PaymentContext,
  type PaymentFact,
  type PaymentInput,
  paymentMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, type SnapshotFrom, transition } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';

type Payment = SnapshotFrom<typeof paymentMachine>;

const input: PaymentInput = {
  paymentId: 'payment-order-1',
  orderId: 'order-1',
  amountMinor: 100,
  currency: 'GBP',
};

const authorize: PaymentCommand = {
  type: 'payment.authorize',
  authorizationKey: 'saga-1:authorization/1',
  amountMinor: 100,
  currency: 'GBP',
};
const charge: PaymentCommand = {
  type: 'payment.charge',
  chargeKey: 'saga-1:payment/1',
  amountMinor: 100,
  currency: 'GBP',
};
const decline: PaymentCommand = { type: 'payment.decline', reason: 'CARD_DECLINED' };
const capture: PaymentCommand = {
  type: 'payment.capture',
  captureKey: 'saga-1:capture/1',
  amountMinor: 100,
};
const voidIt: PaymentCommand = { type: 'payment.void', reason: 'order cancelled' };
const request = (refundId: string, amountMinor: number): PaymentCommand => ({
  type: 'payment.requestRefund',
  refundId,
  amountMinor,
});
const complete = (refundId: string): PaymentCommand => ({
  type: 'payment.completeRefund',
  refundId,
});
const fail = (refundId: string, reason = 'CARD_CLOSED'): PaymentCommand => ({
  type: 'payment.failRefund',
  refundId,
  reason,
});

function open(given: PaymentInput = input): Payment {
  return initialTransition(paymentMachine, given)[0];
}

function tell(payment: Payment, ...told: readonly PaymentCommand[]): Payment {
  return told.reduce((state, command) => transition(paymentMachine, state, command)[0], payment);
}

/** What a payment says when it is told this, last of all. */
function factsOf(payment: Payment, ...told: readonly PaymentCommand[]): readonly PaymentFact[] {
  const facts: PaymentFact[] = [];
  const actor = createActor(paymentMachine, { input, snapshot: payment });
  actor.on('*', (fact) => facts.push(fact));
  actor.start();
  for (const command of told) actor.send(command);
  return facts;
}

const captured = tell(open(), charge);

describe('a payment', () => {
  it('begins with nothing authorized, taken or given back', () => {
    expect(open().value).toBe('PENDING');
    expect(open().context).toMatchObject({
      authorizedMinor: 0,
      capturedMinor: 0,
      refundedMinor: 0,
      method: null,
    });
  });

  it('is authorized first and captured later, or charged at once', () => {
    const authorized = tell(open(), authorize);
    expect(authorized.value).toBe('AUTHORIZED');
    expect(authorized.context).toMatchObject({ authorizedMinor: 100, capturedMinor: 0 });
    expect(tell(authorized, capture).context).toMatchObject({
      authorizedMinor: 100,
      capturedMinor: 100,
      authorizationKey: 'saga-1:authorization/1',
      captureKey: 'saga-1:capture/1',
    });
    expect(captured.value).toBe('CAPTURED');
    expect(captured.context).toMatchObject({
      authorizedMinor: 100,
      capturedMinor: 100,
      authorizationKey: 'saga-1:payment/1',
      captureKey: 'saga-1:payment/1',
    });
  });

  const refused: readonly (readonly [string, PaymentCommand])[] = [
    ['a penny less', { ...authorize, amountMinor: 99 }],
    ['a penny more', { ...authorize, amountMinor: 101 }],
    ['another currency', { ...authorize, currency: 'EUR' }],
    ['no key', { ...authorize, authorizationKey: ' ' }],
    ['a charge of a penny less', { ...charge, amountMinor: 99 }],
    ['a charge in another currency', { ...charge, currency: 'EUR' }],
    ['a charge under no key', { ...charge, chargeKey: '' }],
  ];

  it.each(refused)('is not authorized for %s', (_, command) => {
    expect(open().can(command)).toBe(false);
  });

  it('is captured once, in part or in full, and never above what was authorized', () => {
    const authorized = tell(open(), authorize);
    for (const amountMinor of [101, 0, -1, 0.5, Number.NaN]) {
      expect(authorized.can({ ...capture, amountMinor })).toBe(false);
    }
    expect(authorized.can({ ...capture, captureKey: '' })).toBe(false);
    const part = tell(authorized, { ...capture, amountMinor: 60 });
    expect(part.context.capturedMinor).toBe(60);
    expect(part.can({ ...capture, amountMinor: 40 })).toBe(false);
    expect(part.can(request('a', 61))).toBe(false);
  });

  it('takes another card after one was declined, and counts how often that was', () => {
    const twice = tell(open(), decline, { ...decline, reason: 'EXPIRED_CARD' });
    expect(twice.value).toBe('DECLINED');
    expect(twice.context).toMatchObject({ declines: 2, reason: 'EXPIRED_CARD' });
    expect(tell(twice, authorize).context).toMatchObject({ authorizedMinor: 100, reason: null });
    expect(tell(twice, charge).value).toBe('CAPTURED');
  });

  it.each<readonly [string, readonly PaymentCommand[]]>([
    ['still pending', []],
    ['declined', [decline]],
    ['authorized', [authorize]],
  ])('can be voided when it is %s', (_, told) => {
    const voided = tell(open(), ...told, voidIt);
    expect(voided.value).toBe('VOIDED');
    expect(voided.output).toEqual({
      paymentId: 'payment-order-1',
      orderId: 'order-1',
      outcome: 'VOIDED',
      refundedMinor: 0,
    });
  });

  it('cannot be voided once it is captured: then it is refunded', () => {
    expect(captured.can(voidIt)).toBe(false);
  });

  it('is neither declined nor voided without a reason', () => {
    expect(open().can({ ...decline, reason: '' })).toBe(false);
    expect(open().can({ ...voidIt, reason: ' ' })).toBe(false);
    expect(tell(captured, request('a', 1)).can(fail('a', ''))).toBe(false);
  });

  it('sets a refund aside when it is requested, so that two cannot both pass', () => {
    const once = tell(captured, request('a', 70));
    expect(computeUnrefundedMinor(once.context)).toBe(30);
    expect(once.context.refundedMinor).toBe(0);
    expect(once.can(request('b', 31))).toBe(false);
    expect(once.can(request('a', 10))).toBe(false);
    expect(once.can(request('b', 30))).toBe(true);
  });

  it('forgets a refund that failed, and takes back one that is completed only once', () => {
    const failed = tell(captured, request('a', 70), fail('a'));
    expect(failed.context).toMatchObject({ refunds: {}, refundedMinor: 0 });
    expect(failed.can(request('a', 100))).toBe(true);
    const done = tell(captured, request('a', 70), complete('a'));
    expect(done.context.refundedMinor).toBe(70);
    expect(done.can(complete('a'))).toBe(false);
    expect(done.can(fail('a'))).toBe(false);
  });

  it('is refunded, and over, when all that was captured is given back', () => {
    const part = tell(captured, request('a', 70), request('b', 30), complete('b'));
    expect(part.value).toBe('CAPTURED');
    const all = tell(part, complete('a'));
    expect(all.value).toBe('REFUNDED');
    expect(all.output).toMatchObject({ outcome: 'REFUNDED', refundedMinor: 100 });
  });

  it('is refunded by what was captured, not by what was authorized', () => {
    const part = tell(open(), authorize, { ...capture, amountMinor: 60 });
    expect(tell(part, request('a', 60), complete('a')).value).toBe('REFUNDED');
  });

  it('refuses refunds under ids that belong to every object, and one too many', () => {
    expect(captured.can(request('__proto__', 1))).toBe(false);
    expect(captured.can(complete('constructor'))).toBe(false);
    const ids = Array.from({ length: MAX_PAYMENT_REFUNDS }, (_, index) => `refund-${index}`);
    const refunds = Object.fromEntries(
      ids.map((id) => [id, { amountMinor: 1, status: 'requested' } as const]),
    );
    const withRefunds = (kept: PaymentContext['refunds']): Payment =>
      paymentMachine.resolveState({
        value: 'CAPTURED',
        context: { ...captured.context, capturedMinor: 10_000, refunds: kept },
      });
    const { 'refund-0': _, ...oneLess } = refunds;
    const full = withRefunds(refunds);
    expect(withRefunds(oneLess).can(request('one more', 1))).toBe(true);
    expect(full.can(request('one more', 1))).toBe(false);
  });

  it('tells each thing that happened once, with whose it is', () => {
    expect(factsOf(open(), decline, charge).map(({ type }) => type)).toEqual([
      'payment.declined',
      'payment.authorized',
      'payment.captured',
    ]);
    expect(factsOf(tell(open(), authorize), capture)).toEqual([
      {
        type: 'payment.captured',
        paymentId: 'payment-order-1',
        orderId: 'order-1',
        captureKey: 'saga-1:capture/1',
        amountMinor: 100,
      },
    ]);
    expect(factsOf(open(), voidIt)).toMatchObject([
      { type: 'payment.voided', reason: 'order cancelled' },
    ]);
    expect(
      factsOf(captured, request('a', 30), fail('a'), request('b', 100), complete('b')),
    ).toMatchObject([
      { type: 'payment.refundRequested', refundId: 'a', amountMinor: 30 },
      { type: 'payment.refundFailed', refundId: 'a', reason: 'CARD_CLOSED' },
      { type: 'payment.refundRequested', refundId: 'b', amountMinor: 100 },
      { type: 'payment.refunded', refundId: 'b', amountMinor: 100 },
    ]);
  });

  it.each<readonly [string, object, string]>([
    ['no id', { paymentId: '' }, 'paymentId to be the id of the payment, got ""'],
    ['no order', { orderId: ' ' }, 'orderId'],
    ['an amount of zero', { amountMinor: 0 }, 'amountMinor to be a positive integer, got 0'],
    ['a fraction of a penny', { amountMinor: 0.5 }, 'amountMinor'],
    ['no amount', { amountMinor: Number.NaN }, 'got NaN'],
    ['no currency', { currency: 'pounds' }, 'currency to be an ISO 4217 code such as GBP'],
    ['a whole card number', { method: { kind: 'card', lastFour: '4242424242424242' } }, 'method'],
  ])('is not started with %s', (_, wrong, message) => {
    const { error } = createActor(paymentMachine, { input: { ...input, ...wrong } }).getSnapshot();
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
  });

  it('keeps the last four digits of its card', () => {
    const method = { kind: 'card', lastFour: '4242' } as const;
    expect(open({ ...input, method }).context.method).toEqual(method);
  });
});

describe('the paths of a payment', () => {
  it('take every transition of the chart', () => {
    const commands = [
      authorize,
      charge,
      decline,
      capture,
      voidIt,
      request('a', 60),
      request('b', 40),
      ...['a', 'b'].flatMap((id) => [complete(id), fail(id)]),
    ];
    const coverage = coverChart(paymentMachine, {
      inputs: [input],
      // A declined card could be declined for ever.
      events: ({ context }) => commands.filter((told) => context.declines < 2 || told !== decline),
    });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});
