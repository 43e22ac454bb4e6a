/**
 * Text that is signed: a C2SP signed note (https://c2sp.org/signed-note) with Ed25519; and when that was, by a second
 * signature of the same key: C2SP tlog-cosignature (https://c2sp.org/tlog-cosignature).
 */
import { hash } from 'node:crypto';
import type { CheckpointSigner } from './ports';

/** The signature types of plain Ed25519, and of one with its time. Source: C2SP signed-note, "Signature types". */
const ED25519 = Uint8Array.of(0x01);
const COSIGNATURE = Uint8Array.of(0x04);
const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;

/**
 * The text with its signature. The same text and key always give the same note.
 *
 * @param text Lines, each with its end, none of them empty.
 * @param name Of the signer: neither spaces nor plus signs.
 */
export async function signNote(text: string, name: string, signer: CheckpointSigner): Promise<string> {
  const publicKey = await signer.publicKey();
  const signature = await signer.sign(Buffer.from(text));
  return `${text}\n\u2014 ${name} ${base64(keyIdOf(name, ED25519, publicKey), signature)}\n`;
}

/**
 * The line that says when the text of a note was signed. It is signed for with the text, and goes below the note.
 *
 * @param at UTC; told in whole seconds.
 */
export async function timeSignature(text: string, at: string, name: string, signer: CheckpointSigner): Promise<string> {
  const seconds = Math.floor(Date.parse(at) / 1000);
  const publicKey = await signer.publicKey();
  const signature = await signer.sign(Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`));
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  return `\u2014 ${name} ${base64(keyIdOf(name, COSIGNATURE, publicKey), time, signature)}\n`;
}

/** When a note says that it was signed, UTC; undefined where it does not. Checks no signature: this is for the writer. */
export async function timeOf(note: string, name: string, signer: CheckpointSigner): Promise<string | undefined> {
  const keyId = keyIdOf(name, COSIGNATURE, await signer.publicKey());
  for (const line of note.split('\n')) {
    if (!line.startsWith(`\u2014 ${name} `)) continue;
    const bytes = Buffer.from(line.slice(name.length + 3), 'base64');
    if (bytes.length < KEY_ID_BYTES + TIME_BYTES || Buffer.compare(bytes.subarray(0, KEY_ID_BYTES), keyId) !== 0)
      continue;
    return new Date(Number(bytes.readBigUInt64BE(KEY_ID_BYTES)) * 1000).toISOString();
  }
  return undefined;
}

/** The public key as it is handed to people who verify: `name+keyid+key`. Source: C2SP signed-note. */
export function verifierKey(origin: string, publicKey: Uint8Array): string {
  const keyId = Buffer.from(keyIdOf(origin, ED25519, publicKey)).toString('hex');
  return `${origin}+${keyId}+${base64(ED25519, publicKey)}`;
}

function keyIdOf(origin: string, type: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(`${origin}\n`), type, publicKey]);
  return hash('sha256', named, 'buffer').subarray(0, KEY_ID_BYTES);
}

const base64 = (...parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('base64');
