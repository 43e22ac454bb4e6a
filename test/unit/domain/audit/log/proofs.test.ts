/** What the log's side makes, the verifier's side, which shares no code with it, must accept; and nothing else. */
import fc from 'fast-check';
import { verifyConsistency, verifyInclusion } from 'keywright-verify/proofs';
import { proofsOf, type ReadTile } from '../../../../../shared/domain/audit/log/proofs';
import { openTree, type Tile } from '../../../../../shared/domain/audit/log/tile-tree';
import { leafHash } from '../../../../../shared/domain/audit/log/tree-hashes';

const SIZE_MAX = 300;
const leaves = Array.from({ length: 67_000 }, (_, index) => leafHash(Buffer.from(`entry ${index}`)));

/** The roots of every size up to `size`, and a reader of the tiles of the log of that size. */
function logOf(size: number): { roots: Uint8Array[]; readTile: ReadTile } {
  const tree = openTree(0, []);
  const tiles = new Map<string, Uint8Array>();
  const keep = (made: readonly Tile[]) => {
    for (const { level, index, hashes } of made) tiles.set(`${level}/${index}`, hashes);
  };
  const roots = [tree.root()];
  for (const leaf of leaves.slice(0, size)) {
    keep(tree.append(leaf));
    if (size <= SIZE_MAX) roots.push(tree.root());
  }
  keep(tree.changedEdge());
  roots[size] = tree.root();
  return {
    roots,
    async readTile(level, index, width) {
      const hashes = tiles.get(`${level}/${index}`);
      if (hashes === undefined || hashes.length < width * 32) throw new Error(`no tile ${level}/${index} of ${width}`);
      return hashes;
    },
  };
}

const treeAt = (roots: readonly Uint8Array[], size: number) => ({ size, root: roots[size] ?? new Uint8Array() });
const leafAt = (index: number) => ({ index, hash: leaves[index] ?? new Uint8Array() });

test('every entry of every log of up to 80 entries, and of those around a full tile, is proved to be in it', async () => {
  let refused = 0;
  for (const size of [...Array.from({ length: 80 }, (_, at) => at + 1), 255, 256, 257, 258, SIZE_MAX]) {
    const { roots, readTile } = logOf(size);
    const proofs = proofsOf(size, readTile);
    for (let index = 0; index < size; index++) {
      const proof = await proofs.inclusion(index);
      if (!verifyInclusion(leafAt(index), treeAt(roots, size), proof)) refused += 1;
    }
  }
  expect(refused).toBe(0);
});

test('every log of up to 120 entries, and of those around a full tile, is proved to be the beginning of every longer one', async () => {
  let [made, refused] = [0, 0];
  for (const newer of [...Array.from({ length: 119 }, (_, at) => at + 2), 255, 256, 257, 258, SIZE_MAX]) {
    const { roots, readTile } = logOf(newer);
    const proofs = proofsOf(newer, readTile);
    for (let older = 1; older < newer; older++) {
      made += 1;
      const proof = await proofs.consistency(older);
      if (!verifyConsistency(treeAt(roots, older), treeAt(roots, newer), proof)) refused += 1;
    }
  }
  expect({ made, refused }).toEqual({ made: 8_461, refused: 0 });
});

test('a proof that is changed anywhere, or is about another entry, is refused', async () => {
  const { roots, readTile } = logOf(67_000);
  const proofs = proofsOf(67_000, readTile);
  await fc.assert(
    fc.asyncProperty(fc.nat(66_999), fc.nat(66_999), fc.nat(1_000), fc.nat(255), async (index, other, at, bit) => {
      const proof = await proofs.inclusion(index);
      const tree = treeAt(roots, 67_000);
      const bent = proof.map((hash) => Uint8Array.from(hash));
      const hash = bent[at % bent.length];
      hash?.set([(hash[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);

      expect(verifyInclusion(leafAt(index), tree, proof)).toBe(true);
      expect(verifyInclusion(leafAt(index), tree, bent)).toBe(false);
      expect(verifyInclusion(leafAt(index), tree, proof.slice(1))).toBe(false);
      expect(verifyInclusion({ ...leafAt(index), index: other }, tree, proof)).toBe(index === other);
    }),
    { numRuns: 300 },
  );
});

test.each([
  [5, 5],
  [-1, 5],
])('there is no proof of entry %i in a log of %i', async (index, size) => {
  await expect(proofsOf(size, logOf(5).readTile).inclusion(index)).rejects.toThrow(/is not in a log/);
});

test('there is no proof that a longer log is the beginning of a shorter one', async () => {
  await expect(proofsOf(5, logOf(5).readTile).consistency(6)).rejects.toThrow(/no proof from size 6/);
});
