// What the clients of one simulated run ask for: tallies, jobs and orders started at random moments, and
// messages to them. Everything comes from the seed; nothing is decided while the run goes on.

import { type OrderItem, orderMachine } from 'sagawright/machines';
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import type { Chance } from './chance.ts';
import type { Request } from './clients.ts';

/** The machines as the process that is open has them. */
export interface Machines {
  readonly tally: AnyStateMachine;
  readonly job: AnyStateMachine;
  readonly orderSaga: AnyStateMachine;
}

export interface Workload {
  readonly requests: readonly { readonly request: Request; readonly atMs: number }[];
  readonly orders: readonly { readonly orderId: string; readonly sagaId: string }[];
  readonly refunds: ReadonlyMap<string, number>;
  readonly stock: ReadonlyMap<string, number>;
}

const SKUS = ['lamp', 'clock', 'kettle'] as const;

export function createWorkload(
  chance: Chance,
  machines: () => Machines,
  stormMs: number,
): Workload {
  return new Planning(chance, machines, stormMs).plan();
}

class Planning {
  readonly #chance: Chance;
  readonly #machines: () => Machines;
  readonly #stormMs: number;
  readonly #requests: { request: Request; atMs: number }[] = [];
  #nonces = 0;

  constructor(chance: Chance, machines: () => Machines, stormMs: number) {
    this.#chance = chance;
    this.#machines = machines;
    this.#stormMs = stormMs;
  }

  plan(): Workload {
    const chance = this.#chance;
    const tallies = Array.from({ length: chance.between(1, 2) }, (_, n) => `tally-${n + 1}`);
    const jobs = Array.from({ length: chance.between(1, 3) }, (_, n) => `job-${n + 1}`);
    for (const id of tallies) this.#start(() => this.#machines().tally, id, null, 2_000);
    for (const id of jobs) {
      const tally = tallies[chance.between(0, tallies.length - 1)] ?? 'tally-1';
      this.#start(() => this.#machines().job, id, { tally }, this.#stormMs / 3);
      this.#disturb(id);
    }
    for (const id of tallies) this.#talkTo(id, jobs);
    const orders = Array.from({ length: chance.between(1, 3) }, (_, n) => this.#order(n + 1));
    const refunds = new Map(
      orders.flatMap(({ orderId }) =>
        chance.happens(0.5) ? [[orderId, 0.2 + chance.next() * 0.7] as const] : [],
      ),
    );
    // Scarce: two sagas may want the last one.
    const stock = new Map(SKUS.map((sku) => [sku, chance.between(1, 8)] as const));
    return { requests: this.#requests, orders, refunds, stock };
  }

  #order(number: number): Workload['orders'][number] {
    const chance = this.#chance;
    const orderId = `order-${number}`;
    const sagaId = `saga-${number}`;
    const items: readonly OrderItem[] = SKUS.filter(() => chance.happens(0.6)).map((sku) => ({
      sku,
      quantity: chance.between(1, 3),
    }));
    const totalMinor = chance.between(100, 90_000);
    const currency = 'GBP';
    const common = { orderId, currency, totalMinor, items };
    const atMs = this.#chance.next() * (this.#stormMs / 2);
    this.#start(() => orderMachine, orderId, { ...common, customerId: null }, 500, atMs);
    const saga = {
      ...common,
      ...(chance.happens(0.4) && { onFailure: 'hold' }),
      ...(chance.happens(0.3) && { deadlineMs: chance.between(200, 40_000) }),
    };
    // Seldom before its order is there.
    this.#start(() => this.#machines().orderSaga, sagaId, saga, 5_000, atMs);
    if (chance.happens(0.4)) {
      const reason = this.#nonce();
      const machine = (): AnyStateMachine => this.#machines().orderSaga;
      this.#send(machine, sagaId, { type: 'CANCEL', reason }, 1);
    }
    if (chance.happens(0.1)) {
      const event = { type: 'order.cancel', reason: this.#nonce() };
      this.#send(() => orderMachine, orderId, event, 1);
    }
    return { orderId, sagaId };
  }

  #disturb(job: string): void {
    const machine = (): AnyStateMachine => this.#machines().job;
    for (const type of ['PAUSE', 'CANCEL', 'PAUSE', 'PAUSE', 'PAUSE']) {
      const isWanted = this.#chance.happens(type === 'CANCEL' ? 0.15 : 0.5);
      if (isWanted) this.#send(machine, job, { type, nonce: this.#nonce() }, 0.7);
    }
  }

  #talkTo(tally: string, jobs: readonly string[]): void {
    const chance = this.#chance;
    const machine = (): AnyStateMachine => this.#machines().tally;
    for (let count = chance.between(4, 14); count > 0; count--) {
      const nonce = this.#nonce();
      const type = chance.pick(['ADD', 'ADD', 'ADD', 'BOOM', 'REMIND', 'REMIND', 'PASS_ON']);
      const event = {
        type,
        nonce,
        ...(type === 'ADD' && { amount: chance.between(0, 9) }),
        ...(type === 'REMIND' && { delayMs: chance.between(0, 30_000) }),
        ...(type === 'PASS_ON' && { to: jobs[chance.between(0, jobs.length - 1)] }),
      };
      const isKeyed = chance.happens(0.7);
      this.#send(machine, tally, event, isKeyed ? 0.7 : 0);
      if (type === 'REMIND' && chance.happens(0.3)) {
        this.#send(machine, tally, { type: 'FORGET', of: nonce }, 1);
      }
    }
    // Some at one moment, so that they share a commit.
    const atMs = chance.next() * this.#stormMs;
    for (let count = chance.between(2, 5); count > 0; count--) {
      const type = chance.pick(['ADD', 'BOOM', 'ADD']);
      const nonce = this.#nonce();
      this.#send(machine, tally, { type, nonce, amount: 1 }, 1, nonce, atMs);
    }
  }

  #nonce(): string {
    this.#nonces += 1;
    return `n${this.#nonces}`;
  }

  #start(
    machine: () => AnyStateMachine,
    id: string,
    body: unknown,
    withinMs: number,
    afterMs = 0,
  ): void {
    const request: Request = {
      what: 'start',
      machine,
      id,
      body,
      key: null,
      nonce: null,
      mayThrow: false,
    };
    this.#requests.push({ request, atMs: afterMs + this.#chance.next() * withinMs });
  }

  #send(
    machine: () => AnyStateMachine,
    id: string,
    event: AnyEventObject,
    keyed: number,
    nonce: string | null = typeof event['nonce'] === 'string' ? event['nonce'] : null,
    atMs: number = this.#chance.next() * this.#stormMs,
  ): void {
    const key = this.#chance.happens(keyed) ? `key-${this.#requests.length}` : null;
    const mayThrow = event.type === 'BOOM';
    const request: Request = { what: 'send', machine, id, body: event, key, nonce, mayThrow };
    this.#requests.push({ request, atMs });
  }
}
