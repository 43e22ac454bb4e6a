/**
 * A log's tree while it grows: only its right edge, the tiles that are not full, is in memory. Adding an entry costs the
 * same however large the log is.
 */

import { TILE_WIDTH } from './layout';
import { EMPTY_ROOT, HASH_BYTES, nodeHash, subtreeRoot } from './tree-hashes';

export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
  readonly hashes: Uint8Array;
}

export interface TileTree {
  size(): number;
  root(): Uint8Array;
  /** @returns the tiles that this entry filled: usually none, and one more level for each power of 256. */
  append(leaf: Uint8Array): readonly Tile[];
  /** The tiles that are not full and have changed since the tree was opened. */
  changedEdge(): readonly Tile[];
}

/** Where the tiles that are not full lie, in a log of that size. */
export function edgeOf(size: number): readonly Omit<Tile, 'hashes'>[] {
  const edge: Omit<Tile, 'hashes'>[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH;
    if (width > 0) edge.push({ level, index: Math.floor(count / TILE_WIDTH), width });
  }
  return edge;
}

interface Level {
  /** Full tiles before this one. */
  index: number;
  width: number;
  readonly hashes: Uint8Array;
  isChanged: boolean;
}

/** Opens the tree of a log of that size. `edge` are the tiles that `edgeOf` names. */
export function openTree(size: number, edge: readonly Tile[]): TileTree {
  const levels: Level[] = [];
  for (let tiles = Math.floor(size / TILE_WIDTH); tiles > 0; tiles = Math.floor(tiles / TILE_WIDTH)) {
    levels.push(emptyLevel(tiles));
  }
  for (const { level, width, hashes } of edge) {
    const open = levelAt(levels, level);
    open.hashes.set(hashes);
    open.width = width;
  }
  let entries = size;

  return {
    size: () => entries,
    // A copy: the hash may lie in the edge itself, which goes on changing.
    root: () => Uint8Array.from(rootOf(levels)),
    append(leaf) {
      entries += 1;
      return push(levels, 0, leaf);
    },
    changedEdge: () =>
      levels.flatMap(({ index, width, hashes, isChanged }, level) =>
        isChanged && width > 0 ? [{ level, index, width, hashes: hashes.slice(0, width * HASH_BYTES) }] : [],
      ),
  };
}

function push(levels: Level[], level: number, hash: Uint8Array): readonly Tile[] {
  const open = levelAt(levels, level);
  open.hashes.set(hash, open.width * HASH_BYTES);
  open.width += 1;
  open.isChanged = true;
  if (open.width < TILE_WIDTH) return [];
  const full = { level, index: open.index, width: TILE_WIDTH, hashes: open.hashes.slice() };
  open.index += 1;
  open.width = 0;
  return [full, ...push(levels, level + 1, subtreeRoot(full.hashes))];
}

/** Joins the complete subtrees of the edge, from the smallest, which is rightmost, to the largest. */
function rootOf(levels: readonly Level[]): Uint8Array {
  let root: Uint8Array | undefined;
  for (const { hashes, width } of levels) {
    let end = width;
    for (let count = 1; end > 0; count *= 2) {
      if (end % (2 * count) === 0) continue;
      const subtree = subtreeRoot(hashes.subarray((end - count) * HASH_BYTES, end * HASH_BYTES));
      root = root === undefined ? subtree : nodeHash(subtree, root);
      end -= count;
    }
  }
  return root ?? EMPTY_ROOT;
}

function levelAt(levels: Level[], level: number): Level {
  levels[level] ??= emptyLevel(0);
  return levels[level];
}

function emptyLevel(index: number): Level {
  return { index, width: 0, hashes: new Uint8Array(TILE_WIDTH * HASH_BYTES), isChanged: false };
}
