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
  /** When the log's own key signed it, in seconds since 1970; absent where it does not say. */
  readonly time?: number;
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

/** The signature types of plain Ed25519, and of one with its time. Source: C2SP signed-note, "Signature types". */
const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;
/** The last second of the year 9999. */
const TIME_MAX = 253_402_300_799;
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
  const key = fromBase64(encoded ?? '');
  if (name === undefined || key?.length !== 33 || key[0] !== ED25519) {
    throw new Refusal('key-malformed', 'The public key must read `name+keyid+key`, with an Ed25519 key in base64.');
  }
  const read = verifierKey(name, key.subarray(1));
  if (Buffer.from(read.keyId).toString('hex') !== id) {
    throw new Refusal('key-malformed', `The public key of ${name} does not fit its id ${id}: was it cut or retyped?`);
  }
  return read;
}

/** A key by its name. @param publicKey 32 bytes, RFC 8032. */
export function verifierKey(name: string, publicKey: Uint8Array, type = ED25519): VerifierKey {
  const named = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(type), publicKey]);
  return { name, keyId: hash('sha256', named, 'buffer').subarray(0, KEY_ID_BYTES), publicKey };
}

/**
 * Opens a checkpoint: checks its signature, then reads it. Signatures of others are ignored, as signed-note asks, and so
 * are lines after the third, which tlog-checkpoint calls extensions. Its time is that of a second signature, a cosignature
 * with the same key (https://c2sp.org/tlog-cosignature).
 *
 * @param origin The log that it must be of: by our custom the signer's name.
 * @throws Refusal `wrong-signer`, `checkpoint-malformed`, `wrong-log`.
 */
export function openCheckpoint(note: string | Uint8Array, key: VerifierKey, origin: string = key.name): Checkpoint {
  const opened = openNote(note, key, 'checkpoint');
  const checkpoint = readCheckpoint(opened.text);
  if (checkpoint.origin !== origin) {
    throw new Refusal('wrong-log', `The checkpoint is of the log ${checkpoint.origin}, not of ${origin}.`);
  }
  const time = timeIn(opened, verifierKey(key.name, key.publicKey, COSIGNATURE));
  return time === undefined ? checkpoint : { ...checkpoint, time };
}

/**
 * A note, once its signature was checked. Signatures of others are ignored.
 *
 * @param note As it lies in its file: bytes, or a text that was decoded from them.
 * @throws Refusal `wrong-signer`, or that what it should be is malformed.
 */
export function openNote(note: string | Uint8Array, key: VerifierKey, what: Signed): SignedNote {
  const whole = typeof note === 'string' ? note : decoded(note);
  if (whole === undefined || CONTROL.test(whole)) throw malformed(what, 'is not UTF-8 text without control characters');
  const end = whole.lastIndexOf('\n\n');
  if (end < 0 || !whole.endsWith('\n')) throw malformed(what, 'has no signature');
  const text = whole.slice(0, end + 1);
  const lines = whole.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) throw malformed(what, `has more than ${SIGNATURES_MAX} signatures`);
  const signatures = lines.map((line) => readSignature(line, what));
  const own = ownOf(signatures, key, what);
  if (own !== undefined && isSignature(text, own, key.publicKey)) return { text, signatures };
  throw new Refusal('wrong-signer', `The ${what} is not signed with the key of ${key.name}.`);
}

type Signed = 'checkpoint' | 'certificate' | 'statement';
const malformed = (what: Signed, problem: string) => new Refusal(`${what}-malformed`, `The ${what} ${problem}.`);

/** When a checkpoint was signed: the time stands before the signature and is signed for in front of the text. */
function timeIn({ text, signatures }: SignedNote, key: VerifierKey): number | undefined {
  const stamped = ownOf(signatures, key, 'checkpoint');
  if (stamped === undefined) return undefined;
  const time = stamped.length > TIME_BYTES ? Number(stamped.readBigUInt64BE()) : TIME_MAX + 1;
  const signed = `cosignature/v1\ntime ${time}\n${text}`;
  if (time <= TIME_MAX && isSignature(signed, stamped.subarray(TIME_BYTES), key.publicKey)) return time;
  throw new Refusal('wrong-signer', `The signature of the checkpoint's time is not that of the key of ${key.name}.`);
}

function ownOf(signatures: readonly Signature[], { name, keyId }: VerifierKey, what: Signed): Buffer | undefined {
  const [own, ...more] = signatures.filter((each) => each.name === name && equal(each.keyId, keyId));
  if (more.length > 0) throw malformed(what, `is signed more than once by ${name}`);
  return own?.signature;
}

function readCheckpoint(text: string): Checkpoint {
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', size = '', encodedRoot = ''] = lines;
  const root = fromBase64(encodedRoot);
  const isSize = /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size));
  if (!isSize || root?.length !== HASH_BYTES) {
    throw malformed('checkpoint', 'must begin with three lines: origin, size, root hash in base64');
  }
  if (lines.includes('')) throw malformed('checkpoint', 'has an empty line in its text');
  if (size === '0' && !equal(root, EMPTY_ROOT))
    throw malformed('checkpoint', 'is of an empty log, whose root hash is another');
  return { origin, size: Number(size), root };
}

/** The text of a note, its last line end included, and all that stands below it. */
interface SignedNote {
  readonly text: string;
  readonly signatures: readonly Signature[];
}

interface Signature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Buffer;
}

/** `— name base64(key id, signature)`. */
function readSignature(line: string, what: Signed): Signature {
  const [, name, encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (name === undefined || bytes === undefined || bytes.length <= KEY_ID_BYTES)
    throw malformed(what, 'has a line below its text that is no signature');
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
