/** Text that is signed: a C2SP signed note (https://c2sp.org/signed-note) with Ed25519. */
import { hash } from 'node:crypto';
import type { CheckpointSigner } from './ports';

/** The signature type of plain Ed25519. Source: C2SP signed-note, "Signature types". */
const ED25519 = Uint8Array.of(0x01);

/**
 * The text with its signature. The same text and key always give the same note.
 *
 * @param text Lines, each with its end, none of them empty.
 * @param name Of the signer: neither spaces nor plus signs.
 */
export async function signNote(text: string, name: string, signer: CheckpointSigner): Promise<string> {
  const publicKey = await signer.publicKey();
  const signature = await signer.sign(Buffer.from(text));
  return `${text}\n\u2014 ${name} ${base64(keyIdOf(name, publicKey), signature)}\n`;
}

/** The public key as it is handed to people who verify: `name+keyid+key`. Source: C2SP signed-note. */
export function verifierKey(origin: string, publicKey: Uint8Array): string {
  const keyId = Buffer.from(keyIdOf(origin, publicKey)).toString('hex');
  return `${origin}+${keyId}+${base64(ED25519, publicKey)}`;
}

function keyIdOf(origin: string, publicKey: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(`${origin}\n`), ED25519, publicKey]);
  return hash('sha256', named, 'buffer').subarray(0, 4);
}

const base64 = (...parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('base64');
