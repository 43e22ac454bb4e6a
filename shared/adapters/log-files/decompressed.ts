/** The bytes of a log as they were before gzip, if it is gzip. */
import { gunzipped } from './gunzip';

const GZIP_MAGIC = [0x1f, 0x8b];

/** Whether it is gzip is told by its first two bytes, whatever the file is called. */
export async function* decompressed(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  while (head.length < GZIP_MAGIC.length) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const isGzip = GZIP_MAGIC.every((byte, at) => head[at] === byte);
  yield* isGzip ? gunzipped(withHead(head, chunks)) : withHead(head, chunks);
}

/** Whoever stops at the head has the file closed, too. */
async function* withHead(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
