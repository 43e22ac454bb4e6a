/** Reads an HTTP request: its head first, its body once somebody may send one, within a bound. */
import type { IncomingMessage } from 'node:http';
import { AwsError } from '../call';

export interface Head {
  readonly method: string;
  /** As it was sent, still percent-encoded. */
  readonly path: string;
  readonly rawQuery: string;
  /** Names in lower case; a header that came more than once is joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface Incoming extends Head {
  readonly body: Uint8Array;
}

/** The client went away in the middle of its request, or does not speak HTTP to its end. No bug, and nobody to answer. */
export class HungUp extends Error {
  override readonly name = 'HungUp';
}

export function headOf(message: IncomingMessage): Head {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: message.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    rawQuery: mark === -1 ? '' : url.slice(mark + 1),
    headers: joined(message.headers),
  };
}

function joined(headers: IncomingMessage['headers']): Head['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
}

/**
 * The whole body. What comes beyond the bound is dropped as it comes, so that its sender gets to read the answer.
 *
 * @throws AwsError with status 413 for a body of more than `bytesMax` bytes; HungUp.
 */
export async function readBody(message: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const isStatedLarger = Number(message.headers['content-length']) > bytesMax;
  const chunks = isStatedLarger ? undefined : await chunksOf(message, bytesMax);
  if (chunks === undefined) {
    message.resume();
    throw new AwsError('RequestEntityTooLarge', `The body of this request may hold ${bytesMax} bytes.`, {
      status: 413,
    });
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}

/** Undefined when there is more than the bound. */
async function chunksOf(message: IncomingMessage, bytesMax: number): Promise<readonly Buffer[] | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    // The connection stays: there is an answer to send.
    for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > bytesMax) return undefined;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new HungUp('The request did not come whole.', { cause: error });
  }
  return chunks;
}
