/**
 * Finds the first bad entry of a log whose entries do not lead to its checkpoint.
 *
 * The tiles say what each entry should hash to. They are believed only as far as the checkpoint reaches: the right edge
 * when it leads to the root, and each full tile when its own root is the one that the tile above holds.
 */
import { TILE_WIDTH, tileWidth } from './layout';
import { equal, HASH_BYTES, leafHash, rootOfEdge, subtreeRoot } from './merkle';
import type { Checkpoint } from './note';
import { type Bundle, type LogReader, readBundle, readTile } from './reader';

export interface BadEntry {
  readonly code: 'entries-missing' | 'entries-changed' | 'file-refused';
  readonly index: number;
  readonly message: string;
}

/** @param sound Up to this size the log is known to be as an earlier checkpoint said. */
export async function firstBadEntry(reader: LogReader, checkpoint: Checkpoint, sound: number): Promise<BadEntry> {
  const { size } = checkpoint;
  const tiles = await believedTiles(reader, checkpoint);
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const bundle = await readBundle(reader, index, size);
    if (bundle === undefined) return missing(index * TILE_WIDTH);
    const first = await firstBadOf(bundle, index, size, tiles);
    if (first !== undefined) return first;
  }
  return changed(sound, ' or later: every tile was made to fit the changed entries, so that none tells which');
}

async function firstBadOf(bundle: Bundle, index: number, size: number, tiles: BelievedTiles) {
  const start = index * TILE_WIDTH;
  if (bundle.refusal) return bad('file-refused', start, bundle.refusal.message);
  const leaves = bundle.entries.map(leafHash);
  const expected = await tiles.hashes(index);
  if (expected !== undefined) {
    const at = leaves.findIndex((leaf, i) => !equal(leaf, expected.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
    if (at >= 0) return changed(start + at);
    if (bundle.isWhole) return undefined;
    const width = tileWidth(0, index, size);
    return bundle.entries.length < width ? missing(start + bundle.entries.length) : changed(start + width);
  }
  const root = await tiles.root(0, index);
  const isSound = bundle.isWhole && root !== undefined && equal(subtreeRoot(Buffer.concat(leaves)), root);
  if (isSound || (bundle.isWhole && root === undefined)) return undefined;
  return changed(start, ` or one of the ${tileWidth(0, index, size)} from there on: their tile is damaged too`);
}

const bad = (code: BadEntry['code'], index: number, message: string): BadEntry => ({ code, index, message });
const missing = (index: number) => bad('entries-missing', index, `Entry ${index} is missing.`);
const changed = (index: number, doubt = '') =>
  bad('entries-changed', index, `Entry ${index}${doubt} is not the one that the checkpoint was signed for.`);

/** What the tiles say, as far as the checkpoint reaches. */
export interface BelievedTiles {
  /** What the entries of a bundle hash to; undefined when no believed tile says so. */
  hashes(bundle: number): Promise<Uint8Array | undefined>;
  /** The root of a full tile, as the tile above has it. */
  root(level: number, index: number): Promise<Uint8Array | undefined>;
}

/** Tiles of a log, each read when it is asked for: in order, a tile is read once. */
export async function believedTiles(reader: LogReader, { size, root }: Checkpoint): Promise<BelievedTiles> {
  const edge = await readEdge(reader, size);
  const leadsToRoot = edge !== undefined && equal(rootOfEdge(edge), root);
  /** The tile looked at last, of each level: bundles are asked for in order. */
  const latest = new Map<number, { readonly index: number; readonly hashes: Uint8Array | undefined }>();

  const tile = async (level: number, index: number): Promise<Uint8Array | undefined> => {
    if (!leadsToRoot) return undefined;
    if (tileWidth(level, index, size) < TILE_WIDTH) return edge[level];
    const known = latest.get(level);
    if (known?.index === index) return known.hashes;
    const [stored, expected] = [await readTile(reader, level, index, size), await rootIn(level, index)];
    const isRight = stored !== undefined && expected !== undefined && equal(subtreeRoot(stored), expected);
    const hashes = isRight ? stored : undefined;
    latest.set(level, { index, hashes });
    return hashes;
  };
  const rootIn = async (level: number, index: number): Promise<Uint8Array | undefined> => {
    const above = await tile(level + 1, Math.floor(index / TILE_WIDTH));
    const start = (index % TILE_WIDTH) * HASH_BYTES;
    return above?.subarray(start, start + HASH_BYTES);
  };
  return { hashes: (bundle) => tile(0, bundle), root: rootIn };
}

/** The tiles that are not full, from level 0 up; undefined when one of them cannot be read. */
async function readEdge(reader: LogReader, size: number): Promise<readonly Uint8Array[] | undefined> {
  const edge: Uint8Array[] = [];
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    const index = Math.floor(size / TILE_WIDTH ** (level + 1));
    const width = tileWidth(level, index, size);
    const hashes = width === 0 ? new Uint8Array() : await readTile(reader, level, index, size);
    if (hashes === undefined) return undefined;
    edge.push(hashes);
  }
  return edge;
}
