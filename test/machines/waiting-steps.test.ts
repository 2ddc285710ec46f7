// What every machine keeps that waits as a step of a saga, whatever it waits for: it gives up when the saga
// is cancelled, and leaves nothing behind when it is taken back.

import { checkSaga } from 'sagawright';
import {
  type ApprovalInput,
  approvalMachine,
  type DeliveryInput,
  deliveryMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, initialTransition } from 'xstate';
import { createWaitingSaga, WaitingWorld } from './waiting-world.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const approval: ApprovalInput = {
  approvalId: 'return-1',
  subject: 'the return of order-1',
  expiresAfterMs: 3 * DAY_MS,
};
const delivery: DeliveryInput = {
  orderId: 'order-1',
  shipmentId: 'shipment-order-1',
  overdueAfterMs: 5 * DAY_MS,
};

describe.each([
  {
    name: 'approval',
    machine: approvalMachine,
    input: approval,
    good: { type: 'approval.approve', by: 'ann' },
    waitedMs: 2 * DAY_MS,
  },
  {
    name: 'delivery',
    machine: deliveryMachine,
    input: delivery,
    good: { type: 'delivery.arrived' },
    // It is overdue by then.
    waitedMs: 6 * DAY_MS,
  },
] as const)('the step $name', ({ name, input, good, waitedMs, ...step }) => {
  const machine: AnyStateMachine = step.machine;
  const open = (): WaitingWorld => new WaitingWorld(name, machine, input);

  it('that is taken back has nothing to undo, and ends at once', () => {
    const [undone, actions] = initialTransition(machine, {
      '~undoes': null,
    });
    expect(undone.output).toMatchObject({
      status: 'compensated',
      failure: null,
      resolution: null,
    });
    expect(actions).toEqual([]);
  });

  it('leaves its saga whole: whatever may have been done is undone on every path', () => {
    const saga = createWaitingSaga(name, machine, input);
    expect(checkSaga(saga).findings).toEqual([]);
  });

  it.each([0, waitedMs])(
    'is waited for no more when the saga is cancelled, %i ms later',
    async (laterMs) => {
      await using s = open();
      await s.start();
      await s.advance(laterMs);
      await s.saga.send({ type: 'CANCEL', reason: 'enough' });
      await s.world.time.settle();
      expect(await s.waiting.snapshot()).toMatchObject({ value: 'WITHDRAWN' });
      expect(s.calls).toEqual(['book', 'unbook']);
      expect(await s.saga.result()).toMatchObject({
        status: 'compensated',
        failure: { step: 'cancel', message: 'enough' },
      });
      expect(await s.verify()).toEqual([]);
    },
  );

  it('is taken back without a trace when a later step is refused', async () => {
    await using s = open();
    s.refusesShipping = true;
    await s.start();
    await s.tell(good);
    expect(s.calls).toEqual(['book', 'ship', 'unbook']);
    expect(await s.saga.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'shipping', code: 'NO_VAN' },
      resolution: null,
    });
    expect(await s.verify()).toEqual([]);
  });
});
