// Synchronous work as the promise that the port asks for. Runs at once: a store adds no tick.

/** Resolves to what `work` returns and rejects with what it throws. */
export function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
