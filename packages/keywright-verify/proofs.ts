/**
 * Checks the two proofs of RFC 6962, section 2.1, for who has an entry and a checkpoint and not the whole log.
 *
 * Both checks follow the RFC's recursive definitions: where the definition puts a tree in two, so does the check, and
 * it takes from the end of the proof the hash that the definition appended there.
 */
import { EMPTY_ROOT, equal, HASH_BYTES, nodeHash } from './merkle';

/** Is the leaf at `index` in the tree of that size and root? `proof` is RFC 6962's PATH, the sibling first. */
export function verifyInclusion(
  leaf: { readonly index: number; readonly hash: Uint8Array },
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  return verifySubtreeInclusion(leaf, { start: 0, end: tree.size, root: tree.root }, proof);
}

/** Is the tree `older` the beginning of the tree `newer`? `proof` is RFC 6962's PROOF. */
export function verifyConsistency(
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (older.size === 0) return false; // Says nothing: every tree begins with the empty one.
  return verifySubtreeConsistency({ start: 0, end: older.size, root: older.root }, newer, proof);
}

/** The leaves from `start` up to, and without, `end`. */
export interface Subtree {
  readonly start: number;
  readonly end: number;
  readonly root: Uint8Array;
}

/** Whether a proof shows that the leaf is in the subtree. */
export function verifySubtreeInclusion(
  leaf: { readonly index: number; readonly hash: Uint8Array },
  subtree: Subtree,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSubtree(subtree) || leaf.index < subtree.start || leaf.index >= subtree.end) return false;
  if (!areHashes([leaf.hash, subtree.root, ...proof])) return false;
  const left = [...proof];
  const root = rootAbove(leaf.index - subtree.start, subtree.end - subtree.start, leaf.hash, left);
  return root !== undefined && left.length === 0 && equal(root, subtree.root);
}

/** Whether a proof shows that the subtree is part of the tree. */
export function verifySubtreeConsistency(
  subtree: Subtree,
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isSubtree(subtree) || subtree.end > tree.size) return false;
  if (subtree.start === subtree.end) return proof.length === 0 && equal(subtree.root, EMPTY_ROOT);
  if (subtree.end - subtree.start === tree.size) return proof.length === 0 && equal(subtree.root, tree.root);
  if (!areHashes([subtree.root, tree.root, ...proof])) return false;
  const left = [...proof];
  const roots = rootsAbove(subtree.start, subtree.end, tree.size, subtree.root, left);
  return roots !== undefined && left.length === 0 && equal(roots.part, subtree.root) && equal(roots.whole, tree.root);
}

/** The root that the proof leads to from a leaf. Takes what it uses off the end of the proof. */
function rootAbove(index: number, size: number, leaf: Uint8Array, proof: Uint8Array[]): Uint8Array | undefined {
  if (size === 1) return leaf;
  const split = splitOf(size);
  const sibling = proof.pop();
  if (sibling === undefined) return undefined;
  if (index < split) {
    const left = rootAbove(index, split, leaf, proof);
    return left && nodeHash(left, sibling);
  }
  const right = rootAbove(index - split, size - split, leaf, proof);
  return right && nodeHash(sibling, right);
}

/** The root of the part and of the whole that the proof leads to. `known` is the part's root while it need not be proved. */
function rootsAbove(
  start: number,
  end: number,
  size: number,
  known: Uint8Array | undefined,
  proof: Uint8Array[],
): { readonly part: Uint8Array; readonly whole: Uint8Array } | undefined {
  if (start === 0 && end === size) {
    const root = known ?? proof.pop();
    return root && { part: root, whole: root };
  }
  const split = splitOf(size);
  const sibling = proof.pop();
  if (sibling === undefined) return undefined;
  if (end <= split) {
    const roots = rootsAbove(start, end, split, known, proof);
    return roots && { part: roots.part, whole: nodeHash(roots.whole, sibling) };
  }
  if (start >= split) {
    const roots = rootsAbove(start - split, end - split, size - split, known, proof);
    return roots && { part: roots.part, whole: nodeHash(sibling, roots.whole) };
  }
  const roots = rootsAbove(0, end - split, size - split, undefined, proof);
  return roots && { part: nodeHash(sibling, roots.part), whole: nodeHash(sibling, roots.whole) };
}

/** The largest power of two below `size`: where RFC 6962 puts a tree in two. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** A range is a node of some tree only if it begins at a multiple of the power of two that it fits into. */
function isSubtree({ start, end }: Subtree): boolean {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) return false;
  let width = 1;
  while (width < end - start) width *= 2;
  return start % width === 0;
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === HASH_BYTES);
}
