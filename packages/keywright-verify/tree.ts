/** A log's tree computed from its leaf hashes, a bundle after the other. Keeps one hash for each 256 entries. */
import { TILE_WIDTH } from './layout';
import { HASH_BYTES, rootOfEdge, subtreeRoot } from './merkle';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

export interface Tree {
  /** Adds the leaf hashes of the next bundle. Only the last one may have fewer than 256. */
  add(leaves: Uint8Array): void;
  /** The root when the log had that size: one of the sizes that were asked for at the beginning. */
  rootAt(size: number): Uint8Array;
  /** The hashes of a tile above the leaves, as far as the tree has them. */
  tile(level: number, index: number): Uint8Array;
}

/** Takes leaves in order and knows the root at each of the sizes, in memory that grows with the logarithm. */
export function growTree(sizes: readonly number[]): Tree {
  const leafEdges = new Map<number, Uint8Array>(sizes.map((size) => [size, new Uint8Array()]));
  /** Of each level above the leaves: the roots of the full tiles below. */
  const levels: Uint8Array[][] = [];
  let bundles = 0;

  const push = (level: number, root: Uint8Array): void => {
    levels[level] ??= [];
    const count = levels[level].push(root);
    if (count % TILE_WIDTH === 0) push(level + 1, subtreeRoot(tile(level, count / TILE_WIDTH - 1)));
  };
  const tile = (level: number, index: number, width = TILE_WIDTH): Uint8Array =>
    Buffer.concat((levels[level] ?? []).slice(index * TILE_WIDTH, index * TILE_WIDTH + width));

  return {
    add(leaves) {
      for (const size of leafEdges.keys()) {
        const isHere = Math.floor(size / TILE_WIDTH) === bundles;
        if (isHere) leafEdges.set(size, leaves.subarray(0, (size % TILE_WIDTH) * HASH_BYTES));
      }
      bundles += 1;
      if (leaves.length === TILE_BYTES) push(1, subtreeRoot(leaves));
    },
    rootAt(size) {
      const edge = [leafEdges.get(size) ?? new Uint8Array()];
      for (let level = 1; TILE_WIDTH ** level <= size; level++) {
        const count = Math.floor(size / TILE_WIDTH ** level);
        edge.push(tile(level, Math.floor(count / TILE_WIDTH), count % TILE_WIDTH));
      }
      return rootOfEdge(edge);
    },
    tile,
  };
}
