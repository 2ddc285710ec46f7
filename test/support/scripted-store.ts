// A Store around another one, for tests: fails commits as told, remembers them, can hold one back in
// the middle, and dies with its process. Never changes what is written.

import type { EngineError, Store } from 'sagawright';

/** The writes of one turn, as the engine hands them to its store. */
export type Commit = Parameters<Store['commit']>[0];

/** Decides about a commit before it is made: an error refuses it, null lets it pass. */
export type Judge = (commit: Commit) => EngineError | null;

export class ScriptedStore {
  /** Commits that were made, oldest first. */
  readonly commits: Commit[] = [];
  /** Asked before each commit. */
  judge: Judge = () => null;
  /** Asked after each commit was made: an error hides from the engine that it was. */
  judgeAfter: Judge = () => null;
  /** Asked before each read: an error refuses it. */
  judgeRead: () => EngineError | null = () => null;
  readonly store: Store;
  readonly #inner: Store;
  #killed = false;
  #gate: Promise<void> | null = null;
  #rowsGate: Promise<void> | null = null;

  constructor(inner: Store) {
    this.#inner = inner;
    this.store = new Proxy(inner, {
      get: (target, name) => {
        if (name === 'commit') return (commit: Commit) => this.#commit(commit);
        if (name === 'load') return (ids: Parameters<Store['load']>[0]) => this.#load(ids);
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        const isRead = !['open', 'close', 'health', 'maintain'].includes(String(name));
        return (...args: readonly unknown[]) => {
          if (this.#killed) return never();
          const refusal = isRead ? this.judgeRead() : null;
          if (refusal !== null) return Promise.reject(refusal);
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
  }

  /** Holds commits back until the answer is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return () => {
      this.#gate = null;
      resolve();
    };
  }

  /** Holds back the rows of the next `load`, as they are at its call, until the answer is called. */
  holdRows(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#rowsGate = promise;
    return resolve;
  }

  /** As SIGKILL: the process hears nothing more of its store, and the lock is free. */
  async kill(): Promise<void> {
    this.#killed = true;
    await this.#inner.close();
  }

  async #load(ids: Parameters<Store['load']>[0]): ReturnType<Store['load']> {
    if (this.#killed) return never();
    const refusal = this.judgeRead();
    if (refusal !== null) throw refusal;
    const gate = this.#rowsGate;
    this.#rowsGate = null;
    const rows = await this.#inner.load(ids);
    if (gate !== null) await gate;
    return this.#killed ? never() : rows;
  }

  async #commit(commit: Commit): ReturnType<Store['commit']> {
    if (this.#gate !== null) await this.#gate;
    if (this.#killed) return never();
    const refusal = this.judge(commit);
    if (refusal !== null) throw refusal;
    const result = await this.#inner.commit(commit);
    this.commits.push(commit);
    const hidden = this.judgeAfter(commit);
    if (hidden !== null) throw hidden;
    // It was killed by who was asked: the commit stays, and nobody hears of it.
    if (this.#killed) return never();
    return result;
  }
}

/** What a dead process waits for. */
function never<Value>(): Promise<Value> {
  return new Promise<Value>(() => undefined);
}
