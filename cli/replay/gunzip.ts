/**
 * Decompresses a stream of gzip members, and loses nothing of a truncated one.
 *
 * A plain pipe into node:zlib drops what it had decompressed when it meets the early end: the error destroys the stream
 * with its unread output in it. Here every byte is handed on before the engine learns that the input is over.
 */
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
      yield* outputOf(engine, (done) => engine.write(chunk, done));
      if (failure) throw failure;
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
