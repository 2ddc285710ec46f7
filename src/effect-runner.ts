// Runs effects after their commit: places, attempts, deadlines, retries and the outcome, which goes
// home as a message like any other. It keeps nothing that is not also in the actor's row: whatever is
// lost here is found again by recovery.

import { askReconcile, type AttemptResult, runAttempt } from './attempt.ts';
import { Rejected } from './effect.ts';
import { EffectSlots } from './effect-slots.ts';
import { type EffectTask, effectErrorOf, nameOf, outcomeMessage } from './effect-task.ts';
import type { Envelope } from './envelope.ts';
import type { ActorId } from './ids.ts';
import type { Limits } from './limits.ts';
import type { EffectMessage, Outcome } from './message.ts';
import type { Platform, Timer } from './platform.ts';
import { computeBackoffMs, mayRunAfterCut } from './retry.ts';
import type { EffectName } from './unit-output.ts';

export interface RunnerOptions {
  readonly platform: Platform;
  readonly limits: Limits;
  /** Hands a message or an attempt's record to the mailbox. */
  readonly push: (envelope: Envelope) => void;
  /** The output recorded under an effect's own key before, if any. */
  readonly findDone: (actor: ActorId, key: string) => Promise<{ readonly output: unknown } | null>;
}

/** An effect that this process is busy with. */
interface Running {
  task: EffectTask;
  readonly attempts: Set<AbortController>;
  /** Its state was left: what it still brings is late. */
  stopped: boolean;
  outcome: Outcome['type'] | null;
  timer: Timer | null;
}

type AttemptEnvelope = Extract<Envelope, { kind: 'attempt' }>;

export class EffectRunner {
  readonly #options: RunnerOptions;
  readonly #slots: EffectSlots;
  readonly #running: Map<string, Running> = new Map();
  /** Attempts in flight by full key: two effects under one key run once. */
  readonly #byKey: Map<string, Promise<AttemptResult>> = new Map();
  #waiting: Running[] = [];
  #draining = false;
  #idle: (() => void) | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#slots = new EffectSlots(options.limits.effects, options.platform.monotonic);
  }

  get inFlight(): number {
    return this.#slots.taken;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a place for an effect that is about to be committed as attempt 1. */
  reserve(task: EffectTask): boolean {
    return !this.#draining && this.#slots.take(task.effect.src, task.policy);
  }

  /** Gives a place back whose effect was not started after all. */
  release(task: EffectTask): void {
    this.#slots.release(task.effect.src);
    this.#startWaiting();
    if (this.#slots.taken === 0) this.#idle?.();
  }

  knows(name: EffectName): boolean {
    return this.#running.has(nameKey(name));
  }

  /** Starts a committed attempt in the place that was reserved for it. */
  start(task: EffectTask): void {
    void this.#attempt(this.#entry(task));
  }

  /** Takes on an effect as its row says: due now, later, or not yet tried. */
  adopt(task: EffectTask, delayMs: number): void {
    const running = this.#entry(task);
    if (delayMs <= 0) {
      this.#waiting.push(running);
      this.#startWaiting();
      return;
    }
    running.timer = this.#options.platform.wakeAfter(delayMs, () => {
      running.timer = null;
      this.#waiting.push(running);
      this.#startWaiting();
    });
  }

  /** A restart has cut the attempt in the row: the next one is committed before it runs. */
  adoptCut(task: EffectTask): void {
    const { effect, policy } = task;
    const cuts = effect.cuts + 1;
    if (!mayRunAfterCut(policy, cuts)) {
      const cause = new Error(`${cuts} restarts in a row have cut this effect.`);
      this.#entry(task);
      void this.#conclude(task, cause, 'INTERRUPTED');
      return;
    }
    this.#recordAttempt(task, { attempt: effect.attempt + 1, retryAt: null, maybeRan: true, cuts });
  }

  /** The actor does not wait for it any more. A call that is under way is told, and listened to. */
  stop(name: EffectName): void {
    const running = this.#running.get(nameKey(name));
    if (running === undefined) return;
    running.stopped = true;
    running.timer?.cancel();
    for (const controller of running.attempts) {
      controller.abort(new Error('The state that started this effect was left.'));
    }
    this.#forgetIfQuiet(running);
  }

  /** Starts nothing more; resolves when no attempt is in flight. */
  drain(): Promise<void> {
    this.#draining = true;
    for (const { timer } of this.#running.values()) timer?.cancel();
    if (this.#slots.taken === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    return promise;
  }

  /** Aborts what is left. An abort by shutdown does not count: the row goes back by one attempt. */
  abort(): void {
    for (const running of this.#running.values()) {
      if (running.attempts.size === 0) continue;
      const { task } = running;
      const attempt = task.effect.attempt - 1;
      if (!running.stopped && running.outcome === null) {
        this.#recordAttempt(task, { attempt, retryAt: null, maybeRan: true, cuts: task.effect.cuts });
      }
      running.stopped = true;
      for (const controller of running.attempts) controller.abort(new Error('The engine stops.'));
    }
    this.#running.clear();
  }

  #entry(task: EffectTask): Running {
    const name = nameKey(nameOf(task));
    const known = this.#running.get(name);
    if (known !== undefined) {
      known.task = task;
      return known;
    }
    const running: Running = {
      task,
      attempts: new Set(),
      stopped: false,
      outcome: null,
      timer: null,
    };
    this.#running.set(name, running);
    return running;
  }

  #startWaiting(): void {
    if (this.#draining || this.#waiting.length === 0) return;
    const still: Running[] = [];
    for (const running of this.#waiting) {
      if (running.stopped) this.#forgetIfQuiet(running);
      else if (this.#slots.take(running.task.effect.src, running.task.policy)) {
        this.#startOne(running);
      } else still.push(running);
    }
    this.#waiting = still;
    this.#wakeForRate(still);
  }

  /** A place that is free but for its rate opens by itself: look again when it does. */
  #wakeForRate(waiting: readonly Running[]): void {
    const first = waiting.find(({ task }) => task.policy.rate !== null);
    if (first === undefined) return;
    const waitMs = this.#slots.waitMs(first.task.effect.src, first.task.policy);
    if (waitMs > 0) this.#options.platform.wakeAfter(waitMs, () => this.#startWaiting());
  }

  #startOne(running: Running): void {
    const { task } = running;
    if (task.effect.attempt > 0) {
      void this.#attempt(running);
      return;
    }
    // Not tried yet: its first attempt is committed now that it has a place.
    const { maybeRan, cuts } = task.effect;
    this.#recordAttempt(task, { attempt: 1, retryAt: null, maybeRan, cuts });
  }

  #recordAttempt(
    { actor, effect }: EffectTask,
    record: Pick<AttemptEnvelope, 'attempt' | 'retryAt' | 'maybeRan' | 'cuts'>,
  ): void {
    const { id: effectId, generation } = effect;
    this.#options.push({ kind: 'attempt', actor, effectId, generation, ...record });
  }

  /** One attempt in a place already taken, from the question before it to what follows from its end. */
  async #attempt(running: Running): Promise<void> {
    const { task } = running;
    const controller = new AbortController();
    running.attempts.add(controller);
    let inPlace = true;
    const leavePlace = (): void => {
      if (inPlace) this.release(task);
      inPlace = false;
    };
    const timer = this.#options.platform.wakeAfter(task.policy.timeoutMs, () => {
      const error = new Error(`The attempt took longer than ${task.policy.timeoutMs} ms.`);
      controller.abort(error);
      leavePlace();
      void this.#failed(running, task, error, 'TIMEOUT');
    });
    const result = await this.#call(task, controller.signal);
    timer.cancel();
    running.attempts.delete(controller);
    const timedOut = controller.signal.aborted && !running.stopped;
    if (result.type === 'done') this.#report(running, task, result);
    else if (result.type === 'rejected') await this.#rejected(running, task, result.rejection);
    else if (!timedOut) await this.#failed(running, task, result.error, 'FAILED');
    // The outcome is in the mailbox before the place is free: a drain that ends now will find it there.
    leavePlace();
    this.#forgetIfQuiet(running);
  }

  async #call(task: EffectTask, signal: AbortSignal): Promise<AttemptResult> {
    const { actor, effect, ownKey } = task;
    const { key, input, attempt } = effect;
    if (ownKey) {
      const before = await this.#byKey.get(key);
      if (before?.type === 'done') return before;
      const recorded = await this.#options.findDone(actor, key);
      if (recorded !== null) return { type: 'done', output: recorded.output };
    }
    if (effect.maybeRan) {
      const found = await this.#reconcile(task);
      if (typeof found === 'object') return { type: 'done', output: found.done };
      if (found === 'absent') this.#clearDoubt(task);
    }
    const args = { input, key, attempt, signal, actorId: actor };
    const result = runAttempt(task.code, args, task.self, this.#options.limits);
    if (ownKey) {
      this.#byKey.set(key, result);
      void result.then(() => {
        if (this.#byKey.get(key) === result) this.#byKey.delete(key);
      });
    }
    return result;
  }

  #clearDoubt(task: EffectTask): void {
    const running = this.#running.get(nameKey(nameOf(task)));
    if (running?.task === task) {
      running.task = { ...task, effect: { ...task.effect, maybeRan: false } };
    }
  }

  #reconcile({ actor, effect, code, policy }: EffectTask): ReturnType<typeof askReconcile> {
    const { input, key } = effect;
    return askReconcile(code, { input, key, actorId: actor }, policy, this.#options.platform);
  }

  /** A definite no, unless an earlier attempt may have happened and nobody can say that it did not. */
  async #rejected(running: Running, task: EffectTask, rejection: Rejected): Promise<void> {
    const doubt = running.task.effect.maybeRan || running.attempts.size > 0;
    const found = doubt ? await this.#reconcile(task) : 'absent';
    if (typeof found === 'object') {
      this.#report(running, task, { type: 'done', output: found.done });
      return;
    }
    const type = found === 'absent' ? 'rejected' : 'unknown';
    const error = effectErrorOf(task, rejection, type, 'REJECTED');
    this.#report(running, task, { type, error });
  }

  /** Neither done nor rejected: it may have happened. Tried again while its policy allows. */
  async #failed(
    running: Running,
    task: EffectTask,
    error: unknown,
    code: 'FAILED' | 'TIMEOUT',
  ): Promise<void> {
    if (running.stopped || running.outcome !== null) return;
    const { policy, effect } = task;
    if (effect.attempt >= policy.attempts) return this.#conclude(task, error, code);
    const { platform } = this.#options;
    const backoffMs = computeBackoffMs(policy, effect.attempt, platform.random());
    const retryAt = platform.now() + backoffMs;
    this.#recordAttempt(task, { attempt: effect.attempt + 1, retryAt, maybeRan: true, cuts: 0 });
  }

  /** All attempts are used up: the last word is `unknown`, unless the service knows better. */
  async #conclude(task: EffectTask, error: unknown, code: string): Promise<void> {
    const running = this.#entry(task);
    const found = await this.#reconcile(task);
    if (running.stopped || running.outcome !== null) return;
    if (typeof found === 'object') {
      this.#report(running, task, { type: 'done', output: found.done });
      return;
    }
    const type = found === 'absent' ? 'rejected' : 'unknown';
    this.#report(running, task, { type, error: effectErrorOf(task, error, type, code) });
  }

  #report(running: Running, task: EffectTask, outcome: Outcome): void {
    // Attempts share a key: a second success, or a failure after the outcome, is no news.
    if (running.outcome === 'done' || (running.outcome !== null && outcome.type !== 'done')) return;
    running.outcome = outcome.type;
    const message: EffectMessage = outcomeMessage(task, outcome);
    this.#options.push({ kind: 'message', message, settle: null });
    this.#forgetIfQuiet(running);
  }

  #forgetIfQuiet(running: Running): void {
    if (running.attempts.size > 0 || (!running.stopped && running.outcome === null)) return;
    this.#running.delete(nameKey(nameOf(running.task)));
  }
}

function nameKey({ actor, id, generation }: EffectName): string {
  return `${actor}\n${id}\n${generation}`;
}
