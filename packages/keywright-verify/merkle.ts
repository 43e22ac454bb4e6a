/**
 * The hashes of the Merkle tree of RFC 6962, section 2.1. The writer of logs has hashes of its own, on purpose: one module
 * for both would confirm its own mistakes.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** The root of a tree without leaves. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array());

/** The zero byte and the longest entry: room that is used again for each, since new room takes longer than the hash. */
const LEAF_INPUT = new Uint8Array(1 + 65_535);

/** `MTH({d}) = SHA-256(0x00 || d)`. */
export function leafHash(entry: Uint8Array): Uint8Array {
  LEAF_INPUT.set(entry, 1);
  return sha256(LEAF_INPUT.subarray(0, 1 + entry.length));
}

/** `SHA-256(0x01 || left || right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/** The root over hashes that follow each other in memory; their number must be a power of two. */
export function subtreeRoot(hashes: Uint8Array): Uint8Array {
  let level = hashes;
  while (level.length > HASH_BYTES) {
    const above = new Uint8Array(level.length / 2);
    for (let at = 0; at < above.length; at += HASH_BYTES) {
      const [left, right] = [2 * at, 2 * at + HASH_BYTES];
      above.set(nodeHash(level.subarray(left, right), level.subarray(right, right + HASH_BYTES)), at);
    }
    level = above;
  }
  return level;
}

/**
 * The root of a tree from its right edge: for each level of tiles, lowest first, the hashes of the tile that is not full.
 * They stand for subtrees that shrink from left to right, and are joined from the smallest on.
 */
export function rootOfEdge(edge: readonly Uint8Array[]): Uint8Array {
  let root: Uint8Array | undefined;
  for (const hashes of edge) {
    let end = hashes.length;
    for (let size = HASH_BYTES; end > 0; size *= 2) {
      if ((end / size) % 2 === 0) continue;
      const subtree = subtreeRoot(hashes.subarray(end - size, end));
      root = root === undefined ? subtree : nodeHash(subtree, root);
      end -= size;
    }
  }
  return root ?? EMPTY_ROOT;
}

/** Whether two byte strings are the same. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}
