// Each step of a fulfilment saga, once: the call that it makes, what that is given, how it is undone,
// and the names of its states in the words of the trade. Plans say which of them there are; what they
// record on orders, payments and shipments is done by the handlers of their calls.

import type {
  AskReceipt,
  SagaBuilder,
  SagaFailure,
  SagaOutput,
  SagaResult,
  StepOptions,
} from 'sagawright';
import type { AnyActorLogic } from 'xstate';
import { deliveryMachine } from '../delivery/delivery.ts';
import type { DeliveryOutput } from '../delivery/delivery-contract.ts';
import type { OrderCommand } from '../order/order-contract.ts';
import type {
  Authorization,
  AuthorizeRequest,
  Capture,
  CreatedShipment,
  DispatchedShipment,
  FulfilmentCalls,
  MailKind,
  MailRequest,
  SentMail,
  ShipmentRequest,
} from './fulfilment-calls.ts';
import type { FulfilmentInput } from './fulfilment-input.ts';
import type { FulfilmentPlan, FulfilmentStep } from './fulfilment-plan.ts';
import type { Charge, Reservation } from './gateway-effects.ts';
import { askOrder, type OrderRequest } from './order-request.ts';

/** What the steps of one saga have brought, by their names; which there are is the plan's business. */
export type FulfilmentResults = Readonly<
  Partial<{
    order: AskReceipt;
    payment: Charge;
    authorization: Authorization;
    inventory: Reservation;
    /** Of the steps that run side by side. */
    preparation: SagaResult<PreparationResults>;
    shipment: CreatedShipment;
    confirmationMail: SentMail;
    capture: Capture;
    confirmation: AskReceipt;
    dispatch: DispatchedShipment;
    receipt: SentMail;
    shippingNotice: SentMail;
    delivery: DeliveryOutput;
    completion: AskReceipt;
    deliveryNotice: SentMail;
  }>
>;

export type PreparationResults = Readonly<Record<string, unknown>>;

export type FulfilmentBuilder = SagaBuilder<FulfilmentInput, FulfilmentResults>;

/** A step as a plan adds it; what its call takes and gives was checked where it is declared. */
export type DeclaredStep = StepOptions<
  FulfilmentInput,
  FulfilmentResults,
  AnyActorLogic,
  AnyActorLogic,
  undefined
>;

/** Checks a step's call, its input and its compensation against each other. */
function declare<Run extends AnyActorLogic, Undo extends AnyActorLogic>(
  options: StepOptions<FulfilmentInput, FulfilmentResults, Run, Undo, undefined>,
): DeclaredStep {
  return options as unknown as DeclaredStep;
}

const TWO_WEEKS_MS = 14 * 24 * 60 * 60 * 1_000;

/** The steps of a plan's saga, by their names. */
export function declareSteps(
  plan: FulfilmentPlan,
  calls: FulfilmentCalls,
): Readonly<Record<FulfilmentStep, DeclaredStep>> {
  return {
    ...orderSteps(plan),
    ...paymentSteps(calls),
    ...goodsSteps(plan, calls),
    ...mails(calls),
  };
}

type OrderStep = 'order' | 'confirmation' | 'completion';
type PaymentStep = 'payment' | 'authorization' | 'capture';
type GoodsStep = 'inventory' | 'shipment' | 'dispatch' | 'delivery';
type MailStep = Exclude<FulfilmentStep, OrderStep | PaymentStep | GoodsStep>;

/** What the order is told by the saga itself. */
function orderSteps(plan: FulfilmentPlan): Record<OrderStep, DeclaredStep> {
  return {
    order: declare({
      run: askOrder,
      input: ({ input }) => tell(input, { type: 'order.process' }),
      compensate: askOrder,
      compensateInput: ({ input, failure }) => tell(input, createOrderEnd(plan, failure)),
      undoneLast: true,
      states: ['PENDING', 'PROCESSING'],
    }),
    confirmation: declare({
      run: askOrder,
      input: ({ input }) => tell(input, { type: 'order.confirm' }),
      states: ['CONFIRMING', 'CONFIRMED'],
    }),
    completion: declare({
      run: askOrder,
      input: ({ input }) => tell(input, { type: 'order.deliver' }),
      states: ['DELIVERING', 'DELIVERED'],
    }),
  };
}

function paymentSteps(calls: FulfilmentCalls): Record<PaymentStep, DeclaredStep> {
  return {
    payment: declare({
      run: calls.chargeCard,
      input: ({ input }) => createCharge(input),
      compensate: calls.voidCharge,
      states: ['PAYMENT_PROCESSING', 'PAYMENT_COMPLETED'],
    }),
    authorization: declare({
      run: calls.authorizePayment,
      input: ({ input }) => createCharge(input),
      compensate: calls.voidAuthorization,
      states: ['PAYMENT_AUTHORIZING', 'PAYMENT_AUTHORIZED'],
    }),
    capture: declare({
      run: calls.capturePayment,
      input: ({ input, results }) => {
        const { authorizationId, authorizationKey } = resultOf(results, 'authorization');
        return { ...createCharge(input), authorizationId, authorizationKey };
      },
      states: ['PAYMENT_CAPTURING', 'PAYMENT_COMPLETED'],
    }),
  };
}

function goodsSteps(plan: FulfilmentPlan, calls: FulfilmentCalls): Record<GoodsStep, DeclaredStep> {
  return {
    inventory: declare({
      run: calls.reserveStock,
      input: ({ input: { orderId, items } }) => ({ orderId, items }),
      compensate: calls.releaseStock,
      states: ['INVENTORY_RESERVING', 'INVENTORY_RESERVED'],
    }),
    shipment: declare({
      run: calls.createShipment,
      input: ({ input }) => createShipmentRequest(input),
      compensate: calls.cancelShipment,
      compensateInput: ({ input: { orderId, shipmentId }, undoes }) => ({
        orderId,
        shipmentId,
        undoes,
      }),
      states: ['SHIPMENT_CREATING', 'SHIPMENT_CREATED'],
    }),
    dispatch: declare({
      run: calls.dispatchShipment,
      input: ({ input: { orderId, shipmentId }, results }) => {
        const { trackingNumber } = resultOf(results, 'shipment');
        return { orderId, shipmentId, trackingNumber };
      },
      states: ['DISPATCHING', 'SHIPPED'],
    }),
    delivery: declare({
      run: deliveryMachine,
      input: ({ input: { orderId, shipmentId } }) => ({
        orderId,
        shipmentId,
        overdueAfterMs: plan.overdueAfterMs ?? TWO_WEEKS_MS,
      }),
      states: ['IN_TRANSIT', 'ARRIVED'],
    }),
  };
}

function mails({ sendMail }: FulfilmentCalls): Record<MailStep, DeclaredStep> {
  const notice = (kind: MailKind, state: string): DeclaredStep =>
    declare({
      run: sendMail,
      input: ({ input }) => createMail(input, kind),
      states: [`${state}_MAILING`, `${state}_MAILED`],
    });
  return {
    confirmationMail: declare({
      run: sendMail,
      input: ({ input }) => createMail(input, 'confirmation'),
      compensate: sendMail,
      compensateInput: ({ input, undoes }) => ({ ...createMail(input, 'cancellation'), undoes }),
      states: ['CONFIRMATION_MAILING', 'CONFIRMATION_MAILED'],
    }),
    receipt: notice('receipt', 'RECEIPT'),
    shippingNotice: notice('shippingNotice', 'SHIPPING_NOTICE'),
    deliveryNotice: notice('deliveryNotice', 'DELIVERY_NOTICE'),
  };
}

function tell({ orderId }: FulfilmentInput, command: OrderCommand): OrderRequest {
  return { orderId, command };
}

const PAYMENT_STEPS: ReadonlySet<string> = new Set<PaymentStep>([
  'payment',
  'authorization',
  'capture',
]);

/** How the order ends when all is undone: as the plan says, unless somebody wanted it cancelled. */
function createOrderEnd({ orderEnd }: FulfilmentPlan, failure: SagaFailure | null): OrderCommand {
  if (failure === null) return { type: 'order.cancel', reason: 'UNDONE' };
  const { step, code } = failure;
  if (step === 'cancel') return { type: 'order.cancel', reason: failure.message };
  if (orderEnd === 'fail') return { type: 'order.fail', reason: code };
  const type = PAYMENT_STEPS.has(step) ? 'order.failPayment' : 'order.cancel';
  return { type, reason: code };
}

function createCharge(input: FulfilmentInput): AuthorizeRequest {
  const { orderId, paymentId, totalMinor, currency } = input;
  return { orderId, paymentId, amountMinor: totalMinor, currency };
}

function createShipmentRequest(input: FulfilmentInput): ShipmentRequest {
  const { orderId, shipmentId, items, shippingAddress } = input;
  const request = { orderId, shipmentId, items };
  return shippingAddress === undefined ? request : { ...request, shippingAddress };
}

function createMail({ orderId, customerEmail }: FulfilmentInput, kind: MailKind): MailRequest {
  return { orderId, to: customerEmail, kind };
}

/** What a step before has brought, by itself or side by side with others: the plan was checked for it. */
function resultOf<Name extends 'authorization' | 'shipment'>(
  results: FulfilmentResults,
  name: Name,
): NonNullable<FulfilmentResults[Name]> {
  const below: SagaOutput['results'] = results.preparation?.results ?? {};
  const result = results[name] ?? (below[name] as FulfilmentResults[Name]);
  if (result === undefined) throw new TypeError(`Expected the step ${name} to be done by now.`);
  return result;
}
