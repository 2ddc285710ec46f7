// A handler that does nothing by itself: each call waits until the test ends it, so that a test decides
// what succeeds, fails, hangs or comes late. It never needs a timer.

import type { HandlerArgs, HandlerWithReconcile, Reconciled } from 'sagawright';

/** One attempt that the engine has made. */
export interface Call extends HandlerArgs<unknown> {
  readonly resolve: (output?: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The code of an effect whose calls a test does not look at: it fails. */
export function failing(): Promise<never> {
  return Promise.reject(new Error('No test has given this effect an answer.'));
}

export class ScriptedHandler {
  readonly calls: Call[] = [];
  /** Keys that `reconcile` was asked about. */
  readonly asked: string[] = [];
  /** Most calls that were under way at one time. */
  most = 0;
  #open = 0;

  readonly run = (args: HandlerArgs<unknown>): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { input, key, attempt, actorId, signal } = args;
    this.calls.push({ input, key, attempt, actorId, signal, resolve, reject });
    this.#open += 1;
    this.most = Math.max(this.most, this.#open);
    return promise.finally(() => {
      this.#open -= 1;
    });
  };

  /** The same handler with an answer to what became of earlier attempts. */
  reconciling(answer: () => Promise<Reconciled<unknown>>): HandlerWithReconcile<unknown, unknown> {
    const reconcile = ({ key }: { readonly key: string }): Promise<Reconciled<unknown>> => {
      this.asked.push(key);
      return answer();
    };
    return { run: this.run, reconcile };
  }

  /** The call of that number, from 1. */
  call(number: number): Call {
    const call = this.calls[number - 1];
    if (call === undefined) {
      throw new Error(
        `Expected call ${number} of the handler, but there were ${this.calls.length}.`,
      );
    }
    return call;
  }

  get last(): Call {
    return this.call(this.calls.length);
  }
}
