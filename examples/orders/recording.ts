// The gateway's handlers for a saga that leaves the books to them: what the gateway has done is told to
// the order and its payment, in one commit under the call's own key. A crash in between makes the call
// again under that key; the gateway answers as before, and nothing is recorded twice. Never decides.

import type { Engine, HandlerArgs, HandlerWithReconcile, Transaction } from 'sagawright';
import type {
  OrderCommand,
  OrderMachine,
  PaymentCommand,
  PaymentMachine,
} from 'sagawright/machines';
import type { GatewayHandlers } from './handlers.ts';
import { runRefund } from './run-machines.ts';

/** `order-536365` as `payment-536365`. */
export function paymentIdOf(orderId: string): string {
  return orderId.replace(/^order-/, 'payment-');
}

/** What a call is known by, in an attempt as well as in a question about an earlier one. */
type Call<Input> = Pick<HandlerArgs<Input>, 'input' | 'key' | 'actorId'>;

/** @param getEngine its calls are taken up again before whoever has opened an engine hears of it */
export function recordCalls(
  { chargeCard, reserveStock, voidCharge, refundPayment, ...others }: GatewayHandlers,
  getEngine: () => Promise<Engine>,
): GatewayHandlers {
  const record = async (key: string, tell: (transaction: Transaction) => void): Promise<void> => {
    const engine = await getEngine();
    await engine.transact(tell, { key });
  };
  const charging = recorded(chargeCard, ({ input: { orderId }, key }, { amountMinor, currency }) =>
    record(key, (transaction) => {
      const paid = { chargeKey: key, amountMinor, currency };
      tellPayment(transaction, orderId, { type: 'payment.charge', ...paid });
      tellOrder(transaction, orderId, { type: 'order.completePayment', ...paid });
    }),
  );
  return {
    ...others,
    chargeCard: {
      ...charging,
      run: async (call) => {
        await record(`${call.key}/started`, (transaction) =>
          tellOrder(transaction, call.input.orderId, { type: 'order.startPayment' }),
        );
        return charging.run(call);
      },
    },
    reserveStock: recorded(reserveStock, ({ input, key }) =>
      record(key, (transaction) =>
        tellOrder(transaction, input.orderId, {
          type: 'order.reserveInventory',
          reservationKey: key,
        }),
      ),
    ),
    voidCharge: recorded(voidCharge, ({ input: { undoes }, key }, { refundedMinor }) =>
      record(key, (transaction) => {
        const { orderId, amountMinor, currency } = undoes.input;
        if (refundedMinor === 0) return;
        const charged = { chargeKey: undoes.key, amountMinor, currency };
        const { context } = transaction.snapshot<PaymentMachine>(paymentIdOf(orderId));
        // The reply to the charge was lost: only the gateway's books have it.
        if (context.capturedMinor === 0)
          tellPayment(transaction, orderId, { type: 'payment.charge', ...charged });
        giveBack(transaction, orderId, key, refundedMinor);
      }),
    ),
    refundPayment: recorded(refundPayment, async ({ input, key, actorId }) => {
      const refund = (await getEngine()).actor(runRefund, actorId);
      const { context } = await refund.snapshot();
      await record(key, (transaction) =>
        giveBack(transaction, context.orderId, input.refundId, input.amountMinor),
      );
    }),
  };
}

/** Records what was done, also when only a question has shown that it was. */
function recorded<Input, Output>(
  { run, reconcile }: HandlerWithReconcile<Input, Output>,
  record: (call: Call<Input>, output: Output) => Promise<void>,
): HandlerWithReconcile<Input, Output> {
  return {
    run: async (call) => {
      const output = await run(call);
      await record(call, output);
      return output;
    },
    reconcile: async (call) => {
      const found = (await reconcile?.(call)) ?? 'unknown';
      if (typeof found === 'object') await record(call, found.done);
      return found;
    },
  };
}

function tellOrder(transaction: Transaction, orderId: string, command: OrderCommand): void {
  const { status } = transaction.send<OrderMachine>(orderId, command);
  if (status === 'rejected') checkEnded(transaction, orderId, command.type);
}

function tellPayment(transaction: Transaction, orderId: string, command: PaymentCommand): void {
  const paymentId = paymentIdOf(orderId);
  const { status } = transaction.send<PaymentMachine>(paymentId, command);
  if (status === 'rejected') checkEnded(transaction, paymentId, command.type);
}

/** Only what has ended may refuse: its saga has turned back meanwhile, and undoes the call. */
function checkEnded(transaction: Transaction, id: string, type: string): void {
  const { status, value } = transaction.snapshot(id);
  if (status !== 'active') return;
  throw new Error(`${id}: expected ${type} to be taken, got a refusal in ${JSON.stringify(value)}`);
}

/** Of a charge that is on record. */
function giveBack(
  transaction: Transaction,
  orderId: string,
  refundId: string,
  amountMinor: number,
): void {
  tellPayment(transaction, orderId, { type: 'payment.requestRefund', refundId, amountMinor });
  tellPayment(transaction, orderId, { type: 'payment.completeRefund', refundId });
}
