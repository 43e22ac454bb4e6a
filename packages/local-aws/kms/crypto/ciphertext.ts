/**
 * The ciphertext of a symmetric key: AES-256-GCM in a blob that names its key and key material.
 *
 *   version (1) | key id length (1) | key id | key material id (32) | IV (12) | tag (16) | ciphertext
 *
 * The header and the encryption context are authenticated with the ciphertext, so neither can be changed. Callers treat
 * the blob as opaque, as they must with AWS.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyMaterial } from '../keys/kms-key';

export type EncryptionContext = Readonly<Record<string, string>>;

export interface Ciphertext {
  readonly keyId: string;
  readonly materialId: string;
  readonly header: Buffer;
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly encrypted: Buffer;
}

const VERSION = 1;
const MATERIAL_ID_BYTES = 32;
/** 96 bits, the length GCM is made for. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function seal(keyId: string, material: KeyMaterial, plaintext: Uint8Array, context: EncryptionContext): Buffer {
  const header = headerOf(keyId, material.id);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secretOf(material), iv);
  cipher.setAAD(authenticated(header, context));
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), encrypted]);
}

/** @returns the parts of a blob, or undefined for bytes that no key of ours made. */
export function parseCiphertext(blob: Buffer): Ciphertext | undefined {
  const headerBytes = 2 + (blob[1] ?? 0) + MATERIAL_ID_BYTES;
  const bodyStart = headerBytes + IV_BYTES + TAG_BYTES;
  if (blob[0] !== VERSION || blob.length < bodyStart) return undefined;
  return {
    keyId: blob.toString('latin1', 2, headerBytes - MATERIAL_ID_BYTES),
    materialId: blob.toString('hex', headerBytes - MATERIAL_ID_BYTES, headerBytes),
    header: blob.subarray(0, headerBytes),
    iv: blob.subarray(headerBytes, headerBytes + IV_BYTES),
    tag: blob.subarray(headerBytes + IV_BYTES, bodyStart),
    encrypted: blob.subarray(bodyStart),
  };
}

/** @returns the plaintext, or undefined when blob, key material and encryption context do not belong together. */
export function open(ciphertext: Ciphertext, material: KeyMaterial, context: EncryptionContext): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', secretOf(material), ciphertext.iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(authenticated(ciphertext.header, context));
  decipher.setAuthTag(ciphertext.tag);
  try {
    return Buffer.concat([decipher.update(ciphertext.encrypted), decipher.final()]);
  } catch {
    return undefined;
  }
}

function headerOf(keyId: string, materialId: string): Buffer {
  const id = Buffer.from(keyId, 'latin1');
  return Buffer.concat([Buffer.from([VERSION, id.length]), id, Buffer.from(materialId, 'hex')]);
}

/** One text for each context whatever the order of its pairs, and a different one for every other context. */
function authenticated(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}

function secretOf(material: KeyMaterial): Buffer {
  return Buffer.from(material.secret ?? '', 'base64');
}
