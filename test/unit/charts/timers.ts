// Delayed events of a run, on a clock that moves only when told to. Events that fall due together fire
// in the order in which they were armed. Never looks at the real time.

interface Pending<What> {
  readonly dueAt: number;
  readonly order: number;
  readonly what: What;
}

export class Timers<What> {
  nowMs = 0;
  readonly #pending: Map<string, Pending<What>> = new Map();
  #armed = 0;

  /** Arms an event; an id in use is armed anew. */
  arm(id: string, delayMs: number, what: What): void {
    this.#armed += 1;
    this.#pending.set(id, { dueAt: this.nowMs + delayMs, order: this.#armed, what });
  }

  cancel(id: string): void {
    this.#pending.delete(id);
  }

  clear(): void {
    this.#pending.clear();
  }

  get dueAt(): readonly number[] {
    return [...this.#pending.values()].map(({ dueAt }) => dueAt).sort((a, b) => a - b);
  }

  /** Moves the clock, then fires what is due, including what firing makes due. */
  advance(ms: number, fire: (what: What) => void): void {
    this.nowMs += ms;
    for (let due = this.#first(); due !== undefined; due = this.#first()) {
      const [id, { what }] = due;
      this.#pending.delete(id);
      fire(what);
    }
  }

  #first(): [string, Pending<What>] | undefined {
    return [...this.#pending]
      .filter(([, { dueAt }]) => dueAt <= this.nowMs)
      .sort(([, a], [, b]) => a.dueAt - b.dueAt || a.order - b.order)[0];
  }
}

/** The same as a clock that XState's own scheduler takes. */
export class TimersClock {
  readonly #timers: Timers<() => void> = new Timers();
  #handles = 0;

  setTimeout(callback: () => void, delayMs: number): string {
    this.#handles += 1;
    const handle = `timeout-${this.#handles}`;
    this.#timers.arm(handle, delayMs, callback);
    return handle;
  }

  clearTimeout(handle: string): void {
    this.#timers.cancel(handle);
  }

  advance(ms: number): void {
    this.#timers.advance(ms, (callback) => callback());
  }
}
