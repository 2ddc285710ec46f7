// The host program as a test sees it: started, asked, killed, and gone when its plan says so. Answers
// that never come are told apart from refusals: their request may or may not have happened.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type {
  Answer,
  FromHost,
  HostCall,
  HostOptions,
  KillPlan,
  Refusal,
} from './host-protocol.ts';

const hostPath = fileURLToPath(new URL('host.ts', import.meta.url));

/** The host died before it answered. */
export class HostGone extends Error {
  override readonly name: string = 'HostGone';
}

/** The host said no. */
export class HostRefused extends Error {
  override readonly name: string = 'HostRefused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.code}: ${refusal.message}`);
    this.refusal = refusal;
  }
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export class EngineHost {
  readonly #child: ChildProcess;
  readonly #waiting: Map<number, Waiting> = new Map();
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  /** What must never have happened and did. */
  readonly violations: string[] = [];
  /** How it ended: the signal, or null when it ended by itself. */
  readonly gone: Promise<NodeJS.Signals | null>;
  #calls = 0;
  #isGone = false;

  constructor(options: HostOptions) {
    this.#child = spawn(
      process.execPath,
      ['--conditions=sagawright-source', hostPath, JSON.stringify(options)],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    this.#child.on('message', (message) => this.#hear(message as FromHost));
    this.gone = new Promise((resolve) => {
      // After the last of its messages has been read.
      this.#child.once('close', (_code, signal) => {
        this.#end();
        resolve(signal);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when the engine takes requests. @throws HostRefused, HostGone */
  opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** @throws HostRefused, HostGone */
  ask(call: HostCall): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#calls += 1;
    this.#waiting.set(this.#calls, { resolve, reject });
    // A closed channel is reported by `close`, which comes later.
    if (this.#isGone) this.#end();
    else if (this.#child.connected)
      this.#child.send({ ...call, call: this.#calls }, () => undefined);
    return promise;
  }

  /** Kills it now, if it is there. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.gone;
  }

  /** Lets it stop in good order. */
  async stop(): Promise<void> {
    await this.ask({ what: 'stop' });
    await this.gone;
  }

  #hear(message: FromHost): void {
    switch (message.type) {
      case 'open':
        return this.#opened.resolve();
      case 'failed':
        return this.#opened.reject(new HostRefused(message.error));
      case 'violation':
        this.violations.push(message.text);
        return;
      case 'answer':
        this.#waiting.get(message.call)?.resolve(message.answer);
        this.#waiting.delete(message.call);
        return;
      case 'refused':
        this.#waiting.get(message.call)?.reject(new HostRefused(message.error));
        this.#waiting.delete(message.call);
    }
  }

  #end(): void {
    this.#isGone = true;
    const gone = new HostGone('The host is gone.');
    this.#opened.reject(gone);
    for (const { reject } of this.#waiting.values()) reject(gone);
    this.#waiting.clear();
  }
}

/** A host that takes requests. It does not outlive the test. @throws HostRefused, HostGone */
export async function startHost(
  where: Pick<HostOptions, 'db' | 'gateway'>,
  kill: KillPlan | null = null,
): Promise<EngineHost> {
  const host = new EngineHost({ ...where, kill });
  onTestFinished(() => host.kill());
  await host.opened();
  return host;
}
