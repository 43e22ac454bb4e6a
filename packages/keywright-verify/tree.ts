/** A log's tree computed from its leaf hashes, a bundle after the other. Holds the right edge alone: 8 KiB a level. */
import { TILE_WIDTH } from './layout';
import { HASH_BYTES, rootOfEdge, subtreeRoot } from './merkle';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** Of a level above the leaves: 256 hashes, or fewer at the right edge. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

export interface Tree {
  /** Adds the leaf hashes of the next bundle. Only the last one may have fewer than 256. @returns the tiles that it filled. */
  add(leaves: Uint8Array): readonly Tile[];
  /** The tiles that are not full, the lowest first. */
  edge(): readonly Tile[];
  /** The root when the log had that size: one of the sizes that were asked for at the beginning. */
  rootAt(size: number): Uint8Array;
}

/** Takes leaves in order and knows the root at each of the sizes, in memory that grows with the logarithm. */
export function growTree(sizes: readonly number[]): Tree {
  const roots = new Map<number, Uint8Array>();
  /** From level 1 up: how many tiles are full, and the roots of full tiles below that fill none yet. */
  const levels: { full: number; open: Uint8Array[] }[] = [];
  let bundles = 0;

  const edge = (): readonly Tile[] =>
    levels.map(({ full, open }, above) => ({ level: above + 1, index: full, hashes: Buffer.concat(open) }));
  const rootOver = (leaves: Uint8Array): Uint8Array => rootOfEdge([leaves, ...edge().map(({ hashes }) => hashes)]);

  const push = (level: number, root: Uint8Array): readonly Tile[] => {
    levels[level - 1] ??= { full: 0, open: [] };
    const row = levels[level - 1] as (typeof levels)[number];
    if (row.open.push(root) < TILE_WIDTH) return [];
    const tile = { level, index: row.full, hashes: Buffer.concat(row.open) };
    levels[level - 1] = { full: row.full + 1, open: [] };
    return [tile, ...push(level + 1, subtreeRoot(tile.hashes))];
  };

  return {
    add(leaves) {
      for (const size of sizes) {
        const isHere = Math.floor(size / TILE_WIDTH) === bundles;
        if (isHere) roots.set(size, rootOver(leaves.subarray(0, (size % TILE_WIDTH) * HASH_BYTES)));
      }
      bundles += 1;
      return leaves.length === TILE_BYTES ? push(1, subtreeRoot(leaves)) : [];
    },
    edge: () => edge().filter(({ hashes }) => hashes.length > 0),
    rootAt: (size) => roots.get(size) ?? rootOver(new Uint8Array()),
  };
}
