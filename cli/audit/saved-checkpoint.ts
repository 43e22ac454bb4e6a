/** A checkpoint that a person keeps in a file, and whether the log still begins with what it was signed for. */
import { existsSync } from 'node:fs';
import { equal } from 'keywright-verify/merkle';
import { type Checkpoint, openCheckpoint } from 'keywright-verify/note';
import { verifyConsistency } from 'keywright-verify/proofs';
import { CHECKPOINT_BYTES_MAX, readTile } from 'keywright-verify/reader';
import { readFileWithin } from 'safe-files/read-file';
import { proofsOf } from '../../shared/domain/audit/log/proofs';
import { HASH_BYTES } from '../../shared/domain/audit/log/tree-hashes';
import type { PlacedLog } from './log-place';

/** The log was rolled back, or is of another history. */
export class NotContinued extends Error {
  override readonly name = 'NotContinued';
}

/** The note in the file; undefined where there is none yet. @throws FileRefused */
export function savedNote(file: string): Uint8Array | undefined {
  return existsSync(file) ? readFileWithin(file, CHECKPOINT_BYTES_MAX) : undefined;
}

/** The checkpoint in the file; undefined where there is none yet. @throws FileRefused, Refusal */
export function savedCheckpoint(file: string, { key }: PlacedLog): Checkpoint | undefined {
  const note = savedNote(file);
  return note && openCheckpoint(note, key);
}

/**
 * Proves by the log's tiles that it goes on where the older checkpoint ended: a few tiles are read, however long it is.
 *
 * @throws NotContinued
 */
export async function refuseUnlessContinued(
  { reader }: PlacedLog,
  older: Checkpoint,
  current: Checkpoint,
): Promise<void> {
  if (older.size > current.size) {
    throw new NotContinued(`The log was rolled back: it had ${older.size} entries and has ${current.size}.`);
  }
  if (older.size === 0) return;
  const proof = await proofsOf(current.size, async (level, at, width) => {
    return (await readTile(reader, level, at, current.size)) ?? new Uint8Array(width * HASH_BYTES);
  }).consistency(older.size);
  const isSame = older.size === current.size && equal(older.root, current.root);
  if (isSame || verifyConsistency(older, current, proof)) return;
  const what = `It cannot be shown that the log goes on from the checkpoint of size ${older.size}`;
  throw new NotContinued(`${what}: there are two histories, or tiles are damaged. See \`keywright audit verify\`.`);
}
