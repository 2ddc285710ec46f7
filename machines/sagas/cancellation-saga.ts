// The saga of a customer's cancellation, once the order has said yes and is in CANCELLING: everything it
// holds is given up, the money less the fee goes back, and the order ends. There is no way back: what
// fails behind the first step waits for people and is finished. Pure.

import { effect, type SagaMachine, type SagaOptions, type StepOptions, saga } from 'sagawright';
import type { AnyActorLogic } from 'xstate';
import { inWords, isPositiveInteger, isText } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';
import type { OrderItem } from '../order/order-contract.ts';
import { checkOrderFields } from '../order/order-fields.ts';
import { createFulfilmentCalls, type MailRequest } from './fulfilment-calls.ts';
import { createInputCheck, isEmail } from './fulfilment-input.ts';
import {
  type PaidRefund,
  type RefundInput,
  type ReleaseRequest,
  UNDO_POLICY,
} from './gateway-effects.ts';
import { askOrder, type OrderRequest } from './order-request.ts';

/** What the order knows of itself in CANCELLING. */
export interface CancellationInput {
  readonly orderId: string;
  readonly paymentId: string;
  readonly shipmentId: string;
  readonly customerEmail: string;
  readonly currency: string;
  readonly items: readonly OrderItem[];
  /** The full key of the reservation, as the order's `reservationKey` says. */
  readonly reservationKey: string;
  /** The full key of the charge, as the order's `chargeKey` says. */
  readonly chargeKey: string;
  /** What was captured, in minor units; a positive integer. */
  readonly capturedMinor: number;
  /** What was given back before, refunds on their way included, in minor units; default 0. */
  readonly refundedMinor?: number;
  /** What the cancellation costs, in minor units: at least 0, and less than what is left. */
  readonly feeMinor: number;
  /** Why it is cancelled, in the customer's words. */
  readonly reason: string;
}

export type CancellationStep = 'shipment' | 'inventory' | 'refund' | 'order' | 'mail';

export interface CancellationPlan {
  readonly id: string;
  /**
   * In order; the first is the point of no return. `order` is told behind the steps that give something
   * back. Leave out what there is nothing of: a `shipment`, or a `refund` where the fee takes all.
   */
  readonly steps: readonly CancellationStep[];
}

/** The parcel first, as it must not leave; the customer hears of it last. */
export const CANCELLATION_PLAN: CancellationPlan = {
  id: 'cancellation',
  steps: ['shipment', 'inventory', 'refund', 'order', 'mail'],
};

type Results = Readonly<Record<string, unknown>>;
type Step = StepOptions<CancellationInput, Results, AnyActorLogic, AnyActorLogic, undefined>;

export type CancellationSaga = SagaMachine<CancellationInput, Results>;

function declare<Run extends AnyActorLogic>(
  options: StepOptions<CancellationInput, Results, Run, never, undefined>,
): Step {
  return options as unknown as Step;
}

function createSteps(): Readonly<Record<CancellationStep, Step>> {
  // Only forward: each call is tried as long as a compensation is.
  const calls = createFulfilmentCalls(UNDO_POLICY, UNDO_POLICY);
  return {
    shipment: declare({
      run: calls.cancelShipment,
      input: ({ input: { orderId, shipmentId } }) => ({ orderId, shipmentId }),
      states: ['SHIPMENT_CANCELLING', 'SHIPMENT_CANCELLED'],
    }),
    inventory: declare({
      run: calls.releaseStock,
      input: ({ input: { orderId, items, reservationKey } }): ReleaseRequest => ({
        undoes: { key: reservationKey, input: { orderId, items }, outcome: 'done' },
      }),
      states: ['INVENTORY_RELEASING', 'INVENTORY_RELEASED'],
    }),
    refund: declare({
      run: effect<RefundInput, PaidRefund>({ ...UNDO_POLICY, name: 'refundPayment' }),
      input: ({ input }) => createRefund(input),
      states: ['PAYMENT_REFUNDING', 'PAYMENT_REFUNDED'],
    }),
    order: declare({
      run: askOrder,
      input: ({ input: { orderId, reason } }): OrderRequest => ({
        orderId,
        command: { type: 'order.cancel', reason },
      }),
      states: ['CANCELLING', 'CANCELLED'],
    }),
    mail: declare({
      run: calls.sendMail,
      input: ({ input: { orderId, customerEmail } }): MailRequest => ({
        orderId,
        to: customerEmail,
        kind: 'cancellation',
      }),
      critical: false,
      states: ['CANCELLATION_MAILING', 'CANCELLATION_MAILED'],
    }),
  };
}

/** An order is cancelled once, so its own id tells the refund from others. */
function createRefund(input: CancellationInput): RefundInput {
  const { orderId, paymentId, chargeKey, capturedMinor, refundedMinor = 0, feeMinor } = input;
  const refundId = `cancellation-${orderId}`;
  const amountMinor = capturedMinor - refundedMinor - feeMinor;
  return { refundId, chargeKey, paymentId, amountMinor };
}

/**
 * The saga of a plan. A first step that is refused holds it: RETRY goes on, CANCEL gives it up with
 * nothing done. What fails later waits in `needsAttention`, and CANCEL is refused.
 * @throws TypeError for a plan without the order, or with a step that it cannot be
 */
export function createCancellationSaga(plan: CancellationPlan): CancellationSaga {
  const { id, steps } = plan;
  const known = createSteps();
  checkPlan(plan, Object.keys(known));
  const [first, ...others] = steps;
  const { run, input, states = ['CANCELLING'] } = known[first ?? 'order'];
  const options: SagaOptions<CancellationInput> = { input: createCheck(plan), onFailure: 'hold' };
  return others
    .reduce(
      (builder, name) => builder.step(name, known[name]),
      saga<CancellationInput>(id, options).pivot(first ?? 'order', { run, input, states }),
    )
    .build();
}

function checkPlan({ id, steps }: CancellationPlan, known: readonly string[]): void {
  const refuse = (expected: string, got: unknown): never => {
    throw new TypeError(`cancellation plan "${id}": expected ${expected}, got ${inWords(got)}.`);
  };
  for (const [index, name] of steps.entries()) {
    if (!known.includes(name)) refuse(`a step to be one of ${known.join(', ')}`, name);
    if (steps.indexOf(name) !== index) refuse('each step once', name);
  }
  const told = steps.indexOf('order');
  const isLast = steps.slice(told + 1).every((name) => name === 'mail');
  if (told < 0 || !isLast) refuse('the step order, with nothing behind it but a mail', steps);
  if (steps[0] === 'mail') refuse('a first step that binds', 'mail');
}

function createCheck({
  steps,
}: CancellationPlan): SagaOptions<CancellationInput>['input'] & object {
  return createInputCheck<CancellationInput>('cancellation saga', (input, what) => {
    const { capturedMinor, refundedMinor = 0, feeMinor } = input;
    checkOrderFields(what, { ...input, totalMinor: capturedMinor });
    const expect = createFieldCheck(what);
    const { paymentId, shipmentId, reservationKey, chargeKey, reason } = input;
    const texts = { paymentId, shipmentId, reservationKey, chargeKey, reason };
    for (const [field, value] of Object.entries(texts)) {
      expect(isText(value), field, 'a text', value);
    }
    const { customerEmail } = input;
    expect(isEmail(customerEmail), 'customerEmail', 'an e-mail address', customerEmail);
    const isFee = feeMinor === 0 || isPositiveInteger(feeMinor);
    expect(isFee && feeMinor <= capturedMinor, 'feeMinor', 'from 0 to what was captured', feeMinor);
    const isRefunded = refundedMinor === 0 || isPositiveInteger(refundedMinor);
    const expected = 'from 0 to what was captured';
    expect(isRefunded && refundedMinor <= capturedMinor, 'refundedMinor', expected, refundedMinor);
    const leavesSome = !steps.includes('refund') || feeMinor < capturedMinor - refundedMinor;
    const left = 'less than is left of what was captured, or no refund in the plan';
    expect(leavesSome, 'feeMinor', left, feeMinor);
  });
}

/** Stops the parcel (no return), releases the goods, gives the money back, ends the order, sends a mail. */
export const cancellationSaga: CancellationSaga = createCancellationSaga(CANCELLATION_PLAN);
