/**
 * The hashes of RFC 6962, section 2.1.
 *
 * SHA-256 comes from node:crypto: a pure function, and the one `node:` module that the domain imports.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** The root of a log without entries. */
export const EMPTY_ROOT: Uint8Array = hash('sha256', '', 'buffer');

/** `SHA-256(0x00 || entry)`. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([LEAF, entry]), 'buffer');
}

/** `SHA-256(0x01 || left || right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer');
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The root over hashes that follow each other in memory; their number must be a power of two. */
export function subtreeRoot(hashes: Uint8Array): Uint8Array {
  if (hashes.length <= HASH_BYTES) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(subtreeRoot(hashes.subarray(0, middle)), subtreeRoot(hashes.subarray(middle)));
}
