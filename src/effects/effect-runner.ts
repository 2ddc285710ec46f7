// Runs effects after their commit: places, attempts, deadlines, retries and the outcome, which goes
// home as a message like any other. It keeps nothing that is not also in the actor's row: whatever is
// lost here is found again by recovery.

import type { ActorId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { Platform } from '../platform.ts';
import type { AttemptRecord } from '../state/actor-state.ts';
import type { Envelope } from '../turn/envelope.ts';
import type { EffectMessage, Outcome } from '../turn/message.ts';
import type { EffectName } from '../turn/unit-output.ts';
import { type AttemptResult, AttemptSignal, askReconcile, runAttempt } from './attempt.ts';
import type { Rejected } from './effect.ts';
import { EffectSlots } from './effect-slots.ts';
import { type EffectTask, nameOf, outcomeMessage, outcomeOf } from './effect-task.ts';
import { KeyLines, type PlaceInLine } from './key-lines.ts';
import { computeBackoffMs, mayRunAfterCut } from './retry.ts';
import { createRunning, nameKey, type Running } from './running-effect.ts';
import { WaitingLines } from './waiting-lines.ts';

export interface RunnerOptions {
  readonly platform: Platform;
  readonly limits: Limits;
  /** Hands a message or an attempt's record to the mailbox. */
  readonly push: (envelope: Envelope) => void;
  /** The output recorded under an effect's own key before, if any. */
  readonly findDone: (actor: ActorId, key: string) => Promise<{ readonly output: unknown } | null>;
}

export class EffectRunner {
  readonly #options: RunnerOptions;
  readonly #slots: EffectSlots;
  readonly #running: Map<string, Running> = new Map();
  /** Two effects under one key run once. */
  readonly #lines: KeyLines = new KeyLines();
  readonly #waiting: WaitingLines;
  #draining = false;
  #aborted = false;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(options: RunnerOptions) {
    const { platform, limits } = options;
    const slots = new EffectSlots(limits.effects, platform.monotonic);
    this.#options = options;
    this.#slots = slots;
    const start = (running: Running): void => this.#startOne(running);
    this.#waiting = new WaitingLines({ platform, slots, start });
  }

  get inFlight(): number {
    return this.#slots.taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place for an effect that is about to be committed as attempt 1. */
  reserve(task: EffectTask): boolean {
    return !this.#draining && this.#slots.take(task.effect.src, task.policy);
  }

  /** Gives a place back whose effect was not started after all. */
  release(task: EffectTask): void {
    this.#slots.release(task.effect.src);
    this.#waiting.serve();
    if (this.#slots.taken === 0) this.#idle?.resolve();
  }

  knows(name: EffectName): boolean {
    return this.#running.has(nameKey(name));
  }

  /** Starts a committed attempt in the place that was reserved for it. */
  start(task: EffectTask): void {
    if (this.#aborted) {
      // Its commit came after the last deadline: the next process runs it, and nothing was tried here.
      const { attempt, retryAt, maybeRan, cuts } = task.effect;
      this.#recordAttempt(task, { attempt: attempt - 1, retryAt, maybeRan, cuts });
      this.release(task);
      return;
    }
    void this.#attempt(this.#renewed(task));
  }

  /** Takes on an effect as its row says: due now, later, or not yet tried. */
  adopt(task: EffectTask, delayMs: number): void {
    const { maybeRan, cuts, attempt, retryAt } = task.effect;
    const running = attempt === 0 ? this.#renewed(task) : this.#entry(task);
    // Its row is to say that it runs before it does: a crash from then on counts.
    if (attempt === 0 || retryAt !== null) {
      running.record = { attempt: Math.max(attempt, 1), retryAt: null, maybeRan, cuts };
    }
    // An outcome that came in the meantime is on its way: nothing is left to try.
    if (running.stopped || running.outcome !== null) return;
    if (running.placed) {
      running.placed = false;
      void this.#attempt(running);
    } else if (delayMs <= 0) this.#waiting.join(running);
    else if (!this.#draining) {
      running.timer = this.#options.platform.wakeAfter(delayMs, () => {
        running.timer = null;
        this.#waiting.join(running);
      });
    }
  }

  /** Takes on a retry that its row speaks of: due later, or fallen due while nobody ran. */
  adoptRetry(task: EffectTask): void {
    const { effect } = task;
    if (effect.retryAt === null || this.#draining || this.knows(nameOf(task))) return;
    this.adopt(task, effect.retryAt - this.#options.platform.now());
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
    const running = this.#entry(task);
    running.record = { attempt: effect.attempt + 1, retryAt: null, maybeRan: true, cuts };
    this.#waiting.join(running);
  }

  /** The actor does not wait for it any more. A call that is under way is told, and listened to. */
  stop(name: EffectName): void {
    const running = this.#running.get(nameKey(name));
    if (running === undefined) return;
    running.stopped = true;
    this.#callOff(running);
    for (const attempt of running.attempts) {
      attempt.abort(new Error('The state that started this effect was left.'));
    }
    const error = new Error('Its state was left before another attempt was made.');
    this.#settleStopped(running, running.task, error, 'STOPPED');
    this.#forgetIfQuiet(running);
  }

  /** Another call under its key has brought its outcome: what its own calls bring is no news. */
  settle(name: EffectName): void {
    const running = this.#running.get(nameKey(name));
    if (running === undefined) return;
    running.outcome = 'done';
    this.#callOff(running);
    for (const attempt of running.attempts) {
      attempt.abort(new Error('Another call under this key has succeeded.'));
    }
    this.#forgetIfQuiet(running);
  }

  /** No call of a stopped effect is under way any more: whoever waits for that may go on. */
  #settleStopped(running: Running, task: EffectTask, error: unknown, code: string): void {
    const known = this.#running.get(nameKey(nameOf(task))) === running;
    if (!known || running.attempts.size > 0) return;
    this.#report(running, task, outcomeOf(task, 'unknown', error, code));
  }

  /** Starts nothing, ever: what is asked for waits in its row. */
  hold(): void {
    this.#close();
  }

  /** Starts nothing more; resolves when no attempt is in flight. */
  drain(): Promise<void> {
    this.#close();
    for (const { timer } of this.#running.values()) timer?.cancel();
    if (this.#slots.taken === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Aborts what is left. An abort by shutdown does not count: the row goes back by one attempt. */
  abort(): void {
    this.#close();
    this.#aborted = true;
    for (const running of this.#running.values()) {
      const { task } = running;
      const { attempt, retryAt, maybeRan, cuts } = task.effect;
      // Its record is on its way to the row, but it will not run: the row goes back to what it says now.
      if (running.placed) this.#recordAttempt(task, { attempt, retryAt, maybeRan, cuts });
      if (running.attempts.size === 0) continue;
      if (!running.stopped && running.outcome === null) {
        this.#recordAttempt(task, { attempt: attempt - 1, retryAt: null, maybeRan: true, cuts });
      }
      running.stopped = true;
      for (const one of running.attempts) one.abort(new Error('The engine stops.'));
    }
    this.#running.clear();
  }

  #close(): void {
    this.#draining = true;
    this.#waiting.close();
  }

  #entry(task: EffectTask): Running {
    const name = nameKey(nameOf(task));
    const known = this.#running.get(name);
    if (known !== undefined) {
      known.task = task;
      return known;
    }
    const running = createRunning(task);
    this.#running.set(name, running);
    return running;
  }

  /** The entry of an effect that is tried from the start, as after its actor was resumed. */
  #renewed(task: EffectTask): Running {
    return Object.assign(this.#entry(task), { stopped: false, outcome: null, record: null });
  }

  /** Nothing more of it starts: it waits no longer, and a place that it holds is free again. */
  #callOff(running: Running): void {
    this.#waiting.leave(running);
    running.timer?.cancel();
    running.timer = null;
    running.record = null;
    if (!running.placed) return;
    running.placed = false;
    this.release(running.task);
  }

  /** In the place just taken: at once, or after the commit of what the row does not say yet. */
  #startOne(running: Running): void {
    const { task, record } = running;
    if (record === null) {
      void this.#attempt(running);
      return;
    }
    running.placed = true;
    running.record = null;
    this.#recordAttempt(task, record);
  }

  #recordAttempt(task: EffectTask, record: AttemptRecord): void {
    this.#options.push({ kind: 'attempt', effect: nameOf(task), record });
  }

  /** One attempt in a place already taken, from the question before it to what follows from its end. */
  async #attempt(running: Running): Promise<void> {
    const { task } = running;
    const abort = new AttemptSignal();
    running.attempts.add(abort);
    let inPlace = true;
    const leavePlace = (): void => {
      if (inPlace) this.release(task);
      inPlace = false;
    };
    const line = task.ownKey ? this.#lines.stand(task.effect.key) : null;
    const timer = this.#options.platform.wakeAfter(task.policy.timeoutMs, () => {
      const error = new Error(`The attempt took longer than ${task.policy.timeoutMs} ms.`);
      abort.abort(error);
      leavePlace();
      line?.leave(null);
      void this.#failed(running, task, error, 'TIMEOUT');
    });
    const result = await this.#call(running, task, abort, line);
    line?.leave(result);
    timer.cancel();
    running.attempts.delete(abort);
    const timedOut = abort.aborted && !running.stopped;
    if (result.type === 'done') this.#report(running, task, result);
    else if (result.type === 'rejected') await this.#rejected(running, task, result.rejection);
    else if (!timedOut) await this.#failed(running, task, result.error, 'FAILED');
    // The outcome is in the mailbox before the place is free: a drain that ends now will find it there.
    leavePlace();
    this.#forgetIfQuiet(running);
  }

  async #call(
    running: Running,
    task: EffectTask,
    abort: AttemptSignal,
    line: PlaceInLine | null,
  ): Promise<AttemptResult> {
    const { actor, effect } = task;
    const { key, input, attempt } = effect;
    let { maybeRan } = effect;
    if (line !== null) {
      const before = await line.before;
      // The call before it under this key has failed or takes too long: it may have happened.
      if (line.before !== undefined && before?.type !== 'rejected') maybeRan = true;
      const first = before?.type === 'done' ? before : await this.#recordedUnder(task);
      if (first !== null) return first;
    }
    if (maybeRan) {
      const found = await this.#reconcile(task);
      if (typeof found === 'object') return { type: 'done', output: found.done };
      maybeRan = found !== 'absent';
    }
    if (maybeRan !== effect.maybeRan && running.task === task) {
      running.task = { ...task, effect: { ...effect, maybeRan } };
    }
    if (abort.aborted) {
      const error = new Error('Nobody waited for this attempt any more when its turn came.');
      return { type: 'failed', error };
    }
    const args = { input, key, attempt, abort, actorId: actor };
    return runAttempt(task.code, args, task.self, this.#options.limits);
  }

  /** The success that is on record under an effect's own key already. */
  async #recordedUnder({ actor, effect }: EffectTask): Promise<AttemptResult | null> {
    try {
      const recorded = await this.#options.findDone(actor, effect.key);
      return recorded === null ? null : { type: 'done', output: recorded.output };
    } catch (error) {
      return { type: 'failed', error };
    }
  }

  #reconcile({ actor, effect, code, policy }: EffectTask): ReturnType<typeof askReconcile> {
    const { input, key } = effect;
    return askReconcile(code, { input, key, actorId: actor }, policy, this.#options);
  }

  /** A definite no, unless an earlier attempt may have happened and nobody can say that it did not. */
  async #rejected(running: Running, task: EffectTask, rejection: Rejected): Promise<void> {
    const doubt = running.task.effect.maybeRan || running.attempts.size > 0;
    const found = doubt ? await this.#reconcile(task) : 'absent';
    this.#report(running, task, outcomeOf(task, found, rejection, 'REJECTED'));
  }

  /** Neither done nor rejected: it may have happened. Tried again while its policy allows. */
  async #failed(
    running: Running,
    task: EffectTask,
    error: unknown,
    code: 'FAILED' | 'TIMEOUT',
  ): Promise<void> {
    if (running.stopped) this.#settleStopped(running, task, error, code);
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
    this.#report(running, task, outcomeOf(task, found, error, code));
  }

  #report(running: Running, task: EffectTask, outcome: Outcome): void {
    // Attempts share a key: a second success, or a failure after the outcome, is no news.
    if (running.outcome === 'done' || (running.outcome !== null && outcome.type !== 'done')) return;
    running.outcome = outcome.type;
    this.#callOff(running);
    const message: EffectMessage = outcomeMessage(task, outcome);
    this.#options.push({ kind: 'message', message, settle: null });
    this.#forgetIfQuiet(running);
  }

  #forgetIfQuiet(running: Running): void {
    if (running.attempts.size > 0 || (!running.stopped && running.outcome === null)) return;
    this.#running.delete(nameKey(nameOf(running.task)));
  }
}
