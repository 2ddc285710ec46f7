// The handlers of the fulfilment examples where what the services outside say and what the shop's books
// take are not the same: nothing that was done may count as not done, and nothing stays set aside.

import { type ActorId, type EffectHandler, type Engine, openEngine, Rejected } from 'sagawright';
import { notificationMachine, orderMachine, paymentMachine } from 'sagawright/machines';
import { memoryStore } from 'sagawright/store';
import { describe, expect, it } from 'vitest';
import { Bank } from '../../examples/fulfilment/bank.ts';
import { FULFILMENT, ORDER } from '../../examples/fulfilment/basket.ts';
import { Carrier } from '../../examples/fulfilment/carrier.ts';
import { createHandlers, notificationsOf } from '../../examples/fulfilment/handlers.ts';
import { Post } from '../../examples/fulfilment/post.ts';
import type { ShopHandlers } from '../../examples/fulfilment/services.ts';
import { SHOP_MACHINES } from '../../examples/fulfilment/shop-machines.ts';

const { orderId, totalMinor: amountMinor, currency } = ORDER;
const { paymentId } = FULFILMENT;
const charge = { orderId, paymentId, amountMinor, currency };
const MAIL = 'saga-1:confirmationMail/1';
const mail = { orderId, to: FULFILMENT.customerEmail } as const;

class HandlersWorld implements AsyncDisposable {
  readonly engine: Engine;
  readonly bank: Bank = new Bank();
  readonly post: Post = new Post();
  readonly handlers: ShopHandlers;

  private constructor(engine: Engine) {
    this.engine = engine;
    const faults = { bySteps: new Map(), cancel: () => Promise.resolve() };
    this.handlers = createHandlers({
      bank: this.bank,
      carrier: new Carrier(),
      post: this.post,
      faults,
      engine: Promise.resolve(engine),
      tellsOrder: true,
    });
  }

  /** The order is there, and its payment, in which nothing has been done. */
  static async open(): Promise<HandlersWorld> {
    const engine = await openEngine({ store: memoryStore(), machines: SHOP_MACHINES });
    await engine.transact((transaction) => {
      transaction.start(orderMachine, { id: orderId, input: ORDER });
      transaction.start(paymentMachine, { id: paymentId, input: charge });
      transaction.start(notificationMachine, { id: notificationsOf(orderId), input: { orderId } });
    });
    await engine.actor(orderMachine, orderId).send({ type: 'order.process' });
    return new HandlersWorld(engine);
  }

  async payment() {
    return (await this.engine.actor(paymentMachine, paymentId).snapshot()).context;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.stop();
  }
}

/** Makes a call of a saga, as the engine does. */
async function call<Input, Output>(
  handler: EffectHandler<Input, Output>,
  key: string,
  input: Input,
): Promise<Output> {
  const run = typeof handler === 'function' ? handler : handler.run;
  const { signal } = new AbortController();
  return run({ key, input, attempt: 1, actorId: 'saga-1' as ActorId, signal });
}

describe('the payment of an order', () => {
  it('can be given back under the key of its capture', async () => {
    await using world = await HandlersWorld.open();
    const { handlers, bank } = world;
    const held = await call(handlers.authorizePayment, 'saga-1:authorization/1', charge);
    await call(handlers.capturePayment, 'saga-1:capture/1', { ...charge, ...held });
    const { captureKey } = await world.payment();
    const refund = { refundId: 'return-1', chargeKey: captureKey ?? '', paymentId, amountMinor: 1 };
    await call(handlers.refundPayment, 'return-1:refund/1', refund);
    expect(bank.books()).toEqual({ capturedMinor: amountMinor, refundedMinor: 1, heldMinor: 0 });
    expect((await world.payment()).refundedMinor).toBe(1);
  });

  it('has nothing set aside for a refund that the bank has refused', async () => {
    await using world = await HandlersWorld.open();
    const { handlers, bank } = world;
    await call(handlers.chargeCard, 'saga-1:payment/1', charge);
    const refund = { refundId: 'return-1', chargeKey: 'saga-1:payment/1', paymentId, amountMinor };
    const wrong = call(handlers.refundPayment, 'return-1:refund/1', {
      ...refund,
      chargeKey: 'another',
    });
    await expect(wrong).rejects.toThrow(Rejected);
    expect((await world.payment()).refunds).toEqual({});
    await call(handlers.refundPayment, 'return-1:refund/2', refund);
    expect(bank.books().refundedMinor).toBe(amountMinor);
    expect((await world.payment()).refundedMinor).toBe(amountMinor);
  });

  it('is refused for good when more is to be given back than was taken', async () => {
    await using world = await HandlersWorld.open();
    const { handlers, bank } = world;
    await call(handlers.chargeCard, 'saga-1:payment/1', charge);
    const refund = { refundId: 'return-1', chargeKey: 'saga-1:payment/1', paymentId };
    const tooMuch = call(handlers.refundPayment, 'return-1:refund/1', {
      ...refund,
      amountMinor: amountMinor + 1,
    });
    await expect(tooMuch).rejects.toThrow(Rejected);
    expect(bank.books().refundedMinor).toBe(0);
  });

  it.each(['chargeCard', 'authorizePayment'] as const)(
    'that the books do not take is in doubt and not refused: %s has happened',
    async (name) => {
      await using world = await HandlersWorld.open();
      const { handlers, bank, engine } = world;
      await engine.actor(paymentMachine, paymentId).send({ type: 'payment.void', reason: 'wrong' });
      const key = 'saga-1:payment/1';
      const made: Promise<unknown> =
        name === 'chargeCard'
          ? call(handlers.chargeCard, key, charge)
          : call(handlers.authorizePayment, key, charge);
      const error: unknown = await made.catch((thrown: unknown) => thrown);
      const { capturedMinor, heldMinor } = bank.books();
      expect(capturedMinor + heldMinor).toBe(amountMinor);
      expect(error).toBeInstanceOf(Error);
      // A refusal would say that there is nothing to undo.
      expect(error).not.toBeInstanceOf(Rejected);
    },
  );
});

describe('a mail that was made up for', () => {
  it.each([false, true])('goes out no more, queued before: %s', async (isQueued) => {
    await using world = await HandlersWorld.open();
    const { handlers, engine, post } = world;
    if (isQueued) {
      const queued = { type: 'notification.queue', kind: 'confirmation', to: mail.to } as const;
      await engine.transact(
        (tx) => void tx.send(notificationsOf(orderId), { ...queued, key: MAIL }),
        { key: `${MAIL}/queued` },
      );
    }
    const confirmation = { ...mail, kind: 'confirmation' } as const;
    const undoes = { key: MAIL, input: confirmation, outcome: 'unknown' } as const;
    await call(handlers.sendMail, `${MAIL}/undo/1`, { ...mail, kind: 'cancellation', undoes });
    await expect(call(handlers.sendMail, MAIL, confirmation)).rejects.toThrow(Rejected);
    expect(post.sent.map(({ kind }) => kind)).toEqual(['cancellation']);
  });
});
