// Calls under one key go one after the other: who comes later takes the first one's success. Keeps
// nothing once a line is empty; that a success is on record already is for the caller to ask.

import type { AttemptResult } from './attempt.ts';

/** A call's place in the line of those under one key. */
export interface PlaceInLine {
  readonly before: Promise<AttemptResult | null> | undefined;
  /** Lets the next one go on, with the result or because this one has taken too long (null). */
  readonly leave: (result: AttemptResult | null) => void;
}

export class KeyLines {
  /** The last call in line under each full key. */
  readonly #last: Map<string, Promise<AttemptResult | null>> = new Map();

  stand(key: string): PlaceInLine {
    const before = this.#last.get(key);
    const { promise, resolve } = Promise.withResolvers<AttemptResult | null>();
    this.#last.set(key, promise);
    const leave = (result: AttemptResult | null): void => {
      resolve(result);
      if (this.#last.get(key) === promise) this.#last.delete(key);
    };
    return { before, leave };
  }
}
