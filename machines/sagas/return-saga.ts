// The saga of one return: the order is asked, somebody inspects the goods, the money goes back, the
// goods go on the shelf, the order ends. Until the refund it can be turned back, and the order is told
// that the return was rejected; behind it there is only forward. Pure.

import { effect, type SagaMachine, saga } from 'sagawright';
import { approvalMachine } from '../approval/approval.ts';
import { isDuration, isText } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';
import type { OrderCommand, OrderItem } from '../order/order-contract.ts';
import { checkOrderFields } from '../order/order-fields.ts';
import { createFulfilmentCalls, type MailRequest } from './fulfilment-calls.ts';
import { createInputCheck, isEmail } from './fulfilment-input.ts';
import { type PaidRefund, type RefundInput, STEP_POLICY, UNDO_POLICY } from './gateway-effects.ts';
import { askOrder, type OrderRequest } from './order-request.ts';

export interface ReturnInput {
  /** The address of the delivered order. */
  readonly orderId: string;
  /** One order knows a return by it. */
  readonly returnId: string;
  readonly paymentId: string;
  readonly customerEmail: string;
  readonly currency: string;
  /** What comes back. */
  readonly items: readonly OrderItem[];
  /** The order's charge, as its `chargeKey` says. */
  readonly chargeKey: string;
  /** What is given back for it, in minor units; a positive integer. */
  readonly refundMinor: number;
  /** Why it comes back, in the customer's words. */
  readonly reason: string;
  /** How long the inspection is waited for, in milliseconds; a positive integer. */
  readonly inspectionMs: number;
}

/** Goods that have come back go on the shelf: sold ones are available again. */
export interface RestockRequest {
  readonly orderId: string;
  readonly returnId: string;
  readonly items: readonly OrderItem[];
}

export interface RestockedItems {
  readonly status: 'restocked';
}

export type ReturnSaga = SagaMachine<ReturnInput, Readonly<Record<string, unknown>>>;

const calls = createFulfilmentCalls(STEP_POLICY, UNDO_POLICY);

/**
 * The saga of one return. The inspection is a child, `<id>/inspection`, that takes `approval.approve`
 * and `approval.reject`.
 */
export const returnSaga: ReturnSaga = saga<ReturnInput>('return', {
  input: createInputCheck('return saga', checkReturn),
})
  .step('request', {
    run: askOrder,
    input: ({ input }) => {
      const { returnId, reason } = input;
      return tell(input, { type: 'order.requestReturn', returnId, reason });
    },
    compensate: askOrder,
    compensateInput: ({ input, failure }) => {
      const reason = failure?.message ?? 'The return was taken back.';
      return tell(input, { type: 'order.rejectReturn', returnId: input.returnId, reason });
    },
    undoneLast: true,
    states: ['REQUESTING', 'RETURN_REQUESTED'],
  })
  .step('inspection', {
    run: approvalMachine,
    input: ({ input: { returnId, orderId, inspectionMs } }) => ({
      approvalId: returnId,
      subject: `return ${returnId} of ${orderId}`,
      expiresAfterMs: inspectionMs,
    }),
    states: ['INSPECTING', 'ACCEPTED'],
  })
  .pivot('refund', {
    run: effect<RefundInput, PaidRefund>({ ...STEP_POLICY, name: 'refundPayment' }),
    input: ({ input: { returnId, chargeKey, paymentId, refundMinor } }) => ({
      refundId: returnId,
      chargeKey,
      paymentId,
      amountMinor: refundMinor,
    }),
    states: ['REFUNDING', 'REFUNDED'],
  })
  .step('restock', {
    run: effect<RestockRequest, RestockedItems>({ ...UNDO_POLICY, name: 'restockItems' }),
    input: ({ input: { orderId, returnId, items } }) => ({ orderId, returnId, items }),
    states: ['RESTOCKING', 'RESTOCKED'],
  })
  .step('completion', {
    run: askOrder,
    input: ({ input }) => {
      const { returnId, refundMinor } = input;
      return tell(input, { type: 'order.completeReturn', returnId, refundedMinor: refundMinor });
    },
    states: ['COMPLETING', 'RETURNED'],
  })
  .step('mail', {
    run: calls.sendMail,
    input: ({ input: { orderId, customerEmail } }): MailRequest => ({
      orderId,
      to: customerEmail,
      kind: 'returned',
    }),
    critical: false,
    states: ['RETURN_MAILING', 'RETURN_MAILED'],
  })
  .build();

function tell({ orderId }: ReturnInput, command: OrderCommand): OrderRequest {
  return { orderId, command };
}

function checkReturn(input: ReturnInput, what: string): void {
  const { refundMinor, inspectionMs, customerEmail } = input;
  checkOrderFields(what, { ...input, totalMinor: refundMinor });
  const expect = createFieldCheck(what);
  const { returnId, paymentId, chargeKey, reason } = input;
  for (const [field, value] of Object.entries({ returnId, paymentId, chargeKey, reason })) {
    expect(isText(value), field, 'a text', value);
  }
  expect(isEmail(customerEmail), 'customerEmail', 'an e-mail address', customerEmail);
  const isWait = isDuration(inspectionMs);
  expect(isWait, 'inspectionMs', 'milliseconds, up to a century', inspectionMs);
}
