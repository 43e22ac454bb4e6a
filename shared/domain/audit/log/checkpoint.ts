/**
 * A log's signed word about itself: C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint) in a C2SP signed note
 * (https://c2sp.org/signed-note) with Ed25519.
 */
import { KeywrightError } from '../../errors';
import type { CheckpointSigner } from './ports';
import { signNote, timeSignature } from './signed-note';

export interface Checkpoint {
  /** Which log: see `originOf`. It is also the name of the signer. */
  readonly origin: string;
  readonly size: number;
  readonly rootHash: Uint8Array;
}

/**
 * The name of a customer's log. Its last part is the customer, percent-encoded: so it has neither spaces nor plus signs,
 * and a verifier knows whose entries must be in it.
 */
export function originOf(customerId: string): string {
  return `keywright/audit/${encodeURIComponent(customerId)}`;
}

/**
 * The note that is stored: text and signature. The same checkpoint and key always give the same note.
 *
 * @param at When it is signed, UTC: a second signature says so. Without it the note has no time.
 */
export async function signCheckpoint(checkpoint: Checkpoint, signer: CheckpointSigner, at?: string): Promise<string> {
  const { origin } = checkpoint;
  const text = `${origin}\n${checkpoint.size}\n${base64(checkpoint.rootHash)}\n`;
  const signatures = [signNote(text, origin, signer)];
  if (at !== undefined) signatures.push(timeSignature(text, at, origin, signer));
  return (await Promise.all(signatures)).join('');
}

/**
 * What a stored note says. Does not check its signature: this is for the writer, who compares it with what it knows.
 *
 * @throws KeywrightError `audit.contradicted` when it is no checkpoint.
 */
export function readCheckpoint(note: string): Checkpoint {
  const [origin, size, rootHash] = note.split('\n');
  if (!origin || !rootHash || !/^\d{1,15}$/.test(size ?? '')) {
    throw new KeywrightError('audit.contradicted', 'What is stored as the checkpoint is none. Restore it from a copy.');
  }
  return { origin, size: Number(size), rootHash: Buffer.from(rootHash, 'base64') };
}

const base64 = (...parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('base64');
