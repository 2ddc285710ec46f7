// One order and one saga that works on it, in an engine on virtual time: the handlers do as the ledger
// says and record on the order what they have done, unless a test has a call go wrong. Never decides
// what must come of it.

import {
  type ActorClient,
  type Engine,
  type HandlerArgs,
  Rejected,
  type SagaMachine,
} from 'sagawright';
import {
  type CallName,
  type CancellationInput,
  type FulfilmentInput,
  type MailKind,
  type OrderCommand,
  type OrderInput,
  orderMachine,
  type ReturnInput,
} from 'sagawright/machines';
import { EngineWorld } from '../support/engine-world.ts';
import { FulfilmentLedger } from './fulfilment-ledger.ts';

/** How a call goes wrong; each is tried until its attempts are used up. */
export const WAYS = [
  'is refused',
  'breaks before',
  'breaks after',
  'hangs before',
  'hangs after',
] as const;
export type Way = (typeof WAYS)[number];

/** Every call that these sagas make. */
type Call = CallName | 'refundPayment' | 'restockItems';

interface CallInput {
  readonly kind?: MailKind;
  readonly undoes?: { readonly key: string };
  readonly amountMinor?: number;
}

const STEPS: Readonly<Record<Exclude<Call, 'sendMail'>, string>> = {
  chargeCard: 'payment',
  voidCharge: 'payment',
  authorizePayment: 'authorization',
  voidAuthorization: 'authorization',
  capturePayment: 'capture',
  reserveStock: 'inventory',
  releaseStock: 'inventory',
  createShipment: 'shipment',
  cancelShipment: 'shipment',
  dispatchShipment: 'dispatch',
  refundPayment: 'refund',
  restockItems: 'restock',
};
const MAILS: Readonly<Record<MailKind, string>> = {
  confirmation: 'confirmationMail',
  cancellation: 'confirmationMail',
  receipt: 'receipt',
  shippingNotice: 'shippingNotice',
  deliveryNotice: 'deliveryNotice',
  returned: 'mail',
};

export const orderInput: OrderInput = {
  orderId: 'order-1',
  currency: 'GBP',
  totalMinor: 13_912,
  items: [{ sku: '85123A', quantity: 6 }],
  cancellation: { feePercent: '10' },
};
export const fulfilmentInput: FulfilmentInput = {
  orderId: 'order-1',
  paymentId: 'payment-order-1',
  shipmentId: 'shipment-order-1',
  customerEmail: 'customer@example.com',
  currency: 'GBP',
  totalMinor: 13_912,
  items: [{ sku: '85123A', quantity: 6 }],
};

export const cancellationInput: CancellationInput = {
  ...fulfilmentInput,
  reservationKey: 'saga-0:inventory/1',
  chargeKey: 'saga-0:payment/1',
  capturedMinor: 13_912,
  feeMinor: 1_391,
  reason: 'too late',
};
export const returnInput: ReturnInput = {
  ...fulfilmentInput,
  returnId: 'return-1',
  chargeKey: 'saga-0:payment/1',
  refundMinor: 13_912,
  reason: 'does not fit',
  inspectionMs: 86_400_000,
};

const money = { amountMinor: 13_912, currency: 'GBP' };
const parcel = { shipmentId: 'shipment-order-1', trackingNumber: 'track-1' };

/** What each call brings, if its output means anything to the saga. */
const OUTPUTS: Readonly<Partial<Record<Call, (key: string) => unknown>>> = {
  chargeCard: () => ({ chargeId: 'charge-1', ...money }),
  authorizePayment: (key) => ({ authorizationId: 'hold-1', authorizationKey: key, ...money }),
  createShipment: () => ({
    carrier: 'post',
    trackingNumber: 'track-1',
    estimatedDelivery: null,
  }),
};

/** What the order hears of a call before it is made, and after it was done. */
const BEFORE: Readonly<Partial<Record<Call, OrderCommand>>> = {
  chargeCard: { type: 'order.startPayment' },
  authorizePayment: { type: 'order.startPayment' },
};
const AFTER: Readonly<Partial<Record<Call, (key: string) => OrderCommand>>> = {
  chargeCard: (key) => ({ type: 'order.completePayment', chargeKey: key, ...money }),
  authorizePayment: (key) => ({
    type: 'order.authorizePayment',
    authorizationKey: key,
    ...money,
  }),
  capturePayment: (key) => ({ type: 'order.completePayment', chargeKey: key, ...money }),
  reserveStock: (key) => ({ type: 'order.reserveInventory', reservationKey: key }),
  createShipment: () => ({ type: 'order.noteShipment', ...parcel }),
  dispatchShipment: () => ({ type: 'order.ship', ...parcel }),
};

export class FulfilmentWorld implements AsyncDisposable {
  readonly world: EngineWorld;
  readonly ledger: FulfilmentLedger = new FulfilmentLedger();
  /** By step, or `undo step`: how its calls go wrong. */
  readonly faults: Map<string, Way> = new Map();
  /** By step: what its calls wait for. */
  readonly gates: Map<string, Promise<void>> = new Map();
  /** By step: what the order is told besides, when its call is done. */
  readonly meddling: Map<string, OrderCommand> = new Map();
  readonly #saga: SagaMachine<never, never>;

  constructor(saga: object) {
    this.#saga = saga as SagaMachine<never, never>;
    const used = callsOf(saga);
    const calls = ([...Object.keys(STEPS), 'sendMail'] as Call[]).filter((call) => used.has(call));
    const handlers = Object.fromEntries(
      calls.map((call) => [call, (args: HandlerArgs<CallInput>) => this.#run(call, args)]),
    );
    this.world = new EngineWorld({ machines: [this.#saga, orderMachine], handlers });
  }

  get engine(): Engine {
    return this.world.engine;
  }

  get saga(): ActorClient<SagaMachine<never, never>> {
    return this.engine.actor(this.#saga, 'saga-1');
  }

  /** Starts the order, tells it some commands, and starts the saga. */
  async start(input: object, commands: readonly OrderCommand[] = []): Promise<void> {
    await this.world.open();
    const order = await this.engine.start(orderMachine, { id: 'order-1', input: orderInput });
    for (const command of commands) await order.send(command);
    await this.engine.start(this.#saga as never, { id: 'saga-1', input } as never);
    await this.world.time.settle();
  }

  async advance(byMs: number): Promise<void> {
    await this.world.time.advance(byMs);
    await this.world.time.settle();
  }

  /** Sends an event to the saga or to a child of it, and answers with the receipt's status. */
  async send(
    event: { readonly type: string; [name: string]: unknown },
    id = 'saga-1',
  ): Promise<string> {
    const { status } = await this.engine.actor(this.#saga, id).send(event as never);
    await this.world.time.settle();
    return status;
  }

  /** The saga's status once it has ended; else its state, or its child's that waits for people. */
  async end(): Promise<string> {
    const { status, output, value } = await this.saga.snapshot();
    if (status === 'done') return (output as { readonly status: string }).status;
    return (await this.waiting()) !== null ? 'needsAttention' : JSON.stringify(value);
  }

  /** The actor that waits for people. */
  async waiting(): Promise<string | null> {
    for await (const { id } of this.engine.list({ state: 'needsAttention' })) return id;
    return null;
  }

  async order(): Promise<{ readonly state: string; readonly reason: string | null }> {
    const { value, context } = await this.engine.actor(orderMachine, 'order-1').snapshot();
    return { state: String(value), reason: context.ending?.reason ?? null };
  }

  async #run(call: Call, { input, key, signal }: HandlerArgs<CallInput>): Promise<unknown> {
    const isUndo = input.undoes !== undefined || call.startsWith('void');
    const step = call === 'sendMail' ? MAILS[input.kind ?? 'receipt'] : STEPS[call];
    const way = this.faults.get(isUndo ? `undo ${step}` : step);
    if (way === 'is refused') throw new Rejected('NO');
    if (way?.endsWith('before')) return goWrong(way, signal);
    if (!isUndo) await this.#tell(BEFORE[call], `${key}/before`);
    await this.gates.get(isUndo ? `undo ${step}` : step);
    this.#act(call, step, key, input);
    if (way !== undefined) return goWrong(way, signal);
    if (!isUndo) await this.#tell(AFTER[call]?.(key), `${key}/after`);
    if (!isUndo) await this.#tell(this.meddling.get(step), `${key}/meddling`);
    return OUTPUTS[call]?.(key) ?? null;
  }

  #act(call: Call, step: string, key: string, { undoes, amountMinor = 0 }: CallInput): void {
    if (undoes !== undefined) this.ledger.giveBack(undoes.key);
    else if (call === 'cancelShipment') this.ledger.giveBackAll(step);
    else if (call === 'refundPayment') this.ledger.refund(key, amountMinor);
    else this.ledger.take(step, key);
  }

  /** In the commit of the call's own key, so that an attempt more says nothing twice. */
  async #tell(command: OrderCommand | undefined, key: string): Promise<void> {
    if (command === undefined) return;
    await this.engine.transact((tx) => void tx.send<typeof orderMachine>('order-1', command), {
      key,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

/** Names of all that a machine invokes, and the machines below it. */
function callsOf(machine: object): ReadonlySet<string> {
  const { implementations } = machine as {
    readonly implementations?: { readonly actors: Readonly<Record<string, object>> };
  };
  const actors = Object.entries(implementations?.actors ?? {});
  return new Set(actors.flatMap(([name, logic]) => [name, ...callsOf(logic)]));
}

function goWrong(way: Way, signal: AbortSignal): Promise<never> {
  if (way.startsWith('breaks')) return Promise.reject(new Error('The line is dead.'));
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('No answer came.')));
  });
}
