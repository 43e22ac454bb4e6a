/**
 * Decompresses a stream of gzip members, and loses nothing of a truncated one.
 *
 * A plain pipe into node:zlib drops what it had decompressed when it meets the early end: the error destroys the stream
 * with its unread output in it. Here every byte is handed on before the engine learns that the input is over.
 */
import { createGunzip, type Gunzip } from 'node:zlib';

const OUTPUT_BYTES = 128 * 1024;

/**
 * A match has 258 bytes at most and costs a bit for its length, one for its distance, and nine more for a distance as
 * far as a record is long: what repeats whole records grows 190 times. Only what repeats single letters grows a thousandfold.
 */
const GROWTH_MAX = 250;
/** Until then there is nothing to be told from a beginning that happens to be dull. */
const GROWTH_FROM_BYTES = 64 * 1024 * 1024;

/** The input is made to fill a disk or to never end: no records compress so. */
export class GzipBomb extends Error {
  override readonly name = 'GzipBomb';
}

/** @throws the error of node:zlib, or GzipBomb, after everything that was decompressed until then was yielded. */
export async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const engine = createGunzip({ chunkSize: OUTPUT_BYTES });
  let failure: Error | undefined;
  let [taken, given] = [0, 0];
  engine.on('error', (error) => {
    failure = error;
  });
  try {
    for await (const chunk of source) {
      taken += chunk.length;
      for await (const output of outputOf(engine, (done) => engine.write(chunk, done))) {
        given += output.length;
        yield output;
      }
      if (failure) throw failure;
      if (given > GROWTH_FROM_BYTES && given > taken * GROWTH_MAX) {
        throw new GzipBomb(`the gzip data grows more than ${GROWTH_MAX} times: that is no log`);
      }
    }
    yield* outputOf(engine, (done) => engine.end().once('end', done));
    if (failure) throw failure;
  } finally {
    engine.destroy();
  }
}

/** What the engine puts out until the input is taken. An engine that fails is closed and never says that it took it. */
async function* outputOf(engine: Gunzip, feed: (done: () => void) => void): AsyncGenerator<Buffer> {
  const output: Buffer[] = [];
  const take = (chunk: Buffer) => output.push(chunk);
  engine.on('data', take);
  await new Promise<void>((done) => {
    engine.once('close', done);
    feed(() => {
      engine.off('close', done);
      done();
    });
  });
  engine.off('data', take);
  yield* output;
}
