/**
 * Makes the proofs of RFC 6962 from a log's tiles: that an entry is in the log (PATH), and that the log of an earlier
 * size is its beginning (PROOF). The recursions are the RFC's own, sections 2.1.1 and 2.1.2.
 */

import { TILE_WIDTH } from './layout';
import { HASH_BYTES, nodeHash } from './tree-hashes';

/** Gives the hashes of one tile: `width` of them, or more if the log has grown since. */
export type ReadTile = (level: number, index: number, width: number) => Promise<Uint8Array>;

export interface Proofs {
  /** The siblings on the way from an entry to the root, the lowest first. */
  inclusion(index: number): Promise<readonly Uint8Array[]>;
  consistency(older: number): Promise<readonly Uint8Array[]>;
}

/** Proofs about the log of that size. Each tile is read, and each hash computed, once. */
export function proofsOf(size: number, readTile: ReadTile): Proofs {
  const rangeHash = rangeHasher(size, readTile);

  const path = async (index: number, start: number, end: number): Promise<Uint8Array[]> => {
    if (end - start === 1) return [];
    const split = start + splitOf(end - start);
    return index < split
      ? [...(await path(index, start, split)), await rangeHash(split, end)]
      : [...(await path(index, split, end)), await rangeHash(start, split)];
  };

  const subproof = async (older: number, start: number, end: number, isKnown: boolean): Promise<Uint8Array[]> => {
    if (older === end) return isKnown ? [] : [await rangeHash(start, end)];
    const split = start + splitOf(end - start);
    return older <= split
      ? [...(await subproof(older, start, split, isKnown)), await rangeHash(split, end)]
      : [...(await subproof(older, split, end, false)), await rangeHash(start, split)];
  };

  return {
    async inclusion(index) {
      if (index < 0 || index >= size) throw new RangeError(`Entry ${index} is not in a log of size ${size}.`);
      return path(index, 0, size);
    },
    async consistency(older) {
      if (older < 1 || older > size) throw new RangeError(`There is no proof from size ${older} to size ${size}.`);
      return subproof(older, 0, size, true);
    },
  };
}

/** The largest power of two below `size`: where RFC 6962 puts a tree in two. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The root over a range of entries that is a node of the tree of that size. */
function rangeHasher(size: number, readTile: ReadTile): (start: number, end: number) => Promise<Uint8Array> {
  const known = new Map<string, Promise<Uint8Array>>();
  const once = (name: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const made = known.get(name) ?? make();
    known.set(name, made);
    return made;
  };

  /** The hash at that place of a level of tiles: the root over 256^level entries. */
  const stored = async (level: number, at: number): Promise<Uint8Array> => {
    const index = Math.floor(at / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH);
    const hashes = await once(`tile ${level}/${index}`, () => readTile(level, index, width));
    const offset = (at % TILE_WIDTH) * HASH_BYTES;
    return hashes.subarray(offset, offset + HASH_BYTES);
  };

  const rangeHash = (start: number, end: number): Promise<Uint8Array> =>
    once(`${start}-${end}`, async () => {
      const level = Math.log2(end - start) / Math.log2(TILE_WIDTH);
      if (Number.isInteger(level)) return stored(level, start / (end - start));
      const split = start + splitOf(end - start);
      return nodeHash(await rangeHash(start, split), await rangeHash(split, end));
    });
  return rangeHash;
}
