/** AES-256-GCM under a plaintext data key. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { DataKeyName } from '../../shared/domain/keys/data-key';
import { IV_BYTES, type Sealed, TAG_BYTES, write } from './container';
import { EnvelopeError } from './errors';

const ALGORITHM = 'aes-256-gcm';

/** A data key that data can be protected with and read with. */
export interface OpenDataKey extends DataKeyName {
  readonly kmsKeyArn: string;
  /** Somebody else may know it: it serves to read, and what is read with it is to be protected anew. */
  readonly isCompromised: boolean;
  /** KMS gave it although its KMS key counts as lost: it serves the calls that asked for it, and is not kept. */
  readonly isPassing: boolean;
  readonly secret: KeyObject;
  /** The customer, data store and data key that everything under it is bound to. */
  readonly authenticatedData: Uint8Array;
  /** How every container under it begins. */
  readonly head: Uint8Array;
}

/**
 * Takes a plaintext data key out of JavaScript's reach: the bytes given are overwritten, and what is printed or
 * serialized by mistake shows nothing. Node overwrites its own copy when the last user has let go of the key, so that
 * one in use is never overwritten. Source: ByteSource in Node's src/crypto/crypto_util.cc.
 */
export function secretOf(plaintext: Uint8Array): KeyObject {
  const secret = createSecretKey(plaintext);
  plaintext.fill(0);
  return secret;
}

/** @returns the container. */
export function seal({ secret, authenticatedData, head }: OpenDataKey, plaintext: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, secret, iv).setAAD(authenticatedData);
  const encrypted = cipher.update(plaintext);
  cipher.final();
  return write(head, iv, encrypted, cipher.getAuthTag());
}

/** @throws EnvelopeError `TAMPERED`. */
export function open({ secret, authenticatedData }: OpenDataKey, { iv, ciphertext }: Sealed): Uint8Array {
  const end = ciphertext.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, secret, iv, { authTagLength: TAG_BYTES })
    .setAAD(authenticatedData)
    .setAuthTag(ciphertext.subarray(end));
  const decrypted = decipher.update(ciphertext.subarray(0, end));
  try {
    decipher.final();
    return decrypted;
  } catch (cause) {
    const message = 'This data, or the customer and data store it was protected for, was changed.';
    throw new EnvelopeError('TAMPERED', message, { cause });
  }
}
