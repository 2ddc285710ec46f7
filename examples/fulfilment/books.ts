// The books at the end: what the bank, the carrier and the post say really happened, beside what the
// shop's own actors have on record. A shop whose books differ has lost something.

import type { Engine } from 'sagawright';
import {
  notificationMachine,
  type OrderState,
  orderMachine,
  paymentMachine,
  shipmentMachine,
  stockId,
  stockMachine,
} from 'sagawright/machines';
import type { Table } from '../table.ts';
import { FULFILMENT, ORDER, STOCK } from './basket.ts';
import { notificationsOf } from './handlers.ts';
import type { Shop } from './shop.ts';

/** One line: what a witness outside says, and what the shop has on record. */
export interface Line {
  readonly what: string;
  readonly outside: number;
  readonly onRecord: number;
}

export interface Books {
  readonly table: Table;
  readonly areEqual: boolean;
}

export async function readBooks({ engine, bank, carrier, post }: Shop): Promise<Books> {
  const payment = await engine.actor(paymentMachine, FULFILMENT.paymentId).snapshot();
  const shipment = await engine.actor(shipmentMachine, FULFILMENT.shipmentId).snapshot();
  const mails = await engine.actor(notificationMachine, notificationsOf(ORDER.orderId)).snapshot();
  const { authorizedMinor, capturedMinor, refundedMinor } = payment.context;
  const money = bank.books();
  const isHeld = payment.matches('AUTHORIZED');
  const sent = Object.values(mails.context.notifications).filter(({ status }) => status === 'sent');
  const isLive = shipment.context.label !== null && !shipment.matches('CANCELLED');
  const lines: readonly Line[] = [
    { what: 'cents captured', outside: money.capturedMinor, onRecord: capturedMinor },
    { what: 'cents refunded', outside: money.refundedMinor, onRecord: refundedMinor },
    { what: 'cents held', outside: money.heldMinor, onRecord: isHeld ? authorizedMinor : 0 },
    { what: 'parcels', outside: carrier.countLive(), onRecord: isLive ? 1 : 0 },
    { what: 'mails', outside: post.sent.length, onRecord: sent.length },
    ...(await readShelves(engine)),
    ...(await readEnd(engine, money.capturedMinor - money.refundedMinor, carrier.countLive())),
  ];
  return compare(lines);
}

/** Holds both sides of each line against each other. */
export function compare(lines: readonly Line[]): Books {
  return {
    table: {
      columns: [
        { title: '' },
        { title: 'outside', format: 'count' },
        { title: 'on record', format: 'count' },
        { title: '' },
      ],
      rows: lines.map(({ what, outside, onRecord }) => [
        what,
        outside,
        onRecord,
        outside === onRecord ? 'equal' : 'DIFFERENT',
      ]),
    },
    areEqual: lines.every(({ outside, onRecord }) => outside === onRecord),
  };
}

/** Pieces that came in, against all that became of them; and those that an ended order still holds. */
async function readShelves(engine: Engine): Promise<readonly Line[]> {
  const shelves = await Promise.all(
    STOCK.map(
      async ({ sku }) => (await engine.actor(stockMachine, stockId(sku)).snapshot()).context,
    ),
  );
  const available = sum(shelves.map((shelf) => shelf.available));
  const gone = sum(shelves.map(({ reserved, sold }) => reserved + sold));
  const received = sum(STOCK.map(({ quantity }) => quantity));
  const ordered = sum(ORDER.items.map(({ quantity }) => quantity));
  const end = await readOutcome(engine);
  return [
    { what: 'pieces', outside: received, onRecord: available + gone },
    ...(end === null
      ? []
      : [{ what: 'pieces gone', outside: end.isFulfilled ? ordered : 0, onRecord: gone }]),
  ];
}

/** What an order leaves behind: one that is fulfilled is paid, of another only an agreed fee is kept. */
async function readEnd(
  engine: Engine,
  keptMinor: number,
  parcels: number,
): Promise<readonly Line[]> {
  const end = await readOutcome(engine);
  if (end === null) return [];
  const { isFulfilled, feeMinor } = end;
  const kept = { what: 'cents kept', outside: keptMinor };
  if (isFulfilled) return [{ ...kept, onRecord: ORDER.totalMinor }];
  return [
    { ...kept, onRecord: feeMinor },
    { what: 'parcels of no order', outside: parcels, onRecord: 0 },
  ];
}

interface Outcome {
  readonly isFulfilled: boolean;
  /** What the customer owes for having cancelled. */
  readonly feeMinor: number;
}

/** Null: the order is on its way, or waits for people, and may hold money and goods or not. */
async function readOutcome(engine: Engine): Promise<Outcome | null> {
  const order = await engine.actor(orderMachine, ORDER.orderId).snapshot();
  const isFulfilled = FULFILLED.some((status) => order.matches(status));
  if (!isFulfilled && order.status === 'active') return null;
  const payment = await engine.actor(paymentMachine, FULFILMENT.paymentId).snapshot();
  const owedMinor = order.context.cancellation?.feeMinor ?? 0;
  return { isFulfilled, feeMinor: payment.context.capturedMinor === 0 ? 0 : owedMinor };
}

const FULFILLED: readonly OrderState[] = ['CONFIRMED', 'SHIPPED', 'DELIVERED', 'COMPLETED'];

function sum(pieces: readonly number[]): number {
  return pieces.reduce((all, each) => all + each, 0);
}
