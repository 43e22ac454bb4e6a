/**
 * The hashes of RFC 6962, section 2.1. `packages/keywright-verify/merkle.ts` has its own on purpose: the verifier shares no
 * code with the writer, so that neither confirms the other's mistake (docs/decisions/011-verifier-apart.md).
 *
 * SHA-256 comes from node:crypto: a pure function, and the one `node:` module that the domain imports.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** The root of a log without entries. */
export const EMPTY_ROOT: Uint8Array = hash('sha256', '', 'buffer');

/** The zero byte and the longest entry: room that is used again for each, since new room takes longer than the hash. */
const LEAF_INPUT = new Uint8Array(1 + 65_535);

/** `SHA-256(0x00 || entry)`. An entry has at most 65,535 bytes. */
export function leafHash(entry: Uint8Array): Uint8Array {
  LEAF_INPUT.set(entry, 1);
  return hash('sha256', LEAF_INPUT.subarray(0, 1 + entry.length), 'buffer');
}

/** `SHA-256(0x01 || left || right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer');
}

const NODE = Uint8Array.of(1);

/** The root over hashes that follow each other in memory; their number must be a power of two. */
export function subtreeRoot(hashes: Uint8Array): Uint8Array {
  if (hashes.length <= HASH_BYTES) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(subtreeRoot(hashes.subarray(0, middle)), subtreeRoot(hashes.subarray(middle)));
}
