/**
 * Verifies a whole log against the public key of its signer, and against checkpoints that were saved earlier.
 *
 * Every entry is hashed and every tile computed anew. What a checkpoint says must follow from the entries; what the
 * tiles say is only compared, and used to find the first bad entry when the checkpoint does not hold.
 */
import { type EntryFault, faultIn } from './entry';
import { TILE_WIDTH, tilePath, tileWidth } from './layout';
import { firstBadEntry } from './locate';
import { equal, HASH_BYTES, leafHash } from './merkle';
import { type Checkpoint, openCheckpoint, Refusal, type VerifierKey } from './note';
import { CHECKPOINT_BYTES_MAX, type LogReader, readBundle, readTile } from './reader';
import { growTree, type Tree } from './tree';

export interface Finding {
  readonly code:
    | Refusal['code']
    | 'checkpoint-missing'
    | 'saved-checkpoint-refused'
    | 'entries-missing'
    | 'entries-changed'
    | EntryFault
    | 'tile-missing'
    | 'tile-damaged'
    | 'rolled-back'
    | 'forked';
  readonly message: string;
  /** The first bad entry; where that cannot be told exactly, the message says so. */
  readonly index?: number;
}

export interface Report {
  readonly ok: boolean;
  readonly origin: string;
  /** Of the log's own checkpoint; absent when that could not be taken. */
  readonly size?: number;
  readonly rootHash?: string;
  /** The first of each kind. Empty when all is well. */
  readonly findings: readonly Finding[];
}

export interface VerifyOptions {
  /** Checkpoints of this log saved earlier: the log must still contain each of them. */
  readonly saved?: readonly (string | Uint8Array)[];
  /** Told after each bundle how many entries are done. */
  readonly onProgress?: (entries: number, of: number) => void;
}

type Found = (finding: Finding) => void;

/**
 * Checks a log as a whole: signature, tree, every entry. Findings of each kind name the first place. Throws what the
 * reader throws.
 */
export async function verifyLog(reader: LogReader, key: VerifierKey, options: VerifyOptions = {}): Promise<Report> {
  const { findings, found } = firstOfEachKind();

  const saved = await savedCheckpoints(options.saved ?? [], key, found);
  const current = await orFound(found, () => currentCheckpoint(reader, key, found));
  if (current !== undefined) {
    await orFound(found, () => verifyAgainst(reader, current, saved, found, options.onProgress));
  }
  return {
    ok: findings.size === 0,
    origin: key.name,
    ...(current && { size: current.size, rootHash: Buffer.from(current.root).toString('base64') }),
    findings: [...findings.values()],
  };
}

/** What is refused ends the work that it was read for, and is what was found. */
async function orFound<Value>(found: Found, work: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    found({ code: error.code, message: error.message });
    return undefined;
  }
}

function firstOfEachKind(): { readonly findings: ReadonlyMap<Finding['code'], Finding>; readonly found: Found } {
  const findings = new Map<Finding['code'], Finding>();
  const found: Found = (finding) => {
    if (!findings.has(finding.code)) findings.set(finding.code, finding);
  };
  return { findings, found };
}

async function currentCheckpoint(reader: LogReader, key: VerifierKey, found: Found): Promise<Checkpoint | undefined> {
  const note = await reader.read('checkpoint', CHECKPOINT_BYTES_MAX);
  if (note === undefined) {
    found({ code: 'checkpoint-missing', message: 'The log has no checkpoint.' });
    return undefined;
  }
  return openCheckpoint(note, key);
}

/** Smallest first. */
async function savedCheckpoints(
  notes: NonNullable<VerifyOptions['saved']>,
  key: VerifierKey,
  found: Found,
): Promise<readonly Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  for (const [at, note] of notes.entries()) {
    const refused: Found = ({ message }) =>
      found({ code: 'saved-checkpoint-refused', message: `Saved checkpoint ${at + 1}: ${message}` });
    const checkpoint = await orFound(refused, () => openCheckpoint(note, key));
    if (checkpoint !== undefined) checkpoints.push(checkpoint);
  }
  return checkpoints.sort((one, other) => one.size - other.size);
}

async function verifyAgainst(
  reader: LogReader,
  current: Checkpoint,
  saved: readonly Checkpoint[],
  found: Found,
  onProgress: VerifyOptions['onProgress'],
): Promise<void> {
  const { size } = current;
  findContradictions([...saved, current], found);
  const longest = saved.at(-1)?.size ?? 0;
  if (longest > size) {
    const message = `The log ends after entry ${size - 1}, but a saved checkpoint says that it had ${longest} entries.`;
    found({ code: 'rolled-back', message, index: size });
  }

  const kept = saved.filter((checkpoint) => checkpoint.size <= size);
  const sizes = [size, ...kept.map((checkpoint) => checkpoint.size)];
  const inTiles = firstOfEachKind();
  const tree = await treeOf(reader, current, { sizes, found, foundInTile: inTiles.found, onProgress });
  const sound = tree === undefined ? 0 : soundSize(kept, tree);
  if (tree === undefined || !equal(tree.rootAt(size), current.root)) {
    found(await firstBadEntry(reader, current, sound));
    return;
  }
  // Only now: while an entry is bad, its tile differs from it and is the one that is right.
  await compareTiles(reader, size, tree, inTiles.found);
  for (const finding of inTiles.findings.values()) found(finding);
  const fork = kept.find((checkpoint) => checkpoint.size > sound);
  if (fork !== undefined) {
    const message = `A saved checkpoint of size ${fork.size} is of another history, which parts from this at entry ${sound} or later.`;
    found({ code: 'forked', message, index: sound });
  }
}

/** Two signed checkpoints of one size must agree, whatever the entries say. */
function findContradictions(checkpoints: readonly Checkpoint[], found: Found): void {
  const rootOf = new Map<number, Uint8Array>();
  for (const { size, root } of checkpoints) {
    if (!equal(rootOf.get(size) ?? root, root)) {
      found({ code: 'forked', message: `Two signed checkpoints of size ${size} have different roots.` });
    }
    rootOf.set(size, root);
  }
}

/** Up to which size the log is as the saved checkpoints say. */
function soundSize(saved: readonly Checkpoint[], tree: Tree): number {
  const firstBad = saved.findIndex(({ size, root }) => !equal(tree.rootAt(size), root));
  const sound = firstBad < 0 ? saved : saved.slice(0, firstBad);
  return sound.at(-1)?.size ?? 0;
}

interface TreeOptions {
  /** At which sizes its root will be asked for. */
  readonly sizes: readonly number[];
  readonly found: Found;
  readonly foundInTile: Found;
  readonly onProgress: VerifyOptions['onProgress'];
}

const ENTRY_FAULTS: Readonly<Record<EntryFault, string>> = {
  'entry-malformed': 'is not one JSON object, on one line, that has each of its members once',
  'foreign-entry': 'is not of the customer whose log this is',
};

/**
 * Reads every entry, checks whose it is and what its tile says of it.
 *
 * @returns undefined when the entries cannot be read to their end.
 */
async function treeOf(
  reader: LogReader,
  { origin, size }: Checkpoint,
  { sizes, found, foundInTile, onProgress }: TreeOptions,
): Promise<Tree | undefined> {
  const faultOf = faultIn(origin);
  const tree = growTree(sizes);
  for (let start = 0; start < size; start += TILE_WIDTH) {
    const bundle = await readBundle(reader, start / TILE_WIDTH, size);
    if (!bundle?.isWhole) return undefined;
    for (const [at, entry] of bundle.entries.entries()) {
      const code = faultOf(entry);
      if (code !== undefined) found({ code, message: `Entry ${start + at} ${ENTRY_FAULTS[code]}.`, index: start + at });
    }
    const leaves = Buffer.concat(bundle.entries.map(leafHash));
    tree.add(leaves);
    await compareTile(reader, { level: 0, index: start / TILE_WIDTH, size }, leaves, foundInTile);
    onProgress?.(Math.min(size, start + TILE_WIDTH), size);
  }
  return tree;
}

/** Compares the tiles of every level above the leaves. */
async function compareTiles(reader: LogReader, size: number, tree: Tree, found: Found): Promise<void> {
  for (let level = 1; TILE_WIDTH ** level <= size; level++) {
    for (let index = 0; tileWidth(level, index, size) > 0; index++) {
      await compareTile(reader, { level, index, size }, tree.tile(level, index), found);
    }
  }
}

async function compareTile(
  reader: LogReader,
  tile: { readonly level: number; readonly index: number; readonly size: number },
  expected: Uint8Array,
  found: Found,
): Promise<void> {
  const stored = await readTile(reader, tile.level, tile.index, tile.size);
  const path = tilePath(tile.level, tile.index, expected.length / HASH_BYTES);
  if (stored === undefined) {
    found({ code: 'tile-missing', message: `${path} is missing, or not of its length.` });
  } else if (!equal(stored, expected)) {
    found({ code: 'tile-damaged', message: `${path} does not say what the entries say.` });
  }
}
