/**
 * Numbers from 0 up to 1 that a seed repeats. For planned faults and choices between equals, never for keys.
 * Source: G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (2003), shifts 13, 17, 5.
 */
export function seededRandom(seed: number): () => number {
  // Zero is the one state that xorshift never leaves; the multiplication sets small seeds far apart.
  let state = Math.imul(seed | 0, 0x9e3779b1) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
