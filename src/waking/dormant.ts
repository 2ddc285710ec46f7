// Wakes actors that this process has not touched yet: looks through the store's wake-up index a little
// ahead of time, so that 1,000,000 sleeping actors cost nothing until they are due.

import type { Handlers } from '../effects/effect.ts';
import type { EffectRunner } from '../effects/effect-runner.ts';
import { createTask } from '../effects/effect-task.ts';
import { isEngineError } from '../errors.ts';
import { type PageQuery, readPages } from '../pages.ts';
import type { Platform, Timer } from '../platform.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { Reader } from '../state/reader.ts';
import type { Store, Wake } from '../store.ts';
import type { Envelope } from '../turn/envelope.ts';
import { isParked } from '../turn/view.ts';
import type { WakeUps } from './wake-ups.ts';

/** How far ahead rows are looked for, and half of it how often. */
const AHEAD_MS = 60_000;
/** How long it waits for a store that somebody else keeps busy. */
const BUSY_PAUSE_MS = 100;

/** Who minds timers and retries. */
export interface Minders {
  readonly wakeUps: WakeUps;
  readonly runner: EffectRunner;
  readonly handlers: Handlers;
}

export interface DormantOptions extends Minders {
  readonly store: Store;
  readonly reader: Reader;
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
    const readPage = async (page: PageQuery<Wake>): Promise<readonly Wake[]> => {
      if (page.after !== undefined) await quiet();
      return this.#stopped ? [] : store.due({ before, ...page });
    };
    for await (const page of readPages(readPage, (wake) => wake)) await this.#take(page);
  }

  async #take(page: readonly Wake[]): Promise<void> {
    const { reader, wakeUps, push } = this.#options;
    const untouched = page.map(({ id }) => id).filter((id) => !wakeUps.knows(id));
    for (const known of await reader.actors(untouched)) {
      // A turn may have armed others since: those count, not what was read.
      if (wakeUps.knows(known.id)) continue;
      if (isParked(known)) push({ kind: 'touch', target: known.id });
      else takeUp(known, this.#options);
    }
  }
}

/** From now on this process minds the actor's timers and retries, those of the last process included. */
export function takeUp(state: ActorState, { wakeUps, runner, handlers }: Minders): void {
  wakeUps.track(state);
  if (state.status !== 'active') return;
  for (const effect of Object.values(state.effects)) {
    if (effect.retryAt !== null) runner.adoptRetry(createTask(state, effect, handlers));
  }
}
