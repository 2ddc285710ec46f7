// How the services here keep the promise that every call relies on: one key, one deed, one reply. The
// same key with another request is a mistake of the caller and changes nothing.

import { isDeepStrictEqual } from 'node:util';
import { Rejected } from 'sagawright';

interface Reply {
  readonly request: unknown;
  readonly act: { readonly done: unknown } | { readonly refused: Rejected };
}

/** Replies by their idempotency key; a refusal is kept like a success. */
export class Replies {
  readonly #byKey: Map<string, Reply> = new Map();

  /** Does it once; again under the same key, only says again what came of it. */
  once<Output>(key: string, request: unknown, act: () => Output): Output {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      if (!isDeepStrictEqual(known.request, request)) {
        throw new Error(`${key}: expected the request that this key came with before.`);
      }
      if ('refused' in known.act) throw known.act.refused;
      return known.act.done as Output;
    }
    try {
      const done = act();
      this.#byKey.set(key, { request, act: { done } });
      return done;
    } catch (error) {
      if (error instanceof Rejected) this.#byKey.set(key, { request, act: { refused: error } });
      throw error;
    }
  }
}
