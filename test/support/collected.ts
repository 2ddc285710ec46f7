// What an async iterable gives, and how a promise ends, as plain values to compare with.
// Never waits for anything but what it is given.

import { EngineError } from 'sagawright';

export async function collect<Value>(values: AsyncIterable<Value>): Promise<readonly Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** The EngineError that a promise is rejected with; anything else fails the test. */
export async function errorOf(promise: Promise<unknown>): Promise<EngineError> {
  try {
    const value = await promise;
    throw new Error(`Expected an EngineError, got ${JSON.stringify(value) ?? 'undefined'}.`);
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await errorOf(promise)).code;
}

/** What was rejected during the call with nobody listening. */
export async function unheardDuring(call: () => Promise<unknown>): Promise<readonly unknown[]> {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => {
    unheard.push(reason);
  };
  process.on('unhandledRejection', hear);
  try {
    await call();
    // Node tells of them once the microtasks are done.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', hear);
  }
  return unheard;
}

/** The EngineError that a call throws at once. */
export function thrownBy(call: () => unknown): EngineError {
  try {
    call();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('Expected an EngineError, but nothing was thrown.');
}
