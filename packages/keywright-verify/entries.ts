/**
 * Entries read from any index on, each verified by itself: its hash is the one that a tile has which leads to the signed root.
 * Reads what is asked for and the tiles above it, however long the log, and holds one bundle at a time.
 */
import { faultIn } from './entry';
import { TILE_WIDTH } from './layout';
import { believedTiles } from './locate';
import { equal, HASH_BYTES, leafHash } from './merkle';
import type { Checkpoint } from './note';
import { type LogReader, readBundle } from './reader';

export interface VerifiedEntry {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** An entry that the log does not prove, or that is not of its customer. Those before it are sound. */
export class UnprovedEntry extends Error {
  override readonly name = 'UnprovedEntry';
  readonly index: number;

  constructor(index: number) {
    super(`Entry ${index} is not what the checkpoint was signed for, or cannot be shown to be. Verify the whole log.`);
    this.index = index;
  }
}

/**
 * The entries from an index to the end of the log, in order.
 *
 * @param checkpoint The log's own, opened with its key.
 * @throws UnprovedEntry at the first that is not proved.
 */
export async function* verifiedEntries(
  reader: LogReader,
  checkpoint: Checkpoint,
  from = 0,
): AsyncGenerator<VerifiedEntry, void> {
  const { size, origin } = checkpoint;
  const faultOf = faultIn(origin);
  const tiles = await believedTiles(reader, checkpoint);
  for (let bundle = Math.floor(from / TILE_WIDTH); bundle * TILE_WIDTH < size; bundle++) {
    const start = bundle * TILE_WIDTH;
    const end = Math.min(size, start + TILE_WIDTH);
    const [read, hashes] = [await readBundle(reader, bundle, size), await tiles.hashes(bundle)];
    for (let index = Math.max(from, start); index < end; index++) {
      const bytes = read?.entries[index - start];
      const expected = hashes?.subarray((index - start) * HASH_BYTES, (index - start + 1) * HASH_BYTES);
      const isProved = bytes && expected && equal(leafHash(bytes), expected) && faultOf(bytes) === undefined;
      if (!isProved) throw new UnprovedEntry(index);
      yield { index, bytes };
    }
  }
}
