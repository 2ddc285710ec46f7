// A program in a process of its own as a test sees it: started, asked over IPC, killed, and gone when it
// ends. Answers that never come are told apart from refusals: their request may or may not have
// happened. It knows nothing of what the program does.

import { type ChildProcess, spawn } from 'node:child_process';

/** How a program says no. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What such a program says. */
export type FromProgram<Answer> =
  | { readonly type: 'open' }
  | { readonly type: 'answer'; readonly call: number; readonly answer: Answer }
  | { readonly type: 'refused'; readonly call: number; readonly error: Refusal }
  /** It could not open. */
  | { readonly type: 'failed'; readonly error: Refusal }
  /** Something that must never happen. */
  | { readonly type: 'violation'; readonly text: string };

/** The program ended before it answered. */
export class ProcessGone extends Error {
  override readonly name: string = 'ProcessGone';
}

/** The program said no. */
export class ProcessRefused extends Error {
  override readonly name: string = 'ProcessRefused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.code}: ${refusal.message}`);
    this.refusal = refusal;
  }
}

/** How a process ended: by itself with a code, or by a signal. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramStart {
  /** The program's file. */
  readonly program: string;
  /** Its only argument, as JSON. */
  readonly options: object;
  /** A command that starts it; it must end with the program. Default: none. */
  readonly by?: readonly string[];
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export class AskedProcess<Call extends object, Answer> {
  readonly #child: ChildProcess;
  readonly #waiting: Map<number, Waiting<Answer>> = new Map();
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  /** What must never have happened and did. */
  readonly violations: string[] = [];
  readonly ended: Promise<End>;
  #calls = 0;
  #isGone = false;

  constructor({ program, options, by = [], environment = {} }: ProgramStart) {
    const node = [process.execPath, '--conditions=sagawright-source', program];
    const [command = '', ...args] = [...by, ...node, JSON.stringify(options)];
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...environment },
    });
    // Not everybody waits for it: a host that dies before it opens is met by its requests.
    this.#opened.promise.catch(() => undefined);
    this.#child.on('message', (message) => this.#hear(message as FromProgram<Answer>));
    this.ended = new Promise((resolve) => {
      // After the last of its messages has been read.
      this.#child.once('close', (code, signal) => {
        this.#end();
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The signal that ended it, or null when it ended by itself. */
  get gone(): Promise<NodeJS.Signals | null> {
    return this.ended.then(({ signal }) => signal);
  }

  /** Resolves when it takes requests. @throws ProcessRefused, ProcessGone */
  opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** @throws ProcessRefused, ProcessGone */
  ask(call: Call): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#calls += 1;
    this.#waiting.set(this.#calls, { resolve, reject });
    // A closed channel is reported by `close`, which comes later.
    if (this.#isGone) this.#end();
    else if (this.#child.connected)
      this.#child.send({ ...call, call: this.#calls }, () => undefined);
    return promise;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills it now, if it is there. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #hear(message: FromProgram<Answer>): void {
    switch (message.type) {
      case 'open':
        return this.#opened.resolve();
      case 'failed':
        return this.#opened.reject(new ProcessRefused(message.error));
      case 'violation':
        this.violations.push(message.text);
        return;
      case 'answer':
        this.#waiting.get(message.call)?.resolve(message.answer);
        this.#waiting.delete(message.call);
        return;
      case 'refused':
        this.#waiting.get(message.call)?.reject(new ProcessRefused(message.error));
        this.#waiting.delete(message.call);
    }
  }

  #end(): void {
    this.#isGone = true;
    const gone = new ProcessGone('The process is gone.');
    this.#opened.reject(gone);
    for (const { reject } of this.#waiting.values()) reject(gone);
    this.#waiting.clear();
  }
}
