/** Where a log lies: a folder, a prefix in S3, or the provider's API. */
import { existsSync } from 'node:fs';
import { folderReader } from 'keywright-verify/folder';
import { keyFor, UsageError } from 'keywright-verify/logs';
import { type Checkpoint, openCheckpoint, type VerifierKey } from 'keywright-verify/note';
import { CHECKPOINT_BYTES_MAX, type LogReader } from 'keywright-verify/reader';
import { givenKeys } from './given-keys';

export const LOG_HELP = 'a log: a folder, s3://bucket/prefix, or the URL of the API';

/** A log and the key it has to have. */
export interface PlacedLog {
  readonly reader: LogReader;
  readonly key: VerifierKey;
}

const isInS3 = (place: string): boolean => place.startsWith('s3://');

/** Elsewhere than in a folder: one log, by its address. */
export const isRemote = (place: string): boolean => isInS3(place) || /^https?:\/\//.test(place);

/** @throws UsageError when it is none of them; Refusal and FileRefused for what is wrong with the key. */
export async function logAt(place: string, publicKey: string): Promise<PlacedLog> {
  const key = keyFor(place, givenKeys(publicKey));
  if (!isRemote(place)) {
    if (!existsSync(place)) throw new UsageError(`There is no ${place}.`);
    return { reader: folderReader(place), key };
  }
  // What speaks to AWS is loaded by the commands that do.
  if (isInS3(place)) return { reader: (await import('./s3-reader')).s3Reader(place), key };
  return { reader: (await import('./api-reader')).apiReader(place), key };
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
