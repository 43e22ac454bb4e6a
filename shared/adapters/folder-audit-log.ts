/**
 * An audit log in a folder of this machine, for streams that are made from log files in bulk.
 *
 * Memory: 8 KiB for each level of tiles and at most 64 KiB of entries, however long the log. Each full bundle and tile is
 * written once; what is not full, and the checkpoint, only when `checkpoint` is called. Dying in between leaves the log as
 * its last checkpoint says, with files after it that the next run writes over. One process a folder: whoever opens a log
 * has taken the folder before. Should two have it all the same, only the first one's checkpoint is signed.
 */
import { appendFileSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileRefused, readFileWithin } from 'safe-files/read-file';
import { readCheckpoint, signCheckpoint } from '../domain/audit/log/checkpoint';
import {
  bundleOf,
  bundlePath,
  CHECKPOINT_PATH,
  ENTRY_BYTES_MAX,
  entriesOf,
  TILE_WIDTH,
  tilePath,
} from '../domain/audit/log/layout';
import type { CheckpointSigner } from '../domain/audit/log/ports';
import { edgeOf, openTree, type Tile } from '../domain/audit/log/tile-tree';
import { HASH_BYTES, leafHash } from '../domain/audit/log/tree-hashes';
import { KeywrightError } from '../domain/errors';

export interface FolderAuditLog {
  size(): number;
  /** The entries as they were when the log was opened, in order. Not to be read while appending. */
  entries(): Generator<Uint8Array, void>;
  /** At most 65,535 bytes. In the log's files, but under no signature until `checkpoint`. */
  append(entry: Uint8Array): void;
  /**
   * Signs what is there. Writes nothing when the last checkpoint says so already. More may be appended afterwards.
   *
   * @throws KeywrightError `audit.contradicted` when the checkpoint is no longer the one that the log was opened with, or
   *   the folder was moved.
   */
  checkpoint(): Promise<{ readonly size: number; readonly rootHash: string }>;
}

export interface LogOptions {
  readonly origin: string;
  readonly signer: CheckpointSigner;
  isOurs(): boolean;
}

/** So many bytes of entries are held before they go to disk. */
const PENDING_BYTES_MAX = 65_536;

/** Ours have three lines and one signature. */
const CHECKPOINT_BYTES_MAX = 4096;

/** The bundle that is being filled. No path of the format begins with a point. */
const OPEN_BUNDLE = 'tile/entries/.open';

/**
 * Opens the log in a folder, or begins one; an existing one is gone on with from its checkpoint.
 *
 * @param isOurs whether its path still leads to the folder that was taken: asked before a checkpoint is signed and written.
 * @throws KeywrightError `input.invalid` when the log there has another name or signer, `audit.contradicted` when its
 *   files do not lead to its checkpoint.
 */
export async function openFolderAuditLog(
  folder: string,
  { origin, signer, isOurs }: LogOptions,
): Promise<FolderAuditLog> {
  const opened = await sizeOf(folder, origin, signer);
  const tree = openTree(
    opened.size,
    edgeOf(opened.size).map((tile) => readTile(folder, tile)),
  );
  if (opened.rootHash !== undefined && Buffer.compare(tree.root(), opened.rootHash) !== 0) {
    throw contradicted(folder, `The tiles of its ${opened.size} entries do not lead to its checkpoint.`);
  }
  rmSync(join(folder, OPEN_BUNDLE), { force: true });

  let signedSize = opened.rootHash === undefined ? -1 : opened.size;
  let signedNote = opened.note;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;

  /** Puts what is pending into the open bundle, which goes on from the partial one that was signed last. */
  const flush = (): string => {
    const open = join(folder, OPEN_BUNDLE);
    const signedWidth = Math.max(0, signedSize) % TILE_WIDTH;
    if (!existsSync(open)) {
      mkdirSync(dirname(open), { recursive: true });
      const isSameBundle = Math.floor(signedSize / TILE_WIDTH) === Math.floor((tree.size() - 1) / TILE_WIDTH);
      if (isSameBundle && signedWidth > 0) copyFileSync(join(folder, signedBundle(signedSize)), open);
    }
    appendFileSync(open, Buffer.concat(pending));
    [pending, pendingBytes] = [[], 0];
    return open;
  };
  const closeBundle = (index: number, width: number): void => {
    const path = join(folder, bundlePath(index, width));
    mkdirSync(dirname(path), { recursive: true });
    renameSync(flush(), path);
  };

  const refuseIfMoved = (): void => {
    if (!isOurs()) throw contradicted(folder, 'It was moved while entries were added.');
  };

  return {
    size: () => tree.size(),
    entries: () => readEntries(folder, opened.size),

    append(entry) {
      const encoded = bundleOf([entry]);
      pending.push(encoded);
      pendingBytes += encoded.length;
      const full = tree.append(leafHash(entry));
      for (const tile of full) writeTile(folder, tile);
      if (full.length > 0) closeBundle(tree.size() / TILE_WIDTH - 1, TILE_WIDTH);
      else if (pendingBytes >= PENDING_BYTES_MAX) flush();
    },

    async checkpoint() {
      const [size, root] = [tree.size(), tree.root()];
      if (size !== signedSize) {
        const width = size % TILE_WIDTH;
        if (width > 0) closeBundle(Math.floor(size / TILE_WIDTH), width);
        for (const tile of tree.changedEdge()) writeTile(folder, tile);
        // Before signing: a second history must not exist with our signature, not even unpublished.
        refuseIfMoved();
        if (noteIn(folder) !== signedNote) {
          throw contradicted(folder, 'Its checkpoint changed while entries were added: somebody else writes it too.');
        }
        signedNote = await signCheckpoint({ origin, size, rootHash: root }, signer);
        refuseIfMoved();
        writeWhole(join(folder, CHECKPOINT_PATH), signedNote);
        signedSize = size;
      }
      return { size, rootHash: Buffer.from(root).toString('base64') };
    },
  };
}

const signedBundle = (size: number): string => bundlePath(Math.floor(size / TILE_WIDTH), size % TILE_WIDTH);

async function sizeOf(
  folder: string,
  origin: string,
  signer: CheckpointSigner,
): Promise<{ readonly size: number; readonly rootHash?: Uint8Array; readonly note?: string }> {
  const note = noteIn(folder);
  if (note === undefined) return { size: 0 };
  const checkpoint = readCheckpoint(note);
  // Signing is deterministic: whoever comes to the same note has the same key.
  if (checkpoint.origin === origin && (await signCheckpoint(checkpoint, signer)) === note)
    return { ...checkpoint, note };
  const message = `The log in ${folder} is ${checkpoint.origin}, signed with its own key. Give that key, or another folder.`;
  throw new KeywrightError('input.invalid', message, { folder });
}

/** The checkpoint's text, when there is one. */
function noteIn(folder: string): string | undefined {
  if (!existsSync(join(folder, CHECKPOINT_PATH))) return undefined;
  return Buffer.from(readThere(folder, CHECKPOINT_PATH, CHECKPOINT_BYTES_MAX)).toString('utf8');
}

function readTile(folder: string, { level, index, width }: Omit<Tile, 'hashes'>): Tile {
  const path = tilePath(level, index, width);
  const hashes = readThere(folder, path, width * HASH_BYTES);
  if (hashes.length < width * HASH_BYTES) throw contradicted(folder, `Its file ${path} is cut.`);
  return { level, index, width, hashes };
}

function* readEntries(folder: string, size: number): Generator<Uint8Array, void> {
  for (let start = 0; start < size; start += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, size - start);
    const path = bundlePath(start / TILE_WIDTH, width);
    const entries = entriesIn(readThere(folder, path, width * (2 + ENTRY_BYTES_MAX)));
    if (entries?.length !== width) throw contradicted(folder, `Its file ${path} does not hold ${width} entries.`);
    yield* entries;
  }
}

function entriesIn(bundle: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    return entriesOf(bundle);
  } catch {
    return undefined;
  }
}

function readThere(folder: string, path: string, bytesMax: number): Uint8Array {
  if (!existsSync(join(folder, path))) throw contradicted(folder, `Its file ${path} is missing.`);
  try {
    return readFileWithin(join(folder, path), bytesMax);
  } catch (error) {
    if (error instanceof FileRefused) throw contradicted(folder, error.message);
    throw error;
  }
}

function writeTile(folder: string, { level, index, width, hashes }: Tile): void {
  const path = join(folder, tilePath(level, index, width));
  mkdirSync(dirname(path), { recursive: true });
  writeAnew(path, hashes);
}

/** All of it or nothing: a reader never sees half a checkpoint. */
function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeAnew(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** In place of what an earlier run left. Never into what is there, which may be a pipe or a link. */
function writeAnew(path: string, content: string | Uint8Array): void {
  rmSync(path, { force: true });
  writeFileSync(path, content, { flag: 'wx' });
}

function contradicted(folder: string, what: string): KeywrightError {
  const wayOut = 'Compare it with a copy (keywright audit verify) or take another folder.';
  return new KeywrightError('audit.contradicted', `The log in ${folder}: ${what} ${wayOut}`, { folder });
}
