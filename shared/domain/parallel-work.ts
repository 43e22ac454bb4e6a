/** Runs work over many items with a bound on how many are under way. */
export interface Outcomes<Result> {
  readonly succeeded: readonly Result[];
  /** What the others threw. */
  readonly failed: readonly unknown[];
}

/** Every item is tried: one that fails keeps none of the others back. */
export async function inParallel<Item, Result>(
  items: Iterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): Promise<Outcomes<Result>> {
  const succeeded: Result[] = [];
  const failed: unknown[] = [];
  // One iterator for all: each item is taken by one worker, when its turn has come.
  const left = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) {
      const item = next.value;
      try {
        succeeded.push(await work(item));
      } catch (error) {
        failed.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { succeeded, failed };
}
