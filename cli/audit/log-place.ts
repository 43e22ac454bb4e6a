/** Where a log lies: a folder, or a prefix in S3. */
import { existsSync } from 'node:fs';
import { folderReader } from 'keywright-verify/folder';
import { keyFor, UsageError } from 'keywright-verify/logs';
import { type Checkpoint, openCheckpoint, type VerifierKey } from 'keywright-verify/note';
import { CHECKPOINT_BYTES_MAX, type LogReader } from 'keywright-verify/reader';
import { givenKeys } from './given-keys';

export const LOG_HELP = 'a log: a folder, or s3://bucket/prefix';

/** A log and the key it has to have. */
export interface PlacedLog {
  readonly reader: LogReader;
  readonly key: VerifierKey;
}

export const isInS3 = (place: string): boolean => place.startsWith('s3://');

/** @throws UsageError when it is neither; Refusal and FileRefused for what is wrong with the key. */
export async function logAt(place: string, publicKey: string): Promise<PlacedLog> {
  const key = keyFor(place, givenKeys(publicKey));
  if (!isInS3(place)) {
    if (!existsSync(place)) throw new UsageError(`There is no ${place}.`);
    return { reader: folderReader(place), key };
  }
  // What speaks to AWS is loaded by the commands that do.
  const { s3Reader } = await import('./s3-reader');
  return { reader: s3Reader(place), key };
}

/** A checkpoint, and the note that it was opened from. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: string;
}

/** The log's own checkpoint. @throws Refusal, and UsageError where there is none. */
export async function currentCheckpoint({ reader, key }: PlacedLog): Promise<SignedCheckpoint> {
  const note = await reader.read('checkpoint', CHECKPOINT_BYTES_MAX);
  if (note === undefined) throw new UsageError('The log has no checkpoint. See `keywright audit verify`.');
  return { ...openCheckpoint(note, key), note: Buffer.from(note).toString() };
}
