/**
 * The bytes of protected data: COSE_Encrypt0 (RFC 9052) with AES-256-GCM.
 *
 *   16([ protected: { alg: A256GCM }, unprotected: { kid: the data key's id, IV: the nonce }, ciphertext and tag ])
 *
 * Customer, data store and data key are authenticated with it (external_aad), though not written into it: data moved
 * to another customer or data store never opens.
 */
import { decode, encode, Tagged, Tokenizer } from 'cborg';
import { EnvelopeError } from './errors';

/** COSE header labels, algorithm and tag. Source: IANA COSE registries. */
const ALG = 1;
const KID = 4;
const IV = 5;
const A256GCM = 3;
const COSE_ENCRYPT0 = 16;

/** Bytes of the nonce and of the tag. Source: RFC 9053, section 4.1. */
export const IV_BYTES = 12;
export const TAG_BYTES = 16;

const PROTECTED = Buffer.from(encode(new Map([[ALG, A256GCM]])));

/** An id of ours is much shorter; a name of more bytes than a table's key can hold names nothing. */
const KID_BYTES_MAX = 256;

/** One message has one form: what is read is exactly what `write` would write again. */
const STRICT = { strict: true, allowIndefinite: false };

const TAGS = Tagged.preserve(COSE_ENCRYPT0);

export interface Sealed {
  readonly dataKeyId: string;
  readonly iv: Uint8Array;
  /** The ciphertext, and the tag behind it. */
  readonly ciphertext: Uint8Array;
}

/** What is authenticated besides the ciphertext: Enc_structure of RFC 9052, section 5.3. */
export function authenticatedDataOf(customerId: string, dataStoreId: string, dataKeyId: string): Uint8Array {
  const external = encode(['keywright.v1', customerId, dataStoreId, dataKeyId]);
  return encode(['Encrypt0', PROTECTED, external]);
}

/** The bytes of every container of a data key up to its nonce. */
export function headOf(dataKeyId: string): Uint8Array {
  const unprotected = new Map<number, Uint8Array>([
    [KID, Buffer.from(dataKeyId)],
    [IV, Buffer.alloc(IV_BYTES)],
  ]);
  const withoutContent = encode(new Tagged(COSE_ENCRYPT0, [PROTECTED, unprotected, Buffer.alloc(0)]));
  return withoutContent.subarray(0, -IV_BYTES - 1);
}

/** @param parts What the ciphertext consists of, the tag at its end. */
export function write(head: Uint8Array, iv: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([head, iv, lengthOf(length), ...parts]);
}

/** What stands before so many bytes: CBOR writes a length as it writes a number, but of another major type, 2. */
function lengthOf(bytes: number): Uint8Array {
  const head = Uint8Array.from(encode(bytes));
  head[0] = (head[0] ?? 0) | (2 << 5);
  return head;
}

/** @throws EnvelopeError `NOT_PROTECTED_DATA` for anything that `write` did not write. */
export function read(bytes: Uint8Array): Sealed {
  const [alg, headers, ciphertext] = partsOf(bytes);
  if (!isBytes(alg) || !PROTECTED.equals(alg)) throw notOurs('its algorithm is not AES-256-GCM');
  const [dataKeyId, iv] = headersOf(headers);
  if (!isBytes(ciphertext) || ciphertext.length < TAG_BYTES) throw notOurs('it is cut short');
  return { dataKeyId, iv, ciphertext };
}

function partsOf(bytes: Uint8Array): readonly unknown[] {
  let value: unknown;
  try {
    const tokenizer = new Tokenizer(viewOf(bytes), STRICT);
    value = decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true, tags: TAGS, tokenizer });
  } catch (cause) {
    throw notOurs('it is no CBOR, or it is cut short', cause);
  }
  if (value instanceof Tagged && Array.isArray(value.value) && value.value.length === 3) return value.value;
  throw notOurs('it is no COSE_Encrypt0');
}

/** A slice of a Buffer is a view: a large ciphertext is not copied to be read. */
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);

/** Both in their order, and no other: headers that are not authenticated are not read either. */
function headersOf(headers: unknown): [dataKeyId: string, iv: Uint8Array] {
  if (!(headers instanceof Map) || headers.size !== 2 || headers.keys().next().value !== KID) throw notOurs(HEADERS);
  const [kid, iv]: readonly unknown[] = [headers.get(KID), headers.get(IV)];
  if (!isBytes(kid) || !isBytes(iv)) throw notOurs(HEADERS);
  if (kid.length > KID_BYTES_MAX) throw notOurs('its data key has no name of ours');
  if (iv.length !== IV_BYTES) throw notOurs('its nonce is not of 12 bytes');
  return [viewOf(kid).toString(), iv];
}

const HEADERS = 'its headers are not a data key and a nonce';

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

const notOurs = (reason: string, cause?: unknown) =>
  new EnvelopeError('NOT_PROTECTED_DATA', `This is no data protected by keywright-envelope: ${reason}.`, { cause });
