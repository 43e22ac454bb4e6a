import { bundleOf, entriesOf, tilePath } from '../../../../../shared/domain/audit/log/layout';
import { edgeOf, openTree, type Tile, type TileTree } from '../../../../../shared/domain/audit/log/tile-tree';
import { EMPTY_ROOT, leafHash, nodeHash } from '../../../../../shared/domain/audit/log/tree-hashes';

const leafOf = (index: number): Uint8Array => leafHash(Buffer.from(`entry ${index}`));

/** RFC 6962, section 2.1, word by word. */
function rootByDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return EMPTY_ROOT;
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(rootByDefinition(leaves.slice(0, split)), rootByDefinition(leaves.slice(split)));
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const nameOf = ({ level, index, width }: Omit<Tile, 'hashes'>): string => `${level}/${index}/${width}`;

/** Appends leaves up to a size, and gives back the tiles that were filled on the way. */
function growTo(tree: TileTree, size: number): readonly Tile[] {
  const filled: Tile[] = [];
  while (tree.size() < size) filled.push(...tree.append(leafOf(tree.size())));
  return filled;
}

test('the root is the one that RFC 6962 defines, at every size from 0 to 600', () => {
  const tree = openTree(0, []);
  const leaves: Uint8Array[] = [];
  const wrong: number[] = [];

  for (let size = 0; size <= 600; size++) {
    if (hex(tree.root()) !== hex(rootByDefinition(leaves))) wrong.push(size);
    leaves.push(leafOf(size));
    tree.append(leafOf(size));
  }

  expect(wrong).toEqual([]);
});

test('a log of 70,000 entries has the tiles that the C2SP specification counts for it', () => {
  const tree = openTree(0, []);

  const filled = growTo(tree, 70_000);

  expect(filled.filter(({ level }) => level === 0)).toHaveLength(273);
  expect(filled.filter(({ level }) => level === 1)).toHaveLength(1);
  expect(tree.changedEdge().map(nameOf)).toEqual(['0/273/112', '1/1/17', '2/0/1']);
  expect(edgeOf(70_000).map(nameOf)).toEqual(['0/273/112', '1/1/17', '2/0/1']);
});

test('a log of 256 entries has one full tile and a tile of width 1 above it', () => {
  const tree = openTree(0, []);

  const filled = growTo(tree, 256);

  expect(filled.map(nameOf)).toEqual(['0/0/256']);
  expect(tree.changedEdge().map(nameOf)).toEqual(['1/0/1']);
});

test.each([0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537])(
  'a tree opened from its edge at size %i grows as if it had never been closed',
  (size) => {
    const whole = openTree(0, []);
    growTo(whole, size);
    const reopened = openTree(size, whole.changedEdge());
    expect(hex(reopened.root())).toBe(hex(whole.root()));

    const [filled, filledAgain] = [growTo(whole, size + 300), growTo(reopened, size + 300)];

    expect(hex(reopened.root())).toBe(hex(whole.root()));
    expect(filledAgain).toEqual(filled);
  },
);

test('only the tiles that changed are written again', () => {
  const before = openTree(0, []);
  growTo(before, 300);
  const tree = openTree(300, before.changedEdge());

  growTo(tree, 301);

  expect(tree.changedEdge().map(nameOf)).toEqual(['0/1/45']);
});

test.each([
  [0, 256, 'tile/0/000'],
  [999, 256, 'tile/0/999'],
  [1000, 7, 'tile/0/x001/000.p/7'],
  [1_234_067, 256, 'tile/0/x001/x234/067'],
])('the tile of index %i and width %i lies where C2SP says', (index, width, path) => {
  expect(tilePath(0, index, width)).toBe(path);
});

test('a bundle gives back its entries, the longest and the empty one too', () => {
  const entries = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(65_535, 7)];

  expect(entriesOf(bundleOf(entries)).map(hex)).toEqual(entries.map(hex));
});

test('an entry that does not fit its length is refused, never cut', () => {
  expect(() => bundleOf([Buffer.alloc(65_536)])).toThrow(/65536 bytes does not fit/);
});

test('a bundle that ends inside an entry is refused', () => {
  expect(() => entriesOf(bundleOf([Buffer.from('entry')]).subarray(0, 5))).toThrow(/ends inside an entry/);
});
