// The check of built sagas: every kind that the builder makes is proven, and the two sagas of the commerce
// domain that were written by hand are too.

import { checkSaga, effect, type SagaReport, saga } from 'sagawright';
import { orderSaga, refundSaga } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';

const call = effect<object, null>();
const once = { run: call, input: () => ({}) };
const undoable = { ...once, compensate: effect<object, null>() };

/** What a proof looks like; the ends are part of it. */
function proven(report: SagaReport, ends: readonly string[]): void {
  expect(report.findings).toEqual([]);
  expect(report.ok).toBe(true);
  expect(report.paths.map(({ end }) => end).sort()).toEqual(ends);
}
const ALL_ENDS = ['compensated', 'completed', 'resolved'];

const sequence = (options = {}) =>
  saga<object>('order', options)
    .step('payment', undoable)
    .step('inventory', undoable)
    .step('shipping', once)
    .build();

const pair = (options = {}) =>
  saga<object>('pair', options).step('payment', undoable).step('shipping', once).build();

describe('the check of built sagas', () => {
  it('proves a sequence', () => {
    const report = checkSaga(sequence());
    proven(report, ALL_ENDS);
    expect(report.machine).toEqual({ id: 'order', version: '1' });
    expect(report.transitions).toBeGreaterThan(report.states);
    expect(report.paths.find(({ end }) => end === 'completed')).toEqual({
      end: 'completed',
      state: 'completed',
      path: ['payment is done', 'inventory is done', 'shipping is done'],
    });
  });

  it('proves sagas that hold, that halt at a failed undo, and that have a deadline', () => {
    proven(checkSaga(pair({ onFailure: 'hold', deadline: '1m' })), ALL_ENDS);
    proven(checkSaga(sequence({ onCompensationFailure: 'halt' })), ALL_ENDS);
    proven(checkSaga(sequence({ deadline: '1m' })), ALL_ENDS);
  });

  it('does not hold an order of undoing that was given to the reverse of the steps', () => {
    proven(checkSaga(sequence({ undoOrder: ['payment', 'inventory'] })), ALL_ENDS);
  });

  it('proves a saga with a pivot, and that the late success of a pivot undoes nothing', () => {
    const machine = saga<object>('order')
      .step('payment', undoable)
      .pivot('capture', once)
      .step('email', { ...once, critical: false })
      .build();
    proven(checkSaga(machine), ALL_ENDS);
  });

  it('proves steps that are not critical, and steps that need no undo', () => {
    const machine = saga<object>('order')
      .step('points', { ...undoable, critical: false })
      .step('email', { ...once, critical: false })
      .build();
    proven(checkSaga(machine), ALL_ENDS);
    proven(checkSaga(saga<object>('email').step('send', once).build()), [
      'compensated',
      'completed',
    ]);
  });

  it('proves parallel branches', () => {
    const machine = saga<object>('graph')
      .step('payment', { ...undoable, after: [] })
      .step('inventory', { ...undoable, after: [] })
      .step('shipping', { ...once, after: ['payment'] })
      .build();
    proven(checkSaga(machine), ALL_ENDS);
  });

  it('proves a larger graph as far as a bound of faults goes, and says so', () => {
    const machine = saga<object>('graph')
      .step('payment', { ...undoable, after: [] })
      .step('inventory', { ...undoable, after: [] })
      .step('label', { ...undoable, after: ['payment'] })
      .step('parcel', { ...undoable, after: ['payment', 'inventory'] })
      .build();
    const report = checkSaga(machine, { faults: 2 });
    proven(report, ALL_ENDS);
    expect(report.faults).toBe(2);
  });

  it('proves sagas that are steps of sagas, and their undoing from above', () => {
    const inner = pair();
    proven(checkSaga(inner, { undoneFromAbove: true }), ALL_ENDS);
    const outer = (options: object) =>
      saga<object>('outer')
        .step('payment', undoable)
        .step('order', { ...once, run: inner, ...options })
        .step('email', once)
        .build();
    proven(checkSaga(outer({})), ALL_ENDS);
    proven(checkSaga(outer({ critical: false })), ALL_ENDS);
    const pivot = saga<object>('outer')
      .step('payment', undoable)
      .pivot('order', {
        ...once,
        run: inner,
      });
    proven(checkSaga(pivot.build()), ALL_ENDS);
  });

  it('does not take an undo that is a saga and has turned back for one that is made', () => {
    const machine = saga<object>('outer')
      .step('payment', { ...once, compensate: pair(), compensateInput: () => ({}) })
      .step('email', once)
      .build();
    proven(checkSaga(machine), ALL_ENDS);
  });

  it('finds that a saga which is past its pivot cannot be undone from above', () => {
    const machine = saga<object>('order').step('payment', undoable).pivot('capture', once).build();
    const report = checkSaga(machine, { undoneFromAbove: true });
    expect(report.findings.map(({ code, step }) => [code, step])).toEqual([
      ['COMPENSATION_AFTER_PIVOT', 'payment'],
      ['MISSING_COMPENSATION', 'capture'],
    ]);
    expect(report.findings[0]?.path).toEqual([
      'payment is done',
      'capture is done',
      'a saga above undoes it',
    ]);
  });

  it('cannot be built with an undo that could never be made, because its step is past the pivot', () => {
    const builder = saga<object>('order').pivot('capture', once);
    expect(() => builder.step('parcel', undoable)).toThrow(/behind the pivot "capture"/);
  });
});

describe('a built saga with a planted defect', () => {
  const forget = (part: object) => pair().provide(part as never);

  it('forgets that an undo failed', () => {
    const report = checkSaga(forget({ guards: { hasStuckUndo: () => false } }));
    expect(report.findings[0]).toMatchObject({
      code: 'COMPENSATED_WITH_FAILURE',
      step: 'payment',
      path: ['payment may have happened, nobody knows', 'the undo of payment is rejected'],
    });
  });

  it('does not undo again what succeeded while it was being undone', () => {
    const report = checkSaga(
      forget({
        guards: { isSettled: () => true },
        actions: { hearLate: () => undefined },
      }),
    );
    expect(report.findings[0]).toMatchObject({
      code: 'MISSING_COMPENSATION',
      step: 'payment',
      path: [
        'payment may have happened, nobody knows',
        'late: payment is done after all',
        'the undo of payment is done',
      ],
    });
  });

  it('takes a step that was stopped for one that never was', () => {
    const report = checkSaga(forget({ actions: { stopByCancel: () => undefined } }));
    expect(report.findings[0]).toMatchObject({
      code: 'MISSING_COMPENSATION',
      step: 'payment',
      path: ['CANCEL'],
    });
  });
});

const samples = {
  outputs: {
    chargeCard: [{ chargeId: 'c', amountMinor: 500, currency: 'GBP' }],
    reserveStock: [{ reservationId: 'r' }],
    voidCharge: [{ refundedMinor: 500 }, { refundedMinor: 0 }],
    releaseStock: [{ status: 'released' }],
    refundPayment: [{ paymentId: 'p', amountMinor: 5 }],
  },
  // The order has been ended by somebody else: a refusal that needs no attention.
  errors: { askOrder: [{ code: 'REFUSED', details: { value: 'CANCELLED' } }] },
};

describe('the check of sagas written by hand', () => {
  it('proves the order saga, with its deadline and turning back at once', () => {
    const items = [{ sku: 'tea', quantity: 1 }];
    const input = { orderId: 'o', currency: 'GBP', totalMinor: 500, items, deadlineMs: 1_000 };
    proven(checkSaga(orderSaga, { inputs: [input], ...samples }), ALL_ENDS);
  });

  it('proves the order saga when it holds, up to four faults on a path', () => {
    const input = {
      orderId: 'o',
      currency: 'GBP',
      totalMinor: 500,
      items: [],
      onFailure: 'hold',
    };
    proven(checkSaga(orderSaga, { inputs: [input], faults: 4, ...samples }), ALL_ENDS);
  });

  it('proves the refund saga', () => {
    const input = { orderId: 'o', refundId: 'r', chargeKey: 'k', amountMinor: 5 };
    const resolutions = [true, false].map((isPaid) => {
      const event = { type: 'RESOLVE', by: 'ann', why: 'seen at the bank', isPaid };
      return event;
    });
    proven(checkSaga(refundSaga, { inputs: [input], events: resolutions, ...samples }), ALL_ENDS);
  });
});
