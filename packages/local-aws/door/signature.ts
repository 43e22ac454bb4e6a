/**
 * Signature Version 4: whose access key signed a request, for which service and region, and whether the signature is right.
 * Source: AWS General Reference, "Create a signed AWS API request"; S3 API Reference, "Authenticating Requests".
 *
 * Only STS compares the time of the signature with the clock: local AWS's clock may be days ahead of its clients'.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { own } from '../own-property';
import type { Head } from './incoming';

/** What the signature says of itself. */
export interface Signature {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedAt: string;
  readonly signedHeaders: readonly string[];
  readonly value: string;
  readonly sessionToken: string | undefined;
}

/** The signature in the authorization header, or in the query of a presigned URL; undefined for an unsigned request. */
export function signatureOf({ headers, rawQuery }: Head): Signature | undefined {
  const { authorization } = headers;
  if (authorization?.startsWith('AWS4-HMAC-SHA256')) {
    const part = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(authorization)?.[1];
    return signatureFrom(part, headers['x-amz-date'], headers['x-amz-security-token']);
  }
  if (!rawQuery.includes('X-Amz-Signature=')) return undefined;
  const query = new URLSearchParams(rawQuery);
  const part = (name: string) => query.get(`X-Amz-${name}`) ?? undefined;
  return signatureFrom(part, part('Date'), part('Security-Token'));
}

function signatureFrom(
  part: (name: string) => string | undefined,
  signedAt = '',
  sessionToken: string | undefined,
): Signature | undefined {
  const [accessKeyId, date, region, service] = part('Credential')?.split('/') ?? [];
  const value = part('Signature');
  if (!accessKeyId || !date || !region || !service || !value) return undefined;
  const signedHeaders = part('SignedHeaders')?.split(';') ?? [];
  return { accessKeyId, date, region, service, signedAt, signedHeaders, value, sessionToken };
}

/** From then on, and so long before, a signature counts for nothing. Source: IAM user guide, "Why requests are signed"; recorded texts. */
const VALID_MS = 15 * 60_000;

/** What STS says of a signature whose time has not come or is over; undefined while it counts. */
export function timeFault({ signedAt }: Signature, nowMs: number): string | undefined {
  const at = Date.parse(signedAt.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (Number.isNaN(at)) return `Date must be in ISO-8601 'basic format'. Got '${signedAt}'.`;
  const [now, oldest, newest] = [nowMs, nowMs - VALID_MS, nowMs + VALID_MS].map(basicInstant);
  if (at < nowMs - VALID_MS) return `Signature expired: ${signedAt} is now earlier than ${oldest} (${now} - 15 min.)`;
  if (at > nowMs + VALID_MS)
    return `Signature not yet current: ${signedAt} is still later than ${newest} (${now} + 15 min.)`;
  return undefined;
}

const basicInstant = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');

/** A signature is for one host and for the day in its scope, or it is none. */
const isWhole = ({ signedHeaders, signedAt, date }: Signature): boolean =>
  signedHeaders.includes('host') && signedAt.startsWith(date);

/** @param payload What stands for the body in the signature: see `statedPayload` and `payloadHash`. */
export function isSignedWith(secretAccessKey: string, signature: Signature, head: Head, payload: string): boolean {
  if (!isWhole(signature)) return false;
  const scope = `${signature.date}/${signature.region}/${signature.service}/aws4_request`;
  const canonical = createHash('sha256')
    .update(canonicalRequest(signature, head, payload))
    .digest('hex');
  const text = `AWS4-HMAC-SHA256\n${signature.signedAt}\n${scope}\n${canonical}`;
  const expected = createHmac('sha256', signingKey(secretAccessKey, signature)).update(text).digest();
  const given = Buffer.from(signature.value, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function canonicalRequest(signature: Signature, { method, path, rawQuery, headers }: Head, payload: string): string {
  const lines = signature.signedHeaders.map(
    (name) => `${name}:${(own(headers, name) ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  return [
    method,
    signature.service === 's3' ? path : path.split('/').map(encoded).join('/'),
    canonicalQuery(rawQuery),
    lines.join(''),
    signature.signedHeaders.join(';'),
    payload,
  ].join('\n');
}

function canonicalQuery(rawQuery: string): string {
  if (rawQuery === '') return '';
  return [...new URLSearchParams(rawQuery)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

/**
 * What the head puts for the body: the hash that it states, or that it signs none. A presigned S3 request says nothing of
 * its body. Undefined where the signature is over the body's own hash, and so proven by the body alone.
 */
export function statedPayload({ service }: Signature, { headers }: Head): string | undefined {
  const isPresigned = headers['authorization'] === undefined;
  return headers['x-amz-content-sha256'] ?? (isPresigned && service === 's3' ? 'UNSIGNED-PAYLOAD' : undefined);
}

/** A stated hash must be that of the body; `UNSIGNED-PAYLOAD` and the streaming forms state none. */
export function isPayload(stated: string, body: Uint8Array): boolean {
  return !/^[0-9a-f]{64}$/.test(stated) || stated === payloadHash(body);
}

export function payloadHash(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

const SIGNING_KEYS = new Map<string, Buffer>();
const SIGNING_KEYS_MAX = 1000;

/** Derived once for each secret, day, region and service: four HMACs less a request. */
function signingKey(secretAccessKey: string, { date, region, service }: Signature): Buffer {
  const name = `${secretAccessKey}/${date}/${region}/${service}`;
  const known = SIGNING_KEYS.get(name);
  if (known) return known;
  const key = [date, region, service, 'aws4_request'].reduce<Buffer | string>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${secretAccessKey}`,
  ) as Buffer;
  if (SIGNING_KEYS.size >= SIGNING_KEYS_MAX) SIGNING_KEYS.clear();
  SIGNING_KEYS.set(name, key);
  return key;
}

/** RFC 3986: everything but unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
