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

const PROTECTED = encode(new Map([[ALG, A256GCM]]));

const READING = { useMaps: true, tags: Tagged.preserve(COSE_ENCRYPT0) };

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
  const kid = headers instanceof Map ? headers.get(KID) : undefined;
  const iv = headers instanceof Map ? headers.get(IV) : undefined;
  if (!isBytes(alg) || !Buffer.from(PROTECTED).equals(alg)) throw notOurs('its algorithm is not AES-256-GCM');
  if (!isBytes(kid) || !isBytes(iv) || iv.length !== IV_BYTES) throw notOurs('it names no data key or nonce');
  if (!isBytes(ciphertext) || ciphertext.length < TAG_BYTES) throw notOurs('it is cut short');
  return { dataKeyId: Buffer.from(kid).toString(), iv, ciphertext };
}

function partsOf(bytes: Uint8Array): readonly unknown[] {
  let value: unknown;
  try {
    value = decode(bytes, READING);
  } catch (cause) {
    throw notOurs('it is no CBOR, or it is cut short', cause);
  }
  if (value instanceof Tagged && Array.isArray(value.value)) return value.value;
  throw notOurs('it is no COSE_Encrypt0');
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

const notOurs = (reason: string, cause?: unknown) =>
  new EnvelopeError('NOT_PROTECTED_DATA', `This is no data protected by keywright/envelope: ${reason}.`, { cause });
