// One attempt of an effect, or one question to `reconcile`: calls the user's code with a deadline and
// says how it went. It decides nothing: effect-runner.ts does.

import { checkPayload } from '../client/intake.ts';
import { copyJson } from '../codec.ts';
import type { ActorId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { Platform } from '../platform.ts';
import type { ActorHandle } from '../step/handle.ts';
import type { PromiseCreator } from '../step/logic.ts';
import { type AnyHandler, type EffectPolicy, type Handler, Rejected } from './effect.ts';

/** How one call of a handler went. */
export type AttemptResult =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'rejected'; readonly rejection: Rejected }
  | { readonly type: 'failed'; readonly error: unknown };

/** An effect's code: a handler given to the engine or the effect, or a plain promise creator. */
export interface EffectCode {
  readonly handler: AnyHandler | null;
  readonly creator: PromiseCreator | null;
}

/**
 * A handler's abort signal, made when it is first asked for: most handlers of small effects never look,
 * and an AbortController costs as much as the rest of an attempt.
 */
export class AttemptSignal {
  #controller: AbortController | null = null;
  #reason: Error | null = null;

  get aborted(): boolean {
    return this.#reason !== null;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }
}

/** What one attempt is made with. */
export interface AttemptArgs {
  readonly input: unknown;
  readonly key: string;
  readonly attempt: number;
  readonly abort: AttemptSignal;
  readonly actorId: ActorId;
}

/** Calls the code once. Never rejects; ends only when the code does. */
export async function runAttempt(
  code: EffectCode,
  args: AttemptArgs,
  self: ActorHandle,
  limits: Limits,
): Promise<AttemptResult> {
  try {
    const output = await callCode(code, args, self);
    return { type: 'done', output: checkPayload(output, 'output of an effect', limits) ?? null };
  } catch (error) {
    return error instanceof Rejected
      ? { type: 'rejected', rejection: error }
      : { type: 'failed', error };
  }
}

function callCode(code: EffectCode, args: AttemptArgs, self: ActorHandle): PromiseLike<unknown> {
  const { handler, creator } = code;
  const { key, attempt, actorId, abort } = args;
  // Each attempt gets its own copy: what one does to its input, the next must not see.
  const input = copyJson(args.input);
  if (handler !== null) {
    const run = (typeof handler === 'function' ? handler : handler.run) as Handler<
      unknown,
      unknown
    >;
    return run({
      input,
      key,
      attempt,
      actorId,
      get signal() {
        return abort.signal;
      },
    });
  }
  if (creator !== null) {
    const { signal } = abort;
    return creator({ input, self, system: self.system, signal, emit: () => undefined });
  }
  const message =
    'Expected a handler for this effect, found none. Give it to openEngine({ handlers }) under the name that the machine invokes it by.';
  // Nothing was called, so nothing can have happened. Only a spawned effect comes here: open has looked at
  // those that are invoked.
  return Promise.reject(new Rejected('NO_HANDLER', { message }));
}

/** What became of earlier attempts; `unknown` when nobody can tell, in time or at all. */
export async function askReconcile(
  code: EffectCode,
  args: Omit<AttemptArgs, 'attempt' | 'abort'>,
  policy: EffectPolicy,
  { platform, limits }: { readonly platform: Platform; readonly limits: Limits },
): Promise<'absent' | 'unknown' | { readonly done: unknown }> {
  const { handler } = code;
  if (handler === null || typeof handler === 'function' || !handler.reconcile) return 'unknown';
  const controller = new AbortController();
  const { promise: deadline, resolve } = Promise.withResolvers<'unknown'>();
  const timer = platform.wakeAfter(policy.timeoutMs, () => {
    controller.abort(new Error('reconcile timed out'));
    resolve('unknown');
  });
  try {
    const { signal } = controller;
    const input = copyJson(args.input) as never;
    const found: unknown = await Promise.race([
      handler.reconcile({ ...args, input, signal }),
      deadline,
    ]);
    if (typeof found === 'object' && found !== null && 'done' in found) {
      // As any output: what cannot be stored must not come near a commit.
      return { done: checkPayload(found.done, 'output of reconcile', limits) ?? null };
    }
    return found === 'absent' ? 'absent' : 'unknown';
  } catch {
    // It answers a question; failing to answer is not an outcome.
    return 'unknown';
  } finally {
    timer.cancel();
  }
}
