// When actors want to be woken. Timers armed or loaded by this process are measured with the monotonic
// clock, so a jump of the wall clock neither stalls nor hastens them; rows of dormant actors are looked
// for by their wall-clock column. It fires nothing itself: due timers become messages.

import type { ActorId } from '../ids.ts';
import type { Platform, Timer } from '../platform.ts';
import type { ActorState } from '../state/actor-state.ts';

export interface DueTimer {
  readonly actor: ActorId;
  readonly timerId: string;
  readonly generation: number;
}

interface Entry extends DueTimer {
  readonly dueMonotonic: number;
  /** Timers that are due at the same moment fire in the order of their arming. */
  readonly armedAs: number;
}

/** Timers taken per wake-up: many due at once are paced, so the loop stays responsive. */
const FIRED_AT_ONCE = 500;
/** A heap shorter than this is not worth sweeping. */
const SWEEP_AT_LEAST = 1_024;

export class WakeUps {
  readonly #platform: Platform;
  readonly #fire: (due: readonly DueTimer[]) => void;
  /** Binary heap by due time. Entries that were cancelled or armed again stay until they surface. */
  readonly #heap: Entry[] = [];
  /** Generation of each live timer; what is not in here does not fire. */
  readonly #live: Map<ActorId, Map<string, number>> = new Map();
  #armed = 0;
  /** The heap is swept when it is twice as long as what was alive last time. */
  #sweepAt = SWEEP_AT_LEAST;
  #timer: Timer | null = null;
  #timerDue = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(platform: Platform, fire: (due: readonly DueTimer[]) => void) {
    this.#platform = platform;
    this.#fire = fire;
  }

  /** Whether the actor's timers are measured by this process already. */
  knows(actor: ActorId): boolean {
    return this.#live.has(actor);
  }

  /** Takes an actor's timers as they are after a commit, or after it was loaded. */
  track(state: ActorState): void {
    const timers = state.status === 'active' ? Object.values(state.timers) : [];
    const known = this.#live.get(state.id);
    if (timers.length === 0) {
      if (known !== undefined) this.#live.delete(state.id);
      return;
    }
    const live = new Map<string, number>();
    const skew = this.#platform.monotonic() - this.#platform.now();
    // Generations grow with each arming, also that of an id which is armed again.
    for (const { id, generation, dueAt } of timers.sort((a, b) => a.generation - b.generation)) {
      live.set(id, generation);
      if (known?.get(id) === generation) continue;
      const armedAs = this.#armed++;
      const dueMonotonic = dueAt + skew;
      this.#insert({ actor: state.id, timerId: id, generation, dueMonotonic, armedAs });
    }
    this.#live.set(state.id, live);
    if (this.#heap.length > this.#sweepAt) this.#sweep();
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (this.#stopped || first === undefined || first.dueMonotonic >= this.#timerDue) return;
    this.#timer?.cancel();
    this.#timerDue = first.dueMonotonic;
    const delayMs = Math.max(0, first.dueMonotonic - this.#platform.monotonic());
    this.#timer = this.#platform.wakeAfter(delayMs, () => this.#wake());
  }

  #wake(): void {
    this.#timerDue = Number.POSITIVE_INFINITY;
    const now = this.#platform.monotonic();
    const due: DueTimer[] = [];
    while (due.length < FIRED_AT_ONCE) {
      const first = this.#heap[0];
      if (first === undefined || first.dueMonotonic > now) break;
      this.#removeFirst();
      const { actor, timerId, generation } = first;
      if (this.#isLive(first)) due.push({ actor, timerId, generation });
    }
    if (due.length > 0) this.#fire(due);
    this.#arm();
  }

  /** Drops what will not fire: a timer that is armed again and again leaves an entry each time. */
  #sweep(): void {
    const left = this.#heap.splice(0).filter((entry) => this.#isLive(entry));
    for (const entry of left) this.#insert(entry);
    this.#sweepAt = Math.max(SWEEP_AT_LEAST, 2 * left.length);
  }

  #isLive({ actor, timerId, generation }: Entry): boolean {
    return this.#live.get(actor)?.get(timerId) === generation;
  }

  #insert(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, entry)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = entry;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const [one, other] = [heap[left], heap[right]];
      if (one === undefined) break;
      const isRight = other !== undefined && isBefore(other, one);
      const child = isRight ? other : one;
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = isRight ? right : left;
    }
    heap[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMonotonic === b.dueMonotonic
    ? a.armedAs < b.armedAs
    : a.dueMonotonic < b.dueMonotonic;
}
