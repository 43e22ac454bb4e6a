/** A proof that an entry is in a log, for somebody who has the public key and not the log. */

import { TILE_WIDTH } from 'keywright-verify/layout';
import { leafHash, verifyInclusion } from 'keywright-verify/merkle';
import { openCheckpoint, type VerifierKey } from 'keywright-verify/note';
import { CHECKPOINT_BYTES_MAX, type LogReader, readBundle, readTile } from 'keywright-verify/reader';
import { proofsOf } from '../../shared/domain/audit/log/proofs';
import { HASH_BYTES } from '../../shared/domain/audit/log/tree-hashes';
import { UsageError } from './logs';

/** Checked before it is given out. docs/audit-log-format.md says how its reader checks it. */
export async function proveEntry(reader: LogReader, key: VerifierKey, index: number) {
  const note = (await reader.read('checkpoint', CHECKPOINT_BYTES_MAX)) ?? new Uint8Array();
  const { size, root } = openCheckpoint(note, key);
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new UsageError(`The log has entries 0 to ${size - 1}; there is no entry ${index}.`);
  }
  const bundle = await readBundle(reader, Math.floor(index / TILE_WIDTH), size);
  const entry = bundle?.entries[index % TILE_WIDTH];
  const proof = await proofsOf(size, async (level, at, width) => {
    const hashes = await readTile(reader, level, at, size);
    return hashes ?? new Uint8Array(width * HASH_BYTES);
  }).inclusion(index);
  if (entry === undefined || !verifyInclusion({ index, hash: leafHash(entry) }, { size, root }, proof)) {
    throw new UsageError(`Entry ${index} cannot be proved: the log is damaged. See \`keywright audit verify\`.`);
  }
  const proofBase64 = proof.map((hash) => Buffer.from(hash).toString('base64'));
  return {
    index,
    entry: Buffer.from(entry).toString('utf8'),
    proof: proofBase64,
    checkpoint: Buffer.from(note).toString('utf8'),
  };
}
