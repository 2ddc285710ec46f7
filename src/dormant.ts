// Wakes actors that this process has not touched yet: looks through the store's wake-up index a little
// ahead of time, so that 1,000,000 sleeping actors cost nothing until they are due.

import { createTask, type Handlers, nameOf } from './effect-task.ts';
import type { EffectRunner } from './effect-runner.ts';
import type { Envelope } from './envelope.ts';
import type { Platform, Timer } from './platform.ts';
import type { Reader } from './reader.ts';
import type { Store, Wake } from './store.ts';
import { isParked } from './view.ts';
import type { WakeUps } from './wake-ups.ts';

/** How far ahead rows are looked for, and half of it how often. */
const AHEAD_MS = 60_000;
const PAGE = 500;

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
    try {
      await this.#scan();
    } catch (error) {
      if (!this.#stopped) onFailure(error);
    }
    if (this.#stopped) return;
    this.#timer = platform.wakeAfter(AHEAD_MS / 2, () => void this.watch());
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
    const { reader, wakeUps, runner, handlers, platform, push } = this.#options;
    const untouched = page.map(({ id }) => id).filter((id) => !wakeUps.knows(id));
    for (const known of await reader.actors(untouched)) {
      if (isParked(known)) {
        push({ kind: 'touch', id: known.id });
        continue;
      }
      wakeUps.track(known);
      const now = platform.now();
      for (const effect of Object.values(known.effects)) {
        const task = createTask(known, effect, handlers);
        if (effect.retryAt === null || runner.knows(nameOf(task))) continue;
        const { id: effectId, generation, attempt, maybeRan, cuts, retryAt } = effect;
        // Due while nobody ran: committed as running first, so that a crash from here on counts.
        if (retryAt > now) runner.adopt(task, retryAt - now);
        else push({ kind: 'attempt', actor: known.id, effectId, generation, attempt, retryAt: null, maybeRan, cuts });
      }
    }
  }
}
