// One task for each of many items, so many at a time: the orders of a run, the questions to the
// gateway. It never looks at what the tasks do, and stops none of them.

/** Resolves when all are done; rejects with the first error. */
export async function runBounded<Item>(
  items: readonly Item[],
  concurrency: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  // One iterator shared by all: each takes the next item when it is done with its own.
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await task(item);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
