// The store of a paused engine: everything can be read, and nothing is written, whoever asks.

import { EngineError } from '../errors.ts';
import type { Store } from '../store.ts';

export function pausedError(): EngineError {
  return new EngineError(
    'ENGINE_PAUSED',
    'Expected a running engine, but it was opened with paused: true, which only reads. Open it without.',
  );
}

export function readOnly(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit') return () => Promise.reject(pausedError());
      if (name === 'maintain') return () => Promise.resolve();
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
