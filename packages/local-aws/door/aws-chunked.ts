/**
 * Takes the `aws-chunked` framing off an S3 upload: `<hex size>[;chunk-signature=…]CRLF <bytes> CRLF … 0 … CRLF trailers`.
 * Chunk signatures are not checked: the signature of the head, which is, covers the decoded length.
 * Source: S3 API Reference, "Signature calculations for the Authorization header: transferring payload in chunks".
 */
import { AwsError } from '../call';
import type { Incoming } from './incoming';

export function withoutChunks(incoming: Incoming): Incoming {
  if (!incoming.headers['x-amz-content-sha256']?.startsWith('STREAMING-')) return incoming;
  const { body, trailers } = unframed(Buffer.from(incoming.body));
  const stated = incoming.headers['x-amz-decoded-content-length'];
  if (stated !== undefined && Number(stated) !== body.length) throw incomplete();
  const encoding = incoming.headers['content-encoding']?.replace(/^aws-chunked(,\s*)?/, '');
  const headers = { ...incoming.headers, ...trailers, 'content-encoding': encoding || undefined };
  return { ...incoming, body, headers };
}

function unframed(framed: Buffer): { body: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = framed.indexOf('\r\n', at);
    const sizeBytes = Number.parseInt(framed.toString('latin1', at, lineEnd), 16);
    if (lineEnd === -1 || !Number.isInteger(sizeBytes)) throw incomplete();
    const start = lineEnd + 2;
    if (sizeBytes === 0) return { body: Buffer.concat(chunks), trailers: trailersOf(framed.toString('latin1', start)) };
    chunks.push(framed.subarray(start, start + sizeBytes));
    at = start + sizeBytes + 2;
  }
}

function trailersOf(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function incomplete(): AwsError {
  const text = 'You did not provide the number of bytes specified by the Content-Length HTTP header.';
  return new AwsError('IncompleteBody', text);
}
