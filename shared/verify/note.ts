/**
 * Signed notes, and checkpoints: what a log says of itself, signed.
 *
 * The envelope is C2SP signed-note (https://c2sp.org/signed-note) with Ed25519, the text of a checkpoint C2SP
 * tlog-checkpoint (https://c2sp.org/tlog-checkpoint): origin, size and root hash, a line each.
 */
import { createPublicKey, hash, verify } from 'node:crypto';

export interface VerifierKey {
  /** The name of the signer: the log's origin. */
  readonly name: string;
  readonly keyId: Uint8Array;
  /** 32 bytes, RFC 8032. */
  readonly publicKey: Uint8Array;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Why a key or what it signed can not be taken. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: 'key-malformed' | 'checkpoint-malformed' | 'certificate-malformed' | 'wrong-signer' | 'wrong-log';

  constructor(code: Refusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The signature type of plain Ed25519. Source: C2SP signed-note, "Signature types". */
const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
/** SubjectPublicKeyInfo of an Ed25519 key, up to the 32 bytes of the key. Source: RFC 8410, section 4. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Reads a verifier key as people hand it on: `name+keyid+key`.
 *
 * @throws Refusal `key-malformed`.
 */
export function readVerifierKey(text: string): VerifierKey {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const key = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || id === undefined || key === undefined || key.length !== 33 || key[0] !== ED25519) {
    throw new Refusal('key-malformed', 'The public key must read `name+keyid+key`, with an Ed25519 key in base64.');
  }
  const keyId = keyIdOf(name, key);
  if (keyId.toString('hex') !== id) {
    throw new Refusal(
      'key-malformed',
      `The public key of ${name} does not fit its key id ${id}: was it cut or retyped?`,
    );
  }
  return { name, keyId, publicKey: key.subarray(1) };
}

/** The same key as it signs under another name: a signer may speak of several things, each under a name of its own. */
export function namedAnew({ publicKey }: VerifierKey, name: string): VerifierKey {
  return { name, keyId: keyIdOf(name, Buffer.concat([Uint8Array.of(ED25519), publicKey])), publicKey };
}

const keyIdOf = (name: string, typedKey: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typedKey]), 'buffer').subarray(0, KEY_ID_BYTES);

/**
 * Opens a checkpoint: checks its signature, then reads it. Signatures of others are ignored, as signed-note asks, and so
 * are lines after the third, which tlog-checkpoint calls extensions.
 *
 * @param origin The log that it must be of: by our custom the signer's name.
 * @throws Refusal `wrong-signer`, `checkpoint-malformed`, `wrong-log`.
 */
export function openCheckpoint(note: string, key: VerifierKey, origin: string = key.name): Checkpoint {
  const text = openNote(note, key, 'checkpoint');
  const checkpoint = readCheckpoint(text);
  if (checkpoint.origin !== origin) {
    throw new Refusal('wrong-log', `The checkpoint is of the log ${checkpoint.origin}, not of ${origin}.`);
  }
  return checkpoint;
}

/**
 * The text of a note, once its signature was checked. Signatures of others are ignored.
 *
 * @throws Refusal `wrong-signer`, or that what it should be is malformed.
 */
export function openNote(note: string, key: VerifierKey, what: 'checkpoint' | 'certificate'): string {
  const end = note.lastIndexOf('\n\n');
  if (end < 0) throw new Refusal(`${what}-malformed`, `The ${what} has no signature.`);
  const text = note.slice(0, end + 1);
  const signatures = note
    .slice(end + 2)
    .split('\n')
    .flatMap((line) => signatureOf(line, key));
  if (signatures.length === 0) throw new Refusal('wrong-signer', `The ${what} is not signed by ${key.name}.`);
  if (!signatures.every((signature) => isSignature(text, signature, key.publicKey))) {
    throw new Refusal('wrong-signer', `The ${what}'s signature is not that of the key of ${key.name}.`);
  }
  return text;
}

function readCheckpoint(text: string): Checkpoint {
  const [origin, size, encodedRoot] = text.split('\n');
  const root = fromBase64(encodedRoot ?? '');
  const known = origin !== undefined && origin !== '' && size !== undefined && /^(0|[1-9]\d{0,15})$/.test(size);
  if (!known || root?.length !== 32) {
    throw new Refusal(
      'checkpoint-malformed',
      'The checkpoint must begin with three lines: origin, size, root hash in base64.',
    );
  }
  return { origin, size: Number(size), root };
}

/** `— name base64(key id, signature)`: the signature, where name and key id are those of the key. */
function signatureOf(line: string, key: VerifierKey): readonly Uint8Array[] {
  const [, name, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  if (name !== key.name || bytes === undefined) return [];
  if (Buffer.compare(bytes.subarray(0, KEY_ID_BYTES), key.keyId) !== 0) return [];
  return [bytes.subarray(KEY_ID_BYTES)];
}

function isSignature(text: string, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), key, signature);
}

/** Only the one way in which these bytes are written: a changed note never reads as the old one. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
