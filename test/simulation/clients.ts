// The clients of a simulated engine: requests with and without keys, sent twice, sent again until they are
// answered, on a network that loses answers. What a client was told is kept to what is on the disk, at the
// moment it is told (invariant 10).

import { type Engine, isEngineError, type Receipt, type Timer } from 'sagawright';
import type { AnyStateMachine } from 'xstate';
import type { Chance } from './chance.ts';
import type { Disk } from './disk.ts';
import type { FaultCounts, Weather } from './faults.ts';
import type { JournalWitness } from './journal-witness.ts';
import type { Schedule, SimulatedProcess } from './schedule.ts';
import type { Trace } from './trace.ts';

/** What clients can reach: the engine that is open, if one is. */
export interface Host {
  readonly process: SimulatedProcess;
  readonly engine: Engine;
}

/** One request, asked until it is answered; without a key, once. */
export interface Request {
  readonly what: 'start' | 'send';
  readonly machine: () => AnyStateMachine;
  readonly id: string;
  /** The event, or the input. */
  readonly body: unknown;
  readonly key: string | null;
  /** By it, the message is found in the journal. */
  readonly nonce: string | null;
  /** Whether its step may throw. */
  readonly mayThrow: boolean;
}

export interface ClientOptions {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly counts: FaultCounts;
  readonly trace: Trace;
  readonly disk: Disk;
  readonly witness: JournalWitness;
  readonly host: () => Host | null;
}

const PATIENCE_MS = 8_000;
/** Told after a clean rollback, or before anything was taken: it may be sent again without a key. */
const CLEAN: readonly string[] = ['STORE_FULL', 'STORE_BUSY', 'MAILBOX_FULL', 'ACTOR_NOT_FOUND'];
const AMBIGUOUS: readonly string[] = ['ENGINE_STOPPED', 'ENGINE_FAILED', 'STORE_REFUSED'];

interface Asked {
  readonly request: Request;
  sent: number;
  isOver: boolean;
  /** When it is sent again. */
  next: Timer | null;
  /** What it was told, if its message was taken. */
  accepted: { readonly revision: number; readonly position: number } | null;
}

export class Clients {
  isCalm = false;
  readonly violations: string[] = [];
  readonly #options: ClientOptions;
  readonly #asked: Asked[] = [];

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Requests that somebody still waits for. */
  get waiting(): readonly Request[] {
    return this.#asked.filter(({ isOver }) => !isOver).map(({ request }) => request);
  }

  ask(request: Request, delayMs: number): void {
    const { schedule, chance, counts } = this.#options;
    const asked: Asked = { request, sent: 0, isOver: false, next: null, accepted: null };
    this.#asked.push(asked);
    schedule.at(delayMs, () => this.#send(asked));
    if (request.key === null || !chance.happens(0.25)) return;
    counts.count('message sent twice');
    schedule.at(delayMs + chance.next() * 20, () => this.#send(asked));
  }

  /** Invariant 10 at the end: accepted messages are there once, all others once at most. */
  checkJournal(): void {
    for (const { request, accepted } of this.#asked) {
      if (request.nonce === null) continue;
      const times = this.#options.witness.times(request.nonce);
      if (times > 1 || (accepted !== null && times !== 1)) {
        this.violations.push(`10: ${request.nonce} is ${times} times in the journal`);
      }
    }
  }

  #send(asked: Asked): void {
    if (asked.isOver) return;
    const { schedule, chance, counts, trace } = this.#options;
    const { request } = asked;
    const host = this.#options.host();
    if (host === null) {
      this.#again(asked, 300 + chance.next() * 500);
      return;
    }
    if (request.key === null && request.what === 'send' && asked.sent > 0) {
      // It may have been taken: nobody can tell, and it is not sent again.
      asked.isOver = true;
      return;
    }
    asked.sent += 1;
    if (asked.sent > 1) counts.count('message sent again');
    trace.note(`${schedule.nowMs.toFixed(3)} ask ${request.what} ${request.id} ${request.key}`);
    const { process } = host;
    const isTold = (tell: () => void): void => {
      if (process.isAlive) tell();
    };
    this.#call(host.engine, request).then(
      (receipt) => isTold(() => this.#told(asked, receipt)),
      (error: unknown) => isTold(() => this.#refused(asked, error)),
    );
    this.#again(asked, PATIENCE_MS + chance.next() * 4_000);
  }

  #again(asked: Asked, delayMs: number): void {
    asked.next?.cancel();
    asked.next = this.#options.schedule.at(delayMs, () => this.#send(asked));
  }

  async #call(engine: Engine, { what, machine, id, body, key }: Request): Promise<Receipt | null> {
    if (what === 'send') {
      return engine.actor(machine(), id).send(body as never, key === null ? {} : { key });
    }
    await engine.start(machine(), { id, input: body as never, ifExists: 'attach' });
    return null;
  }

  #told(asked: Asked, receipt: Receipt | null): void {
    const { schedule, chance, weather, counts, trace } = this.#options;
    const { request } = asked;
    trace.note(`${schedule.nowMs.toFixed(3)} told ${request.id} ${request.key} ${receipt?.status}`);
    if (receipt === null) this.#checkStarted(request);
    else this.#checkReceipt(asked, receipt);
    if (!this.isCalm && chance.happens(weather.clientLoss)) {
      counts.count('answer to a client lost');
      if (request.key === null && request.what === 'send') asked.isOver = true;
      return;
    }
    asked.isOver = true;
  }

  #checkStarted({ id }: Request): void {
    const row = this.#options.disk.contents.byRevision.get(`${id}\u0000${1}`);
    if (row?.kind !== 'started')
      this.violations.push(`10: ${id} was told to be started and is not`);
  }

  #checkReceipt(asked: Asked, receipt: Receipt): void {
    const { disk, counts } = this.#options;
    const { request } = asked;
    if (receipt.status === 'rejected') {
      counts.count('rejection told');
      return;
    }
    if (receipt.status === 'duplicate') counts.count('duplicate told');
    const { revision, position } = receipt.status === 'duplicate' ? receipt.first : receipt;
    const entry = disk.contents.journal[position - 1];
    if (entry?.actor !== request.id || entry.revision !== revision || entry.key !== request.key) {
      this.violations.push(`10: ${request.id} ${request.key} was acknowledged and is not on disk`);
    }
    const first = asked.accepted;
    if (first !== null && (first.revision !== revision || first.position !== position)) {
      this.violations.push(
        `10: ${request.key} was acknowledged twice, at ${first.position} and ${position}`,
      );
    }
    asked.accepted = { revision, position };
  }

  #refused(asked: Asked, error: unknown): void {
    const { schedule, chance, trace } = this.#options;
    const { request } = asked;
    const code = isEngineError(error) ? error.code : String(error);
    trace.note(`${schedule.nowMs.toFixed(3)} told ${request.id} ${request.key} ${code}`);
    if (CLEAN.includes(code)) {
      if (request.key === null) asked.sent = 0;
      this.#again(asked, 400 + chance.next() * 800);
      return;
    }
    if (AMBIGUOUS.includes(code)) return;
    if (code === 'STEP_FAILED' && request.mayThrow) {
      asked.isOver = true;
      return;
    }
    const message = error instanceof Error ? error.message : '';
    this.violations.push(
      `10: ${request.id} ${request.nonce ?? request.key} was told ${code}: ${message}`,
    );
    asked.isOver = true;
  }
}
