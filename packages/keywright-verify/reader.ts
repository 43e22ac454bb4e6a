/** Where a log is read from, and the two things that are read: entry bundles and tiles. */
import { bundleBytesMax, bundlePath, entriesOf, TILE_WIDTH, tilePath, tileWidth } from './layout';
import { HASH_BYTES } from './merkle';
import { Refusal } from './note';

/** Sixteen signatures of 5 kB are to be accepted (C2SP signed-note), and there is room for more. */
export const CHECKPOINT_BYTES_MAX = 128 * 1024;

/** A folder, a bucket, an API. */
export interface LogReader {
  /**
   * The file of that path in the log; undefined when there is none.
   *
   * @param bytesMax the most that a sound log has there.
   * @throws Refusal `file-refused` when it is larger, cannot be read, or is no file.
   */
  read(path: string, bytesMax: number): Promise<Uint8Array | undefined>;
}

/** What a bundle's file holds, be it right or not. */
export interface Bundle {
  readonly entries: readonly Uint8Array[];
  /** Whether it holds as many entries as a log of that size has there, and nothing else. */
  readonly isWhole: boolean;
  /** Why its file was not read. */
  readonly refusal?: Refusal;
}

/**
 * The bundle of that index in a log of that size; undefined when its file is missing. Where the partial file is gone, the
 * full one is read up to the size: a log may drop the one once it has the other (C2SP tlog-tiles, "Partial Tiles").
 */
export const readBundle = (reader: LogReader, index: number, size: number): Promise<Bundle | undefined> =>
  bundleAt(reader, index, size).catch((refusal) => {
    if (refusal instanceof Refusal) return { entries: [], isWhole: false, refusal };
    throw refusal;
  });

async function bundleAt(reader: LogReader, index: number, size: number): Promise<Bundle | undefined> {
  const width = tileWidth(0, index, size);
  const exact = await reader.read(bundlePath(index, width), bundleBytesMax(width));
  if (exact !== undefined) {
    const { entries, whole } = entriesOf(exact, width);
    return { entries, isWhole: whole };
  }
  const full = width < TILE_WIDTH ? await reader.read(bundlePath(index), bundleBytesMax(TILE_WIDTH)) : undefined;
  if (full === undefined) return undefined;
  const { entries } = entriesOf(full, width);
  return { entries, isWhole: entries.length === width };
}

/** The hashes of a tile in a log of that size; undefined when its file is missing or of another length. */
export async function readTile(
  reader: LogReader,
  level: number,
  index: number,
  size: number,
): Promise<Uint8Array | undefined> {
  const width = tileWidth(level, index, size);
  const exact = await readHashes(reader, tilePath(level, index, width));
  const hashes = exact ?? (width < TILE_WIDTH ? await readHashes(reader, tilePath(level, index)) : undefined);
  const bytes = width * HASH_BYTES;
  if (hashes === undefined || (hashes === exact && hashes.length !== bytes) || hashes.length < bytes) return undefined;
  return hashes.subarray(0, bytes);
}

/** Tiles are a help, not the log: one that cannot be read is as good as none. */
const readHashes = (reader: LogReader, path: string): Promise<Uint8Array | undefined> =>
  reader.read(path, TILE_WIDTH * HASH_BYTES).catch((error) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
