// The lives of a simulated engine, one after the other: each is opened on what the one before has left, and
// ends by a crash at a point or a moment, by a stop, or by the engine itself. Says nothing about whether what
// an engine does is right, but that it may not stop for no reason.

import type { Engine, EngineError } from 'sagawright';
import type { Chance } from './chance.ts';
import type { Host } from './clients.ts';
import type { Disk, KillPoint } from './disk.ts';
import type { FaultCounts, Weather } from './faults.ts';
import { type Schedule, SimulatedProcess } from './schedule.ts';

export interface LivesOptions {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly counts: FaultCounts;
  readonly disk: Disk;
  /** Commits that a crash takes with it. */
  readonly lostByCrash: number;
  /** Opens an engine in a process, and says when it stops by itself. */
  readonly open: (
    process: SimulatedProcess,
    onFailure: (error: EngineError) => void,
  ) => Promise<Engine>;
  readonly note: (text: string) => void;
}

const POINTS = ['before-commit', 'after-commit', 'before-call', 'after-call'] as const;
const POINT_FAULTS = {
  'before-commit': 'crash before a commit is written',
  'after-commit': 'crash between commit and publication',
  'before-call': 'crash before a call',
  'after-call': 'crash between call and reply',
} as const;

export class Lives {
  /** The last life goes on: nothing kills or stops it. */
  isCalm = false;
  readonly violations: string[] = [];
  readonly #options: LivesOptions;
  #host: Host | null = null;
  #process: SimulatedProcess | null = null;
  #phase: 'opening' | 'running' | 'stopping' = 'opening';
  #killAt: { readonly point: KillPoint; count: number } | null = null;
  #count = 0;

  constructor(options: LivesOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** The engine that is open, also while it stops. */
  get host(): Host | null {
    return this.#host;
  }

  get isStopping(): boolean {
    return this.#phase === 'stopping';
  }

  get isRunning(): boolean {
    return this.#host !== null && this.#phase === 'running';
  }

  /** The next life of the engine, and how it is to end. */
  open(): void {
    const { schedule, chance, note, open } = this.#options;
    this.#count += 1;
    const process = new SimulatedProcess(this.#count, schedule, chance.fork(`life ${this.#count}`));
    this.#process = process;
    this.#phase = 'opening';
    note(`open ${process.number}`);
    if (!this.isCalm) this.#planEnd(process);
    open(process, (error) => this.#failed(process, error)).then(
      (engine) => this.#opened(process, engine),
      (error: unknown) => this.#failed(process, error),
    );
  }

  /** The wall clock is set, while a process looks on or between two. */
  jump(): void {
    const byMs = this.#options.chance.pick([-3_600_000, -90_000, -1_500, 700, 45_000, 3_600_000]);
    const between = this.#process === null;
    this.#options.counts.count(byMs < 0 ? 'wall clock set back' : 'wall clock set ahead');
    if (between) this.#options.counts.count('wall clock moved between processes');
    this.#options.note(`wall clock ${byMs}`);
    this.#options.schedule.jumpWall(byMs);
    const process = this.#process;
    if (process !== null)
      process.mostSkewMs = Math.max(process.mostSkewMs, this.#options.schedule.skewMs);
  }

  #opened(process: SimulatedProcess, engine: Engine): void {
    if (!process.isAlive) return;
    this.#options.note(`opened ${process.number}`);
    this.#host = { process, engine };
    this.#phase = 'running';
  }

  #planEnd(process: SimulatedProcess): void {
    const chance = this.#options.chance;
    const afterMs = chance.next() * 2 * this.#options.weather.lifeMs;
    this.#killAt = null;
    const how = chance.next();
    if (how < 0.4) {
      this.#killAt = { point: chance.pick(POINTS), count: chance.between(1, 25) };
    } else if (how < 0.5) {
      process.at(chance.next() * 30, () => this.#kill(process, 'crash at any moment'));
    } else if (how < 0.7) {
      process.at(afterMs, () => this.#stop(process));
      return;
    }
    process.at(afterMs, () => this.#kill(process, 'crash at any moment'));
  }

  /** The process may be killed here. */
  reach(point: KillPoint, process: SimulatedProcess): void {
    if (this.#killAt?.point !== point || process !== this.#process) return;
    this.#killAt.count -= 1;
    if (this.#killAt.count === 0) this.#kill(process, POINT_FAULTS[point]);
  }

  #kill(process: SimulatedProcess, how: Parameters<FaultCounts['count']>[0]): void {
    if (!process.isAlive || this.isCalm) return;
    this.#options.note(`kill ${process.number}: ${how}`);
    this.#options.counts.count(how);
    if (this.#phase === 'opening') this.#options.counts.count('crash while opening');
    if (this.#phase === 'stopping') this.#options.counts.count('crash during stop');
    this.#end(process);
    const { lostByCrash } = this.#options;
    if (lostByCrash > 0) this.#options.disk.loseLast(lostByCrash);
  }

  #end(process: SimulatedProcess): void {
    process.isAlive = false;
    this.#killAt = null;
    this.#options.disk.release(process);
    this.#host = null;
    this.#process = null;
    const isJumping = !this.isCalm && this.#options.chance.happens(0.1);
    const downMs = this.#options.chance.happens(0.1)
      ? this.#options.chance.between(1_000, 60_000)
      : 50;
    this.#options.schedule.at(downMs / 2, () => {
      if (isJumping) this.jump();
    });
    this.#options.schedule.at(downMs, () => this.open());
  }

  #stop(process: SimulatedProcess): void {
    const host = this.#host;
    if (host?.process !== process || this.isCalm) return;
    const drainMs = this.#options.chance.pick([0, 50, 2_000, 20_000]);
    this.#options.counts.count(drainMs > 50 ? 'stop that drains' : 'stop that aborts');
    this.#options.note(`stop ${process.number} within ${drainMs}`);
    this.#phase = 'stopping';
    if (this.#options.chance.happens(0.25)) {
      const killMs = this.#options.chance.next() * Math.min(drainMs, 300) + 5;
      process.at(killMs, () => this.#kill(process, 'crash at any moment'));
    }
    const late = process.at(drainMs + 30_000, () =>
      this.violations.push(`12: stop has not ended 30 s after its drain of ${drainMs} ms`),
    );
    host.engine.stop({ drain: drainMs }).then(
      () => {
        late.cancel();
        if (!process.isAlive) return;
        this.#options.note(`stopped ${process.number}`);
        this.#end(process);
      },
      (error: unknown) => this.violations.push(`12: stop failed: ${String(error)}`),
    );
  }

  /** The engine has stopped by itself, or was not opened. */
  #failed(process: SimulatedProcess, error: unknown): void {
    if (!process.isAlive) return;
    this.#options.note(`failed ${process.number}: ${String(error)}`);
    const isOurs = /simulated disk/.test(String(error));
    if (!isOurs || (this.#phase !== 'opening' && !this.#options.disk.broken.has(process))) {
      this.violations.push(`12: the engine has stopped for no reason: ${String(error)}`);
    }
    this.#end(process);
  }
}
