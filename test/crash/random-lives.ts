// The client of a run with random kills: places orders, cancels some of them, and asks again for whatever
// was not answered, in every life of the host. Remembers what it was told; that is what the database is
// held to afterwards. Everything random comes from one seed.

import type { OrderInput } from 'sagawright/machines';
import { ProcessGone } from '../support/asked-process.ts';
import type { CrashWorld } from './crash-world.ts';
import { type EngineHost, startHost } from './engine-host.ts';
import type { Answer, HostCall, KillPlan } from './host-protocol.ts';

/** One request, asked until it is answered. */
export interface Request {
  readonly call: HostCall;
  /** The life in which it is asked first. */
  readonly from: number;
  answer: Answer | null;
}

/** An order with its saga. */
export interface Placed {
  readonly order: OrderInput;
  readonly sagaId: string;
  readonly requests: readonly Request[];
}

/** Uniform in [0, 1), repeatable: mulberry32. */
function createChance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const POINTS = ['before-commit', 'after-commit', 'before-call', 'after-call'] as const;

export class RandomLives {
  readonly #world: CrashWorld;
  readonly #chance: () => number;
  readonly placed: Placed[] = [];
  readonly violations: string[] = [];
  /** Where each life has ended. */
  readonly deaths: string[] = [];

  constructor(world: CrashWorld, seed: number) {
    this.#world = world;
    this.#chance = createChance(seed);
  }

  /** A life in which orders are placed, ended by a kill at a random point. */
  async live(orders: number): Promise<void> {
    const plan = this.#plan();
    let host: EngineHost;
    try {
      host = await startHost(this.#world, plan);
    } catch (error) {
      // What the life before has left may bring it to its point before it is open.
      if (!(error instanceof ProcessGone)) throw error;
      this.deaths.push(`${describePlan(plan)}, while opening`);
      return;
    }
    for (let number = 0; number < orders; number++) this.#place();
    await Promise.all(this.placed.map((one) => this.#ask(host, one, this.deaths.length)));
    await this.#die(host, plan);
  }

  /** The last life: nothing kills it, and it ends when every saga has. */
  async drain(): Promise<void> {
    const host = await startHost(this.#world);
    await Promise.all(this.placed.map((one) => this.#ask(host, one, Number.POSITIVE_INFINITY)));
    await Promise.all(this.placed.map(({ sagaId }) => host.ask({ what: 'end', id: sagaId })));
    await host.stop();
    this.violations.push(...host.violations);
  }

  #plan(): KillPlan {
    const point = POINTS[Math.floor(this.#chance() * POINTS.length)] ?? 'before-commit';
    // A commit holds many messages, calls come one by one.
    const upTo = point.endsWith('commit') ? 15 : 20;
    return { point, count: 1 + Math.floor(this.#chance() * upTo) };
  }

  #place(): void {
    const number = this.placed.length;
    const orderId = `order-${number}`;
    const sagaId = `saga-${number}`;
    const items = Array.from({ length: 1 + Math.floor(this.#chance() * 3) }, (_, index) => ({
      sku: `sku-${(number + index * 7) % 60}`,
      quantity: 1 + Math.floor(this.#chance() * 3),
    }));
    const totalMinor = 100 + Math.floor(this.#chance() * 10_000);
    const order: OrderInput = { orderId, customerId: null, currency: 'GBP', totalMinor, items };
    const now = this.deaths.length;
    const calls: Omit<Request, 'answer'>[] = [
      { call: { what: 'start-order', input: order }, from: now },
      { call: { what: 'start-saga', id: sagaId, order }, from: now },
    ];
    if (this.#chance() < 0.35) {
      // At once, or when the saga has been through a crash or has ended.
      const from = now + Math.floor(this.#chance() * 3);
      calls.push({ call: { what: 'cancel', id: sagaId, key: `cancel-${number}` }, from });
    }
    this.placed.push({ order, sagaId, requests: calls.map((call) => ({ ...call, answer: null })) });
  }

  /** Asks for what is not answered, in order; gives up when the host is gone. */
  async #ask(host: EngineHost, { requests }: Placed, life: number): Promise<void> {
    for (const request of requests) {
      if (request.answer !== null || request.from > life) continue;
      try {
        request.answer = await host.ask(request.call);
      } catch (error) {
        if (error instanceof ProcessGone) return;
        throw error;
      }
    }
  }

  async #die(host: EngineHost, plan: KillPlan): Promise<void> {
    const ends = this.placed.map(({ sagaId }) => host.ask({ what: 'end', id: sagaId }));
    // With nothing left to do it would never come to its point.
    const idle = Promise.all(ends).then(
      () => 'idle' as const,
      () => 'gone' as const,
    );
    if ((await idle) === 'idle') {
      await host.kill();
      this.deaths.push('idle');
    } else {
      expectKilled(await host.gone);
      this.deaths.push(describePlan(plan));
    }
    this.violations.push(...host.violations);
  }
}

function expectKilled(signal: NodeJS.Signals | null): void {
  if (signal !== 'SIGKILL')
    throw new Error(`Expected the host to be killed, it ended by ${signal}.`);
}

function describePlan({ point, count }: KillPlan): string {
  return `${point} ${count}`;
}
