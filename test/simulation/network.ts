// The way between a handler and its service: requests and replies that are slow, lost, late or broken, and
// that outlive the process that made them. What a service answers is its ledger's business; this file
// never decides what is right.

import { type EngineOptions, type HandlerArgs, type Reconciled, Rejected } from 'sagawright';
import type { Chance } from './chance.ts';
import type { KillPoint } from './disk.ts';
import type { FaultCounts, Weather } from './faults.ts';
import type { Execute, Ledger, Verdict } from './ledger.ts';
import { never, type Schedule, type SimulatedProcess } from './schedule.ts';

/** The code of effects, by name. */
export type Handlers = NonNullable<EngineOptions['handlers']>;

export interface Operation {
  readonly execute: Execute;
  /** Of the effect's policy: what is late is judged by it. */
  readonly timeoutMs: number;
  /** Whether the service answers questions about keys. */
  readonly canReconcile: boolean;
}

export interface NetworkOptions {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly counts: FaultCounts;
  readonly ledger: Ledger;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly onCall: (name: string, args: HandlerArgs<unknown>, process: SimulatedProcess) => void;
  readonly onReply: (
    name: string,
    args: HandlerArgs<unknown>,
    verdict: Verdict,
    process: SimulatedProcess,
  ) => void;
  readonly onPoint: (point: KillPoint, process: SimulatedProcess) => void;
}

export type Trouble =
  | 'none'
  | 'request lost'
  | 'request late'
  | 'reply lost'
  | 'reply late'
  | 'error before execution'
  | 'error after execution';

export class Network {
  isCalm = false;
  /** Until then nobody answers. */
  awayUntilMs = 0;
  /** How it shows that they are away. */
  whileAway: Trouble = 'error before execution';
  /** Requests and replies on their way. */
  onTheWay = 0;
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** The handlers of one process. */
  handlers(process: SimulatedProcess): Handlers {
    const { operations } = this.#options;
    return Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => {
        const run = (args: HandlerArgs<unknown>): Promise<unknown> =>
          this.#call(name, operation, args, process);
        const reconcile = (args: Pick<HandlerArgs<unknown>, 'key'>): Promise<Reconciled<unknown>> =>
          this.#reconcile(args.key, process);
        return [name, operation.canReconcile ? { run, reconcile } : run];
      }),
    );
  }

  #call(
    name: string,
    operation: Operation,
    args: HandlerArgs<unknown>,
    process: SimulatedProcess,
  ): Promise<unknown> {
    if (!process.isAlive) return never();
    const { chance, counts, ledger, onCall, onReply, onPoint } = this.#options;
    onCall(name, args, process);
    onPoint('before-call', process);
    if (!process.isAlive) return never();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const trouble = this.#trouble(name);
    if (trouble !== 'none') counts.count(trouble);
    let isAbandoned = false;
    if (!this.isCalm && chance.happens(0.3)) {
      args.signal.addEventListener('abort', () => {
        counts.count('call abandoned on abort');
        isAbandoned = true;
        reject(new Error('The handler gave up when it was told to.'));
      });
    }
    const reply = (tell: () => void): void => {
      const isLate = trouble === 'reply late';
      this.#travel(isLate ? this.#lateMs(operation) : this.#latencyMs(), () => {
        if (!process.isAlive) counts.count('reply after its process died');
        else onPoint('after-call', process);
        if (process.isAlive) tell();
      });
    };
    const fail = (): void => reject(new Error('The simulated network broke.'));
    if (trouble === 'request lost') return promise;
    if (trouble === 'error before execution') {
      reply(fail);
      return promise;
    }
    const isLate = trouble === 'request late';
    this.#travel(isLate ? this.#lateMs(operation) : this.#latencyMs(), () => {
      if (ledger.entries.has(args.key)) counts.count('key called again');
      const verdict = ledger.arrive(name, args.key, args.input, operation.execute);
      if (verdict.type === 'rejected') counts.count('call rejected');
      if (trouble === 'reply lost') return;
      reply(() => {
        if (trouble === 'error after execution') return fail();
        if (!isAbandoned) onReply(name, args, verdict, process);
        if (verdict.type === 'done') resolve(verdict.output);
        else reject(new Rejected(verdict.code));
      });
    });
    return promise;
  }

  #reconcile(key: string, process: SimulatedProcess): Promise<Reconciled<unknown>> {
    if (!process.isAlive) return never();
    const { chance, counts, ledger } = this.#options;
    if (!this.isCalm && chance.happens(0.15)) {
      counts.count('reconcile is silent');
      return never();
    }
    const { promise, resolve } = Promise.withResolvers<Reconciled<unknown>>();
    this.#travel(this.#latencyMs(), () => {
      const verdict = ledger.entries.get(key)?.verdict;
      let answer: Reconciled<unknown> = 'unknown';
      if (verdict?.type === 'done') answer = { done: verdict.output };
      else if (verdict?.type === 'rejected') answer = 'absent';
      else if (chance.happens(0.4)) {
        // What has not come by now never will: that is what `absent` promises.
        ledger.block(key);
        answer = 'absent';
      }
      counts.count(typeof answer === 'object' ? 'reconcile says done' : `reconcile says ${answer}`);
      this.#travel(this.#latencyMs(), () => {
        if (process.isAlive) resolve(answer);
      });
    });
    return promise;
  }

  #trouble(name: string): Trouble {
    const { schedule, chance, weather } = this.#options;
    if (this.isCalm) return 'none';
    if (schedule.nowMs < this.awayUntilMs) return this.whileAway;
    if (weather.deaf === name) return 'error after execution';
    if (!chance.happens(weather.network)) return 'none';
    return chance.pick([
      'request lost',
      'request late',
      'reply lost',
      'reply late',
      'error before execution',
      'error after execution',
    ]);
  }

  #travel(delayMs: number, arrive: () => void): void {
    this.onTheWay += 1;
    this.#options.schedule.at(delayMs, () => {
      this.onTheWay -= 1;
      arrive();
    });
  }

  #latencyMs(): number {
    const { chance } = this.#options;
    return chance.happens(0.1) ? chance.between(100, 1_500) : chance.next() * 40;
  }

  #lateMs({ timeoutMs }: Operation): number {
    return timeoutMs * (0.9 + this.#options.chance.next() * 2.5);
  }
}
