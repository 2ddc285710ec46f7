// Runs the engine's process until its work is done: starts it, listens, kills it where the plan says
// so, and starts it again. It never touches the engine's database; what it knows is what it was told.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type EngineBooks,
  type EngineFailure,
  type EngineProgress,
  type EngineReady,
  isFromEngine,
  type RunRequest,
} from './engine-messages.ts';
import type { PlannedKill } from './kill-plan.ts';

export interface Supervision {
  readonly request: RunRequest;
  /** Empty: nothing is killed. */
  readonly kills: readonly PlannedKill[];
  /** Sagas at rest, and those that were there before the run. */
  readonly onProgress: (done: number, found: number) => void;
  readonly onKill: (done: number) => void;
  /** Milliseconds, never going back. */
  readonly now: () => number;
}

/** What became of the work. */
export interface SupervisedRun {
  readonly books: EngineBooks;
  /** Sagas that were there before the run. */
  readonly sagasFound: number;
  readonly kills: number;
  /** Calls that a killed process had left and the next one went on with. */
  readonly callsRecovered: number;
  /** From the first engine's opening to the last saga's rest, restarts included. */
  readonly elapsedMs: number;
}

/** The engine's process ended before its work was done, and nobody had killed it. */
export class EngineProcessError extends Error {
  override readonly name = 'EngineProcessError';
  /** Whether the engine had been opened: if not, its database or its options are at fault. */
  readonly wasOpen: boolean;

  constructor(message: string, wasOpen: boolean) {
    super(message);
    this.wasOpen = wasOpen;
  }
}

/** How one process of the engine ended. */
interface Life {
  readonly books: EngineBooks | null;
  readonly wasKilled: boolean;
}

const processPath = fileURLToPath(new URL('engine-process.ts', import.meta.url));

/** @throws EngineProcessError */
export async function superviseEngine(supervision: Supervision): Promise<SupervisedRun> {
  const supervisor = new Supervisor(supervision);
  for (;;) {
    const { books, wasKilled } = await supervisor.live();
    if (books !== null) return supervisor.finish(books);
    if (wasKilled) supervisor.kills += 1;
  }
}

class Supervisor {
  kills = 0;
  #callsRecovered = 0;
  #sagasFound: number | null = null;
  #startedAt = 0;
  #doneAt = 0;
  #mostDone = 0;
  #left: PlannedKill[];
  readonly #supervision: Supervision;

  constructor(supervision: Supervision) {
    this.#supervision = supervision;
    this.#left = [...supervision.kills];
  }

  finish(books: EngineBooks): SupervisedRun {
    return {
      books,
      sagasFound: this.#sagasFound ?? 0,
      kills: this.kills,
      callsRecovered: this.#callsRecovered,
      elapsedMs: this.#doneAt - this.#startedAt,
    };
  }

  /** One process, from its start to its end. @throws EngineProcessError */
  live(): Promise<Life> {
    const child = fork(processPath, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const { promise, resolve, reject } = Promise.withResolvers<Life>();
    let ready: EngineReady | null = null;
    let last: EngineBooks | EngineFailure | null = null;
    let killTimer: NodeJS.Timeout | null = null;

    child.on('message', (message: unknown) => {
      if (!isFromEngine(message)) return;
      switch (message.type) {
        case 'ready':
          ready = message;
          this.#open(message);
          break;
        case 'progress':
          this.#progress(message.done);
          if (killTimer === null && this.#isDue(message, ready)) killTimer = this.#kill(child);
          break;
        case 'books':
        case 'failed':
          last = message;
          break;
      }
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (killTimer !== null) clearTimeout(killTimer);
      if (last?.type === 'books') resolve({ books: last, wasKilled: false });
      else if (killTimer !== null && signal === 'SIGKILL')
        resolve({ books: null, wasKilled: true });
      else {
        const end = last?.message ?? `its process ended with ${code ?? signal}; see above`;
        reject(new EngineProcessError(end, ready !== null));
      }
    });
    child.send(this.#supervision.request);
    return promise;
  }

  #open({ sagasFound, callsRecovered }: EngineReady): void {
    if (this.#sagasFound === null) {
      this.#sagasFound = sagasFound;
      this.#startedAt = this.#supervision.now();
      this.#doneAt = this.#startedAt;
    }
    this.#callsRecovered += callsRecovered;
  }

  #progress(done: number): void {
    this.#doneAt = this.#supervision.now();
    this.#mostDone = Math.max(this.#mostDone, done);
    this.#supervision.onProgress(this.#mostDone, this.#sagasFound ?? 0);
  }

  /** Only while there is work going on: what is merely found done cannot be cut. */
  #isDue({ done, started }: EngineProgress, ready: EngineReady | null): boolean {
    const [next] = this.#left;
    const isWorking = started > 0 || (ready !== null && ready.callsRecovered > 0);
    return isWorking && next !== undefined && done >= next.afterDone;
  }

  #kill(child: ChildProcess): NodeJS.Timeout {
    const next = this.#left.shift();
    return setTimeout(() => {
      this.#supervision.onKill(this.#mostDone);
      child.kill('SIGKILL');
    }, next?.delayMs ?? 0);
  }
}
