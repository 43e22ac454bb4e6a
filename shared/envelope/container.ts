/**
 * The bytes of protected data: COSE_Encrypt0 (RFC 9052) with AES-256-GCM.
 *
 *   16([ protected: { alg: A256GCM }, unprotected: { kid: the data key's id, IV: the nonce }, ciphertext and tag ])
 *
 * Customer, data store and data key are authenticated with it (external_aad), though not written into it: data moved
 * to another customer or data store never opens.
 */
import { decode, encode, Tagged } from 'cborg';
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
const READING = {
  strict: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  useMaps: true,
  tags: Tagged.preserve(COSE_ENCRYPT0),
};

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

export function write({ dataKeyId, iv, ciphertext }: Sealed): Uint8Array {
  const unprotected = new Map<number, Uint8Array>([
    [KID, Buffer.from(dataKeyId)],
    [IV, iv],
  ]);
  return encode(new Tagged(COSE_ENCRYPT0, [PROTECTED, unprotected, ciphertext]));
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
    value = decode(bytes, READING);
  } catch (cause) {
    throw notOurs('it is no CBOR, or it is cut short', cause);
  }
  if (value instanceof Tagged && Array.isArray(value.value) && value.value.length === 3) return value.value;
  throw notOurs('it is no COSE_Encrypt0');
}

/** Both in their order, and no other: headers that are not authenticated are not read either. */
function headersOf(headers: unknown): [dataKeyId: string, iv: Uint8Array] {
  const [kid, iv, ...others] = headers instanceof Map ? headers : [];
  const isWhole = kid?.[0] === KID && iv?.[0] === IV && others.length === 0;
  if (!isWhole || !isBytes(kid[1]) || !isBytes(iv[1])) throw notOurs('it names no data key or nonce');
  if (kid[1].length > KID_BYTES_MAX) throw notOurs('its data key has no name of ours');
  if (iv[1].length !== IV_BYTES) throw notOurs('its nonce is not of 12 bytes');
  return [Buffer.from(kid[1]).toString(), iv[1]];
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

const notOurs = (reason: string, cause?: unknown) =>
  new EnvelopeError('NOT_PROTECTED_DATA', `This is no data protected by keywright/envelope: ${reason}.`, { cause });
