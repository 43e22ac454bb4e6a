/** Runs work over many items with a bound on how many are under way. */
export interface Outcomes<Result> {
  readonly succeeded: readonly Result[];
  /** What the others threw. */
  readonly failed: readonly unknown[];
}

/** Every item is tried: one that fails keeps none of the others back. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): Promise<Outcomes<Result>> {
  const succeeded: Result[] = [];
  const failed: unknown[] = [];
  const left = items.values();
  const worker = async () => {
    for (const item of left) {
      try {
        succeeded.push(await work(item));
      } catch (error) {
        failed.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return { succeeded, failed };
}
