/**
 * Signed notes, and checkpoints: what a log says of itself, signed.
 *
 * The envelope is C2SP signed-note (https://c2sp.org/signed-note) with Ed25519, the text of a checkpoint C2SP
 * tlog-checkpoint (https://c2sp.org/tlog-checkpoint): origin, size and root hash, a line each. Both are read strictly: a
 * note is refused for anything in it that the formats do not give a place, whoever signed it.
 */
import { createPublicKey, hash, verify } from 'node:crypto';
import { EMPTY_ROOT, equal, HASH_BYTES } from './merkle';

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

/** Why a key, what it signed or a file cannot be taken. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code:
    | `${'key' | 'checkpoint' | 'certificate' | 'statement'}-malformed`
    | `wrong-${'signer' | 'log'}`
    | 'file-refused';

  constructor(code: Refusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The signature type of plain Ed25519. Source: C2SP signed-note, "Signature types". */
const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
/** Each may cost a signature check. C2SP signed-note wants no fewer than 16 to be accepted. */
const SIGNATURES_MAX = 64;
/** All that signed-note forbids in a note: control characters other than the line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
/** `— <name> <base64>`. A name has neither Unicode spaces nor plus signs. */
const SIGNATURE_LINE = /^\u2014 ([^\s\u0085+]+) (\S+)$/;
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
  const read = verifierKey(name, key.subarray(1));
  if (Buffer.from(read.keyId).toString('hex') !== id) {
    throw new Refusal(
      'key-malformed',
      `The public key of ${name} does not fit its key id ${id}: was it cut or retyped?`,
    );
  }
  return read;
}

/** A key by its name. @param publicKey 32 bytes, RFC 8032. */
export function verifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  const named = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(ED25519), publicKey]);
  return { name, keyId: hash('sha256', named, 'buffer').subarray(0, KEY_ID_BYTES), publicKey };
}

/**
 * Opens a checkpoint: checks its signature, then reads it. Signatures of others are ignored, as signed-note asks, and so
 * are lines after the third, which tlog-checkpoint calls extensions.
 *
 * @param origin The log that it must be of: by our custom the signer's name.
 * @throws Refusal `wrong-signer`, `checkpoint-malformed`, `wrong-log`.
 */
export function openCheckpoint(note: string | Uint8Array, key: VerifierKey, origin: string = key.name): Checkpoint {
  const text = openNote(note, key, 'checkpoint');
  const checkpoint = readCheckpoint(text);
  if (checkpoint.origin !== origin) {
    throw new Refusal('wrong-log', `The checkpoint is of the log ${checkpoint.origin}, not of ${origin}.`);
  }
  return checkpoint;
}

/**
 * The text of a note, its last line end included, once its signature was checked. Signatures of others are ignored.
 *
 * @param note As it lies in its file: bytes, or a text that was decoded from them.
 * @throws Refusal `wrong-signer`, or that what it should be is malformed.
 */
export function openNote(
  note: string | Uint8Array,
  key: VerifierKey,
  what: 'checkpoint' | 'certificate' | 'statement',
): string {
  const malformed = (problem: string) => new Refusal(`${what}-malformed`, `The ${what} ${problem}.`);
  const whole = typeof note === 'string' ? note : decoded(note);
  if (whole === undefined || CONTROL.test(whole)) throw malformed('is not UTF-8 text without control characters');
  const end = whole.lastIndexOf('\n\n');
  if (end < 0 || !whole.endsWith('\n')) throw malformed('has no signature');
  const text = whole.slice(0, end + 1);
  const lines = whole.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) throw malformed(`has more than ${SIGNATURES_MAX} signatures`);
  const signatures = lines.map(readSignature);
  if (!signatures.every((signature) => signature !== undefined))
    throw malformed('has a line below its text that is no signature');

  const own = signatures.filter(({ name, keyId }) => name === key.name && equal(keyId, key.keyId));
  if (own.length === 0) throw new Refusal('wrong-signer', `The ${what} is not signed by ${key.name}.`);
  if (own.length > 1) throw malformed(`is signed more than once by ${key.name}`);
  if (!own.every(({ signature }) => isSignature(text, signature, key.publicKey))) {
    throw new Refusal('wrong-signer', `The ${what}'s signature is not that of the key of ${key.name}.`);
  }
  return text;
}

function readCheckpoint(text: string): Checkpoint {
  const malformed = (problem: string) => new Refusal('checkpoint-malformed', `The checkpoint ${problem}.`);
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', size = '', encodedRoot = ''] = lines;
  const root = fromBase64(encodedRoot);
  const isSize = /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size));
  if (!isSize || root?.length !== HASH_BYTES) {
    throw malformed('must begin with three lines: origin, size, root hash in base64');
  }
  if (lines.includes('')) throw malformed('has an empty line in its text');
  if (size === '0' && !equal(root, EMPTY_ROOT)) throw malformed('is of an empty log, whose root hash is another');
  return { origin, size: Number(size), root };
}

interface Signature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** `— name base64(key id, signature)`; undefined for any other line. */
function readSignature(line: string): Signature | undefined {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
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

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
