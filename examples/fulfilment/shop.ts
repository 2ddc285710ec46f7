// The shop of these examples: an engine with the actors of the trade, the services outside, one order and
// the saga that fulfils it. Opens, places, cancels, waits until all stands still; what happens in between
// is the saga's.

import {
  type ActorClient,
  type ActorSnapshot,
  type Engine,
  openEngine,
  Rejected,
} from 'sagawright';
import {
  notificationMachine,
  orderMachine,
  paymentMachine,
  shipmentMachine,
  stockId,
} from 'sagawright/machines';
import { memoryStore, sqliteStore } from 'sagawright/store';
import type { AnyStateMachine } from 'xstate';
import { Bank } from './bank.ts';
import { FULFILMENT, ORDER, SAGA_ID, STOCK } from './basket.ts';
import { Carrier } from './carrier.ts';
import type { Faults } from './faults.ts';
import { createHandlers, notificationsOf } from './handlers.ts';
import { Post } from './post.ts';
import { tellAll } from './records.ts';
import { callsOf } from './services.ts';
import { SHOP_MACHINES } from './shop-machines.ts';

/** One way to fulfil an order. */
export interface Fulfilment {
  readonly saga: AnyStateMachine;
  /** What the saga is started with. */
  readonly input: unknown;
  /** Whether it tells the order of each step by itself. Default: the handlers do. */
  readonly tellsOrder?: boolean;
  /** What else happens in the world while the saga is at work. */
  readonly accompany?: (shop: Shop, snapshot: ActorSnapshot) => void;
}

export interface ShopOptions {
  /** A SQLite file that is not there yet; null: in memory. */
  readonly db: string | null;
  /** What goes wrong, by the name of the step. */
  readonly faults: Faults['bySteps'];
  /** More sagas that work here. Default: none. */
  readonly others?: readonly AnyStateMachine[];
}

export interface Shop {
  readonly engine: Engine;
  readonly bank: Bank;
  readonly carrier: Carrier;
  readonly post: Post;
  readonly saga: ActorClient<AnyStateMachine>;
}

/** Opens the shop, and fills its shelves. */
export async function openShop(
  { saga, tellsOrder = false }: Fulfilment,
  { db, faults, others = [] }: ShopOptions,
): Promise<Shop> {
  const services = { bank: new Bank(), carrier: new Carrier(), post: new Post() };
  const { promise, resolve } = Promise.withResolvers<Engine>();
  const cancel = async (): Promise<void> => cancelOrder(await promise);
  const troubles = { bySteps: faults, cancel };
  const handlers = createHandlers({
    ...services,
    faults: troubles,
    engine: promise,
    tellsOrder: !tellsOrder,
  });
  const calls = new Set([saga, ...others].flatMap((each) => [...callsOf(each)]));
  const engine = await openEngine({
    store: db === null ? memoryStore() : sqliteStore(db),
    machines: [...SHOP_MACHINES, saga, ...others],
    handlers: Object.fromEntries(Object.entries(handlers).filter(([name]) => calls.has(name))),
  });
  resolve(engine);
  await engine.transact((transaction) => {
    const received = STOCK.map(({ sku, quantity }) => ({
      to: stockId(sku),
      event: { type: 'stock.receive', quantity } as const,
    }));
    tellAll(transaction, received);
  });
  return { engine, ...services, saga: engine.actor(saga, SAGA_ID) };
}

/** The order and all that belongs to it come into being in one commit, and the saga takes over. */
export async function placeOrder(
  shop: Shop,
  { saga, input, accompany }: Fulfilment,
): Promise<ActorSnapshot> {
  const { engine } = shop;
  const { orderId, totalMinor: amountMinor, currency } = ORDER;
  const { paymentId, shipmentId } = FULFILMENT;
  await engine.transact((transaction) => {
    transaction.start(orderMachine, { id: orderId, input: ORDER });
    const payment = { paymentId, orderId, amountMinor, currency };
    transaction.start(paymentMachine, { id: paymentId, input: payment });
    transaction.start(shipmentMachine, { id: shipmentId, input: { shipmentId, orderId } });
    transaction.start(notificationMachine, { id: notificationsOf(orderId), input: { orderId } });
    transaction.start(saga, { id: SAGA_ID, input });
  });
  if (accompany !== undefined) {
    shop.saga.subscribe((snapshot) => accompany(shop, snapshot));
    accompany(shop, await shop.saga.snapshot());
  }
  return waitForRest(shop);
}

/**
 * The customer cancels: the order agrees, and the saga turns back, or neither does. A second time is too
 * late, and so is once the saga is past its point of no return: then all goes on as if nobody had asked.
 */
async function cancelOrder(engine: Engine): Promise<void> {
  const reason = 'the customer has changed their mind';
  try {
    await engine.transact((transaction) => {
      const agreed = transaction.send(ORDER.orderId, { type: 'order.requestCancellation', reason });
      if (agreed.status === 'rejected') return;
      const stopped = transaction.send(SAGA_ID, { type: 'CANCEL', reason });
      if (stopped.status === 'rejected') throw new Rejected('TOO_LATE');
    });
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
  }
}

/**
 * People have mended what was wrong, and the saga that waits tries again.
 * @param waiting the saga, or one below it
 */
export async function retry(shop: Shop, waiting: ActorSnapshot): Promise<ActorSnapshot> {
  await shop.engine.transact((transaction) => {
    transaction.send(waiting.id, { type: 'RETRY' });
  });
  return waitForRest(shop);
}

/** The saga at its end; or, if people are waited for, the one that waits: itself, or one below it. */
async function waitForRest({ engine, saga }: Shop): Promise<ActorSnapshot> {
  const { promise: attention, resolve } = Promise.withResolvers<void>();
  const watching = engine.inspect((event) => {
    const isOurs = event.type === '@xstate.snapshot' && event.rootId === SAGA_ID;
    if (isOurs && 'value' in event.snapshot && event.snapshot.value === WAITING) resolve();
  });
  try {
    // It may have come to rest before it was watched.
    if ((await findWaiting(engine)) === null) await Promise.race([attention, saga.result()]);
    return (await findWaiting(engine)) ?? (await saga.snapshot());
  } finally {
    watching.unsubscribe();
  }
}

/** There is one order in this shop, so whoever waits works for it. */
async function findWaiting(engine: Engine): Promise<ActorSnapshot | null> {
  for await (const { id } of engine.list({ state: WAITING, status: 'active' })) {
    return (await engine.read([id]))[0] ?? null;
  }
  return null;
}

/** The state of every saga that waits for people. */
const WAITING = 'needsAttention';
