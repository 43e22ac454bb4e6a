/**
 * Decompresses a stream of gzip members, and loses nothing of a truncated one.
 *
 * A plain pipe into node:zlib drops what it had decompressed when it meets the early end: the error destroys the stream
 * with its unread output in it. Here every byte is handed on before the engine learns that the input is over.
 */
import { once } from 'node:events';
import { createGunzip, type Gunzip } from 'node:zlib';

const OUTPUT_BYTES = 128 * 1024;

/** @throws the error of node:zlib, after everything that could be decompressed was yielded. */
export async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const engine = createGunzip({ chunkSize: OUTPUT_BYTES });
  let failure: Error | undefined;
  engine.on('error', (error) => {
    failure = error;
  });
  try {
    for await (const chunk of source) {
      yield* decompressed(engine, () => new Promise<void>((done) => engine.write(chunk, () => done())));
      if (failure) throw failure;
    }
    yield* decompressed(engine, async () => {
      engine.end();
      await Promise.race([once(engine, 'end'), once(engine, 'close')]).catch(() => undefined);
    });
    if (failure) throw failure;
  } finally {
    engine.destroy();
  }
}

/** What the engine puts out until the input is taken. */
async function* decompressed(engine: Gunzip, feed: () => Promise<void>): AsyncGenerator<Buffer> {
  const output: Buffer[] = [];
  const take = (chunk: Buffer) => output.push(chunk);
  engine.on('data', take);
  await feed();
  engine.off('data', take);
  yield* output;
}
