// The code behind the calls of all fulfilment sagas: first the service outside (bank, carrier, post), by
// the call's key, then the shop's own books, in one commit. Stocks are the shop's own: their call is the
// commit. Never decides what comes next: that is the saga's.

import { type Engine, Rejected } from 'sagawright';
import {
  fulfilItems,
  type MailRequest,
  notificationMachine,
  orderMachine,
  releaseItems,
  reserveItems,
  returnItems,
  shipmentMachine,
} from 'sagawright/machines';
import { undergo } from './faults.ts';
import { createPaymentHandlers } from './payment-handlers.ts';
import { callOff, record, recordUnlessCalledOff, type Told, tellAll } from './records.ts';
import { type Services, type ShopHandlers, toOrder } from './services.ts';

export function createHandlers(services: Services): ShopHandlers {
  return {
    ...createPaymentHandlers(services),
    ...createStockHandlers(services),
    ...createShipmentHandlers(services),
    sendMail: async (call) => {
      const { orderId, to, kind, undoes } = call.input;
      const notifications = notificationsOf(orderId);
      const queued: Told = {
        to: notifications,
        event: { type: 'notification.queue', key: call.key, kind, to },
        isOptional: true,
      };
      const { faults, post, engine } = services;
      await record(engine, `${call.key}/queued`, [queued, ...keptBack(notifications, undoes)]);
      const mails = (await engine).actor(notificationMachine, notifications);
      const { context } = await mails.snapshot();
      const { status = 'cancelled' } = context.notifications[call.key] ?? {};
      if (status === 'cancelled') throw new Rejected('CALLED_OFF');
      try {
        return await undergo(faults, call, async () => {
          const { mailId } = post.send(call.key, { to, kind });
          await record(engine, call.key, [
            { to: notifications, event: { type: 'notification.sent', key: call.key, mailId } },
          ]);
          return { mailId };
        });
      } catch (error) {
        if (error instanceof Rejected) {
          const event = { type: 'notification.fail', key: call.key, reason: error.code } as const;
          await record(engine, `${call.key}/failed`, [{ to: notifications, event }]);
        }
        throw error;
      }
    },
  };
}

/** A mail that is made up for must not go out any more, also if it has not come yet. */
function keptBack(notifications: string, undoes: MailRequest['undoes']): readonly Told[] {
  if (undoes === undefined) return [];
  const { key, input } = undoes;
  const queued = { type: 'notification.queue', key, kind: input.kind, to: input.to } as const;
  return [queued, { type: 'notification.cancel', key } as const].map((event) => ({
    to: notifications,
    event,
    isOptional: true,
  }));
}

/** The address that the mails of an order are kept under. */
export function notificationsOf(orderId: string): string {
  return `notifications-${orderId}`;
}

type StockCall = 'reserveStock' | 'releaseStock' | 'restockItems';

function createStockHandlers(services: Services): Pick<ShopHandlers, StockCall> {
  const { engine, faults } = services;
  return {
    reserveStock: (call) =>
      undergo(faults, call, async () => {
        const { orderId, items } = call.input;
        const reservationKey = call.key;
        const reserving = reserveItems(items, reservationKey);
        const actors = [orderId, ...reserving.map(({ to }) => to)];
        return recordUnlessCalledOff(engine, call.key, actors, (transaction) => {
          // All of them or, by the throw, none.
          for (const { to, event } of reserving) {
            if (transaction.send(to, event).status === 'accepted') continue;
            throw new Rejected('OUT_OF_STOCK', { details: { stock: to } });
          }
          const reserved = { type: 'order.reserveInventory', reservationKey } as const;
          tellAll(transaction, toOrder(services, orderId, reserved));
          return { reservationId: reservationKey };
        });
      }),
    releaseStock: (call) =>
      undergo(faults, call, async () => {
        const { key, input } = call.input.undoes;
        if (await callOff(engine, key)) return { status: 'blocked' };
        const released = releaseItems(input.items, key);
        await record(
          engine,
          call.key,
          // A late success is released a second time: most of it is released already.
          released.map((told) => ({ ...told, isOptional: true })),
        );
        return { status: 'released' };
      }),
    restockItems: (call) =>
      undergo(faults, call, async () => {
        await record(engine, call.key, returnItems(call.input.items));
        return { status: 'restocked' };
      }),
  };
}

type ShipmentCall = 'createShipment' | 'cancelShipment' | 'dispatchShipment';

function createShipmentHandlers(services: Services): Pick<ShopHandlers, ShipmentCall> {
  const { engine, carrier, faults } = services;
  return {
    createShipment: (call) =>
      undergo(faults, call, async () => {
        const { orderId, shipmentId } = call.input;
        const { trackingNumber } = carrier.register(call.key, orderId);
        const label = { carrier: 'Parcel Post', trackingNumber, estimatedDelivery: null };
        await record(engine, call.key, [
          { to: shipmentId, event: { type: 'shipment.label', ...label } },
          ...toOrder(services, orderId, {
            type: 'order.noteShipment',
            shipmentId,
            trackingNumber,
          }),
        ]);
        return label;
      }),
    cancelShipment: (call) =>
      undergo(faults, call, async () => {
        const { shipmentId, undoes } = call.input;
        const status =
          undoes === undefined
            ? carrier.callOffParcel(call.key, await trackingOf(await engine, shipmentId))
            : carrier.callOff(call.key, undoes.key);
        const event = { type: 'shipment.cancel', reason: 'the order is cancelled' } as const;
        await record(engine, call.key, [{ to: shipmentId, event, isOptional: true }]);
        return { status };
      }),
    dispatchShipment: (call) =>
      undergo(faults, call, async () => {
        const { orderId, shipmentId, trackingNumber } = call.input;
        carrier.fetch(call.key, trackingNumber);
        const order = (await engine).actor(orderMachine, orderId);
        await (await engine).transact(
          (transaction) => {
            const { items, reservationKey } = transaction.snapshot(order).context;
            tellAll(transaction, [
              ...fulfilItems(items, reservationKey ?? ''),
              { to: shipmentId, event: { type: 'shipment.dispatch' } },
              { to: orderId, event: { type: 'order.ship', shipmentId, trackingNumber } },
            ]);
          },
          { key: call.key },
        );
        return { trackingNumber };
      }),
  };
}

async function trackingOf(engine: Engine, shipmentId: string): Promise<string> {
  const { context } = await engine.actor(shipmentMachine, shipmentId).snapshot();
  return context.label?.trackingNumber ?? '';
}
