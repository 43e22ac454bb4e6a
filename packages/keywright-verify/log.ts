/**
 * Verifies a whole log against the public key of its signer, and against checkpoints that were saved earlier.
 *
 * Every entry is hashed and every tile computed anew. What a checkpoint says must follow from the entries; what the
 * tiles say is only compared, and used to find the first bad entry when the checkpoint does not hold.
 */
import { type EntryFault, faultIn } from './entry';
import { TILE_WIDTH, tilePath } from './layout';
import { type BadEntry, firstBadEntry } from './locate';
import { equal, HASH_BYTES, leafHash } from './merkle';
import { type Checkpoint, openCheckpoint, Refusal, type VerifierKey } from './note';
import { CHECKPOINT_BYTES_MAX, type LogReader, readBundle, readTile } from './reader';
import { growTree, type Tile, type Tree } from './tree';

type CheckpointFault = 'checkpoint-missing' | 'saved-checkpoint-refused' | 'rolled-back' | 'forked' | 'stale';

export interface Finding {
  readonly code: Refusal['code'] | EntryFault | BadEntry['code'] | CheckpointFault | 'tile-missing' | 'tile-damaged';
  readonly message: string;
  /**
   * The first bad entry; where that cannot be told exactly, the message says so. Of a bad checkpoint 0, as it vouches for
   * nothing; of a bad tile the first entry below it. None of a saved checkpoint that is not of this log.
   */
  readonly index?: number;
}

export interface Report {
  readonly ok: boolean;
  readonly origin: string;
  /** Of the log's own checkpoint; absent when that could not be taken. */
  readonly size?: number;
  readonly rootHash?: string;
  /** That checkpoint as it was signed: to be saved, and given with the next verification. */
  readonly checkpoint?: string;
  /** The lowest index of all findings. */
  readonly firstBadIndex?: number;
  /** The first of each kind. Empty when all is well. */
  readonly findings: readonly Finding[];
}

export interface VerifyOptions {
  /** Checkpoints of this log saved earlier: the log must still contain each of them. */
  readonly saved?: readonly Note[];
  /** How many seconds ago the log's own checkpoint may have been signed. */
  readonly maxAge?: number;
}

/** Clocks differ. */
const SECONDS_AHEAD_MAX = 300;

type Note = string | Uint8Array;
type Found = (finding: Finding) => void;

/** Checks a log as a whole: signature, tree, every entry. Throws what the reader throws. */
export async function verifyLog(reader: LogReader, key: VerifierKey, options: VerifyOptions = {}): Promise<Report> {
  const { findings, found } = firstOfEachKind();

  const saved = await savedCheckpoints(options.saved ?? [], key, found);
  const current = await orFound(found, () => currentCheckpoint(reader, key, found));
  if (current !== undefined) {
    findStale(current, options, found);
    await verifyAgainst(reader, current, saved, found);
  }
  const indexes = [...findings.values()].flatMap(({ index }) => index ?? []);
  return {
    ok: findings.size === 0,
    origin: key.name,
    ...(current && {
      size: current.size,
      rootHash: Buffer.from(current.root).toString('base64'),
      checkpoint: Buffer.from(current.note).toString(),
    }),
    ...(indexes.length > 0 && { firstBadIndex: Math.min(...indexes) }),
    findings: [...findings.values()],
  };
}

/** What is refused ends the work that it was read for, and is what was found. */
async function orFound<Value>(found: Found, work: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    found({ code: error.code, message: error.message, index: 0 });
    return undefined;
  }
}

function firstOfEachKind(): { readonly findings: ReadonlyMap<Finding['code'], Finding>; readonly found: Found } {
  const findings = new Map<Finding['code'], Finding>();
  const found: Found = (finding) => {
    const { index: known = Number.POSITIVE_INFINITY } = findings.get(finding.code) ?? {};
    if (!findings.has(finding.code) || (finding.index ?? known) < known) findings.set(finding.code, finding);
  };
  return { findings, found };
}

async function currentCheckpoint(reader: LogReader, key: VerifierKey, found: Found) {
  const note = await reader.read('checkpoint', CHECKPOINT_BYTES_MAX);
  if (note === undefined) {
    found({ code: 'checkpoint-missing', message: 'The log has no checkpoint.', index: 0 });
    return undefined;
  }
  return { ...openCheckpoint(note, key), note };
}

/** Smallest first. */
async function savedCheckpoints(notes: readonly Note[], key: VerifierKey, found: Found) {
  const checkpoints: Checkpoint[] = [];
  for (const [at, note] of notes.entries()) {
    const refused: Found = ({ message }) =>
      found({ code: 'saved-checkpoint-refused', message: `Saved checkpoint ${at + 1}: ${message}` });
    const checkpoint = await orFound(refused, () => openCheckpoint(note, key));
    if (checkpoint !== undefined) checkpoints.push(checkpoint);
  }
  return checkpoints.sort((one, other) => one.size - other.size);
}

async function verifyAgainst(reader: LogReader, current: Checkpoint, saved: readonly Checkpoint[], found: Found) {
  const { size } = current;
  const longest = saved.at(-1)?.size ?? 0;
  if (longest > size) {
    const message = `The log ends after entry ${size - 1}, but a saved checkpoint says that it had ${longest} entries.`;
    found({ code: 'rolled-back', message, index: size });
  }

  const kept = saved.filter((checkpoint) => checkpoint.size <= size);
  const sizes = [size, ...kept.map((checkpoint) => checkpoint.size)];
  const inTiles = firstOfEachKind();
  const tree = await treeOf(reader, current, sizes, found, inTiles.found);
  const sound = tree === undefined ? 0 : soundSize(kept, tree);
  findContradictions([...saved, current], sound, found);
  if (tree === undefined || !equal(tree.rootAt(size), current.root)) {
    found(await firstBadEntry(reader, current, sound));
    return;
  }
  // Only now: while an entry is bad, its tile differs from it and is the one that is right.
  for (const finding of inTiles.findings.values()) found(finding);
  const fork = kept.find((checkpoint) => checkpoint.size > sound);
  if (fork !== undefined) {
    const message = `A saved checkpoint of size ${fork.size} is of another history, which parts from this at entry ${sound} or later.`;
    found({ code: 'forked', message, index: sound });
  }
}

/** Silence is proved by a checkpoint alone that was signed a short time ago. */
function findStale({ time }: Checkpoint, { maxAge }: VerifyOptions, found: Found): void {
  const age = Date.now() / 1000 - (time ?? 0);
  if (maxAge === undefined || (age <= maxAge && age >= -SECONDS_AHEAD_MAX)) return;
  const when =
    time === undefined ? 'does not say when it was signed' : `was signed at ${new Date(time * 1000).toISOString()}`;
  found({ code: 'stale', message: `The checkpoint ${when}: that is not within the last ${maxAge} seconds.` });
}

/** Two signed checkpoints of one size must agree, whatever the entries say. */
function findContradictions(checkpoints: readonly Checkpoint[], sound: number, found: Found): void {
  const rootOf = new Map<number, Uint8Array>();
  for (const { size, root } of checkpoints) {
    if (!equal(rootOf.get(size) ?? root, root)) {
      const message = `Two signed checkpoints of size ${size} have different roots; they part at entry ${sound} or later.`;
      found({ code: 'forked', message, index: sound });
    }
    rootOf.set(size, root);
  }
}

/** Up to which size the log is as the saved checkpoints say. */
function soundSize(saved: readonly Checkpoint[], tree: Tree): number {
  const firstBad = saved.findIndex(({ size, root }) => !equal(tree.rootAt(size), root));
  return (firstBad < 0 ? saved : saved.slice(0, firstBad)).at(-1)?.size ?? 0;
}

const ENTRY_FAULTS: Readonly<Record<EntryFault, string>> = {
  'entry-malformed': 'is not one JSON object, on one line, that has each of its members once',
  'foreign-entry': 'is not of the customer whose log this is',
};

/** Reads every entry, checks whose it is and what its tile says of it. Undefined when they end early. */
async function treeOf(
  reader: LogReader,
  { origin, size }: Checkpoint,
  sizes: readonly number[],
  found: Found,
  foundInTile: Found,
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
    const filled = [{ level: 0, index: start / TILE_WIDTH, hashes: leaves }, ...tree.add(leaves)];
    for (const tile of filled) await compareTile(reader, size, tile, foundInTile);
  }
  for (const tile of tree.edge()) await compareTile(reader, size, tile, foundInTile);
  return tree;
}

async function compareTile(reader: LogReader, size: number, expected: Tile, found: Found): Promise<void> {
  const { level, index, hashes } = expected;
  const stored = await readTile(reader, level, index, size);
  const path = tilePath(level, index, hashes.length / HASH_BYTES);
  const below = index * TILE_WIDTH ** (level + 1);
  if (stored === undefined) {
    found({ code: 'tile-missing', message: `${path} is missing, or not of its length.`, index: below });
  } else if (!equal(stored, hashes)) {
    found({ code: 'tile-damaged', message: `${path} does not say what the entries say.`, index: below });
  }
}
