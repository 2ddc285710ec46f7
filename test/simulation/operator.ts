// Whoever looks after a simulated engine: retries dead letters, discards those that only report, tells sagas
// that wait for people to go on, and gives money back for orders that were confirmed. Works by the engine's
// public API alone, and gives up when the engine does.

import { type DeadLetter, type Engine, isEngineError } from 'sagawright';
import { type OrderContext, orderMachine, refundSaga } from 'sagawright/machines';
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import type { Chance } from './chance.ts';
import type { Clients, Host } from './clients.ts';
import type { FaultCounts } from './faults.ts';
import type { Gateway } from './gateway.ts';
import type { Ledger } from './ledger.ts';
import type { Schedule } from './schedule.ts';

export interface OperatorOptions {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly clients: Clients;
  readonly host: () => Host | null;
  readonly orderSaga: () => AnyStateMachine;
  readonly gateway: Gateway;
  readonly ledger: Ledger;
  /** Orders of which a part is given back, by how much of it. */
  readonly refunds: ReadonlyMap<string, number>;
}

const REPORTS: readonly string[] = ['EFFECT_EXHAUSTED', 'LATE_SUCCESS', 'ACTION_FAILED'];
/** Retries after the last fault by which a letter is given up: nobody will ever take it. */
const PATIENCE = 4;
/** Times that a saga is told to try again before it is settled by hand. */
const TRIES = 3;

export class Operator {
  isCalm = false;
  readonly violations: string[] = [];
  readonly #options: OperatorOptions;
  readonly #refunded: Set<string> = new Set();
  readonly #retries: Map<number, number> = new Map();
  readonly #tries: Map<string, number> = new Map();
  #orders = 0;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /** Confirmed orders of which a part is still to be given back. */
  owesRefunds(isConfirmed: (orderId: string) => boolean): boolean {
    const owed = [...this.#options.refunds.keys()].filter((id) => !this.#refunded.has(id));
    return owed.some(isConfirmed);
  }

  /** Looks round now and then, for as long as the world lives. */
  watch(): void {
    const { schedule, chance, host } = this.#options;
    const found = host();
    if (found !== null) {
      this.#lookRound(found).catch((error: unknown) => {
        // Any of them means: not now. What else the engine may say to an operator is a bug.
        if (!found.process.isAlive || isEngineError(error)) return;
        this.violations.push(`12: the operator was told ${String(error)}`);
      });
    }
    const pauseMs = this.isCalm ? 40_000 : 6_000;
    schedule.at(pauseMs * (0.3 + chance.next()), () => this.watch());
  }

  async #lookRound({ engine, process }: Host): Promise<void> {
    for await (const letter of engine.deadLetters.list()) {
      if (!process.isAlive) return;
      await this.#handle(engine, letter).catch((error: unknown) => {
        if (!isEngineError(error)) throw error;
      });
    }
    for await (const { id, state } of engine.list({ machine: 'order-saga', status: 'active' })) {
      if (state === 'needsAttention') this.#mend(id);
      if (state !== 'fulfilling.held') continue;
      const type = this.#options.chance.pick(['RETRY', 'COMPENSATE']);
      this.#tell(this.#options.orderSaga, id, { type });
    }
    for await (const { id, state } of engine.list({ machine: 'refund-saga', status: 'active' })) {
      if (state === 'needsAttention') this.#mendRefund(id);
    }
    for await (const { id } of engine.list({ machine: 'order', state: 'CONFIRMED' })) {
      await this.#refund(engine, id);
    }
  }

  async #handle(engine: Engine, { id, reason }: DeadLetter): Promise<void> {
    const { chance, counts } = this.#options;
    const isReport = REPORTS.includes(reason);
    const retries = this.#retries.get(id) ?? 0;
    if (this.isCalm) this.#retries.set(id, retries + 1);
    if (isReport || retries >= PATIENCE) {
      await engine.deadLetters.discard(id);
      counts.count('dead letter discarded');
    } else if (this.isCalm || chance.happens(0.6)) {
      counts.count('dead letter retried');
      await engine.deadLetters.retry(id, { force: true });
    }
  }

  /** A saga that cannot undo is told to try again, and settled by hand when that does not help. */
  #mend(saga: string): void {
    const { orderSaga, gateway } = this.#options;
    if (!this.#isHopeless(saga)) return this.#tell(orderSaga, saga, { type: 'RETRY' });
    gateway.settleByHand(saga.replace('saga', 'order'));
    this.#tell(orderSaga, saga, { type: 'RESOLVE', by: 'operator', why: 'settled by hand' });
  }

  #mendRefund(saga: string): void {
    const { ledger } = this.#options;
    const machine = (): AnyStateMachine => refundSaga;
    if (!this.#isHopeless(saga)) return this.#tell(machine, saga, { type: 'RETRY' });
    const isPaid = ledger.entries.get(`${saga}:refund`)?.verdict.type === 'done';
    ledger.block(`${saga}:refund`);
    this.#tell(machine, saga, { type: 'RESOLVE', by: 'operator', why: 'looked it up', isPaid });
  }

  #isHopeless(saga: string): boolean {
    const tries = (this.#tries.get(saga) ?? 0) + 1;
    this.#tries.set(saga, tries);
    return tries > TRIES;
  }

  #tell(machine: () => AnyStateMachine, id: string, body: AnyEventObject): void {
    const { clients, counts } = this.#options;
    counts.count('saga told to go on');
    const key = `operator-${this.#orders++}`;
    clients.ask({ what: 'send', machine, id, body, key, nonce: null, mayThrow: false }, 0);
  }

  async #refund(engine: Engine, orderId: string): Promise<void> {
    const share = this.#options.refunds.get(orderId);
    if (share === undefined || this.#refunded.has(orderId)) return;
    const snapshot = await engine.actor(orderMachine, orderId).snapshot();
    const { chargeKey, totalMinor }: OrderContext = snapshot.context;
    if (chargeKey === null || this.#refunded.has(orderId)) return;
    this.#refunded.add(orderId);
    const amountMinor = Math.max(1, Math.floor(totalMinor * share));
    // Together they may be more than there is: then the order refuses the second.
    for (const number of [1, 2]) {
      const refundId = `${orderId}-${number}`;
      const body = { orderId, refundId, chargeKey, amountMinor };
      const machine = (): AnyStateMachine => refundSaga;
      this.#options.clients.ask(
        {
          what: 'start',
          machine,
          id: `refund-${refundId}`,
          body,
          key: null,
          nonce: null,
          mayThrow: false,
        },
        0,
      );
    }
  }
}
