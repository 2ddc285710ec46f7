// What the order saga's calls are given, and what its memory becomes as they start, end or turn up
// late: pure functions of the saga's context. Which of them applies when is the chart's business.

import {
  computeEpoch,
  computeUndoCount,
  describeStep,
  type EffectError,
  effectKey,
  finishUndo,
  noteLateStep,
  noteLateUndo,
  retryUndo,
  type SagaStep,
  startStep,
  startUndo,
  stopStep,
} from 'sagawright';
import {
  type ChargeInput,
  type ReleaseInput,
  type ReserveInput,
  stepKey,
  undoKey,
  type VoidedCharge,
  type VoidInput,
} from './gateway-effects.ts';
import type { OrderRequest } from './order-request.ts';
import type { OrderSagaContext, OrderSagaEvent, SagaFailure } from './order-saga-contract.ts';

/** The saga's own reference: the first part of every key. */
type Self = Parameters<typeof effectKey>[0];
type StepName = 'payment' | 'inventory';

export type LateEvent = Extract<OrderSagaEvent, { readonly type: 'effect.late' }>;

export function createChargeInput(context: OrderSagaContext): ChargeInput {
  const { orderId, totalMinor, currency, payment } = context;
  return { epoch: payment.epoch, orderId, amountMinor: totalMinor, currency };
}

export function createReserveInput(context: OrderSagaContext): ReserveInput {
  const { orderId, items, inventory } = context;
  return { epoch: inventory.epoch, orderId, items };
}

export function createVoidInput(context: OrderSagaContext): VoidInput {
  const { payment } = context;
  const undoes = describeStep(payment, createChargeInput(context));
  return { epoch: payment.epoch, count: payment.undo.count, undoes };
}

export function createReleaseInput(context: OrderSagaContext): ReleaseInput {
  const { inventory } = context;
  const undoes = describeStep(inventory, createReserveInput(context));
  return { epoch: inventory.epoch, count: inventory.undo.count, undoes };
}

/** The step as it is while its call is made. */
export function beginStep<Output>(
  step: SagaStep<Output>,
  name: StepName,
  self: Self,
): SagaStep<Output> {
  const epoch = computeEpoch(step);
  return startStep(step, epoch, effectKey(self, stepKey(name, epoch)));
}

/** The step as it is while its undo call is made. */
export function beginUndo<Output>(
  step: SagaStep<Output>,
  name: StepName,
  self: Self,
): SagaStep<Output> {
  const count = computeUndoCount(step);
  const key = effectKey(self, undoKey(name, { epoch: step.epoch, count }));
  return startUndo(step, count, key);
}

/** The payment is undone; what that gave back is kept for the books. */
export function finishVoid(
  { payment, voidedMinor }: OrderSagaContext,
  { refundedMinor }: VoidedCharge,
): Partial<OrderSagaContext> {
  return { payment: finishUndo(payment), voidedMinor: voidedMinor + refundedMinor };
}

/** Leaves a running call alone: from here on it counts as one that may have happened. */
export function stopSteps(context: OrderSagaContext): Partial<OrderSagaContext> {
  return { payment: stopStep(context.payment), inventory: stopStep(context.inventory) };
}

/** Makes every undo that was given up one to be made again. */
export function retryUndos(context: OrderSagaContext): Partial<OrderSagaContext> {
  return { payment: retryUndo(context.payment), inventory: retryUndo(context.inventory) };
}

/** Whether a late outcome is of a call that this saga still knows: of the last run, or its last undo. */
export function isOwnLate({ payment, inventory }: OrderSagaContext, late: LateEvent): boolean {
  switch (late.src) {
    case 'chargeCard':
      return late.key === payment.key;
    case 'voidCharge':
      return late.key === payment.undo.key;
    case 'reserveStock':
      return late.key === inventory.key;
    case 'releaseStock':
      return late.key === inventory.undo.key;
  }
}

export function hearLate(context: OrderSagaContext, late: LateEvent): Partial<OrderSagaContext> {
  const { payment, inventory } = context;
  switch (late.src) {
    case 'chargeCard':
      return { payment: noteLateStep(payment, late) };
    case 'voidCharge': {
      const heard = noteLateUndo(payment, late);
      if (heard === payment || late.output === undefined) return { payment: heard };
      return finishVoid({ ...context, payment: heard }, late.output);
    }
    case 'reserveStock':
      return { inventory: noteLateStep(inventory, late) };
    case 'releaseStock':
      return { inventory: noteLateUndo(inventory, late) };
  }
}

/** Ends the order: as unpaid if its charge was definitely refused, else as cancelled. */
export function createOrderEnd({ orderId, payment, failure }: OrderSagaContext): OrderRequest {
  const reason = failure?.code ?? 'CANCELLED';
  const type = payment.outcome === 'rejected' ? 'order.failPayment' : 'order.cancel';
  return { orderId, command: { type, reason } };
}

/** Whether every call that was stopped has been heard of. */
export function isSettled({ payment, inventory }: OrderSagaContext): boolean {
  return payment.isSettled && inventory.isSettled;
}

export const DEADLINE_PASSED: SagaFailure = {
  step: 'deadline',
  code: 'DEADLINE',
  message: 'The deadline has passed.',
};

export function describeCancel(reason: string | undefined): SagaFailure {
  return { step: 'cancel', code: 'CANCELLED', message: reason ?? 'The saga was cancelled.' };
}

/** What an error makes of the saga: why it turns back. */
export function describeFailure(
  step: SagaFailure['step'],
  { code, message }: EffectError,
): SagaFailure {
  return { step, code, message };
}
