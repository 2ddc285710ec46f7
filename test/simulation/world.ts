// One simulated run: the engine's real code on a simulated clock, disk and network, opened, crashed, stopped
// and opened again, until faults stop and everything comes to rest. All of it follows from the seed.

import { type Engine, type EngineError, openEngine } from 'sagawright';
import { orderMachine, orderSaga, refundSaga } from 'sagawright/machines';
import { CallWitness } from './call-witness.ts';
import { Chance } from './chance.ts';
import { Clients, type Host } from './clients.ts';
import { type Commit, Disk, type KillPoint } from './disk.ts';
import { createWeather, FaultCounts } from './faults.ts';
import { canonical, checkFinalState, listUnfinished } from './final-state.ts';
import { Gateway } from './gateway.ts';
import { JournalWitness } from './journal-witness.ts';
import { Ledger } from './ledger.ts';
import { Lives } from './lives.ts';
import { createMachines } from './machines.ts';
import { Network, type Operation } from './network.ts';
import { Operator } from './operator.ts';
import type { Plant } from './plant.ts';
import { Schedule, type SimulatedProcess } from './schedule.ts';
import { Trace } from './trace.ts';
import { createWorkload, type Machines, type Workload } from './workload.ts';

export interface RunOptions {
  readonly seed: number;
  readonly plant?: Plant;
  /** Keeps the whole trace. */
  readonly isTraced?: boolean;
}

export interface Report {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly hash: string;
  readonly trace: readonly string[];
  readonly counts: FaultCounts;
  readonly steps: number;
  readonly commits: number;
  readonly lives: number;
  readonly virtualMs: number;
}

/** After the last fault, everything is at rest by then. */
const CALM_MS = 4 * 3_600_000;
const MAX_STEPS = 60_000;

class World {
  readonly #seed: number;
  readonly #plant: Plant;
  readonly #chance: Chance;
  readonly #stormMs: number;
  readonly #schedule: Schedule;
  readonly #trace: Trace;
  readonly #counts: FaultCounts = new FaultCounts();
  readonly #witness: JournalWitness;
  readonly #ledger: Ledger = new Ledger();
  readonly #gateway: Gateway;
  readonly #calls: CallWitness;
  readonly #disk: Disk;
  readonly #network: Network;
  readonly #clients: Clients;
  readonly #operator: Operator;
  readonly #lives: Lives;
  readonly #workload: Workload;
  readonly #violations: string[] = [];
  readonly #limits: Readonly<Record<string, number>>;
  #machines: Machines;
  #steps = 0;
  #commits = 0;
  #isCalm = false;

  constructor({ seed, plant = {}, isTraced = false }: RunOptions) {
    const chance = new Chance(seed);
    const schedule = new Schedule(chance.fork('schedule'));
    const weather = { ...createWeather(chance.fork('weather')), ...plant.weather };
    this.#seed = seed;
    this.#plant = plant;
    this.#chance = chance.fork('world');
    this.#schedule = schedule;
    this.#stormMs = this.#chance.between(20, 90) * 1_000;
    this.#trace = new Trace(isTraced);
    this.#machines = this.#createMachines(null);
    this.#limits = this.#chance.happens(0.7)
      ? {
          batch: this.#chance.between(1, 6),
          cascade: this.#chance.between(1, 6),
          effects: this.#chance.between(1, 6),
          cachedActors: this.#chance.between(1, 6),
          mailbox: this.#chance.between(3, 40),
        }
      : {};
    this.#workload = createWorkload(chance.fork('workload'), () => this.#machines, this.#stormMs);
    const counts = this.#counts;
    const common = { schedule, weather, counts };
    const onPoint = (point: KillPoint, process: SimulatedProcess): void =>
      this.#lives.reach(point, process);
    const service = chance.fork('service');
    const refuses = (name: string): boolean => {
      const isUndo = name === 'voidCharge' || name === 'releaseStock';
      return service.happens(
        isUndo ? (this.#isCalm ? 0 : weather.rejection / 8) : weather.rejection,
      );
    };
    this.#witness = new JournalWitness(schedule, counts);
    this.#gateway = new Gateway(this.#ledger, this.#workload.stock, refuses);
    this.#calls = new CallWitness(schedule, this.#witness, this.#gateway, (actor, fromMs) => {
      const hasFailed = this.#witness.hasFailed(actor, fromMs);
      return hasFailed || this.#disk.fullUntilMs > fromMs || this.#lives.isStopping;
    });
    this.#disk = new Disk({
      ...common,
      chance: chance.fork('disk'),
      onCommitted: (commit, process) => this.#committed(commit, process),
      onPoint,
    });
    this.#network = new Network({
      ...common,
      chance: chance.fork('network'),
      ledger: this.#ledger,
      operations: this.#operations(service, refuses),
      onCall: (name, args) => {
        this.#note(`call ${name} ${args.key} ${args.attempt}`);
        this.#calls.called(name, args);
      },
      onReply: (name, args, verdict, process) => {
        this.#note(`reply ${name} ${args.key} ${verdict.type}`);
        this.#calls.replied(args, verdict, process);
      },
      onPoint,
    });
    const host = (): Host | null => this.#lives.host;
    this.#clients = new Clients({
      ...common,
      chance: chance.fork('clients'),
      trace: this.#trace,
      disk: this.#disk,
      witness: this.#witness,
      host,
    });
    this.#operator = new Operator({
      ...common,
      chance: chance.fork('operator'),
      clients: this.#clients,
      host,
      orderSaga: () => this.#machines.orderSaga,
      gateway: this.#gateway,
      ledger: this.#ledger,
      refunds: this.#workload.refunds,
    });
    this.#lives = new Lives({
      ...common,
      chance: this.#chance,
      disk: this.#disk,
      lostByCrash: plant.lostByCrash ?? 0,
      open: (process, onFailure) => this.#open(process, onFailure),
      note: (text) => this.#note(text),
    });
  }

  /** Runs to the end, or to the first violation. */
  async run(): Promise<Report> {
    const undo = this.#plant.patch?.();
    try {
      this.#plan();
      while (this.#schedule.nowMs < this.#stormMs && (await this.#step()));
      if (this.#found.length === 0) await this.#untilRest();
      if (this.#found.length === 0) await this.#checkEnd();
    } finally {
      undo?.();
    }
    const { hash, lines } = this.#trace;
    return {
      seed: this.#seed,
      violations: this.#found,
      hash,
      trace: lines,
      counts: this.#counts,
      steps: this.#steps,
      commits: this.#commits,
      lives: this.#lives.count,
      virtualMs: this.#schedule.nowMs,
    };
  }

  get #found(): readonly string[] {
    return [
      ...this.#violations,
      ...this.#witness.violations,
      ...this.#calls.violations,
      ...this.#ledger.violations,
      ...this.#gateway.violations,
      ...this.#clients.violations,
      ...this.#operator.violations,
      ...this.#lives.violations,
    ];
  }

  #note(text: string): void {
    this.#trace.note(`${this.#schedule.nowMs.toFixed(3)} ${text}`);
  }

  #createMachines(process: SimulatedProcess | null): Machines {
    const own = createMachines({
      isMended: () => this.#isCalm,
      ring: (job) => {
        if (process?.isAlive !== true) return;
        this.#note(`ring ${job}`);
        if (!this.#witness.hasActions(job))
          this.#violations.push(`8: ${job} rang before its commit`);
      },
    });
    return { ...own, orderSaga: this.#plant.orderSaga ?? orderSaga };
  }

  #operations(service: Chance, refuses: (name: string) => boolean): Record<string, Operation> {
    const timeoutMs = 10_000;
    const canReconcile = service.happens(0.5);
    const booked = Object.entries(this.#gateway.operations).map(
      ([name, execute]) => [name, { execute, timeoutMs, canReconcile }] as const,
    );
    const done = (output: unknown) => ({ type: 'done', output }) as const;
    return {
      ...Object.fromEntries(booked),
      work: {
        execute: () =>
          refuses('work')
            ? { type: 'rejected', code: 'NO_WORK' }
            : done({ isCracked: service.happens(0.2) }),
        timeoutMs: 2_000,
        canReconcile: true,
      },
      carry: {
        execute: () => (refuses('carry') ? { type: 'rejected', code: 'NO_ROAD' } : done(null)),
        timeoutMs: 1_000,
        canReconcile: false,
      },
      deliver: {
        execute: (key) => done({ receipt: `receipt of ${key}` }),
        timeoutMs: 2_000,
        canReconcile: false,
      },
    };
  }

  #plan(): void {
    const chance = this.#chance;
    for (const { request, atMs } of this.#workload.requests) this.#clients.ask(request, atMs);
    this.#operator.watch();
    this.#plagues(() => {
      this.#counts.count('disk full for a while');
      this.#disk.fullUntilMs = this.#schedule.nowMs + chance.between(200, 8_000);
    }, 60_000);
    this.#plagues(() => {
      this.#counts.count('service away for a while');
      this.#network.awayUntilMs = this.#schedule.nowMs + chance.between(1_000, 30_000);
      this.#network.whileAway = chance.pick([
        'error before execution',
        'error after execution',
        'reply late',
        'reply lost',
      ]);
    }, 40_000);
    this.#plagues(() => this.#lives.jump(), 30_000);
    this.#lives.open();
  }

  /** Something that goes wrong now and then while faults last. */
  #plagues(strike: () => void, meanMs: number): void {
    this.#schedule.at(this.#chance.next() * 2 * meanMs, () => {
      if (this.#isCalm) return;
      strike();
      this.#plagues(strike, meanMs);
    });
  }

  #open(process: SimulatedProcess, onFailure: (error: EngineError) => void): Promise<Engine> {
    this.#machines = this.#createMachines(process);
    const { tally, job, orderSaga: saga } = this.#machines;
    const store = this.#disk.mount(process);
    const handlers = this.#network.handlers(process);
    return openEngine({
      store: this.#plant.store?.(store, process, this.#schedule) ?? store,
      platform: this.#plant.platform?.(process.platform, process) ?? process.platform,
      machines: [tally, job, saga, orderMachine, refundSaga],
      handlers: this.#plant.handlers?.(handlers) ?? handlers,
      limits: this.#limits,
      onFailure,
    });
  }

  #committed(commit: Commit, process: SimulatedProcess): void {
    this.#commits += 1;
    for (const { actor, revision, kind, type } of commit.journal) {
      this.#note(`commit ${actor}@${revision} ${kind} ${type}`);
    }
    this.#witness.committed(commit, process);
  }

  async #step(): Promise<boolean> {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) {
      const left = [...this.#unfinished(), ...listUnfinished(this.#disk.contents)].join('; ');
      this.#violations.push(`12: no end after ${MAX_STEPS} steps: ${left}`);
    }
    await this.#schedule.step();
    return this.#found.length === 0;
  }

  /** No more faults: everything comes to rest, in bounded time. */
  async #untilRest(): Promise<void> {
    this.#isCalm = true;
    for (const part of [this.#disk, this.#network, this.#clients, this.#operator, this.#lives])
      part.isCalm = true;
    this.#note('calm');
    const deadlineMs = this.#schedule.nowMs + CALM_MS;
    let atRest = false;
    while (!atRest && (await this.#step())) {
      atRest = this.#unfinished().length === 0;
      if (atRest || this.#schedule.nowMs < deadlineMs) continue;
      const left = [...this.#unfinished(), ...listUnfinished(this.#disk.contents)];
      this.#violations.push(`12: not at rest in bounded time: ${left.join('; ')}`);
    }
  }

  #unfinished(): readonly string[] {
    const left: string[] = [];
    if (!this.#lives.isRunning) left.push('no engine is open');
    if (this.#disk.unanswered > 0) left.push('the disk is at work');
    if (left.length > 0) return left;
    for (const { id, key } of this.#clients.waiting) left.push(`${id} has not answered ${key}`);
    if (this.#network.onTheWay > 0) left.push(`${this.#network.onTheWay} calls are on their way`);
    const { contents } = this.#disk;
    const states = new Map([...contents.actors.values()].map(({ id, state }) => [`${id}`, state]));
    if (this.#operator.owesRefunds((id) => states.get(id) === 'CONFIRMED')) left.push('refunds');
    return left.length > 0 ? left : listUnfinished(contents);
  }

  async #checkEnd(): Promise<void> {
    const { contents } = this.#disk;
    this.#clients.checkJournal();
    this.#violations.push(
      ...checkFinalState({
        contents,
        gateway: this.#gateway,
        ledger: this.#ledger,
        witness: this.#witness,
        tally: this.#machines.tally,
        orders: this.#workload.orders,
      }),
    );
    await this.#checkMemory();
    const { host } = this.#lives;
    if (host === null) return;
    const report = await this.#during(host.engine.verify());
    for (const found of [...(report?.mismatches ?? []), ...(report?.unverifiable ?? [])]) {
      this.#violations.push(`7: ${JSON.stringify(found)}`);
    }
  }

  /** Lets the world go on until the engine has answered; null when it is found to be wrong before. */
  async #during<Value>(answer: Promise<Value>): Promise<Value | null> {
    let isThere = false;
    const settled = answer.finally(() => {
      isThere = true;
    });
    settled.catch(() => undefined);
    while (!isThere && (await this.#step()));
    return isThere ? settled : null;
  }

  /** Invariant 7: what the engine holds in memory is what a reload finds. */
  async #checkMemory(): Promise<void> {
    const { host } = this.#lives;
    if (host === null) return;
    for (const row of this.#disk.contents.actors.values()) {
      const snapshot = await this.#during(host.engine.actor(orderMachine, row.id).snapshot());
      if (snapshot === null) return;
      const { revision, status, value, context } = snapshot;
      const stored: { readonly value: unknown; readonly context: unknown } = JSON.parse(
        row.snapshot,
      );
      const inMemory = canonical({ revision, status, value, context });
      const onDisk = canonical({
        revision: row.revision,
        status: row.status,
        value: stored.value ?? {},
        context: stored.context,
      });
      if (inMemory !== onDisk)
        this.#violations.push(
          `7: ${row.id} is not on disk as it is in memory: ${onDisk} ${inMemory}`,
        );
    }
  }
}

/** Runs one seed. */
export function simulate(options: RunOptions): Promise<Report> {
  return new World(options).run();
}
