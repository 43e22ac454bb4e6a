/** RFC 6962 proofs of transparency-dev/merkle, valid and corrupted: our verifier must agree on every one. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Subtree,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from 'keywright-verify/proofs';

interface Vector {
  readonly kind: 'inclusion' | 'consistency' | 'subtreeinclusion' | 'subtreeconsistency';
  readonly desc: string;
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
  readonly [field: string]: unknown;
}

const FILE = resolve(__dirname, '../../../shared/data/merkle/rfc6962-proof-vectors.jsonl');
const vectors: readonly Vector[] = readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

const bytes = (value: unknown): Uint8Array => Buffer.from(String(value ?? ''), 'base64');
const leafOf = (vector: Vector) => ({ index: Number(vector['leafIdx']), hash: bytes(vector['leafHash']) });
const treeOf = (vector: Vector, size: string, root: string) => ({
  size: Number(vector[size]),
  root: bytes(vector[root]),
});
const subtreeOf = (vector: Vector, root: string): Subtree => ({
  start: Number(vector['start']),
  end: Number(vector['end']),
  root: bytes(vector[root]),
});

const VERIFY: Record<Vector['kind'], (vector: Vector, proof: readonly Uint8Array[]) => boolean> = {
  inclusion: (vector, proof) => verifyInclusion(leafOf(vector), treeOf(vector, 'treeSize', 'root'), proof),
  consistency: (vector, proof) =>
    verifyConsistency(treeOf(vector, 'size1', 'root1'), treeOf(vector, 'size2', 'root2'), proof),
  subtreeinclusion: (vector, proof) => verifySubtreeInclusion(leafOf(vector), subtreeOf(vector, 'root'), proof),
  subtreeconsistency: (vector, proof) =>
    verifySubtreeConsistency(subtreeOf(vector, 'root1'), treeOf(vector, 'size', 'root2'), proof),
};

test('every recorded proof is accepted or refused as recorded', () => {
  const wrong = vectors.filter(
    (vector) => VERIFY[vector.kind](vector, (vector.proof ?? []).map(bytes)) === vector.wantErr,
  );

  const passed = vectors.length - wrong.length;
  console.log(`recorded merkle: ${vectors.length} cases ran, ${passed} passed, 0 out of scope`);
  expect(wrong.map(({ kind, desc, ...rest }) => ({ kind, desc, ...rest }))).toEqual([]);
  expect(vectors).toHaveLength(259);
});
