/**
 * Posts to addresses that others chose, and to nobody of our own side. A name is resolved once for a connection, and the connection
 * goes to the addresses that were looked at: a name that answers otherwise the next time gains nothing. No redirect is followed.
 */
import { type LookupAddress, lookup as lookUp } from 'node:dns';
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { WEB_PORTS } from '../../domain/availability/paging/destination';
import { isLoopback, isSpecialAddress } from './special-addresses';

/** What is read of an answer: a few words. */
const ANSWER_BYTES_MAX = 16 * 1024;

const TLS_PORT = 443;

export interface WebPost {
  readonly url: string;
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface WebAnswer {
  readonly status: number;
  /** At most 16 KB of it. */
  readonly text: string;
  /** `Retry-After`, as it came. */
  readonly retryAfter?: string;
}

/** Why nothing was sent, or no answer came: without the URL, which may be a secret. */
export class WebFault extends Error {
  override readonly name = 'WebFault';
}

export interface WebGuard {
  /** HTTP, at any port, to an address of this machine that is given as a number. */
  readonly isLoopbackAllowed: boolean;
  readonly ports?: readonly number[];
  /** How names are resolved. */
  readonly resolve?: Resolve;
}

export type Resolve = (
  hostname: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

const bySystem: Resolve = (hostname, done) => lookUp(hostname, { all: true, verbatim: true }, done);

/** Sends posts, over connections that are kept open for some seconds. */
export interface GuardedWeb {
  /** @throws WebFault: not sent, or not answered whole in time. */
  post(post: WebPost): Promise<WebAnswer>;
}

/** @returns what posts within the guard. One for a process: it keeps connections. */
export function guardedWeb({ isLoopbackAllowed, ports = WEB_PORTS, resolve = bySystem }: WebGuard): GuardedWeb {
  const tls = new Agent({ keepAlive: true, lookup: pinnedLookup(resolve) } as object);
  const plain = new PlainAgent({ keepAlive: true });

  return {
    async post(post) {
      const url = new URL(post.url);
      const isOwn = isLoopbackAllowed && url.protocol === 'http:' && isLoopback(bare(url.hostname));
      if (!isOwn) refuseUrl(url, ports);
      const send = isOwn ? () => sendOnce(plainRequest, plain, url, post) : () => sendOnce(tlsRequest, tls, url, post);
      return send().catch((error) => (error instanceof StaleConnection ? send() : Promise.reject(error)));
    },
  };
}

/** Without the brackets of IPv6. */
const bare = (hostname: string) => hostname.replace(/^\[|\]$/g, '');

/** A number is never resolved, so it is looked at here. */
function refuseUrl({ protocol, port, hostname }: URL, ports: readonly number[]): void {
  if (protocol !== 'https:') throw new WebFault('its address is no https://');
  if (!ports.includes(Number(port || TLS_PORT))) throw new WebFault(`its port is none of ${ports.join(', ')}`);
  const host = bare(hostname);
  if (isIP(host) !== 0 && isSpecialAddress(host)) throw new WebFault(SPECIAL);
}

const SPECIAL = 'its address is not one of the public internet';

/** Resolves for a connection; one special address among them is enough to refuse. Exported for who proves it with many. */
export const pinnedLookup =
  (resolve: Resolve): LookupFunction =>
  (hostname, options, done) =>
    resolve(hostname, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return done(error ?? new WebFault('its name has no address'), '', 0);
      if (addresses.some(({ address }) => isSpecialAddress(address))) return done(new WebFault(SPECIAL), '', 0);
      return options.all ? done(null, [...addresses]) : done(null, first.address, first.family);
    });

/** The other side closed a kept connection just when it was used again: it has seen nothing of the request. */
class StaleConnection extends Error {}

function sendOnce(
  open: typeof tlsRequest,
  agent: Agent | PlainAgent,
  url: URL,
  { body, headers, timeoutMs }: WebPost,
): Promise<WebAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const bytes = Buffer.from(body as Uint8Array);
    const request = open(url, {
      method: 'POST',
      agent: agent as Agent,
      signal,
      headers: { 'user-agent': 'keywright', ...headers, 'content-length': bytes.length },
    });
    const failed = (error: NodeJS.ErrnoException) => {
      if (error instanceof WebFault) return reject(error);
      if (signal.aborted) return reject(new WebFault('it did not answer in time'));
      if (request.reusedSocket && error.code === 'ECONNRESET') return reject(new StaleConnection());
      return reject(new WebFault('it was not reached'));
    };
    request.on('error', failed);
    request.on('response', (response) => {
      boundedText(response).then((text) => {
        const retryAfter = response.headers['retry-after'];
        resolve({ status: response.statusCode ?? 0, text, ...(retryAfter !== undefined && { retryAfter }) });
      }, failed);
    });
    request.end(bytes);
  });
}

/** What comes after the bound is not read, and its connection is given up. */
async function boundedText(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8');
}
