// Wakes actors that this process has not touched yet: looks through the store's wake-up index a little
// ahead of time, so that 1,000,000 sleeping actors cost nothing until they are due.

import type { EffectRunner } from './effect-runner.ts';
import { createTask, type Handlers } from './effect-task.ts';
import type { Envelope } from './envelope.ts';
import { isEngineError } from './errors.ts';
import type { Platform, Timer } from './platform.ts';
import type { Reader } from './reader.ts';
import type { Store, Wake } from './store.ts';
import { isParked } from './view.ts';
import type { WakeUps } from './wake-ups.ts';

/** How far ahead rows are looked for, and half of it how often. */
const AHEAD_MS = 60_000;
const PAGE = 500;
/** How long it waits for a store that somebody else keeps busy. */
const BUSY_PAUSE_MS = 100;

export interface DormantOptions {
  readonly store: Store;
  readonly reader: Reader;
  readonly wakeUps: WakeUps;
  readonly runner: EffectRunner;
  readonly handlers: Handlers;
  readonly platform: Platform;
  readonly push: (envelope: Envelope) => void;
  /** Resolves when nothing waits for a turn: pages of overdue actors are paced by it. */
  readonly quiet: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

export class DormantActors {
  readonly #options: DormantOptions;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(options: DormantOptions) {
    this.#options = options;
  }

  /** Looks now, and again in time before anything beyond the horizon is due. */
  async watch(): Promise<void> {
    const { platform, onFailure } = this.#options;
    let againMs = AHEAD_MS / 2;
    try {
      await this.#scan();
    } catch (error) {
      if (isEngineError(error, 'STORE_BUSY')) againMs = BUSY_PAUSE_MS;
      else if (!this.#stopped) onFailure(error);
    }
    if (this.#stopped) return;
    this.#timer = platform.wakeAfter(againMs, () => void this.watch());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #scan(): Promise<void> {
    const { store, platform, quiet } = this.#options;
    const before = platform.now() + AHEAD_MS;
    let after: Wake | undefined;
    while (!this.#stopped) {
      const page = await store.due({ before, ...(after !== undefined && { after }), limit: PAGE });
      await this.#take(page);
      after = page.at(-1);
      if (page.length < PAGE) return;
      await quiet();
    }
  }

  async #take(page: readonly Wake[]): Promise<void> {
    const { reader, wakeUps, runner, handlers, push } = this.#options;
    const untouched = page.map(({ id }) => id).filter((id) => !wakeUps.knows(id));
    for (const known of await reader.actors(untouched)) {
      if (isParked(known)) {
        push({ kind: 'touch', id: known.id });
        continue;
      }
      wakeUps.track(known);
      for (const effect of Object.values(known.effects)) {
        if (effect.retryAt !== null) runner.adoptRetry(createTask(known, effect, handlers));
      }
    }
  }
}
