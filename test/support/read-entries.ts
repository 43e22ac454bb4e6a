/** The entries of a log as they lie there, for tests that have verified it or tamper with it. */
import { TILE_WIDTH } from 'keywright-verify/layout';
import { type LogReader, readBundle } from 'keywright-verify/reader';

/** Every entry of a log of that size, in order, as it lies there: nothing is verified. Ends early where a bundle is bad. */
export async function* readEntries(reader: LogReader, size: number): AsyncGenerator<Uint8Array, void> {
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const bundle = await readBundle(reader, index, size);
    if (!bundle?.isWhole) return;
    yield* bundle.entries;
  }
}
