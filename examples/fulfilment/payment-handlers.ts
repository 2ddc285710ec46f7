// The calls that move money: the bank first, by the call's key, then the payment and the order on record,
// in one commit. What goes back is set aside on the payment before it is given back, so that the amount
// is the same in every try, and two of them never give back more than was taken.

import { type HandlerArgs, Rejected, type Transaction } from 'sagawright';
import { orderMachine, paymentMachine, type RefundInput } from 'sagawright/machines';
import { undergo } from './faults.ts';
import { record, tellAll } from './records.ts';
import { type Services, type ShopHandlers, toOrder } from './services.ts';

type PaymentCall =
  | 'chargeCard'
  | 'voidCharge'
  | 'authorizePayment'
  | 'voidAuthorization'
  | 'capturePayment'
  | 'refundPayment';

/** Where the payment of an order is kept, if its saga does not say. */
function paymentOf(orderId: string): string {
  return `payment-${orderId}`;
}

export function createPaymentHandlers(services: Services): Pick<ShopHandlers, PaymentCall> {
  return { ...createTakingHandlers(services), ...createGivingBackHandlers(services) };
}

type TakingCall = 'chargeCard' | 'authorizePayment' | 'capturePayment';

function createTakingHandlers(services: Services): Pick<ShopHandlers, TakingCall> {
  const { bank, engine, faults } = services;
  return {
    chargeCard: (call) =>
      paying(services, call, async () => {
        const { orderId, paymentId = paymentOf(orderId), amountMinor, currency } = call.input;
        const chargeKey = call.key;
        const charge = bank.charge(call.key, { amountMinor, currency });
        const paid = { chargeKey, amountMinor, currency };
        await record(engine, call.key, [
          { to: paymentId, event: { type: 'payment.charge', ...paid } },
          ...toOrder(services, orderId, { type: 'order.completePayment', ...paid }),
        ]);
        return charge;
      }),
    authorizePayment: (call) =>
      paying(services, call, async () => {
        const { orderId, paymentId, amountMinor, currency } = call.input;
        const authorizationKey = call.key;
        const { authorizationId } = bank.authorize(call.key, { amountMinor, currency });
        const held = { authorizationKey, amountMinor, currency };
        await record(engine, call.key, [
          { to: paymentId, event: { type: 'payment.authorize', ...held } },
          ...toOrder(services, orderId, { type: 'order.authorizePayment', ...held }),
        ]);
        return { authorizationId, ...held };
      }),
    capturePayment: (call) =>
      undergo(faults, call, async () => {
        const { orderId, paymentId, authorizationKey, amountMinor, currency } = call.input;
        const { captureId } = bank.capture(call.key, authorizationKey);
        const paid = { chargeKey: call.key, amountMinor, currency };
        await record(engine, call.key, [
          { to: paymentId, event: { type: 'payment.capture', captureKey: call.key, amountMinor } },
          ...toOrder(services, orderId, { type: 'order.completePayment', ...paid }),
        ]);
        return { captureId, amountMinor, currency };
      }),
  };
}

/** A first payment of an order: the order is told before, and the payment if the card is declined. */
async function paying<Output>(
  services: Services,
  call: HandlerArgs<{ readonly orderId: string; readonly paymentId?: string }>,
  act: () => Promise<Output>,
): Promise<Output> {
  const { engine, faults } = services;
  const { orderId, paymentId = paymentOf(orderId) } = call.input;
  const started = toOrder(services, orderId, { type: 'order.startPayment' });
  await record(engine, `${call.key}/started`, started);
  try {
    return await undergo(faults, call, act);
  } catch (error) {
    if (error instanceof Rejected) {
      const event = { type: 'payment.decline', reason: error.code } as const;
      await record(engine, `${call.key}/declined`, [{ to: paymentId, event, isOptional: true }]);
    }
    throw error;
  }
}

type GivingBackCall = 'voidCharge' | 'voidAuthorization' | 'refundPayment';

function createGivingBackHandlers(services: Services): Pick<ShopHandlers, GivingBackCall> {
  const { bank, engine, faults } = services;
  return {
    voidCharge: (call) =>
      undergo(faults, call, async () => {
        const { key: chargeKey, input } = call.input.undoes;
        const { orderId, paymentId = paymentOf(orderId), amountMinor, currency } = input;
        const order = (await engine).actor(orderMachine, orderId);
        const payment = (await engine).actor(paymentMachine, paymentId);
        // A fee that was agreed stays here; what is to go back is fixed now, whenever it is tried.
        const keepMinor = await (await engine).transact(
          (transaction) => transaction.snapshot(order).context.cancellation?.feeMinor ?? 0,
          { key: `${call.key}/fee` },
        );
        const { refundedMinor, capturedMinor } = bank.void(call.key, chargeKey, keepMinor);
        await (await engine).transact(
          (transaction) => {
            // The reply to the charge was lost, but the bank has it: so it was made.
            const isOnRecord = transaction.snapshot(payment).context.capturedMinor > 0;
            const charged = { type: 'payment.charge', chargeKey, amountMinor, currency } as const;
            if (capturedMinor > 0 && !isOnRecord)
              tellAll(transaction, [{ to: paymentId, event: charged }]);
            giveBack(transaction, paymentId, call.key, refundedMinor);
            if (capturedMinor > 0) return;
            const event = { type: 'payment.void', reason: 'the order is undone' } as const;
            tellAll(transaction, [{ to: paymentId, event, isOptional: true }]);
          },
          { key: call.key },
        );
        return { refundedMinor };
      }),
    voidAuthorization: (call) =>
      undergo(faults, call, async () => {
        const { key, input } = call.input.undoes;
        const { status } = bank.void(call.key, key);
        const event = { type: 'payment.void', reason: 'the order is undone' } as const;
        await record(engine, call.key, [{ to: input.paymentId, event, isOptional: true }]);
        return { status: status === 'blocked' ? 'blocked' : 'voided' };
      }),
    refundPayment: (call) =>
      undergo(faults, call, async () => {
        const { refundId, chargeKey, amountMinor, paymentId = '' } = call.input;
        const requested = { type: 'payment.requestRefund', refundId, amountMinor } as const;
        await (await engine).transact(
          (transaction) => {
            // Nothing has moved yet: this no is a definite one.
            const { status } = transaction.send(paymentId, requested);
            if (status === 'rejected') throw new Rejected('NOT_REFUNDABLE');
          },
          { key: `${call.key}/requested` },
        );
        const refund = await refunding(services, call, () =>
          bank.refund(call.key, chargeKey, amountMinor),
        );
        const completed = { type: 'payment.completeRefund', refundId } as const;
        await record(engine, call.key, [{ to: paymentId, event: completed }]);
        return { paymentId: refund.refundId, amountMinor };
      }),
  };
}

/** What the bank does not give back is set aside no more. */
async function refunding<Output>(
  { engine }: Services,
  { key, input: { refundId, paymentId = '' } }: HandlerArgs<RefundInput>,
  act: () => Output,
): Promise<Output> {
  try {
    return act();
  } catch (error) {
    if (error instanceof Rejected) {
      const event = { type: 'payment.failRefund', refundId, reason: error.code } as const;
      await record(engine, `${key}/failed`, [{ to: paymentId, event }]);
    }
    throw error;
  }
}

function giveBack(
  transaction: Transaction,
  paymentId: string,
  refundId: string,
  amountMinor: number,
): void {
  if (amountMinor === 0) return;
  tellAll(transaction, [
    { to: paymentId, event: { type: 'payment.requestRefund', refundId, amountMinor } },
    { to: paymentId, event: { type: 'payment.completeRefund', refundId } },
  ]);
}
