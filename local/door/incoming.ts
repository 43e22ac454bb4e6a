/** Reads a whole HTTP request, within a bound. */
import type { IncomingMessage } from 'node:http';
import { AwsError } from '../call';

export interface Incoming {
  readonly method: string;
  /** As it was sent, still percent-encoded. */
  readonly path: string;
  readonly rawQuery: string;
  /** Names in lower case; a header that came more than once is joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Larger than any object of this product by far; a request above it is refused, not buffered. */
const BODY_BYTES_MAX = 256 * 1024 * 1024;

export async function readIncoming(message: IncomingMessage): Promise<Incoming> {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: message.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    rawQuery: mark === -1 ? '' : url.slice(mark + 1),
    headers: joined(message.headers),
    body: await readBody(message),
  };
}

function joined(headers: IncomingMessage['headers']): Incoming['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
}

async function readBody(message: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_BYTES_MAX) {
      throw new AwsError('RequestEntityTooLarge', `A request body holds at most ${BODY_BYTES_MAX} bytes.`, {
        status: 413,
      });
    }
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}
