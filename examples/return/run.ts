// One return from start to end: an order is fulfilled and delivered, then its saga takes it back, or not,
// as the inspection says. Tells it as a timeline, with the books, and says whether they are equal.

import type { SagaOutput } from 'sagawright';
import {
  approvalMachine,
  notificationMachine,
  orderMachine,
  paymentMachine,
  stockId,
  stockMachine,
} from 'sagawright/machines';
import { ORDER, STOCK } from '../fulfilment/basket.ts';
import { type Books, compare } from '../fulfilment/books.ts';
import { EXAMPLES } from '../fulfilment/fulfilments.ts';
import { notificationsOf } from '../fulfilment/handlers.ts';
import { openShop, placeOrder, type Shop } from '../fulfilment/shop.ts';
import { readTimeline } from '../fulfilment/timeline.ts';
import type { Print } from '../program.ts';
import { type RenderOptions, renderTable } from '../table.ts';
import type { ReturnOptions } from './options.ts';
import { processing, RETURN, RETURN_ID } from './return.ts';

export interface Ended {
  /** How the saga has ended, and where the order stands. */
  readonly saga: string;
  readonly order: string;
  /** Whether the books are equal, and the journal agrees. */
  readonly isWhole: boolean;
}

export async function runReturn(
  { inspection, db }: ReturnOptions,
  print: Print,
  look: RenderOptions = {},
): Promise<Ended> {
  const fulfilment = EXAMPLES['parallel'];
  if (fulfilment === undefined) throw new Error('Expected the example parallel.');
  const others = [processing, approvalMachine];
  const shop = await openShop(fulfilment, { db, faults: new Map(), others });
  try {
    await placeOrder(shop, fulfilment);
    const { status, failure } = await takeBack(shop, inspection);
    print(renderTable(await readTimeline(shop.engine, RETURN_ID), look));
    const order = await shop.engine.actor(orderMachine, ORDER.orderId).snapshot();
    print(`\nThe return is ${status}${failure === null ? '.' : `: ${failure.message}`}`);
    print(`The order went ${order.context.history.join(' → ')}.\n`);
    const { table, areEqual } = await readBooks(shop, status === 'completed');
    print(renderTable(table, look));
    const { mismatches } = await shop.engine.verify();
    const isVerified = mismatches.length === 0;
    print(
      `\n${areEqual ? 'The books are equal' : 'THE BOOKS DIFFER'}; the journal ${isVerified ? 'agrees with every actor' : 'DISAGREES'}.`,
    );
    return { saga: status, order: String(order.value), isWhole: areEqual && isVerified };
  } finally {
    await shop.engine.stop();
  }
}

/** How long somebody is waited for who does not come. */
const SOON_MS = 300;

/** The customer sends it back, and somebody looks at it. */
async function takeBack(
  { engine }: Shop,
  inspection: ReturnOptions['inspection'],
): Promise<Pick<SagaOutput, 'failure' | 'status'>> {
  const { context } = await engine.actor(orderMachine, ORDER.orderId).snapshot();
  const inspectionMs = inspection === 'none' ? SOON_MS : RETURN.inspectionMs;
  const input = { ...RETURN, inspectionMs, chargeKey: context.chargeKey ?? '' };
  const saga = await engine.start(processing, { id: RETURN_ID, input });
  const inspected = engine.actor(approvalMachine, `${RETURN_ID}/inspection`);
  const by = 'the returns desk';
  if (inspection !== 'none') {
    await saga.waitFor({ fulfilling: 'INSPECTING' });
    const reason = 'it was worn';
    await inspected.send(
      inspection === 'approve'
        ? { type: 'approval.approve', by }
        : { type: 'approval.reject', by, reason },
    );
  }
  return saga.result();
}

/** What bank, shelves and post say, against what the shop has on record and what the return's end asks for. */
async function readBooks({ engine, bank, post }: Shop, isReturned: boolean): Promise<Books> {
  const payment = await engine.actor(paymentMachine, RETURN.paymentId).snapshot();
  const mails = await engine.actor(notificationMachine, notificationsOf(ORDER.orderId)).snapshot();
  const shelves = await Promise.all(
    STOCK.map(
      async ({ sku }) => (await engine.actor(stockMachine, stockId(sku)).snapshot()).context,
    ),
  );
  const { capturedMinor, refundedMinor } = payment.context;
  const money = bank.books();
  const sent = Object.values(mails.context.notifications).filter(({ status }) => status === 'sent');
  const sold = sum(ORDER.items.map(({ quantity }) => quantity));
  const received = sum(STOCK.map(({ quantity }) => quantity));
  return compare([
    { what: 'cents captured', outside: money.capturedMinor, onRecord: capturedMinor },
    { what: 'cents refunded', outside: money.refundedMinor, onRecord: refundedMinor },
    {
      what: 'cents kept',
      outside: money.capturedMinor - money.refundedMinor,
      onRecord: isReturned ? 0 : ORDER.totalMinor,
    },
    {
      what: 'pieces on the shelf',
      outside: isReturned ? received : received - sold,
      onRecord: sum(shelves.map(({ available }) => available)),
    },
    {
      what: 'pieces sold',
      outside: isReturned ? 0 : sold,
      onRecord: sum(shelves.map((shelf) => shelf.sold)),
    },
    { what: 'mails', outside: post.sent.length, onRecord: sent.length },
  ]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
