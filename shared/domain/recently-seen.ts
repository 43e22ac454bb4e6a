/** Names that this process has seen a short while ago: what need not be done for them again. */

/**
 * @param max Names that are remembered; then all are forgotten, which costs doing it again.
 * @returns whether the name was seen in the last `forMs`; if not, it is from now on.
 */
export function recentlySeen(max: number, forMs: number): (name: string, nowMs: number) => boolean {
  const seen = new Map<string, number>();
  return (name, nowMs) => {
    if (nowMs - (seen.get(name) ?? Number.NEGATIVE_INFINITY) < forMs) return true;
    if (seen.size >= max) seen.clear();
    seen.set(name, nowMs);
    return false;
  };
}
