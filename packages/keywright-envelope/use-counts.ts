/** How often this process has used each data key for new data: counted for as long as the process lives. */
export interface UseCount {
  uses: number;
}

/** About 10 MB. The count that was asked for longest ago makes room, and then begins anew. */
const COUNTS_MAX = 100_000;

/** @returns the count of a data key. It outlives the data key's plaintext, which comes and goes with every window. */
export function useCounts(): (dataKeyId: string) => UseCount {
  const counts = new Map<string, UseCount>();
  return (dataKeyId) => {
    const count = counts.get(dataKeyId) ?? { uses: 0 };
    counts.delete(dataKeyId);
    counts.set(dataKeyId, count);
    const [oldest] = counts.keys();
    if (counts.size > COUNTS_MAX && oldest !== undefined) counts.delete(oldest);
    return count;
  };
}
