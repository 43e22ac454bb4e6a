/** A log behind the provider's API, read by signed requests with the caller's own credentials. What answers is not trusted. */
import { UsageError } from 'keywright-verify/logs';
import { Refusal } from 'keywright-verify/note';
import type { LogReader } from 'keywright-verify/reader';
import { jsonOf, messageOf, type SignedRequest, signedRequest } from '../operate/signed-fetch';
import { boundedBytes } from './bounded-bytes';

/** What is asked for at once: what one answer of the API holds. */
const PART_BYTES = 4_000_000;

/** Of an answer that tells what is wrong. */
const REFUSAL_BYTES_MAX = 65_536;

/**
 * @param place `https://….lambda-url.REGION.on.aws/`: whose log it is, the signature says.
 * @throws UsageError, from its method too, for what the API does not give.
 */
export function apiReader(place: string, send: SignedRequest = signedRequest()): LogReader {
  const base = baseOf(place);

  /** Of a file, from that byte on: undefined where there is none. */
  const partOf = async (path: string, from: number, bytesMax: number) => {
    const range = `bytes=${from}-${from + PART_BYTES - 1}`;
    const response = await reached(base, () => send('GET', new URL(path, base), '', { range }));
    if (response.status === 404) return undefined;
    if (response.status !== 206) throw notGiven(base, path, response.status, await textOf(response));
    const [, start, total] =
      /^bytes (\d{1,9})-\d{1,9}\/(\d{1,9})$/.exec(response.headers.get('content-range') ?? '') ?? [];
    if (total === undefined || Number(start) !== from) throw refused(path, 'it does not say which part of it came');
    if (Number(total) > bytesMax) throw refused(path, `it has ${total} bytes; in a log it has ${bytesMax} at most`);
    const bytes = await boundedBytes(response.body, Math.min(PART_BYTES, Number(total) - from));
    if (bytes === undefined) throw refused(path, 'more came than was asked for');
    return { bytes, total: Number(total) };
  };

  return {
    async read(path, bytesMax) {
      const parts: Uint8Array[] = [];
      for (let read = 0, total = 1; read < total; ) {
        const part = await partOf(path, read, bytesMax);
        if (part === undefined) return undefined;
        if (part.bytes.length === 0) throw refused(path, 'it ended early');
        parts.push(part.bytes);
        read += part.bytes.length;
        total = part.total;
      }
      return Buffer.concat(parts);
    },
  };
}

/** Signed requests go over TLS, but on this machine. */
function baseOf(place: string): URL {
  const url = URL.canParse(place) ? new URL(place) : undefined;
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url === undefined || (url.protocol !== 'https:' && !isLocal))
    throw new UsageError(`${place} must be the address that the provider gave: https://….lambda-url.REGION.on.aws/`);
  url.pathname = url.pathname.replace(/\/*$/, '/');
  return url;
}

async function reached(base: URL, send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (error) {
    const { name, message, cause } = Object(error);
    const way =
      name === 'CredentialsProviderError'
        ? 'Set AWS_PROFILE, as for the AWS CLI.'
        : 'Is the address right, and AWS_REGION set?';
    throw new UsageError(
      `${base.origin} is not asked or does not answer (${Object(cause).message ?? message}). ${way}`,
    );
  }
}

const textOf = async (response: Response): Promise<string> =>
  Buffer.from((await boundedBytes(response.body, REFUSAL_BYTES_MAX)) ?? []).toString('utf8');

function notGiven(base: URL, path: string, status: number, text: string): UsageError {
  const { error } = jsonOf(text) as { error?: { message?: unknown } };
  const what = typeof error?.message === 'string' ? error.message : messageOf(text);
  const way =
    'Your principal needs lambda:InvokeFunctionUrl and lambda:InvokeFunction on the function in its own policies.';
  return new UsageError(
    `${base.origin} does not give ${path} (${status}: ${what})${error || status !== 403 ? '' : ` ${way}`}`,
  );
}

const refused = (path: string, why: string) => new Refusal('file-refused', `${path} was not read: ${why}.`);
